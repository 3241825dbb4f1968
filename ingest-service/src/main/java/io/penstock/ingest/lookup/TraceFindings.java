package io.penstock.ingest.lookup;

import io.penstock.ingest.landing.LandingRecord;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** What a search has found so far: the newest, as many as it may find. For one thread at a time. */
final class TraceFindings {

  private final int limit;

  /** The newest that were found, the oldest of them first. */
  private final PriorityQueue<Shown.Landed> landed =
      new PriorityQueue<>(Comparator.comparing(Shown.Landed::appendedAt));

  private final Set<RecordPosition> positions = new HashSet<>();
  private final Map<String, Trace> withoutLanding = new LinkedHashMap<>();
  private boolean more;

  /**
   * @param limit at most so many landing records, and as many others
   */
  TraceFindings(int limit) {
    this.limit = limit;
  }

  /** A landing record. */
  void add(Shown.Landed found) {
    if (!positions.add(found.position())) {
      return; // it was read before
    }
    landed.add(found);
    if (landed.size() > limit) {
      landed.poll();
      more = true;
    }
  }

  /** An event or a dead letter, for which no landing record is there. */
  void add(Shown shown) {
    Trace trace = Trace.of(shown);
    if (trace != null) {
      withoutLanding.put(trace.received().receiptId() + trace.passages(), trace);
      if (withoutLanding.size() > limit) {
        withoutLanding.remove(withoutLanding.keySet().iterator().next());
        more = true;
      }
    }
  }

  /** Whether there are older ones than the limit allows. */
  boolean more() {
    return more;
  }

  /** Whether nothing was found. */
  boolean isEmpty() {
    return landed.isEmpty() && withoutLanding.isEmpty();
  }

  /** Whether no landing record was found. */
  boolean hasNoLanding() {
    return landed.isEmpty();
  }

  /** The landing records, in no order. */
  List<Shown.Landed> landed() {
    return List.copyOf(landed);
  }

  /** Whether a landing record has a receipt. */
  boolean hasReceipt(String receiptId) {
    return landed.stream().anyMatch(each -> each.landing().receiptId().equals(receiptId));
  }

  /** Whether there is an earlier landing record of the same delivery. */
  boolean hasEarlier(Shown.Landed later) {
    return landed.stream()
        .anyMatch(
            each ->
                each.landing().receiptId().equals(later.landing().receiptId())
                    && each.appendedAt().isBefore(later.appendedAt()));
  }

  /** The partition of a landing record that names its event; null where there is none. */
  @Nullable TopicPartition ofEvent() {
    return landed.stream()
        .filter(each -> each.landing() instanceof LandingRecord.Event)
        .findFirst()
        .map(each -> each.position().topicPartition())
        .orElse(null);
  }

  /** The landing records of each delivery, the oldest delivery first. */
  Map<String, List<Shown.Landed>> byReceipt() {
    Map<String, List<Shown.Landed>> receipts = new LinkedHashMap<>();
    landed.stream()
        .sorted(Comparator.comparing(Shown.Landed::appendedAt))
        .forEach(
            each ->
                receipts
                    .computeIfAbsent(each.landing().receiptId(), id -> new ArrayList<>())
                    .add(each));
    return receipts;
  }

  /** What became of deliveries whose landing records are not there. */
  Collection<Trace> withoutLanding() {
    return withoutLanding.values();
  }
}
