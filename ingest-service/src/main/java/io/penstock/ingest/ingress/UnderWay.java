package io.penstock.ingest.ingress;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Counts the requests that are under way, so that a shutdown can wait for them. Safe for use by any
 * number of threads. No request takes the lock before the shutdown begins.
 */
final class UnderWay {

  private static final long CLOSED = 1;
  private static final long ONE = 2;

  /** The number of requests in the upper 63 bits, and whether it is closed in the lowest. */
  private final AtomicLong state = new AtomicLong();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition empty = lock.newCondition();

  /** Counts a request in; false once closed. */
  boolean enter() {
    if ((state.getAndAdd(ONE) & CLOSED) == 0) {
      return true;
    }
    leave();
    return false;
  }

  /** A request that was counted in is no longer under way. */
  void leave() {
    if (state.addAndGet(-ONE) == CLOSED) {
      lock.lock();
      try {
        empty.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * Counts no more in, and waits until those that are under way have left. Blocks: not for an event
   * loop.
   *
   * @return whether all left in time
   */
  boolean drain(Duration timeout) throws InterruptedException {
    long left = timeout.toNanos();
    lock.lock();
    try {
      state.accumulateAndGet(CLOSED, (before, closed) -> before | closed);
      while (state.get() != CLOSED && left > 0) {
        left = empty.awaitNanos(left);
      }
      return state.get() == CLOSED;
    } finally {
      lock.unlock();
    }
  }
}
