package io.penstock.ingest.console;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what was read for a short time, so that many open pages cost no more than one. Those who
 * ask while it is being read wait for that reading. Safe for use by any number of threads.
 */
public final class Recent<T> {

  private final Duration life;
  private final LongSupplier nanos;
  private final Supplier<T> reader;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable T value;
  private long readAt;

  /**
   * @param nanos a clock that only counts on
   * @param reader may block; never on an event loop
   */
  public Recent(Duration life, LongSupplier nanos, Supplier<T> reader) {
    this.life = life;
    this.nanos = nanos;
    this.reader = reader;
  }

  /** What is asked for next is read again: something has changed. */
  public void forget() {
    lock.lock();
    try {
      value = null;
    } finally {
      lock.unlock();
    }
  }

  /** What was read within its life, or is read now. */
  public T get() {
    lock.lock();
    try {
      T kept = value;
      if (kept == null || nanos.getAsLong() - readAt > life.toNanos()) {
        kept = reader.get();
        value = kept;
        readAt = nanos.getAsLong();
      }
      return kept;
    } finally {
      lock.unlock();
    }
  }
}
