package io.penstock.ingest.console.letters;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What was done with chosen letters, or would be.
 *
 * @param id names the run in addresses
 * @param what was chosen, in words
 * @param user by whom
 * @param ended null while it goes on
 * @param driven how many were appended to the landing log, or would be
 * @param copies how many were left out as copies of another letter
 * @param kept how many stay dead letters, by the reason why
 * @param failure why it ended before its end; empty where it did not
 * @param stopped whether there may be more letters than it may take at once
 * @param problems what could not be read
 */
public record RunReport(
    String id,
    String what,
    String user,
    Instant begun,
    @Nullable Instant ended,
    long driven,
    long copies,
    Map<String, Long> kept,
    String failure,
    boolean stopped,
    List<String> problems) {

  public RunReport {
    kept = new TreeMap<>(kept);
    problems = List.copyOf(problems);
  }

  /** How many letters were looked at. */
  public long looked() {
    return driven + copies + keptCount();
  }

  /** How many stay dead letters. */
  public long keptCount() {
    return kept.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Whether it goes on. */
  public boolean isRunning() {
    return ended == null;
  }

  /** Whether it was ended before its end. */
  public boolean isFailed() {
    return !failure.isEmpty();
  }
}
