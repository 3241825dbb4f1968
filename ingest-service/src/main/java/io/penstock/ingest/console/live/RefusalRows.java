package io.penstock.ingest.console.live;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The rows of requests that an ingress refused, and that are not in Kafka. Refusals that are alike
 * and close to each other share a row, so a flood of them displaces few deliveries. Not safe for
 * several threads.
 */
final class RefusalRows {

  /** For so long after its first refusal a row takes in more. */
  private static final long TOGETHER_MILLIS = 10_000;

  /** How many rows take in more at a time. */
  private static final int MOST_OPEN = 1_000;

  /** How many rows outlive that the board is cleared. */
  private static final int MOST_KEPT = 200;

  private final LiveRows rows;
  private long added;

  private final Map<List<String>, Long> open =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<List<String>, Long> eldest) {
          return size() > MOST_OPEN;
        }
      };

  RefusalRows(LiveRows rows) {
    this.rows = rows;
  }

  /** Adds refusals to the row of those like them. False where they need a row of their own. */
  boolean join(RefusalTally.Rise rise) {
    Long number = open.get(key(rise));
    LiveRow row = number == null ? null : rows.byNumber(number);
    if (row != null
        && row.outcome() instanceof Outcome.NotTaken before
        && Math.abs(rise.lastMillis() - row.landedAt()) < TOGETHER_MILLIS) {
      rows.replace(
          row.with(
              new Outcome.NotTaken(before.reason(), before.why(), before.count() + rise.count()),
              Math.max(row.receivedAt(), rise.lastMillis())));
      return true;
    }
    return false;
  }

  /** A row of its own, with the next number; to be added. */
  LiveRow begin(RefusalTally.Rise rise, ShortNames names) {
    open.remove(key(rise));
    open.put(key(rise), rows.next());
    return row(
        rise.lastMillis(),
        rise.lastMillis(),
        names.of(rise.source()),
        new Outcome.NotTaken(names.of(rise.reason()), ShortNames.cut(why(rise)), rise.count()));
  }

  private LiveRow row(long last, long first, String source, Outcome.NotTaken outcome) {
    added++;
    return new LiveRow(
        rows.next(),
        0,
        Optional.empty(),
        "",
        "",
        source,
        "",
        "",
        "",
        last,
        first,
        false,
        OptionalLong.empty(),
        outcome);
  }

  private static String why(RefusalTally.Rise rise) {
    String from =
        switch (rise.addresses().size()) {
          case 0 -> "";
          case 1 -> "from " + rise.addresses().getFirst();
          default -> "from " + rise.addresses().size() + " addresses";
        };
    return rise.why().isEmpty() || from.isEmpty() ? rise.why() + from : rise.why() + "; " + from;
  }

  /** How many rows there have been. */
  long added() {
    return added;
  }

  private static List<String> key(RefusalTally.Rise rise) {
    return List.of(rise.source(), rise.reason(), rise.why());
  }

  /** Empties the rows and keeps the newest of refusals. */
  void clearAllOthers() {
    List<LiveRow> kept = new ArrayList<>();
    for (long number = rows.next() - 1;
        number >= rows.first() && kept.size() < MOST_KEPT;
        number--) {
      LiveRow row = rows.byNumber(number);
      if (row != null && row.outcome() instanceof Outcome.NotTaken) {
        kept.add(row);
      }
    }
    rows.clear();
    open.clear();
    for (LiveRow row : kept.reversed()) {
      rows.add(
          row(row.receivedAt(), row.landedAt(), row.source(), (Outcome.NotTaken) row.outcome()),
          "");
    }
  }

  int size() {
    return open.size();
  }
}
