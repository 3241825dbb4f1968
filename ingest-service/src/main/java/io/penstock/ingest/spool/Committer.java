package io.penstock.ingest.spool;

import io.penstock.ingest.spool.AppendQueue.Append;
import io.penstock.ingest.spool.AppendQueue.Task;
import io.penstock.ingest.spool.Spool.Appended;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that changes the files. It writes everything that waits as one group, each value into
 * its lane, and syncs the files of the group at the same time: a journaling file system makes one
 * commit of these. In between it deletes what was dropped.
 *
 * <p>A failed write or sync costs the values of that lane in that group.
 */
final class Committer {

  private static final Logger log = LoggerFactory.getLogger(Committer.class);

  private static final long NOTE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long TIDY_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** After how long an empty lane gives its last segment up. */
  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final SpoolDirectory directory;
  private final Disk disk;
  private final AppendQueue queue;
  private final ConcurrentMap<Integer, Lane> lanes;
  private final SpoolMeters meters;
  private final SpoolReader reader;
  private final LongSupplier nanos;
  private final long largestSegment;
  private final DiskState state;
  private final Syncers syncers = new Syncers();
  private final OldestValues oldest = new OldestValues();

  private final AtomicLong size = new AtomicLong();
  private final AtomicLong asides = new AtomicLong();
  private final AtomicLong syncs = new AtomicLong();
  private volatile List<Append> writing = List.of();
  private volatile IntConsumer listener = lane -> {};

  // The writer's.
  private final Map<Integer, Lane> aside = new HashMap<>();
  private String noted = "";
  private long notedAt;
  private long tidiedAt;
  private long appendedAt;

  Committer(
      SpoolDirectory directory,
      Disk disk,
      AppendQueue queue,
      ConcurrentMap<Integer, Lane> lanes,
      SpoolMeters meters,
      long largestSegment,
      SpoolReader reader,
      LongSupplier nanos) {
    this.directory = directory;
    this.disk = disk;
    this.queue = queue;
    this.lanes = lanes;
    this.meters = meters;
    this.largestSegment = largestSegment;
    this.reader = reader;
    this.nanos = nanos;
    this.state = new DiskState(directory, disk, nanos);
    this.appendedAt = nanos.getAsLong();
  }

  // Any thread.

  /** What a value would be refused with now; null if the disk takes values. */
  @Nullable Appended refusal() {
    return state.refusal();
  }

  /** How many bytes the files take. */
  long size() {
    return size.get();
  }

  int asideCount() {
    return asides.intValue();
  }

  /** How many times a file was synced for a value; for tests. */
  long syncs() {
    return syncs.get();
  }

  /** When the oldest value was received; empty if there is none. */
  OptionalLong earliest() {
    return oldest.earliest();
  }

  void listener(IntConsumer heard) {
    listener = heard;
  }

  /** Settles what the writer does not come to; for when it hangs or has ended. */
  void abandon() {
    settle(writing, Appended.FAILED);
    settle(queue.abandon(), Appended.UNAVAILABLE);
  }

  // The writer.

  /** Makes a first note of what was found, and finds out whether the disk can be written. */
  void prepare() {
    measure();
    oldest.refresh(lanes.values());
    try {
      note(true);
    } catch (IOException e) {
      state.failed(e);
    }
    state.probe();
  }

  /** Works until the queue is closed and empty. */
  void run() throws InterruptedException {
    List<Append> batch = new ArrayList<>();
    List<Task> due = new ArrayList<>();
    while (queue.take(batch, due, NOTE_NANOS)) {
      state.probeIfDue();
      commit(batch);
      due.forEach(Committer::run);
      tidy();
      batch.clear();
      due.clear();
    }
  }

