package io.penstock.ingest.landing;

import io.penstock.ingest.spool.Spool.Entry;
import io.penstock.ingest.spool.Spool.Stretch;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One lane of the spool on its way to Kafka, in its order. Once a delivery has failed, no later one
 * is sent until all that are on their way have ended; then the lane goes on, in order, with the
 * first that failed. For the drain's context alone.
 */
final class DrainLane {

  private static final Logger log = LoggerFactory.getLogger(DrainLane.class);

  private static final int WINDOW = 256;
  private static final long WINDOW_BYTES = Drain.WINDOW_BYTES / 4;
  private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private sealed interface Mode {

    /**
     * Sends.
     *
     * @param epochs by partition; a lane has one, unless its log has had other partitions
     */
    record Advancing(Map<Integer, Epoch> epochs) implements Mode {}

    /**
     * Sends nothing, and waits for what is on its way.
     *
     * @param to the first that failed
     */
    record Retreating(long to) implements Mode {}

    /** Sends nothing for a while. */
    record Resting(long since) implements Mode {}
  }

  private record Item(long number, LandingRecord record, int hash) {

    long bytes() {
      return record.heldBytes();
    }
  }

  private final Drain drain;
  private final int lane;

  private Mode mode = new Mode.Advancing(new HashMap<>());
  private long cursor;
  private boolean reading;

  /** When the disk did not return what is there. */
  private long unreadAt;

  private boolean pumping;
  private final ArrayDeque<Item> ahead = new ArrayDeque<>();
  private final TreeMap<Long, Item> sent = new TreeMap<>();
  private long sentBytes;

  /** What is on its way aside. */
  private final TreeSet<Long> leaving = new TreeSet<>();

  /** What Kafka has, or was set aside, although one before it has failed. */
  private final TreeSet<Long> done = new TreeSet<>();

  /** What Kafka does not take, and could not be set aside yet; the lane goes on behind it. */
  private final TreeSet<Long> staying = new TreeSet<>();

  private boolean settingAsideAgain;
  private long triedAsideAt;
  private long triedAside;

  DrainLane(Drain drain, int lane) {
    this.drain = drain;
    this.lane = lane;
    this.cursor = drain.spooled().spool().head(lane);
    this.unreadAt = drain.now() - PAUSE_NANOS;
  }

  int number() {
    return lane;
  }

  /** Whether nothing is in it that Kafka may take. */
  boolean isEmpty() {
    return cursor >= drain.spooled().spool().next(lane)
        && ahead.isEmpty()
        && sent.isEmpty()
        && leaving.isEmpty();
  }

  /** What it has on its way to partitions that take something. */
  long busyBytes() {
    return sent.isEmpty()
            || drain.kafka().isSilent(drain.kafka().partition(sent.firstEntry().getValue().hash()))
        ? 0
        : sentBytes;
  }

  /** Sends on, as far as the window goes. A send that ends at once does not begin again here. */
  void pump() {
    if (pumping) {
      return;
    }
    pumping = true;
    try {
      advance();
    } finally {
      pumping = false;
    }
  }

  private void advance() {
    setAsideAgain();
    switch (mode) {
      case Mode.Advancing advancing -> {}
      case Mode.Retreating retreating -> retreat(retreating);
      case Mode.Resting resting -> {
        if (drain.now() - resting.since() >= PAUSE_NANOS) {
          mode = new Mode.Advancing(new HashMap<>());
        }
      }
    }
    while (mode instanceof Mode.Advancing advancing && !drain.isStopped()) {
      Item next = ahead.peek();
      if (next == null) {
        read();
        return;
      }
      int partition = drain.kafka().partition(next.hash());
      if (!fits(next) || !drain.kafka().admits(partition) || !drain.mayTry()) {
        return;
      }
      ahead.remove();
      send(advancing.epochs().computeIfAbsent(partition, drain.kafka()::epoch), next);
    }
  }

  private boolean fits(Item next) {
    return sent.isEmpty()
        || (sent.size() < WINDOW
            && sentBytes + next.bytes() <= WINDOW_BYTES
            && drain.hasRoom(next.bytes()));
  }

  private void read() {
    if (reading
        || cursor >= drain.spooled().spool().next(lane)
        || drain.now() - unreadAt < PAUSE_NANOS) {
      return;
    }
    reading = true;
    long from = cursor;
    drain
        .spooled()
        .spool()
        .read(lane, from, WINDOW, drain.readAhead(), read -> drain.run(() -> wasRead(from, read)));
  }

  private void wasRead(long from, Stretch stretch) {
    reading = false;
    if (from != cursor || !(mode instanceof Mode.Advancing)) {
      return; // read before it retreated
    }
    if (stretch.next() <= cursor) {
      unreadAt = drain.now(); // the disk does not return it
      return;
    }
    for (Entry entry : stretch.entries()) {
      if (!done.contains(entry.number())
          && !leaving.contains(entry.number())
          && !staying.contains(entry.number())) {
        take(entry);
      }
    }
    cursor = stretch.next();
    drop();
    pump();
  }

