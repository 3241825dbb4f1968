package io.penstock.ingest.landing;

import io.penstock.ingest.spool.Spool;
import io.penstock.ingest.spool.Spool.Appended;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * The deliveries in the spool, and which entities they hold back: a newer delivery of an entity
 * must not go past an older one that is still to be sent from here. Safe for use by any number of
 * threads.
 *
 * <p>An entity that was spooled since the start has a {@linkplain LaneMarks mark}, until Kafka has
 * acknowledged its delivery. Of what was there at the start no entity is known, so a lane is held
 * back as a whole until that has left it.
 */
final class SpooledDeliveries {

  /** How many places the marks of all lanes have together. */
  private static final int PLACES = 1 << 20;

  private static final int REFUSALS_IN_A_ROW = 5;
  private static final long REFUSALS_COUNT_NANOS = Duration.ofMinutes(1).toNanos();

  private final Spool spool;
  private final LongSupplier nanos;

  /** By lane, which entities what was spooled since the start holds back. */
  private final Map<Integer, LaneMarks> marks = new ConcurrentHashMap<>();

  /** What {@link #lanes} was and is. */
  private final List<SpoolLanes> used = new CopyOnWriteArrayList<>();

  /** By lane, the number that the first delivery since the start got or will get. */
  private final Map<Integer, Long> starts = new HashMap<>();

  /** Lanes that hold something from before the start. */
  private final Map<Integer, Long> backlog = new ConcurrentHashMap<>();

  /** How many deliveries the spool has not taken since it last took one. */
  private final AtomicInteger refusals = new AtomicInteger();

  private volatile long refusedAt;
  private volatile SpoolLanes lanes;

  /**
   * @param partitions how many partitions the landing log probably has
   * @param nanos a clock that only counts on
   */
  SpooledDeliveries(Spool spool, int partitions, LongSupplier nanos) {
    this.spool = spool;
    this.nanos = nanos;
    this.lanes = use(new SpoolLanes(partitions));
    for (int lane : spool.lanes()) {
      starts.put(lane, spool.next(lane));
      if (spool.head(lane) < spool.next(lane)) {
        backlog.put(lane, spool.next(lane));
      }
    }
  }

  /** The landing log has so many partitions. */
  void partitions(int count) {
    if (!lanes.equals(new SpoolLanes(count))) {
      lanes = use(new SpoolLanes(count));
    }
  }

  private SpoolLanes use(SpoolLanes next) {
    int places = Integer.highestOneBit(PLACES / next.partitions());
    next.all()
        .forEach(
            lane ->
                marks.computeIfAbsent(
                    lane, number -> new LaneMarks(next, places, () -> spool.next(number))));
    if (!used.contains(next)) {
      used.add(next);
    }
    return next;
  }

  /** The lanes that deliveries go to now. */
  SpoolLanes lanes() {
    return lanes;
  }

  /**
   * Whether a delivery of this entity, or of one that shares its place in a table, is still to be
   * sent from here.
   *
   * @param hash of the entity's key
   */
  boolean holds(int hash) {
    for (SpoolLanes each : used) {
      if (marks(each.lane(hash)).has(hash)) {
        return true;
      }
    }
    if (backlog.isEmpty()) {
      return false;
    }
    SpoolLanes now = lanes;
    return backlog.containsKey(now.lane(hash))
        || backlog.keySet().stream().anyMatch(lane -> !now.has(lane));
  }

  private LaneMarks marks(int lane) {
    return Objects.requireNonNull(marks.get(lane));
  }

  /**
   * Appends a delivery. From this call on {@link #holds} says so, unless it is not taken.
   *
   * @param hash of its entity's key
   * @param done called once, perhaps by this call
   */
  void append(LandingRecord record, int hash, Consumer<Appended> done) {
    int lane = lanes.lane(hash);
    LaneMarks held = marks(lane);
    held.appending(hash);
    spool.append(
        lane,
        SpoolFormat.encode(record),
        record.receivedAt(),
        appended -> {
          // First: the caller may look at these counts in its callback.
          held.appended(hash, appended == Appended.DURABLE);
          if (appended == Appended.DURABLE) {
            refusals.set(0);
          } else {
            refusedAt = nanos.getAsLong();
            refusals.incrementAndGet();
          }
          done.accept(appended);
        });
  }

  /** Kafka has this one, or never will take it: it holds its entity back no longer. */
  void left(int lane, long number, int hash) {
    if (number >= starts.getOrDefault(lane, 0L)) {
      marks(lane).remove(hash);
    }
  }

  /**
   * Nothing of a lane before this one holds its entity back: Kafka has it, never will take it, or
   * the disk has lost it.
   */
  void passed(int lane, long before) {
    LaneMarks held = marks.get(lane); // null where the lane is of another number from before
    if (held != null) {
      held.passed(before);
    }
    backlog.computeIfPresent(lane, (same, start) -> before >= start ? null : start);
  }

  /** Everything of a lane before this one may go: Kafka has it, or it was set aside. */
  void drop(int lane, long before) {
    spool.drop(lane, before);
  }

  /**
   * Whether the spool takes deliveries: by its room, unless it has refused several in a row, which
   * says more. The next that it takes says otherwise, and after a minute it may be tried again.
   */
  boolean takes() {
    boolean refuses =
        refusals.get() >= REFUSALS_IN_A_ROW && nanos.getAsLong() - refusedAt < REFUSALS_COUNT_NANOS;
    return spool.accepts() && !refuses;
  }

  /** Whether nothing is held back; for tests. */
  boolean holdsNothing() {
    return backlog.isEmpty() && marks.values().stream().allMatch(LaneMarks::isEmpty);
  }

  /** Where they are. */
  Spool spool() {
    return spool;
  }
}
