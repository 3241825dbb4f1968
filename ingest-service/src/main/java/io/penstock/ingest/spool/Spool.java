package io.penstock.ingest.spool;

import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.ingest.observability.Meters;
import io.penstock.ingest.spool.AppendQueue.Append;
import io.penstock.ingest.spool.AppendQueue.Task;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.LongPredicate;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Values on this machine's disk, in lanes: those of one lane keep their order, and no lane waits
 * for another. See {@code docs/spool.md}.
 *
 * <p>One thread writes, and one reads. All methods may be called by any number of threads, and none
 * but {@link #open} and {@link #close} waits for the disk. Callbacks must not block.
 */
public final class Spool implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Spool.class);

  private static final long SMALLEST_SEGMENT = 64L * 1024;
  private static final long LARGEST_SEGMENT = 1L << 30;
  private static final int SEGMENTS = 256;
  private static final int SMALL = 4096;
  private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(3);

  /** What became of an append. */
  public enum Appended {
    /** On disk. */
    DURABLE,
    /** Not taken: there is no room. */
    FULL,
    /** Not taken: the disk has failed and is not back yet, or the spool is closing. */
    UNAVAILABLE,
    /** Perhaps on disk: writing failed. */
    FAILED
  }

  /**
   * A value in the spool.
   *
   * @param number its place in its lane
   * @param receivedAt as it was appended, in milliseconds since the epoch
   * @param value not copied
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Entry(int lane, long number, long receivedAt, byte[] value) {}

  /**
   * A stretch of a lane.
   *
   * @param next where the next one begins
   */
  public record Stretch(List<Entry> entries, long next) {
    public Stretch {
      entries = List.copyOf(entries);
    }
  }

  /** Where a value belongs that the spool of the version before wrote. Must not throw. */
  public interface Placement {

    /** The lane of a value, from 0 to 65 535; any lane if the value cannot be read. */
    int lane(byte[] value);

    /** When a value was received, in milliseconds since the epoch. */
    long receivedAt(byte[] value);
  }

  private final SpoolDirectory directory;
  private final ConcurrentSkipListMap<Integer, Lane> lanes;
  private final long maxSize;
  private final InstantSource clock;
  private final SpoolMeters meters;
  private final AppendQueue queue = new AppendQueue();
  private final Committer committer;
  private final Thread writer;
  private final SpoolReader reader;
  private final CompletableFuture<Void> failure = new CompletableFuture<>();

  /** Linked here and not by the first append, which an event loop makes. */
  private final LongPredicate fits = this::fits;

  private Spool(
      SpoolDirectory directory,
      Disk disk,
      Map<Integer, Lane> found,
      long maxSize,
      InstantSource clock,
      LongSupplier nanos,
      MeterRegistry registry) {
    this.directory = directory;
    this.lanes = new ConcurrentSkipListMap<>(found);
    this.maxSize = maxSize;
    this.clock = clock;
    this.meters = new SpoolMeters(registry);
    long segment = Math.clamp(maxSize / SEGMENTS, SMALLEST_SEGMENT, LARGEST_SEGMENT);
    this.reader = new SpoolReader(directory, meters, failure);
    this.committer = new Committer(directory, disk, queue, lanes, meters, segment, reader, nanos);
    this.writer = new Thread(this::write, "spool");
    writer.setDaemon(true);
    Meters.SPOOL_DEPTH.gauge(registry, null, this, Spool::depth);
    Meters.SPOOL_SIZE.gauge(registry, "bytes", this, Spool::size);
    Meters.SPOOL_LIMIT.gauge(registry, "bytes", this, spool -> spool.maxSize);
    Meters.SPOOL_OLDEST_AGE.gauge(registry, "seconds", this, Spool::oldestAge);
    Meters.SPOOL_SET_ASIDE.gauge(registry, null, this, Spool::asideCount);
    Meters.SPOOL_WRITABLE.gauge(registry, null, this, spool -> spool.accepts() ? 1 : 0);
  }

  /**
   * Opens the spool with everything that is in it. Damaged files do not stop that: what can be read
   * is there, the rest is reported. Nor does a disk that cannot be written: the spool takes nothing
   * until it can.
   *
   * @param path of its directory, which is created if it is missing, and locked
   * @param maxSize in bytes, on disk
   * @param prefix of the topics that the values are for
   * @param nanos a clock that only moves forward
   * @throws IOException if the directory cannot be used, with a message for the operator
   */
  public static Spool open(
      Path path,
      long maxSize,
      String prefix,
      Placement placement,
      InstantSource clock,
      LongSupplier nanos,
      MeterRegistry registry)
      throws IOException {
    return open(path, maxSize, prefix, placement, clock, nanos, registry, new Disk());
  }

  static Spool open(
      Path path,
      long maxSize,
      String prefix,
      Placement placement,
      InstantSource clock,
      LongSupplier nanos,
      MeterRegistry registry,
      Disk disk)
      throws IOException {
    SpoolDirectory directory = SpoolDirectory.take(path, prefix, clock, disk);
    try {
      Recovery recovery = new Recovery(directory, disk);
      recovery.open();
      new OldSpool(directory, disk, placement).moveTo(recovery);
      Recovery.Found found = recovery.adopt(directory.aside());
      Spool spool = new Spool(directory, disk, found.lanes(), maxSize, clock, nanos, registry);
      spool.begin(found);
      return spool;
    } catch (IOException | RuntimeException e) {
      directory.close();
      throw e;
    }
  }

  private void begin(Recovery.Found found) {
    meters.lost(found.lost());
    committer.prepare();
    // An event loop makes the first append, and must not wait for a jar: this loads its classes.
    Frames.size(new Append(0, new byte[0], 0, outcome -> {}).bytes());
    if (found.broken() != null || found.lost() > 0) {
      log.atError()
          .addKeyValue("readable", depth())
          .addKeyValue("lost", found.lost())
          .addKeyValue("kept", found.broken())
          .log("The spool was damaged");
    } else {
      log.atInfo()
          .addKeyValue("deliveries", depth())
          .addKeyValue("bytes", size())
          .log("The spool is open");
    }
    writer.start();
  }

  /**
   * Appends a value to a lane.
   *
   * @param value not copied: must not change any more
   * @param receivedAt in milliseconds since the epoch
   * @param done called once: by the writer, or by this call if the value is refused, or by {@link
   *     #close}
   */
  public void append(int lane, byte[] value, long receivedAt, Consumer<Appended> done) {
    Append append = new Append(lane, value, receivedAt, done);
    Appended refused = committer.refusal();
    if (refused == null && !queue.add(append, fits)) {
      refused = queue.isClosed() ? Appended.UNAVAILABLE : Appended.FULL;
    }
    if (refused != null) {
      append.settle(refused, meters);
    }
  }

  private boolean fits(long more) {
    return size() + more <= maxSize;
  }

  /**
   * Reads on in a lane, as far as there is something. Numbers may have gaps: values that cannot be
   * read are counted as lost and passed over.
   *
   * @param from the first number
   * @param entries how many at most
   * @param bytes how many at most, but at least one entry
   * @param done called once: by the reader, or by this call if the spool is closed; with nothing if
   *     the disk does not answer
   */
  public void read(int lane, long from, int entries, long bytes, Consumer<Stretch> done) {
    Lane of = lanes.get(lane);
    if (of == null) {
      done.accept(new Stretch(List.of(), from));
    } else {
      reader.read(of, from, entries, bytes, done);
    }
  }

  /** Everything in a lane below this number is in the landing log. */
  public void drop(int lane, long before) {
    Lane from = lanes.get(lane);
    if (from != null) {
      from.drop(before);
    }
  }

  /**
   * Keeps a value that the landing log does not take, until the next start, which appends it to its
   * lane again.
   *
   * @param done called once: whether the value is on disk now
   */
  public void setAside(Entry entry, Consumer<Boolean> done) {
    queue.add(
        new Task() {
          @Override
          public void run() {
            done.accept(
                committer.setAside(
                    entry.lane(),
                    new Append(entry.lane(), entry.value(), entry.receivedAt(), nothing -> {})));
          }

          @Override
          public void cancel() {
            done.accept(false);
          }
        });
  }

  /** Is called by the writer with a lane when something was appended to it. */
  public void onAppend(IntConsumer heard) {
    committer.listener(heard);
  }

  /** The lanes that have held something since the start. */
  public Set<Integer> lanes() {
    return new TreeSet<>(lanes.keySet());
  }

  /** The first number of a lane that was not dropped. */
  public long head(int lane) {
    Lane found = lanes.get(lane);
    return found == null ? 1 : found.head();
  }

  /** The number that the next value of a lane gets. */
  public long next(int lane) {
    Lane found = lanes.get(lane);
    return found == null ? 1 : found.next();
  }

  /** How many values were not dropped. */
  public long depth() {
    long depth = 0;
    for (Lane lane : lanes.values()) {
      long head = lane.head(); // before next, which it never exceeds
      depth += lane.next() - head;
    }
    return depth;
  }

  /** Whether a small value would be taken now. */
  public boolean accepts() {
    return committer.refusal() == null && fits(SMALL);
  }

  /** How many bytes it takes on disk. */
  public long size() {
    return committer.size();
  }

  /** How many values are set aside. */
  public int asideCount() {
    return committer.asideCount();
  }

  /** How many times a file was synced for a value; for tests. */
  long syncs() {
    return committer.syncs();
  }

  private double oldestAge() {
    OptionalLong earliest = committer.earliest();
    return earliest.isEmpty() ? 0 : Math.max(0, clock.millis() - earliest.getAsLong()) / 1000.0;
  }

  private void write() {
    try {
      committer.run();
    } catch (RuntimeException | Error | InterruptedException e) {
      log.error("The writer of the spool ended", e);
      failure.completeExceptionally(e);
    } finally {
      queue.close();
      committer.end();
      directory.close();
    }
  }

  /**
   * Fails if the spool can do nothing any more, by an error of its own or for lack of memory: the
   * process should be replaced. A disk that fails is not such a case.
   */
  public CompletableFuture<Void> failure() {
    return failure;
  }

  /**
   * Writes what waits, then closes. If the disk does not answer for three seconds, what waits is
   * settled without it. For a worker thread.
   */
  @Override
  public void close() {
    queue.close();
    reader.close();
    boolean ended = false;
    try {
      ended = writer.join(CLOSE_PATIENCE);
      ended &= reader.awaitEnd(CLOSE_PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!ended) {
      log.error("The disk of the spool does not answer; what was acknowledged is on it");
      committer.abandon();
    }
  }
}
