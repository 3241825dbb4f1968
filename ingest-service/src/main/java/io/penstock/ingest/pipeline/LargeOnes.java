package io.penstock.ingest.pipeline;

import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Has large records decoded one at a time in this process: each takes ten times its size for a
 * while. Safe for use by any number of threads.
 */
final class LargeOnes {

  private static final int LARGE = 1024 * 1024;

  private final Lock lock = new ReentrantLock();

  /**
   * Makes something of a record's value, alone if that is large.
   *
   * @param value null for a record without one
   */
  <T> T make(byte @Nullable [] value, Supplier<T> work) {
    if (value == null || value.length <= LARGE) {
      return work.get();
    }
    lock.lock();
    try {
      return work.get();
    } finally {
      lock.unlock();
    }
  }
}
