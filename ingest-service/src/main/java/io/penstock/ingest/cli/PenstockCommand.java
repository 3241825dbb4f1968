package io.penstock.ingest.cli;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;

/** The command line as a whole. */
@Command(
    name = "penstock",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    description = "Webhooks in, typed Kafka events out, once.")
public final class PenstockCommand {

  /** In the order in which the help lists them. */
  private static final List<Named> COMMANDS =
      List.of(
          new Named("serve", ServeCommand.class),
          new Named("config", ConfigCommand.class),
          new Named("console", ConsoleCommand.class),
          new Named("schemas", SchemasCommand.class),
          new Named("topics", TopicsCommand.class),
          new Named("dead-letters", DeadLettersCommand.class),
          new Named("spool", SpoolCommand.class),
          new Named("sources", SourcesCommand.class),
          new Named("tail", TailCommand.class),
          new Named("trace", TraceCommand.class),
          new Named("replay", ReplayCommand.class),
          new Named("refusals", RefusalsCommand.class),
          new Named("dev", DevCommand.class));

  private record Named(String name, Class<?> type) {}

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
      return commandLine(context, arguments).execute(arguments);
    } catch (Throwable e) { // picocli passes errors on; exceptions are reported by then
      CommandProblems.report(context.err(), e);
      return 1;
    }
  }

  /**
   * The commands that some arguments may mean: where they name one, that one alone, since reading
   * the options of all takes longer than many a command.
   *
   * @param arguments none for all commands
   */
  static CommandLine commandLine(CommandContext context, String... arguments) {
    CommandLine commandLine = new CommandLine(new PenstockCommand(context));
    String name = arguments.length == 0 ? "" : arguments[0];
    boolean isNamed = COMMANDS.stream().anyMatch(command -> command.name().equals(name));
    for (Named command : COMMANDS) {
      if (!isNamed || command.name().equals(name)) {
        commandLine.addSubcommand(command.name(), command.type());
      }
    }
    return CommandProblems.applyTo(commandLine.setOut(context.text()).setErr(context.err()));
  }

  /** What a command has around it. */
  static CommandContext context(CommandSpec command) {
    return ((PenstockCommand) command.root().userObject()).context;
  }
}
