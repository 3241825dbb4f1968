package io.penstock.ingest.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line as a whole. */
@Command(
    name = "penstock",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    description = "Webhooks in, typed Kafka events out, once.",
    subcommands = {
      ServeCommand.class,
      ConfigCommand.class,
      ConsoleCommand.class,
      DeadLettersCommand.class,
      SourcesCommand.class,
      TailCommand.class,
      TraceCommand.class,
      ReplayCommand.class,
      DevCommand.class
    })
public final class PenstockCommand {

  private PenstockCommand() {}

  /**
   * Runs a command, and reports on standard error whatever it throws.
   *
   * @param arguments as {@code penstock --help} explains them
   * @return the exit status
   */
  public static int run(String... arguments) {
    try {
      return commandLine().execute(arguments);
    } catch (Throwable e) { // picocli passes errors on; exceptions are reported by then
      CommandProblems.report(new PrintWriter(System.err, true, StandardCharsets.UTF_8), e);
      return 1;
    }
  }

  /** All commands. */
  static CommandLine commandLine() {
    return CommandProblems.applyTo(new CommandLine(new PenstockCommand()));
  }
}
