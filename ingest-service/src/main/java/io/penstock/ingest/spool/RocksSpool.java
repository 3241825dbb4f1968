package io.penstock.ingest.spool;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.penstock.ingest.landing.LandingRecord;
import io.penstock.ingest.observability.LastingWarning;
import io.penstock.ingest.observability.Meters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deliveries on this machine's disk, in the order of their append.
 *
 * <p>One thread owns the database. It writes whatever waits as one batch with one fsync, so that
 * many waiting deliveries share it, and serves the drain in between. Safe for use by any number of
 * threads; what is told to callbacks is told on that thread, so they must not block.
 *
 * <p>A full disk, or any other failure to write, costs the deliveries of that batch, which are
 * reported as failed; the database is then closed and opened again until it works. What was
 * reported as durable stays.
 */
public final class RocksSpool implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(RocksSpool.class);

  private static final int SLOTS = 1 << 20;
  private static final long LARGEST_WRITE_BUFFER = 16L * 1024 * 1024;
  private static final long SMALLEST_WRITE_BUFFER = 256L * 1024;
  private static final int BATCH_RECORDS = 4096;
  private static final long BATCH_BYTES = 8L * 1024 * 1024;

  /** What RocksDB writes beside a delivery's bytes, and some. */
  private static final int OVERHEAD = 64;

  /** How many buffers may be on their way into files, so that they are on disk twice. */
  private static final int BUFFERS = 3;

  private static final int SMALL = 4096;

  private static final long NOTE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long TIDY_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(3);
  private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** What became of an append. */
  public enum Appended {
    /** On disk. */
    DURABLE,
    /** Not taken: there is no room. */
    FULL,
    /** Not taken: its disk has failed and is not back yet, or it is closing. */
    UNAVAILABLE,
    /** Perhaps on disk: writing failed. */
    FAILED
  }

  /**
   * A delivery in the spool.
   *
   * @param sequence its place in the order
   * @param bytes what it takes, about
   */
  public record Spooled(long sequence, LandingRecord record, int bytes) {}

  /**
   * A stretch of the spool.
   *
   * @param next where the next one begins
   */
  public record Stretch(List<Spooled> deliveries, long next) {
    public Stretch {
      deliveries = List.copyOf(deliveries);
    }
  }

  private record Append(LandingRecord record, int slot, long estimate, Consumer<Appended> done) {}

  private interface Task {
    void run(@Nullable SpoolStore store) throws RocksDBException;
  }

  private final RocksDirectory directory;
  private final long maxSize;
  private final long writeBuffer;
  private final InstantSource clock;
  private final LongSupplier nanos;
  private final Thread owner;
  private final LastingWarning wantsSpace;
  private final LastingWarning unopened;

  /** How many deliveries of each slot are to be sent before any newer one of it. */
  private final AtomicIntegerArray marks = new AtomicIntegerArray(SLOTS);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final ArrayDeque<Append> appends = new ArrayDeque<>();
  private final ArrayDeque<Task> tasks = new ArrayDeque<>();
  private long waitingBytes;
  private boolean closing;

  private volatile Runnable listener = () -> {};
  private volatile boolean writable;

  /** What an append is told while it is not writable. */
  private volatile Appended unwritable = Appended.UNAVAILABLE;

  private volatile long head = 1;
  private volatile long next = 1;
  private volatile long left = 1;
  private final AtomicLong size = new AtomicLong();
  private volatile long oldest;
  private final AtomicInteger asideCount = new AtomicInteger();
  private volatile long syncs;

  // The owner's.
  private @Nullable SpoolStore store;
  private long notedAt;
  private long tidiedAt;
  private long reopenAt;
  private long pause;
  private long sinceFlush;
  private boolean preserved;
  private boolean asideRestored;

  /** What is missing before this one was reported when the spool was opened. */
  private long countedLost;

  private final CompletableFuture<Void> failure = new CompletableFuture<>();
  private final Map<Appended, Counter> appended = new EnumMap<>(Appended.class);
  private final Counter lost;
  private final Timer syncTime;
  private final DistributionSummary batchSize;

  private RocksSpool(
      RocksDirectory directory,
      long maxSize,
      InstantSource clock,
      LongSupplier nanos,
      MeterRegistry registry) {
    this.directory = directory;
    this.maxSize = maxSize;
    this.writeBuffer = Math.clamp(maxSize / 32, SMALLEST_WRITE_BUFFER, LARGEST_WRITE_BUFFER);
    this.clock = clock;
    this.nanos = nanos;
    this.wantsSpace = new LastingWarning(log, nanos);
    this.unopened = new LastingWarning(log, nanos);
    this.owner = new Thread(this::run, "spool");
    owner.setDaemon(true);
    for (Appended outcome : Appended.values()) {
      appended.put(
          outcome,
          Meters.SPOOL_APPENDS.counter(
              registry, "outcome", outcome.name().toLowerCase(Locale.ROOT)));
    }
    lost = Meters.SPOOL_LOST.counter(registry);
    syncTime = Meters.SPOOL_SYNC.timer(registry);
    batchSize = Meters.SPOOL_BATCH.summary(registry, 1, 2, 5, 10, 25, 50, 100, 250, 1000);
    Meters.SPOOL_DEPTH.gauge(registry, null, this, RocksSpool::depth);
    Meters.SPOOL_SIZE.gauge(registry, "bytes", this, spool -> spool.size.get());
    Meters.SPOOL_LIMIT.gauge(registry, "bytes", this, spool -> spool.maxSize);
    Meters.SPOOL_OLDEST_AGE.gauge(registry, "seconds", this, RocksSpool::oldestAge);
    Meters.SPOOL_SET_ASIDE.gauge(registry, null, this, spool -> spool.asideCount.get());
    Meters.SPOOL_WRITABLE.gauge(registry, null, this, spool -> spool.accepts() ? 1 : 0);
  }

  /**
   * Opens the spool, and everything that is in it. Broken files do not stop that: what can be read
   * of them is saved, and the rest reported. A disk that cannot be written does not either: the
   * spool takes nothing until it can.
   *
   * @param path of its directory, which it makes and holds
   * @param maxSize in bytes, on disk
   * @param prefix of the topics
   * @param nanos a clock that only counts on
   * @throws IOException if the directory cannot be had, with a message for the operator
   */
  public static RocksSpool open(
      Path path,
      long maxSize,
      String prefix,
      InstantSource clock,
      LongSupplier nanos,
      MeterRegistry registry)
      throws IOException {
    RocksDirectory directory = RocksDirectory.take(path, prefix, clock);
    RocksSpool spool = new RocksSpool(directory, maxSize, clock, nanos, registry);
    spool.reopen();
    spool.owner.start();
    return spool;
  }

  // Any thread.

  /**
   * Whether a delivery of this key, or of one that shares its place in a table, is still to be sent
   * from here: a newer one of the key must not go past it.
   */
  public boolean holds(String key) {
    return marks.get(slot(key)) > 0;
  }

  private static int slot(String key) {
    int hash = key.hashCode();
    hash ^= hash >>> 20;
    return hash & (SLOTS - 1);
  }

  /**
   * Appends a delivery. From this call on {@link #holds} says so, unless it is not taken.
   *
   * @param done told once, perhaps by this call
   */
  public void append(LandingRecord record, Consumer<Appended> done) {
    int slot = slot(record.key());
    long estimate = SpoolFormat.estimate(record) + OVERHEAD;
    marks.incrementAndGet(slot);
    Appended refused = null;
    lock.lock();
    try {
      if (closing || !writable) {
        refused = closing ? Appended.UNAVAILABLE : unwritable;
      } else if (!fits(waitingBytes + estimate, estimate)) {
        refused = Appended.FULL;
      } else {
        waitingBytes += estimate;
        appends.add(new Append(record, slot, estimate, done));
        work.signal();
      }
    } finally {
      lock.unlock();
    }
    if (refused != null) {
      marks.decrementAndGet(slot);
      count(refused, 1);
      done.accept(refused);
    }
  }

  private void count(Appended outcome, int number) {
    Counter counter = appended.get(outcome);
    if (counter != null) {
      counter.increment(number);
    }
  }

  /**
   * Reads on, as far as there is something.
   *
   * @param from the first sequence number
   * @param records how many at most
   * @param bytes how many at most, but at least one delivery
   */
  public void read(long from, int records, long bytes, Consumer<Stretch> done) {
    task(
        opened ->
            done.accept(
                opened == null
                    ? new Stretch(List.of(), from)
                    : read(opened, from, records, bytes)));
  }

  /** A delivery was handed to the producer: newer ones of its key may follow it there. */
  public void handedOver(Spooled delivery) {
    marks.decrementAndGet(slot(delivery.record().key()));
  }

  /** The producer gave a delivery up: newer ones of its key must wait again. */
  public void takenBack(Spooled delivery) {
    marks.incrementAndGet(slot(delivery.record().key()));
  }

  /** Everything before this one is in the landing log. */
  public void left(long first) {
    left = first;
  }

  /**
   * Keeps a delivery that the landing log does not take, out of the others' way, until the next
   * start.
   *
   * @param done whether that is on disk now
   */
  public void setAside(Spooled delivery, Consumer<Boolean> done) {
    task(
        opened -> {
          boolean kept = false;
          if (opened != null) {
            try {
              opened.setAside(delivery.sequence(), SpoolFormat.encode(delivery.record()));
              asideCount.incrementAndGet();
              kept = true;
            } finally {
              done.accept(kept);
            }
          } else {
            done.accept(false);
          }
        });
  }

  private void task(Task task) {
    boolean taken = false;
    lock.lock();
    try {
      if (!closing) {
        taken = true;
        tasks.add(task);
        work.signal();
      }
    } finally {
      lock.unlock();
    }
    if (!taken) {
      log.debug("The spool is closing");
    }
  }

  /** Who hears, on the owner's thread, that something was appended. */
  public void onAppend(Runnable heard) {
    listener = heard;
  }

  /** Where the deliveries that have not left begin. */
  public long head() {
    return Math.max(head, left);
  }

  /** The number that the next delivery gets. */
  public long next() {
    return next;
  }

  /** How many deliveries have not left. */
  public long depth() {
    return Math.max(0, next - head());
  }

  /**
   * Whether there is room.
   *
   * @param more what is to be written
   * @param largest of it, which stands in the log and in its file for a moment, as do some buffers
   */
  private boolean fits(long more, long largest) {
    return size.get() + more + largest + BUFFERS * writeBuffer <= maxSize;
  }

  /** Whether a small delivery would be taken now. */
  public boolean accepts() {
    return writable && fits(SMALL, SMALL);
  }

  /** How many bytes it takes on disk. */
  public long size() {
    return size.get();
  }

  /** How many deliveries are set aside. */
  public int asideCount() {
    return asideCount.get();
  }

  /** How many times a write was made sure of; for tests. */
  long syncs() {
    return syncs;
  }

  private double oldestAge() {
    long since = oldest;
    return since == 0 || depth() == 0 ? 0 : Math.max(0, clock.millis() - since) / 1000.0;
  }

  // The owner.

  private void run() {
    try {
      List<Append> batch = new ArrayList<>();
      List<Task> due = new ArrayList<>();
      while (take(batch, due)) {
        if (store == null && nanos.getAsLong() - reopenAt >= 0) {
          reopen();
        }
        write(batch);
        for (Task task : due) {
          perform(task);
        }
        tidy();
        batch.clear();
        due.clear();
      }
    } catch (RuntimeException | Error e) {
      log.error("The spool's thread ended", e);
      failure.completeExceptionally(e);
    } finally {
      end();
    }
  }

  private boolean take(List<Append> batch, List<Task> due) {
    lock.lock();
    try {
      long patience = left == head ? TIDY_NANOS : NOTE_NANOS;
      while (appends.isEmpty() && tasks.isEmpty() && !closing && patience > 0) {
        patience = work.awaitNanos(patience);
      }
      long bytes = 0;
      while (!appends.isEmpty() && batch.size() < BATCH_RECORDS && bytes < BATCH_BYTES) {
        Append append = appends.remove();
        bytes += append.estimate();
        batch.add(append);
      }
      while (!tasks.isEmpty()) {
        due.add(tasks.remove());
      }
      return !closing || !batch.isEmpty() || !due.isEmpty();
    } catch (InterruptedException e) {
      closing = true;
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void write(List<Append> batch) {
    if (batch.isEmpty()) {
      return;
    }
    SpoolStore opened = store;
    // Where there is no database, nothing was written, and that is known.
    Appended outcome = Appended.UNAVAILABLE;
    if (opened != null) {
      outcome = Appended.FAILED;
      try {
        List<byte[]> values = new ArrayList<>(batch.size());
        long bytes = 0;
        for (Append append : batch) {
          byte[] value = SpoolFormat.encode(append.record());
          bytes += value.length + OVERHEAD;
          values.add(value);
        }
        long start = nanos.getAsLong();
        opened.append(values);
        syncTime.record(nanos.getAsLong() - start, TimeUnit.NANOSECONDS);
        batchSize.record(batch.size());
        if (depth() == 0) {
          oldest = batch.get(0).record().receivedAt();
        }
        next = opened.next();
        size.addAndGet(bytes);
        sinceFlush += bytes;
        syncs = opened.syncs();
        outcome = Appended.DURABLE;
      } catch (RocksDBException e) {
        failed(e);
      }
    }
    settle(batch, outcome);
  }

  private void settle(List<Append> batch, Appended outcome) {
    long bytes = 0;
    for (Append append : batch) {
      bytes += append.estimate();
      if (outcome != Appended.DURABLE) {
        marks.decrementAndGet(append.slot());
      }
    }
    lock.lock();
    try {
      waitingBytes -= bytes;
    } finally {
      lock.unlock();
    }
    count(outcome, batch.size());
    for (Append append : batch) {
      append.done().accept(outcome);
    }
    if (outcome == Appended.DURABLE) {
      listener.run();
    }
  }

  private void perform(Task task) {
    try {
      task.run(store);
    } catch (RocksDBException e) {
      failed(e);
    }
  }

  private Stretch read(SpoolStore opened, long from, int records, long bytes) {
    List<Spooled> deliveries = new ArrayList<>();
    long sequence = from;
    long read = 0;
    while (sequence < opened.next()
        && deliveries.size() < records
        && (deliveries.isEmpty() || read < bytes)) {
      byte[] value = null;
      try {
        value = opened.get(sequence);
        if (value == null) {
          throw new SpoolFormat.UnreadableException("missing");
        }
        deliveries.add(new Spooled(sequence, SpoolFormat.decode(value), value.length));
        read += value.length;
      } catch (RocksDBException e) {
        if (!SpoolStore.isCorruption(e)) {
          failed(e);
          return new Stretch(deliveries, sequence);
        }
        unreadable(sequence, e);
      } catch (SpoolFormat.UnreadableException e) {
        if (value == null || !SpoolFormat.isIntact(value)) {
          unreadable(sequence, e);
        } else if (!foreign(opened, sequence, value, e)) {
          return new Stretch(deliveries, sequence);
        }
      }
      sequence++;
    }
    return new Stretch(deliveries, sequence);
  }

  /** One that another version wrote, and may read again. */
  private boolean foreign(SpoolStore opened, long sequence, byte[] value, Exception cause) {
    log.error(
        "A delivery in the spool is set aside: sequence={} cause={}", sequence, cause.getMessage());
    try {
      opened.setAside(sequence, value);
      asideCount.incrementAndGet();
      return true;
    } catch (RocksDBException e) {
      failed(e);
      return false;
    }
  }

  /** One that was counted as saved when the spool was opened, or as durable since. */
  private void unreadable(long sequence, Exception cause) {
    if (sequence < countedLost) {
      return;
    }
    lost.increment();
    log.error(
        "A delivery in the spool cannot be read: sequence={} cause={}",
        sequence,
        cause.getMessage());
    if (!preserved) {
      preserved = true;
      preserve();
    }
  }

  private void preserve() {
    try {
      Path links = directory.linkAside();
      if (links != null) {
        Path broken = directory.nameForBroken();
        Files.move(links, broken);
        log.error("The spool's files were kept as they are: kept={}", broken);
      }
    } catch (IOException e) {
      log.error("The spool's files could not be kept: cause={}", e.toString());
    }
  }

  // Failure and recovery.

  private void failed(RocksDBException e) {
    Status status = e.getStatus();
    log.error(
        "The spool cannot be written: it takes nothing until it can: cause={} code={}",
        e.getMessage(),
        status == null ? "none" : status.getCodeString());
    SpoolStore opened = store;
    store = null;
    unwritable =
        status != null && status.getSubCode() == Status.SubCode.NoSpace
            ? Appended.FULL
            : Appended.UNAVAILABLE;
    writable = false;
    if (opened != null) {
      opened.abandon();
    }
    retryLater();
  }

  private void retryLater() {
    try {
      // What it takes to read and remove deliveries on a full disk.
      directory.giveReserve();
    } catch (IOException e) {
      log.debug("The reserve could not be given up", e);
    }
    pause = Math.clamp(2 * pause, TIDY_NANOS / 4, LONGEST_PAUSE_NANOS);
    reopenAt = nanos.getAsLong() + pause;
  }

  /** Takes stock of what an opening finds. */
  private final class Inventory implements SpoolStore.Visitor {
    private final long known = next;
    private final List<Integer> marked = new ArrayList<>();
    private long oldestFound;

    @Override
    public void restart() {
      for (int slot : marked) {
        marks.decrementAndGet(slot);
      }
      marked.clear();
      oldestFound = 0;
    }

    @Override
    public void delivery(long sequence, byte[] value) {
      // What was there before the database was closed has its mark, or is with the producer.
      boolean isNew = sequence >= known;
      if (!isNew && oldestFound != 0) {
        return;
      }
      try {
        LandingRecord record = SpoolFormat.decode(value);
        if (oldestFound == 0) {
          oldestFound = record.receivedAt();
        }
        if (isNew) {
          int slot = slot(record.key());
          marks.incrementAndGet(slot);
          marked.add(slot);
        }
      } catch (SpoolFormat.UnreadableException e) {
        // Reported when it is its turn.
      }
    }
  }

  private void reopen() {
    try {
      Inventory inventory = new Inventory();
      SpoolRecovery.Opened opened = new SpoolRecovery(directory, writeBuffer).open(inventory);
      store = opened.store();
      head = opened.store().head();
      left = Math.max(left, head);
      if (opened.store().next() < next) {
        // A number is given once: what the drain has passed by is not read again.
        opened.store().position(head, next);
      }
      next = opened.store().next();
      oldest = inventory.oldestFound;
      size.set(directory.size());
      pause = 0;
      unopened.ends("The spool could be opened");
      report(opened);
      restoreAside(opened.store());
      makeReserve();
    } catch (RocksDBException | IOException e) {
      unopened.holds(
          "The spool cannot be opened: it takes nothing until it can: cause=" + e.getMessage());
      retryLater();
    }
  }

  private void report(SpoolRecovery.Opened opened) {
    lost.increment((double) opened.lost());
    if (opened.lost() > 0) {
      countedLost = opened.store().next();
    }
    if (opened.lost() > 0 || opened.broken() != null) {
      log.error(
          "The spool was broken: saved={} lost={} kept={}",
          opened.saved(),
          opened.lost(),
          opened.broken());
    } else {
      log.info("The spool is open: deliveries={} bytes={}", opened.saved(), size.get());
    }
  }

  /** What was set aside is tried again, once a start. */
  private void restoreAside(SpoolStore opened) throws RocksDBException {
    if (asideRestored) {
      asideCount.set(opened.allAside().size());
      return;
    }
    asideRestored = true;
    for (var entry : opened.allAside().entrySet()) {
      opened.append(List.of(entry.getValue()));
      opened.removeAside(entry.getKey());
      try {
        marks.incrementAndGet(slot(SpoolFormat.decode(entry.getValue()).key()));
      } catch (SpoolFormat.UnreadableException e) {
        log.debug("Unreadable, and no obstacle", e);
      }
    }
    next = opened.next();
  }

  private void makeReserve() {
    try {
      directory.makeReserve(2 * writeBuffer);
      if (!writable) {
        writable = true;
        log.info("The spool takes deliveries");
      }
      wantsSpace.ends("The spool has space again");
    } catch (IOException e) {
      unwritable = Appended.FULL;
      writable = false;
      wantsSpace.holds("The spool takes nothing, for want of space: cause=" + e);
    }
  }

  // Chores.

  private void tidy() {
    SpoolStore opened = store;
    long now = nanos.getAsLong();
    if (opened == null) {
      return;
    }
    try {
      if (left != opened.head() && (now - notedAt >= NOTE_NANOS)) {
        notedAt = now;
        opened.leave(Math.min(left, opened.next()));
        head = opened.head();
        oldest = receivedAt(opened, head);
      }
      if (now - tidiedAt >= TIDY_NANOS) {
        tidiedAt = now;
        boolean empty = opened.head() == opened.next();
        opened.reclaim(empty && sinceFlush > writeBuffer / 4);
        if (empty) {
          sinceFlush = 0;
        }
        size.set(directory.size());
        if (!writable) {
          makeReserve();
        }
      }
    } catch (RocksDBException e) {
      failed(e);
    }
  }

  private static long receivedAt(SpoolStore opened, long sequence) {
    try {
      byte[] value = sequence < opened.next() ? opened.get(sequence) : null;
      return value == null ? 0 : SpoolFormat.decode(value).receivedAt();
    } catch (RocksDBException | SpoolFormat.UnreadableException e) {
      return 0;
    }
  }

  private void end() {
    SpoolStore opened = store;
    store = null;
    unwritable = Appended.UNAVAILABLE;
    writable = false;
    if (opened != null) {
      try {
        opened.leave(Math.min(left, opened.next()));
      } catch (RocksDBException e) {
        log.debug("What has left will be sent once more", e);
      }
      opened.close();
    }
    directory.close();
  }

  /**
   * Fails if the spool can do nothing any more, by a mistake of its own or for want of memory: the
   * process had better be replaced. A disk that fails is no such thing.
   */
  public CompletableFuture<Void> failure() {
    return failure;
  }

  /** Writes what waits, then closes. Waits for three seconds at most; for a worker thread. */
  @Override
  public void close() {
    lock.lock();
    try {
      closing = true;
      work.signal();
    } finally {
      lock.unlock();
    }
    try {
      if (!owner.join(CLOSE_PATIENCE)) {
        log.error("The spool's disk does not answer; what was acknowledged is on it");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
