package io.penstock.ingest.console.live;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The newest rows in the order in which they came, and the order in which they changed. Not safe
 * for several threads.
 */
final class LiveRows {

  /** How many changes are kept in their order. */
  static final int CHANGES = 65_536;

  private final LiveRow[] rows;

  /** By the same place as the row, the id that a dead letter of it would have. */
  private final String[] letterIds;

  /** By its number, the row that changed. */
  private final long[] changed = new long[CHANGES];

  private long first;
  private long next;
  private long nextChange;
  private long bytes;

  LiveRows(int most) {
    rows = new LiveRow[most];
    letterIds = new String[most];
  }

  /** A row that was taken out, with the id that a dead letter of it would have. */
  record Evicted(LiveRow row, String letterId) {}

  /** The number of the oldest row. */
  long first() {
    return first;
  }

  /** The number that the next new row gets. */
  long next() {
    return next;
  }

  /** The number that the next change gets. */
  long nextChange() {
    return nextChange;
  }

  /** About what the rows take of the heap. */
  long bytes() {
    return bytes;
  }

  boolean isFull() {
    return next - first >= rows.length;
  }

  /** Adds a row with {@link #next} as its number; there must be room. */
  void add(LiveRow row, String letterId) {
    next++;
    letterIds[slot(row.number())] = letterId;
    store(row, 0);
  }

  /** Puts a row in the place of the one with its number. */
  void replace(LiveRow row) {
    LiveRow before = byNumber(row.number());
    if (before != null) {
      store(row, before.weight());
    }
  }

  private void store(LiveRow row, int weightBefore) {
    LiveRow stamped = row.stamped(nextChange);
    changed[(int) (nextChange++ % CHANGES)] = row.number();
    rows[slot(row.number())] = stamped;
    bytes += stamped.weight() - weightBefore;
  }

  /** The row with a number; null where it is gone. */
  @Nullable LiveRow byNumber(long number) {
    return number < first || number >= next ? null : rows[slot(number)];
  }

  /** The row of which a change is the last; null where it changed again or is gone. */
  @Nullable LiveRow byChange(long change) {
    LiveRow row = byNumber(changed[(int) (change % CHANGES)]);
    return row == null || row.change() != change ? null : row;
  }

  /** Takes the oldest row out; there must be one. */
  Evicted evict() {
    int slot = slot(first++);
    Evicted evicted = new Evicted(rows[slot], letterIds[slot]);
    bytes -= evicted.row.weight();
    return evicted;
  }

  void clear() {
    Arrays.fill(rows, null);
    first = next;
    bytes = 0;
  }

  private int slot(long number) {
    return (int) (number % rows.length);
  }
}
