package io.penstock.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.benchmarks.jmh.IngressBenchmark;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Locale;
import java.util.Properties;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** The guard against regressions: bytes and not seconds, which depend on the machine's load. */
final class Allocations {

  private static final String RATE = "gc.alloc.rate.norm";
  private static final String MOST = "ingress.bytes-per-delivery.most";

  private Allocations() {}

  /**
   * Measures what a delivery allocates on its way through the ingress.
   *
   * @return whether it is no more than the file {@code benchmarks/allocations.properties} allows
   */
  static boolean check(Path root) throws IOException {
    Properties allowed = new Properties();
    try (Reader in =
        Files.newBufferedReader(root.resolve("benchmarks/allocations.properties"), UTF_8)) {
      allowed.load(in);
    }
    double most = Double.parseDouble(allowed.getProperty(MOST));
    double bytes = measured();
    System.out.println(
        String.format(
            Locale.ROOT,
            "%.0f bytes are allocated for each delivery; %.0f are allowed",
            bytes,
            most));
    return bytes <= most;
  }

  @SuppressWarnings("rawtypes") // of JMH's interface
  private static double measured() {
    try {
      Collection<RunResult> results =
          new Runner(
                  new OptionsBuilder()
                      .include("\\." + IngressBenchmark.class.getSimpleName() + "\\.")
                      .addProfiler(GCProfiler.class)
                      .build())
              .run();
      return results.iterator().next().getSecondaryResults().entrySet().stream()
          .filter(result -> result.getKey().endsWith(RATE))
          .mapToDouble(result -> result.getValue().getScore())
          .findFirst()
          .orElseThrow();
    } catch (RunnerException e) {
      throw new IllegalStateException("The benchmark failed", e);
    }
  }
}
