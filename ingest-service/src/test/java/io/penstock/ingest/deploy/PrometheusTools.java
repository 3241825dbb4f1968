package io.penstock.ingest.deploy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** Finds Prometheus' programs if they are installed. */
public final class PrometheusTools {

  private static final String HOW =
      " is not on the PATH: install Debian's or Ubuntu's package \"prometheus\", or Prometheus' own"
          + " release. .ci/run, and -Dpenstock.require.prometheus, insist on it";

  private PrometheusTools() {}

  /**
   * Finds a program. Without it the test is skipped with a message, or fails with {@code
   * -Dpenstock.require.prometheus}.
   *
   * @param name {@code prometheus} or {@code promtool}
   */
  public static Path find(String name) {
    Optional<Path> found =
        Stream.of(System.getenv().getOrDefault("PATH", "").split(Pattern.quote(":"), -1))
            .map(directory -> Path.of(directory, name))
            .filter(Files::isExecutable)
            .findFirst();
    if (found.isEmpty() && System.getProperty("penstock.require.prometheus") != null) {
      Assertions.fail(name + HOW);
    }
    Assumptions.assumeTrue(found.isPresent(), name + HOW);
    return found.orElseThrow();
  }
}
