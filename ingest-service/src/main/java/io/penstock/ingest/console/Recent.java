package io.penstock.ingest.console;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what was read for a short time, so that many open pages cost no more than one. Those who
 * ask while it is being read wait for that reading, each only for so long. Safe for use by any
 * number of threads.
 */
public final class Recent<T> {

  private final Duration life;
  private final Duration patience;
  private final LongSupplier nanos;
  private final Supplier<T> reader;
  private final Supplier<T> late;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable T value;
  private long readAt;
  private @Nullable CompletableFuture<T> reading;

  /** Counts readings: what is forgotten while it is read is not kept. */
  private long round;

  /**
   * One that is waited for until it is read.
   *
   * @param life how long it is kept
   * @param nanos a clock that only counts on
   * @param reader ends by itself; called on a virtual thread
   */
  public Recent(Duration life, LongSupplier nanos, Supplier<T> reader) {
    this(life, nanos, reader, Duration.ofDays(1), reader);
  }

  /**
   * One that a page does without where it takes too long.
   *
   * @param patience how long one page waits
   * @param late what it gets then; the reading goes on, for those who ask later
   */
  public Recent(
      Duration life, LongSupplier nanos, Supplier<T> reader, Duration patience, Supplier<T> late) {
    this.life = life;
    this.patience = patience;
    this.nanos = nanos;
    this.reader = reader;
    this.late = late;
  }

  /** What is asked for next is read again: something has changed. */
  public void forget() {
    lock.lock();
    try {
      value = null;
      reading = null;
      round++;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Begins to read if that is needed, and does not wait; for several that are asked for in turn.
   */
  public void begin() {
    var unused = current();
  }

  /** What was read within its life, or is read now. Blocks. */
  public T get() {
    try {
      return current().get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return late.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private CompletableFuture<T> current() {
    lock.lock();
    try {
      T kept = value;
      if (kept != null && nanos.getAsLong() - readAt <= life.toNanos()) {
        return CompletableFuture.completedFuture(kept);
      }
      CompletableFuture<T> running = reading;
      if (running == null) {
        CompletableFuture<T> begun = new CompletableFuture<>();
        reading = begun;
        running = begun;
        long own = ++round;
        Thread.ofVirtual().name("console-read").start(() -> read(begun, own));
      }
      return running;
    } finally {
      lock.unlock();
    }
  }

  private void read(CompletableFuture<T> begun, long own) {
    try {
      T found = reader.get();
      lock.lock();
      try {
        if (round == own) { // else it was forgotten meanwhile
          value = found;
          readAt = nanos.getAsLong();
          reading = null;
        }
      } finally {
        lock.unlock();
      }
      begun.complete(found);
    } catch (RuntimeException | Error e) {
      lock.lock();
      try {
        if (round == own) {
          reading = null;
        }
      } finally {
        lock.unlock();
      }
      begun.completeExceptionally(e);
    }
  }
}
