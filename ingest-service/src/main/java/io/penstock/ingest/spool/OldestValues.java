package io.penstock.ingest.spool;

import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** When the first value of each lane was received. The writer tells; any thread may ask. */
final class OldestValues {

  private static final Logger log = LoggerFactory.getLogger(OldestValues.class);

  private final Map<Lane, Oldest> oldest = new ConcurrentHashMap<>();

  /** The writer's. */
  private final Map<Lane, LaneCursor> cursors = new HashMap<>();

  private record Oldest(long number, long receivedAt) {}

  /** A lane that was empty has a value now. */
  void begins(Lane lane, long number, long receivedAt) {
    oldest.put(lane, new Oldest(number, receivedAt));
  }

  /** Looks at the lanes from which values were dropped. */
  void refresh(Collection<Lane> lanes) {
    for (Lane lane : lanes) {
      long head = lane.head();
      Oldest known = oldest.get(lane);
      if (head >= lane.next()) {
        oldest.remove(lane);
      } else if (known == null || known.number() != head) {
        read(lane, head);
      }
    }
  }

  /** Segments of a lane were deleted: closes the one that is held open. */
  void release(Lane lane) {
    try {
      LaneCursor cursor = cursors.get(lane);
      if (cursor != null) {
        cursor.release();
      }
    } catch (IOException e) {
      log.debug("A file that was read could not be closed", e);
    }
  }

  private void read(Lane lane, long head) {
    try {
      LaneCursor cursor =
          cursors.computeIfAbsent(lane, l -> new LaneCursor(l, (segment, from, to) -> {}));
      Spool.Entry entry = cursor.next(head);
      if (entry != null) {
        oldest.put(lane, new Oldest(head, entry.receivedAt()));
      }
    } catch (IOException e) {
      log.debug("The age of the oldest value is not known", e);
    }
  }

  /** The earliest time of receipt, in milliseconds since the epoch; empty if nothing is there. */
  OptionalLong earliest() {
    return oldest.entrySet().stream()
        .filter(entry -> entry.getKey().head() < entry.getKey().next())
        .mapToLong(entry -> entry.getValue().receivedAt())
        .min();
  }

  void close() {
    for (LaneCursor cursor : cursors.values()) {
      try {
        cursor.close();
      } catch (IOException e) {
        log.debug("A file that was read could not be closed", e);
      }
    }
  }
}
