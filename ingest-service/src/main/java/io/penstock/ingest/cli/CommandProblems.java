package io.penstock.ingest.cli;

import io.penstock.ingest.config.Problem;
import io.penstock.ingest.observability.FailureText;
import io.penstock.ingest.service.StartException;
import java.io.PrintWriter;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * How a command reports problems: one line each, and an exit status. A command throws {@link
 * StartException} for what the operator must fix. An argument that is not understood is reported by
 * the option's name and never by its value: the value may be a secret that was pasted into the
 * wrong place.
 */
final class CommandProblems {

  /** The name of an option, without what may follow it. */
  private static final Pattern OPTION = Pattern.compile("--?[a-z][a-z-]{0,30}(?==|$)");

  private CommandProblems() {}

  /** Makes a command line, and all its subcommands, report their problems in this way. */
  static CommandLine applyTo(CommandLine commandLine) {
    return commandLine
        .setParameterExceptionHandler(CommandProblems::misunderstood)
        .setExecutionExceptionHandler(
            (e, command, parsed) -> {
              report(command.getErr(), e);
              return command.getCommandSpec().exitCodeOnExecutionException();
            });
  }

  /** Prints the problems of a configuration, one a line. */
  static void print(PrintWriter out, String kind, List<Problem> problems) {
    problems.forEach(problem -> out.println(kind + ": " + problem));
    out.flush();
  }

  /** Prints why a command, or an instance, cannot go on. */
  static void report(PrintWriter err, @Nullable Throwable cause) {
    List<String> problems =
        cause instanceof StartException start ? start.problems() : List.of(FailureText.of(cause));
    problems.forEach(problem -> err.println("error: " + problem));
    err.flush();
  }

  private static int misunderstood(ParameterException e, String[] arguments) {
    CommandLine command = e.getCommandLine();
    PrintWriter err = command.getErr();
    err.println("error: " + sentence(e));
    err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
    err.flush();
    return command.getCommandSpec().exitCodeOnInvalidInput();
  }

  private static String sentence(ParameterException e) {
    if (e instanceof UnmatchedArgumentException unmatched) {
      return unknown(unmatched);
    }
    if (e instanceof MissingParameterException missing) {
      // The exception's own message also quotes every other argument that was not understood.
      return "missing: "
          + missing.getMissing().stream()
              .map(
                  argument ->
                      argument instanceof OptionSpec option
                          ? option.longestName() + " " + option.paramLabel()
                          : argument.paramLabel())
              .collect(Collectors.joining(", "));
    }
    // Some messages of picocli's begin with the word that ours do.
    String message = String.valueOf(e.getMessage()).replaceFirst("^Error: ", "");
    String value = e.getValue();
    return value == null || value.isEmpty()
        ? message
        : message.replace("'" + value + "'", "it").replace(value, "it");
  }

  private static String unknown(UnmatchedArgumentException e) {
    String first = e.getUnmatched().isEmpty() ? "" : e.getUnmatched().getFirst();
    var option = OPTION.matcher(first);
    String what =
        option.lookingAt() ? "unknown option '" + option.group() + "'" : "unknown argument";
    List<String> suggestions = e.getSuggestions();
    return suggestions.isEmpty()
        ? what
        : what + "; did you mean '" + String.join("' or '", suggestions) + "'?";
  }
}
