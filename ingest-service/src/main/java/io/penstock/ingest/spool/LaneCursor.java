package io.penstock.ingest.spool;

import io.penstock.ingest.spool.Frames.Frame;
import io.penstock.ingest.spool.Spool.Entry;
import io.penstock.ingest.spool.Spool.Stretch;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the durable values of a lane in their order. For one thread at a time. */
final class LaneCursor implements AutoCloseable {

  private final Lane lane;
  private final Damage damage;
  private @Nullable Segment segment;
  private @Nullable FrameReader reader;

  /** How often a segment is tried that the disk does not return, before it counts as damaged. */
  private static final int ATTEMPTS = 3;

  /** What is missing below this number was reported. */
  private long reported;

  /** How far {@link #next} has looked: nothing that can be read is before it. */
  private long passed;

  /** Where the disk did not return something, and how often in a row. */
  private long failedAt = -1;

  private int failures;

  /** Takes what cannot be read. */
  interface Damage {
    /**
     * Values that were durable cannot be read.
     *
     * @param segment that had them
     * @param from the first number
     * @param to the number behind the last
     */
    void lost(Segment segment, long from, long to);
  }

  LaneCursor(Lane lane, Damage damage) {
    this.lane = lane;
    this.damage = damage;
  }

  /**
   * Reads on, as far as there is something.
   *
   * @param from the first number
   * @param entries how many at most
   * @param bytes how many at most, but at least one entry
   * @throws IOException if the disk does not return it
   */
  Stretch read(long from, int entries, long bytes) throws IOException {
    List<Entry> found = new ArrayList<>();
    long at = Math.max(from, lane.head());
    long read = 0;
    while (found.size() < entries && (found.isEmpty() || read < bytes)) {
      Entry entry;
      try {
        entry = next(at);
      } catch (IOException e) {
        close();
        failures = failedAt == at ? failures + 1 : 1;
        failedAt = at;
        if (found.isEmpty()) {
          throw e;
        }
        return new Stretch(found, at);
      }
      if (entry == null) {
        return new Stretch(found, Math.max(at, passed));
      }
      found.add(entry);
      read += entry.value().length;
      at = entry.number() + 1;
    }
    return new Stretch(found, at);
  }

  /** The first value from a number on; null if there is none. */
  @Nullable Entry next(long from) throws IOException {
    long wanted = from;
    // Taken first: what is appended from now on must not be passed over.
    long behind = lane.next();
    while (wanted < behind) {
      Segment at = lane.segment(wanted);
      if (at == null) {
        passed = behind;
        return null;
      }
      wanted = Math.max(wanted, at.first());
      long end = at.end();
      FrameReader open = open(at, wanted);
      open.limit(at.length());
      long reached = at.first() + open.expected();
      Frame frame = open.next();
      long found = frame == null ? end : at.first() + frame.index();
      long missing = Math.max(reported, Math.max(reached, wanted));
      if (found > missing && !at.isReported()) {
        damage.lost(at, missing, found);
        reported = found;
      }
      if (frame == null) {
        wanted = end;
      } else if (frame.kind() == Frames.GAP) {
        wanted = Math.max(wanted, found + frame.numbers());
      } else if (found >= wanted) {
        return new Entry(lane.number(), found, frame.receivedAt(), frame.value());
      }
    }
    passed = wanted;
    return null;
  }

  private FrameReader open(Segment at, long wanted) throws IOException {
    FrameReader open = reader;
    if (open == null || segment != at || wanted < at.first() + open.expected()) {
      close();
      boolean isDamaged = failures >= ATTEMPTS && failedAt >= at.first() && failedAt < at.end();
      open = new FrameReader(at.path(), at.salt(), at.length(), isDamaged);
      reader = open;
      segment = at;
    }
    return open;
  }

  /** Closes the file if it is deleted: an open file keeps its room on the disk. */
  void release() throws IOException {
    Segment held = segment;
    if (held != null && lane.segment(held.first()) != held) {
      close();
    }
  }

  @Override
  public void close() throws IOException {
    FrameReader open = reader;
    reader = null;
    segment = null;
    if (open != null) {
      open.close();
    }
  }
}
