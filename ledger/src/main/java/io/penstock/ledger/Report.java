package io.penstock.ledger;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The table of all cases of a suite, in a file that is written anew with each of them. */
public final class Report {

  private static final String HEAD =
      """
      | case | sent | acknowledged | unknown | events | lost | duplicated | reordered | altered | late \
      | p50 ms | p99 ms | max ms | took s | requests not acknowledged |
      |---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|
      """;

  private final Path file;
  private final List<Result> results = new ArrayList<>();

  /**
   * @param file is overwritten; its directory is made
   */
  public Report(Path file) {
    this.file = file;
  }

  /** Adds a case and writes the file. */
  public void add(Result result) {
    results.add(result);
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.writeString(file, table(results));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A table in Markdown. */
  public static String table(List<Result> results) {
    return HEAD + results.stream().map(Report::row).collect(Collectors.joining());
  }

  private static String row(Result result) {
    Findings findings = result.findings();
    String refusals =
        result.refusals().entrySet().stream()
            .map(refusal -> refusal.getKey() + ": " + refusal.getValue())
            .collect(Collectors.joining(", "));
    return "| %s | %d | %d | %d | %d | %d | %d | %d | %d | %d | %d | %d | %d | %.1f | %s |\n"
        .formatted(
            result.name(),
            result.deliveries().size(),
            result.acknowledged(),
            result.unknown(),
            result.events(),
            findings.lost().size(),
            findings.duplicated().size(),
            findings.reordered().size(),
            findings.altered().size(),
            findings.late().size(),
            result.latency(50).toMillis(),
            result.latency(99).toMillis(),
            result.latency(100).toMillis(),
            result.time().toMillis() / 1000.0,
            refusals.isEmpty() ? "none" : refusals);
  }
}
