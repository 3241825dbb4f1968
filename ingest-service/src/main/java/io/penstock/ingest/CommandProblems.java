package io.penstock.ingest;

import java.io.PrintWriter;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * What a command says of arguments that it does not understand, and of exceptions that nobody
 * caught. Repeats the names of options, and no value: it may be a secret that was pasted into the
 * wrong place.
 */
final class CommandProblems {

  /** The name of an option, without what may follow it. */
  private static final Pattern OPTION = Pattern.compile("--?[a-z][a-z-]{0,30}(?==|$)");

  private CommandProblems() {}

  /** Has a command line, and all its subcommands, tell its problems so. */
  static CommandLine applyTo(CommandLine commandLine) {
    return commandLine
        .setParameterExceptionHandler(CommandProblems::misunderstood)
        .setExecutionExceptionHandler(
            (e, command, parsed) -> {
              Console.report(command.getErr(), e);
              return command.getCommandSpec().exitCodeOnExecutionException();
            });
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
      // Its message goes on with whatever else was not understood.
      return "missing: "
          + missing.getMissing().stream()
              .map(
                  argument ->
                      argument instanceof OptionSpec option
                          ? option.longestName() + " " + option.paramLabel()
                          : argument.paramLabel())
              .collect(Collectors.joining(", "));
    }
    String message = String.valueOf(e.getMessage());
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
