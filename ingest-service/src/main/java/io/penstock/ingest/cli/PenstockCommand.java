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
      SpoolCommand.class,
      SourcesCommand.class,
      SubscriptionsCommand.class,
      TailCommand.class,
      ListenCommand.class,
      TraceCommand.class,
      ReplayCommand.class,
      RefusalsCommand.class,
      DevCommand.class
    })
public final class PenstockCommand {

  private final CommandContext context;

  private PenstockCommand(CommandContext context) {
    this.context = context;
  }

  /**
   * Runs a command, and reports on standard error whatever it throws. Any thread may call this.
   *
   * @param arguments as {@code penstock --help} explains them
   * @return the exit status
   */
  public static int run(CommandContext context, String... arguments) {
    try {
      return commandLine(context).execute(arguments);
    } catch (Throwable e) { // picocli passes errors on; exceptions are reported by then
      CommandProblems.report(context.err(), e);
      return 1;
    }
  }

  /** All commands. */
  static CommandLine commandLine(CommandContext context) {
    return CommandProblems.applyTo(
        new CommandLine(new PenstockCommand(context)).setOut(context.text()).setErr(context.err()));
  }

  /** What a command has around it. */
  static CommandContext context(CommandSpec command) {
    return ((PenstockCommand) command.root().userObject()).context;
  }
}