  /** What a caller is told may fail there, and must not end the writer. */
  private static void run(Task task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      log.error("A task of the spool's writer failed", e);
    }
  }

  /** Gives the files up; what was committed stays. */
  void end() {
    abandon();
    state.end();
    syncers.close();
    lanes.values().forEach(Lane::seal);
    aside.values().forEach(Lane::seal);
    oldest.close();
    try {
      note(true);
    } catch (IOException e) {
      log.debug("Copies will be sent of what was dropped last", e);
    }
  }

  private void commit(List<Append> batch) {
    if (batch.isEmpty()) {
      return;
    }
    writing = List.copyOf(batch);
    long bytes = batch.stream().mapToLong(append -> Frames.size(append.bytes())).sum();
    Appended refused = refusal();
    if (refused != null) {
      settle(batch, refused);
    } else {
      long start = nanos.getAsLong();
      Map<Lane, List<Append>> group = new LinkedHashMap<>();
      for (Append append : batch) {
        group.computeIfAbsent(lane(append.lane()), lane -> new ArrayList<>()).add(append);
      }
      Map<Lane, IOException> failures = write(group);
      meters.synced(batch.size(), nanos.getAsLong() - start);
      appendedAt = nanos.getAsLong();
      failures.values().stream().findFirst().ifPresent(state::failed);
      group.forEach((lane, values) -> settle(lane, values, !failures.containsKey(lane)));
    }
    queue.written(bytes);
    writing = List.of();
  }

  private Lane lane(int number) {
    return lanes.computeIfAbsent(
        number, n -> new Lane(n, SpoolDirectory.lane(directory.segments(), n), disk, 1, 1));
  }

  /** Writes and syncs a group, and commits the lanes that succeeded. */
  private Map<Lane, IOException> write(Map<Lane, List<Append>> group) {
    Map<Lane, IOException> failures = new HashMap<>();
    List<Lane> written = new ArrayList<>();
    group.forEach(
        (lane, values) -> {
          try {
            lane.write(values, directory.salt());
            written.add(lane);
          } catch (IOException e) {
            failures.put(lane, e);
          }
        });
    syncs.addAndGet(written.size());
    syncers.force(written, failures);
    for (var entry : group.entrySet()) {
      Lane lane = entry.getKey();
      if (failures.containsKey(lane)) {
        lane.abandon();
      } else {
        long first = lane.next();
        boolean wasEmpty = lane.head() >= first;
        lane.commit(largestSegment);
        if (wasEmpty) {
          oldest.begins(lane, first, entry.getValue().getFirst().receivedAt());
        }
      }
    }
    return failures;
  }

  private void settle(Lane lane, List<Append> values, boolean durable) {
    if (durable) {
      for (Append value : values) {
        size.addAndGet(Frames.size(value.bytes()));
      }
    }
    settle(values, durable ? Appended.DURABLE : Appended.FAILED);
    if (durable) {
      try {
        listener.accept(lane.number());
      } catch (RuntimeException e) {
        log.error("The listener of the spool failed", e);
      }
    }
  }

  private void settle(List<Append> values, Appended outcome) {
    for (Append value : values) {
      value.settle(outcome, meters);
    }
  }

  /** Writes a value that the landing log does not take to a place of its own. */
  boolean setAside(int lane, Append value) {
    // On a full disk it is tried all the same: it lets the lane go on, which makes room.
    if (refusal() != null && refusal() != Appended.FULL) {
      return false;
    }
    Lane to =
        aside.computeIfAbsent(
            lane, n -> new Lane(n, SpoolDirectory.lane(directory.aside(), n), disk, 1, 1));
    try {
      to.write(List.of(value), directory.salt());
      to.force();
      to.commit(largestSegment);
      asides.incrementAndGet();
      return true;
    } catch (IOException e) {
      to.abandon();
      // That a large value has no room says nothing of others, and this is tried again and again.
      if (!state.isFull(e)) {
        state.failed(e);
      }
      return false;
    }
  }

  // Chores.

  private void tidy() {
    long now = nanos.getAsLong();
    if (now - notedAt < NOTE_NANOS) {
      return;
    }
    notedAt = now;
    try {
      oldest.refresh(lanes.values());
      note(false);
      if (now - tidiedAt >= TIDY_NANOS) {
        tidiedAt = now;
        deleteDropped(now);
        measure();
      }
    } catch (IOException e) {
      log.atWarn()
          .addKeyValue("cause", e.toString())
          .log("The spool could not be tidied, which is tried again");
    }
  }

  private void note(boolean sync) throws IOException {
    String text = Positions.text(lanes.values());
    if (sync || !text.equals(noted)) {
      Positions.write(directory.positions(), text, disk, sync);
      noted = text;
    }
  }

  private void deleteDropped(long now) throws IOException {
    Map<Lane, List<Segment>> dropped = new LinkedHashMap<>();
    for (Lane lane : lanes.values()) {
      long tail = lane.droppableTail();
      if (tail > largestSegment / 4 || (tail > 0 && now - appendedAt >= IDLE_NANOS)) {
        lane.seal();
      }
      List<Segment> segments = lane.dropped();
      if (!segments.isEmpty()) {
        dropped.put(lane, segments);
      }
    }
    if (dropped.isEmpty()) {
      return;
    }
    try {
      note(true); // or they would count as lost after a power failure
    } catch (IOException e) {
      // A full disk: one segment less makes room for the note.
      var first = dropped.entrySet().iterator().next();
      delete(first.getKey(), first.getValue().subList(0, 1));
      note(true);
    }
    for (Lane lane : dropped.keySet()) {
      delete(lane, lane.dropped());
    }
  }

  private void delete(Lane lane, List<Segment> segments) throws IOException {
    lane.delete(segments);
    oldest.release(lane);
    reader.release(lane);
  }

  private void measure() {
    long bytes = 0;
    for (Lane lane : lanes.values()) {
      bytes += lane.size();
    }
    for (Lane lane : aside.values()) {
      bytes += lane.size();
    }
    size.set(bytes);
  }
}
