package io.penstock.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * No test of the gate judges by the clock. Deadlines end what hangs, so they are a minute at least;
 * what took too long is a figure, and a verdict only in the profile {@code timed}: see
 * docs/testing.md.
 */
class ClockTest {

  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final List<String> SOURCES =
      List.of(
          "schemas/src/test/java",
          "local-stack/src/test/java",
          "ingest-service/src/test/java",
          "ledger/src/main/java",
          "ledger/src/test/java");

  private static final int LEAST_SECONDS = 60;

  /** The number is in seconds, but for a socket's, which is in milliseconds. */
  private static final Pattern DEADLINE =
      Pattern.compile(
          "\\.atMost\\(\\s*(?:java\\.time\\.)?Duration\\.of(?:Millis|Seconds)\\((?<most>[\\d_]+)\\)"
              + "|@Timeout\\((?<timeout>\\d+)\\)"
              + "|\\.(?:await|get|join)\\((?<await>\\d+), (?:TimeUnit\\.)?SECONDS\\)"
              + "|setSoTimeout\\((?<socket>[\\d_]+)\\)"
              + "|\\.timeout\\(Duration\\.ofSeconds\\((?<request>\\d+)\\)\\)");

  /** What compares a time that passed with one that it must not exceed. */
  private static final Pattern VERDICT =
      Pattern.compile(
          "assertThat\\([^;]{0,80}nano[^;]*?\\.isLessThan\\w*\\("
              + "|\\.isLessThan\\w*\\(\\s*(?:Duration\\.of|LATE|MOST_NANOS)"
              + "|assertTimeout(?:Preemptively)?\\(");

  /** Whoever says so is not run, or does not judge, in the gate. */
  private static final Pattern TIMED =
      Pattern.compile("@Timed|Timed\\.Run\\.isTimed\\(\\)|EventLoopWatch\\.isJudge\\(\\)");

  /** How many characters before a verdict may say that it is one by the clock. */
  private static final int NEAR = 900;

  /** Durations that were not measured: settings compared with each other. */
  private static final List<String> OF_SETTINGS = List.of("ManifestRules.java", "ClockTest.java");

  private static Stream<Path> sources() {
    return SOURCES.stream()
        .map(ROOT::resolve)
        .flatMap(
            directory -> {
              try (Stream<Path> files = Files.walk(directory)) {
                return files
                    .filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> !OF_SETTINGS.contains(file.getFileName().toString()))
                    .toList()
                    .stream();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
  }

  private static List<String> deadlines(String source) {
    List<String> found = new ArrayList<>();
    Matcher deadline = DEADLINE.matcher(source);
    while (deadline.find()) {
      for (String name : List.of("most", "timeout", "await", "socket", "request")) {
        String number = deadline.group(name);
        if (number != null) {
          boolean inMillis = name.equals("socket") || deadline.group().contains("ofMillis");
          long seconds = Long.parseLong(number.replace("_", "")) / (inMillis ? 1000 : 1);
          if (seconds < LEAST_SECONDS) {
            found.add(deadline.group());
          }
        }
      }
    }
    return found;
  }

  private static List<String> verdicts(String source) {
    List<String> found = new ArrayList<>();
    Matcher verdict = VERDICT.matcher(source);
    while (verdict.find()) {
      String before = source.substring(Math.max(0, verdict.start() - NEAR), verdict.start());
      if (!TIMED.matcher(before).find()) {
        found.add(verdict.group());
      }
    }
    return found;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void deadlinesOnlyEndWhatHangs() {
    List<String> found = new ArrayList<>();
    sources()
        .forEach(
            file ->
                deadlines(read(file)).forEach(each -> found.add(file.getFileName() + ": " + each)));
    assertThat(found).as("deadlines of less than " + LEAST_SECONDS + " s").isEmpty();
  }

  @Test
  void whatTookTooLongIsAVerdictInTheProfileTimedAlone() {
    List<String> found = new ArrayList<>();
    sources()
        .forEach(
            file ->
                verdicts(read(file)).forEach(each -> found.add(file.getFileName() + ": " + each)));
    assertThat(found).as("verdicts by the clock").isEmpty();
  }

  @Test
  void findsWhatItLooksFor() {
    assertThat(deadlines("await().atMost(Duration.ofSeconds(20)).until(x)")).hasSize(1);
    assertThat(deadlines("await().atMost(Duration.ofMillis(500)).until(x)")).hasSize(1);
    assertThat(deadlines("await().atMost(Duration.ofSeconds(90)).until(x)")).isEmpty();
    assertThat(deadlines("@Timeout(20) future.get(5, TimeUnit.SECONDS)")).hasSize(2);
    assertThat(deadlines("socket.setSoTimeout(5_000)")).hasSize(1);
    assertThat(deadlines(".timeout(Duration.ofSeconds(10))")).hasSize(1);
    String verdict =
        "assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));";
    assertThat(verdicts(verdict)).isNotEmpty();
    assertThat(verdicts("if (Timed.Run.isTimed()) {\n" + verdict + "\n}")).isEmpty();
    assertThat(verdicts("assertThat(nanos[1]).as(\"ns\").isLessThan(MOST_NANOS)")).isNotEmpty();
    assertThat(verdicts("assertTimeoutPreemptively(limit, () -> x)")).hasSize(1);
  }
}
