package io.penstock.ingest.landing;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.LongSupplier;

/**
 * Which entities the deliveries hold back that one lane of the spool took since the start. Entities
 * share a fixed number of places, each of which counts the deliveries that Kafka has still to
 * acknowledge. Safe for use by any number of threads.
 *
 * <p>Which entity a delivery was of is not known any more once the disk has lost it. So its mark
 * goes when nothing of the lane is left that could have one.
 */
final class LaneMarks {

  private final SpoolLanes lanes;
  private final LongSupplier next;
  private final AtomicIntegerArray places;

  /** The sum of all places. */
  private int marks;

  /** How many deliveries have a mark, and no outcome of their append. */
  private int appending;

  /** Everything before this number has left the lane. */
  private long passed;

  /**
   * @param lanes that the lane is one of
   * @param places how many there are; a power of two
   * @param next the number that the lane's next delivery gets
   */
  LaneMarks(SpoolLanes lanes, int places, LongSupplier next) {
    this.lanes = lanes;
    this.next = next;
    this.places = new AtomicIntegerArray(places);
  }

  /** Whether an entity, or one that shares its place, is held back. */
  boolean has(int hash) {
    return places.get(place(hash)) > 0;
  }

  private int place(int hash) {
    int within = lanes.withinLane(hash);
    return (within ^ (within >>> 16)) & (places.length() - 1);
  }

  /** A delivery is going to be appended; {@link #appended} follows. */
  synchronized void appending(int hash) {
    appending++;
    marks++;
    places.incrementAndGet(place(hash));
  }

  /** Whether the spool took a delivery is known. */
  synchronized void appended(int hash, boolean taken) {
    appending--;
    if (!taken) {
      remove(hash);
    }
    removeLost();
  }

  /** A delivery that was taken holds its entity back no longer. */
  synchronized void remove(int hash) {
    if (has(hash)) {
      marks--;
      places.decrementAndGet(place(hash));
    }
  }

  /** Everything before this number has left, was lost, or holds nothing back. */
  synchronized void passed(long before) {
    passed = Math.max(passed, before);
    removeLost();
  }

  private void removeLost() {
    if (marks > 0 && appending == 0 && passed >= next.getAsLong()) {
      for (int i = 0; i < places.length(); i++) {
        places.set(i, 0);
      }
      marks = 0;
    }
  }

  /** Whether nothing is held back; for tests. */
  synchronized boolean isEmpty() {
    for (int i = 0; i < places.length(); i++) {
      if (places.get(i) != 0) {
        return false;
      }
    }
    return marks == 0 && appending == 0;
  }
}
