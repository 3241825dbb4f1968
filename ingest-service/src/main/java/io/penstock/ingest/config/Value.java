package io.penstock.ingest.config;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A scalar where one may be: from the file, from the variable that overrides it, or absent.
 *
 * <p>Each conversion reports what it cannot convert, and then returns the fallback, so that binding
 * goes on to the next problem.
 */
public final class Value {

  private static final Pattern WHOLE_NUMBER = Pattern.compile("-?(0|[1-9][0-9]{0,14})");

  /** What may be repeated in a message, where it is near to a known name, as no secret is. */
  private static final Pattern TAME = Pattern.compile("[A-Za-z0-9_-]{1,40}");

  private final Reading reading;
  private final String path;
  private final @Nullable String text;
  private final @Nullable Integer line;
  private final @Nullable String variable;

  /**
   * @param text as given; null where it is absent
   * @param line in the file; null where the text is not from there
   * @param variable that gave the text; null where it is from the file
   */
  Value(
      Reading reading,
      String path,
      @Nullable String text,
      @Nullable Integer line,
      @Nullable String variable) {
    this.reading = reading;
    this.path = path;
    this.text = text;
    this.line = line;
    this.variable = variable;
  }

  @Nullable String text() {
    return text;
  }

  /** Whether the file or a variable gives it. */
  public boolean isPresent() {
    return text != null;
  }

  /** Reports something that is wrong with it, and does not repeat it. */
  public void problem(String message) {
    reading.error(path, line, message + origin());
  }

  /** Warns of something that is allowed, and probably a mistake. */
  public void warning(String message) {
    reading.warning(path, line, message + origin());
  }

  private String origin() {
    if (variable == null) {
      return "";
    }
    String hint =
        reading.isServiceLink(variable)
            ? ", which Kubernetes sets for a Service: rename that or set enableServiceLinks: false"
            : "";
    return " (given by " + variable + hint + ")";
  }

  /** The text; this one where it is absent. */
  public String text(String fallback) {
    return text == null ? fallback : text;
  }

  /**
   * The text, of a form.
   *
   * @param whatItMustBe what is reported if it is not
   */
  public String matching(Pattern pattern, String whatItMustBe, String fallback) {
    return converted(
        t -> Optional.of(t).filter(pattern.asMatchPredicate()), whatItMustBe, fallback);
  }

  /** One of several names, which the report lists if it is another. */
  public String oneOf(Collection<String> known, String what, String fallback) {
    if (text == null || known.contains(text)) {
      return text(fallback);
    }
    String suggestion = Suggestions.didYouMean(text, known);
    String named = !suggestion.isEmpty() && TAME.matcher(text).matches() ? " '" + text + "'" : "";
    String all = String.join(", ", known.stream().sorted().toList());
    problem("unknown " + what + named + suggestion + (all.isEmpty() ? "" : "; known: " + all));
    return fallback;
  }

  /** True or false. */
  public boolean bool(boolean fallback) {
    return converted(
        t ->
            switch (t) {
              case "true" -> Optional.of(true);
              case "false" -> Optional.of(false);
              default -> Optional.empty();
            },
        "must be true or false",
        fallback);
  }

  /** A whole number between two, both included. */
  public int integer(int least, int most, int fallback) {
    long number =
        ranged(
            t -> Optional.of(t).filter(WHOLE_NUMBER.asMatchPredicate()).map(Long::parseLong),
            least,
            most,
            "must be a whole number from " + least + " to " + most,
            fallback);
    return Math.toIntExact(number);
  }

  /** A size in bytes between two, both included. */
  public long bytes(long least, long most, long fallback) {
    String range = Units.format(least) + " to " + Units.format(most);
    return ranged(
        Units::bytes,
        least,
        most,
        "must be a size from " + range + ": a number and a unit of " + Units.BYTE_UNITS,
        fallback);
  }

  /** A duration between two, both included. */
  public Duration duration(Duration least, Duration most, Duration fallback) {
    String range = Units.format(least) + " to " + Units.format(most);
    return Duration.ofMillis(
        ranged(
            Units::millis,
            least.toMillis(),
            most.toMillis(),
            "must be a duration from " + range + ": a number and a unit of " + Units.DURATION_UNITS,
            fallback.toMillis()));
  }

  @Nullable Path filePath() {
    if (text == null) {
      return null;
    }
    try {
      if (!text.isBlank()) {
        return reading.resolve(text);
      }
    } catch (InvalidPathException e) {
      // Reported below: its message would repeat the text.
    }
    problem("must be a path");
    return null;
  }

  /** As {@link #filePath}, of a file that is only read: anything else in its place is a problem. */
  @Nullable Path readableFile() {
    Path file = filePath();
    if (file == null) {
      return null;
    }
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      problem("must be a regular file, and is something else");
    }
    return file;
  }

  /** As {@link #filePath}, of a directory that may still be made: something else is a problem. */
  @Nullable Path directory() {
    Path directory = filePath();
    if (directory != null && Files.exists(directory) && !Files.isDirectory(directory)) {
      problem("must be a directory, and is something else");
    }
    return directory;
  }

  private long ranged(
      Function<String, Optional<Long>> conversion,
      long least,
      long most,
      String whatItMustBe,
      long fallback) {
    return converted(
        t -> conversion.apply(t).filter(number -> number >= least && number <= most),
        whatItMustBe,
        fallback);
  }

  private <T> T converted(
      Function<String, Optional<T>> conversion, String whatItMustBe, T fallback) {
    if (text == null) {
      return fallback;
    }
    Optional<T> converted = conversion.apply(text);
    if (converted.isEmpty()) {
      problem(whatItMustBe);
    }
    return converted.orElse(fallback);
  }
}
