package io.penstock.ingest.lookup;

import io.penstock.ingest.landing.LandingRecord;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Puts the landing records of one delivery together, each with what became of it. */
final class TraceMaker {

  /** In the order of the landing log. */
  private static final Comparator<Shown.Landed> ORDER =
      Comparator.comparing(Shown.Landed::appendedAt)
          .thenComparingInt(each -> each.position().partition())
          .thenComparingLong(each -> each.position().offset());

  private final FateFinder fates;
  private final Again again;

  /** Finds the landing records by which a dead letter was driven again. */
  @FunctionalInterface
  interface Again {

    /** Those with a receipt in the partition of a key, from a time on. */
    List<Shown.Landed> of(String receiptId, String key, Instant since);
  }

  TraceMaker(FateFinder fates, Again again) {
    this.fates = fates;
    this.again = again;
  }

  /**
   * The trace of a delivery.
   *
   * @param known landing records of one receipt, at least one
   */
  Trace of(List<Shown.Landed> known) {
    Map<Shown.Landed, Fate> passages = new TreeMap<>(ORDER);
    known.stream().sorted(ORDER).forEach(each -> passages.put(each, fates.of(each)));
    Shown.Landed last = known.stream().max(ORDER).orElseThrow();
    if (passages.get(last) instanceof Fate.DeadLettered) {
      String key = key(last.landing());
      if (key != null) {
        again
            .of(last.landing().receiptId(), key, last.appendedAt())
            .forEach(later -> passages.computeIfAbsent(later, fates::of));
      }
    }
    return new Trace(
        Trace.received(passages.keySet().iterator().next().landing()),
        passages.entrySet().stream()
            .map(
                each ->
                    new Trace.Passage(
                        each.getKey().position(),
                        each.getKey().appendedAt(),
                        each.getKey().spooled(),
                        each.getValue()))
            .toList());
  }

  /** The key under which it would be driven again; null where by today's rules it is no event. */
  private @Nullable String key(LandingRecord landing) {
    return landing instanceof LandingRecord.Event event
        ? event.key()
        : fates.identifiedKey(landing);
  }
}