  private void take(Entry entry) {
    try {
      LandingRecord record = SpoolFormat.decode(entry.value());
      ahead.add(new Item(entry.number(), record, KeyHash.of(record.key())));
    } catch (SpoolFormat.UnreadableException e) {
      // Another version wrote it, and may read it again. No entity is known that it holds back.
      log.atError()
          .addKeyValue("lane", lane)
          .addKeyValue("number", entry.number())
          .addKeyValue("cause", e.getMessage())
          .log("A delivery in the spool cannot be read and is set aside until the next start");
      setAside(entry);
    }
  }

  private void setAside(Entry entry) {
    leaving.add(entry.number());
    drain
        .spooled()
        .spool()
        .setAside(entry, kept -> drain.run(() -> wasSetAside(entry.number(), kept)));
  }

  private void wasSetAside(long number, boolean kept) {
    leaving.remove(number);
    if (kept) {
      done.add(number);
    } else {
      if (staying.isEmpty()) {
        triedAsideAt = drain.now();
      }
      staying.add(number);
      drain.stays();
    }
    drop();
  }

  /** Tries once a second to set aside what stays, one after the other. */
  private void setAsideAgain() {
    if (staying.isEmpty() || settingAsideAgain || drain.now() - triedAsideAt < PAUSE_NANOS) {
      return;
    }
    settingAsideAgain = true;
    triedAsideAt = drain.now();
    Long next = staying.higher(triedAside);
    long number = next == null ? staying.first() : next;
    triedAside = number;
    drain
        .spooled()
        .spool()
        .read(lane, number, 1, 1, read -> drain.run(() -> stayingWasRead(number, read)));
  }

  private void stayingWasRead(long number, Stretch stretch) {
    if (stretch.next() <= number) {
      settingAsideAgain = false; // the disk does not return it
    } else if (stretch.entries().isEmpty() || stretch.entries().getFirst().number() > number) {
      staysNoLonger(number); // the disk has lost it
    } else {
      drain
          .spooled()
          .spool()
          .setAside(
              stretch.entries().getFirst(),
              kept ->
                  drain.run(
                      () -> {
                        if (kept) {
                          staysNoLonger(number);
                        } else {
                          settingAsideAgain = false;
                        }
                      }));
    }
  }

  private void staysNoLonger(long number) {
    settingAsideAgain = false;
    triedAsideAt = drain.now() - PAUSE_NANOS; // there may be room for the next one too
    staying.remove(number);
    drain.staysNoLonger();
    drop();
    pump();
  }

  private void send(Epoch epoch, Item item) {
    sent.put(item.number(), item);
    sentBytes += item.bytes();
    drain
        .kafka()
        .sendSpooled(epoch, item.record(), outcome -> drain.run(() -> ended(item, outcome)));
  }

  private void ended(Item item, SendOutcome outcome) {
    sent.remove(item.number());
    sentBytes -= item.bytes();
    switch (outcome) {
      case SendOutcome.Acknowledged acknowledged -> {
        drain.countDrained();
        left(item);
        pump();
      }
      case SendOutcome.TooLarge tooLarge -> {
        log.atError()
            .addKeyValue("source", item.record().source())
            .addKeyValue("receipt_id", item.record().receiptId())
            .addKeyValue("cause", tooLarge.cause().toString())
            .log(
                "A delivery in the spool is larger than the landing log takes, and is set aside"
                    + " until the next start");
        drain.spooled().left(lane, item.number(), item.hash());
        setAside(entry(item));
        pump();
      }
      case SendOutcome.NotWritten notWritten -> failed(item.number());
      case SendOutcome.Unknown unknown -> failed(item.number());
    }
  }

  /** As it was read: items keep no second copy of their bytes. */
  private Entry entry(Item item) {
    LandingRecord record = item.record();
    return new Entry(lane, item.number(), record.receivedAt(), SpoolFormat.encode(record));
  }

  private void left(Item item) {
    done.add(item.number());
    drain.spooled().left(lane, item.number(), item.hash());
    drop();
    if (mode instanceof Mode.Retreating retreating) {
      retreat(retreating);
    }
  }

  private void failed(long number) {
    Mode.Retreating retreating =
        new Mode.Retreating(
            mode instanceof Mode.Retreating before ? Math.min(before.to(), number) : number);
    mode = retreating;
    retreat(retreating);
  }

  private void retreat(Mode.Retreating retreating) {
    if (sent.isEmpty()) {
      ahead.clear();
      cursor = Math.min(cursor, retreating.to());
      mode = new Mode.Resting(drain.now());
    }
  }

  /** Tells the spool how far everything has left. */
  private void drop() {
    long first = cursor;
    if (mode instanceof Mode.Retreating retreating) {
      first = Math.min(first, retreating.to());
    }
    if (!ahead.isEmpty()) {
      first = Math.min(first, ahead.getFirst().number());
    }
    if (!sent.isEmpty()) {
      first = Math.min(first, sent.firstKey());
    }
    if (!leaving.isEmpty()) {
      first = Math.min(first, leaving.first());
    }
    done.headSet(first).clear();
    drain.spooled().passed(lane, first);
    if (!staying.isEmpty()) {
      first = Math.min(first, staying.first());
    }
    if (first > drain.spooled().spool().head(lane)) {
      drain.spooled().drop(lane, first);
    }
  }
}
