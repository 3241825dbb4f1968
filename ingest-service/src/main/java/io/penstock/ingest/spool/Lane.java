package io.penstock.ingest.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The values of one lane: segments with dense numbers, the last of which grows. What is durable may
 * be asked by any thread; what changes the files is the writer's.
 */
final class Lane {

  private final int number;
  private final Path directory;
  private final Disk disk;
  private final ConcurrentSkipListMap<Long, Segment> segments = new ConcurrentSkipListMap<>();
  private final AtomicLong head;
  private volatile long next;

  /** What the writer appends to; null while there is no segment to append to. */
  private @Nullable Tail tail;

  /** A value that is to be written. */
  interface LaneValue {
    byte[] bytes();

    long receivedAt();
  }

  private static final class Tail {
    private final Segment segment;
    private final FileChannel channel;
    private long written;
    private long end;
    private boolean nameSynced;

    Tail(Segment segment, FileChannel channel) {
      this.segment = segment;
      this.channel = channel;
      this.end = segment.first();
    }
  }

  /**
   * A lane as it was found.
   *
   * @param directory where its segments are; created with the first
   * @param head the first number that was not dropped
   * @param next the number that the next value gets
   */
  Lane(int number, Path directory, Disk disk, long head, long next) {
    this.number = number;
    this.directory = directory;
    this.disk = disk;
    this.head = new AtomicLong(head);
    this.next = next;
  }

  int number() {
    return number;
  }

  long head() {
    return head.get();
  }

  long next() {
    return next;
  }

  Path directory() {
    return directory;
  }

  /** Takes a segment that was found; its values follow those that the lane has. */
  void adopt(Segment segment) {
    segments.put(segment.first(), segment);
    next = Math.max(next, segment.end());
  }

  /** Everything below a number may go. */
  void drop(long before) {
    head.accumulateAndGet(Math.min(before, next), Math::max);
  }

  /** The segment with a number, or the first one behind it; null if there is none. */
  @Nullable Segment segment(long number) {
    var floor = segments.floorEntry(number);
    if (floor != null && number < floor.getValue().end()) {
      return floor.getValue();
    }
    var higher = segments.higherEntry(number);
    return higher == null ? null : higher.getValue();
  }

  /** How many bytes its files take. */
  long size() {
    long size = 0;
    for (Segment segment : segments.values()) {
      size += segment.length();
    }
    return size;
  }

  // The writer's.

  /** Writes values behind the others. Nothing is durable before {@link #force}. */
  void write(List<? extends LaneValue> values, long salt) throws IOException {
    long size = 0;
    for (LaneValue value : values) {
      size = Math.addExact(size, Frames.size(value.bytes()));
    }
    Tail to = tail == null ? begin(salt) : tail;
    ByteBuffer frames = ByteBuffer.allocate(Math.toIntExact(size));
    for (LaneValue value : values) {
      int index = Math.toIntExact(to.end - to.segment.first());
      Frames.put(frames, to.segment.salt(), Frames.VALUE, index, value.receivedAt(), value.bytes());
      to.end++;
    }
    disk.write(to.segment.path(), to.channel, frames.flip());
    to.written += size;
  }

  private Tail begin(long salt) throws IOException {
    disk.createDirectory(directory);
    Path path = directory.resolve(Segment.name(next));
    disk.delete(path); // of an attempt that failed: nothing in it is durable
    Segment segment = new Segment(path, next, salt, next, 0);
    Tail begun = new Tail(segment, disk.create(path));
    tail = begun;
    disk.write(path, begun.channel, Frames.fileHeader(salt));
    begun.written = Frames.FILE_HEADER;
    return begun;
  }

  /** Returns when everything that was written is on the disk, under its name. Any one thread. */
  void force() throws IOException {
    Tail to = tail;
    if (to != null) {
      disk.force(to.segment.path(), to.channel);
      if (!to.nameSynced) {
        // Those above too: an earlier attempt to sync their names may have failed.
        Path above = Disk.parent(directory);
        disk.forceDirectory(directory);
        disk.forceDirectory(above);
        disk.forceDirectory(Disk.parent(above));
        to.nameSynced = true;
      }
    }
  }

  /**
   * What was written and forced counts from now on.
   *
   * @param largest how many bytes a segment may have before the next one begins
   */
  void commit(long largest) {
    Tail to = tail;
    if (to == null) {
      return;
    }
    to.segment.grow(to.end, to.written);
    segments.put(to.segment.first(), to.segment);
    next = to.end;
    if (to.written >= largest) {
      seal();
    }
  }

  /**
   * Writing or forcing has failed: what was not committed is not counted on, and the next value
   * begins a new segment. The page cache is not trusted after a failed sync.
   */
  void abandon() {
    Tail to = tail;
    if (to == null) {
      return;
    }
    seal();
    try {
      if (to.segment.end() == to.segment.first()) {
        disk.delete(to.segment.path());
      } else {
        disk.truncate(to.segment.path(), to.segment.length());
      }
    } catch (IOException ignored) {
      // Values behind the first number of the next segment do not count, whatever is in the file.
    }
  }

  /** Ends the last segment, so that it can be deleted. */
  void seal() {
    Tail to = tail;
    tail = null;
    if (to != null) {
      try {
        to.channel.close();
      } catch (IOException ignored) {
        // Everything that counts was synced.
      }
    }
  }

  /** How many bytes the last segment has that could go if it ended. */
  long droppableTail() {
    Tail to = tail;
    return to != null && head.get() >= next ? to.segment.length() : 0;
  }

  /** The segments that were dropped as a whole. */
  List<Segment> dropped() {
    List<Segment> dropped = new ArrayList<>();
    Tail to = tail;
    for (Segment segment : segments.headMap(head.get()).values()) {
      if (segment.end() <= head.get() && (to == null || to.segment != segment)) {
        dropped.add(segment);
      }
    }
    return dropped;
  }

  /** Deletes segments of {@link #dropped}. That they are must be noted on the disk before. */
  void delete(List<Segment> dropped) throws IOException {
    for (Segment segment : dropped) {
      disk.delete(segment.path());
      segments.remove(segment.first());
    }
    if (!dropped.isEmpty()) {
      disk.forceDirectory(directory);
    }
  }
}
