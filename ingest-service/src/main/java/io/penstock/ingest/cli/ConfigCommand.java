package io.penstock.ingest.cli;

import io.penstock.ingest.config.ConfigurationReader.Result;
import java.io.PrintWriter;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The commands that need a configuration file and nothing else. */
@Command(
    name = "config",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "Works on configuration files.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = ConfigCommand.Check.class)
final class ConfigCommand {

  private ConfigCommand() {}

  /** Checks a configuration. Its result is the list of problems, so they go to standard output. */
  @Command(
      name = "check",
      description = "Lists every error of a configuration; status 1 if there is any.")
  static final class Check extends Subcommand {

    @Parameters(paramLabel = "FILE", description = "The configuration.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path file;

    @Override
    public Integer call() {
      PrintWriter out = out();
      return switch (ConfigFile.reader(environment()).check(file)) {
        case Result.Invalid invalid -> {
          CommandProblems.print(out, "error", invalid.problems());
          yield 1;
        }
        case Result.Valid valid -> {
          CommandProblems.print(out, "warning", valid.warnings());
          out.println("ok");
          out.flush();
          yield 0;
        }
      };
    }
  }
}
