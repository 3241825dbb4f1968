package io.penstock.ingest.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;

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
      SchemasCommand.class,
      TopicsCommand.class,
      DeadLettersCommand.class,
      SourcesCommand.class,
      TailCommand.class,
      TraceCommand.class,
      ReplayCommand.class,
      RefusalsCommand.class,
      DevCommand.class
    })
public final class PenstockCommand {

  private final Surroundings surroundings;

  private PenstockCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  /**
   * Runs a command, and reports on standard error whatever it throws. Any thread may call this.
   *
   * @param arguments as {@code penstock --help} explains them
   * @return the exit status
   */
  public static int run(Surroundings surroundings, String... arguments) {
    try {
      return commandLine(surroundings).execute(arguments);
    } catch (Throwable e) { // picocli passes errors on; exceptions are reported by then
      CommandProblems.report(surroundings.err(), e);
      return 1;
    }
  }

  /** All commands. */
  static CommandLine commandLine(Surroundings surroundings) {
    return CommandProblems.applyTo(
        new CommandLine(new PenstockCommand(surroundings))
            .setOut(surroundings.text())
            .setErr(surroundings.err()));
  }

  /** What a command has around it. */
  static Surroundings surroundings(CommandSpec command) {
    return ((PenstockCommand) command.root().userObject()).surroundings;
  }
}
