package io.penstock.ingest.deadletter;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Selects dead letters: those that meet every condition that is given.
 *
 * @param positions these alone; empty: anywhere
 * @param sources of one of these; empty: of any
 * @param reasons for one of these; empty: for any
 * @param receiptIds with one of these; empty: with any
 * @param since landed since then, by the broker's clock; null: whenever
 */
public record Selection(
    List<DeadLetter.Position> positions,
    Set<String> sources,
    Set<String> reasons,
    Set<String> receiptIds,
    @Nullable Instant since) {

  public Selection {
    positions = List.copyOf(positions);
    sources = Set.copyOf(sources);
    reasons = Set.copyOf(reasons);
    receiptIds = Set.copyOf(receiptIds);
  }

  /** Whether no condition is given. */
  public boolean isEmpty() {
    return positions.isEmpty()
        && sources.isEmpty()
        && reasons.isEmpty()
        && receiptIds.isEmpty()
        && since == null;
  }

  /** Whether a letter meets the conditions; its position is not compared. */
  boolean has(DeadLetter letter) {
    return (since == null || !letter.landedAt().isBefore(since))
        && (sources.isEmpty() || sources.contains(letter.source()))
        && (reasons.isEmpty() || reasons.contains(letter.reason()))
        && (receiptIds.isEmpty() || receiptIds.contains(letter.receiptId()));
  }
}
