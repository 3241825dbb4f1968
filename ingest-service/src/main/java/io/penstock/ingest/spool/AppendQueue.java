package io.penstock.ingest.spool;

import io.penstock.ingest.spool.Spool.Appended;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What waits for the writer. Safe for use by any number of threads. */
final class AppendQueue {

  private static final Logger log = LoggerFactory.getLogger(AppendQueue.class);

  private static final int BATCH_RECORDS = 4096;
  private static final long BATCH_BYTES = 8L * 1024 * 1024;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final ArrayDeque<Append> appends = new ArrayDeque<>();
  private final ArrayDeque<Task> tasks = new ArrayDeque<>();
  private long waitingBytes;
  private boolean closed;

  /**
   * A value that is to be appended. Its callback is called once, by the thread that settles it
   * first.
   */
  static final class Append implements Lane.LaneValue {
    private final int lane;
    private final byte[] bytes;
    private final long receivedAt;
    private final Consumer<Appended> done;
    private final AtomicBoolean settled = new AtomicBoolean();

    Append(int lane, byte[] bytes, long receivedAt, Consumer<Appended> done) {
      this.lane = lane;
      this.bytes = bytes;
      this.receivedAt = receivedAt;
      this.done = done;
    }

    int lane() {
      return lane;
    }

    @Override
    public byte[] bytes() {
      return bytes;
    }

    @Override
    public long receivedAt() {
      return receivedAt;
    }

    /** Counts the outcome and reports it, unless that was done before. */
    void settle(Appended outcome, SpoolMeters meters) {
      if (settled.compareAndSet(false, true)) {
        meters.appended(outcome);
        try {
          done.accept(outcome);
        } catch (RuntimeException e) {
          log.error("The receiver of an append's outcome failed", e);
        }
      }
    }
  }

  /** Something else for the writer. */
  interface Task {
    void run();

    /** Called instead of {@link #run} if the spool closes before. */
    void cancel();
  }

  /** Adds an append if its size is accepted with what waits; false if it is not, or closed. */
  boolean add(Append append, LongPredicate fits) {
    lock.lock();
    try {
      long size = Frames.size(append.bytes());
      if (closed || !fits.test(waitingBytes + size)) {
        return false;
      }
      waitingBytes += size;
      appends.add(append);
      work.signal();
      return true;
    } finally {
      lock.unlock();
    }
  }

  void add(Task task) {
    boolean added = false;
    lock.lock();
    try {
      if (!closed) {
        added = tasks.add(task);
        work.signal();
      }
    } finally {
      lock.unlock();
    }
    if (!added) {
      task.cancel();
    }
  }

  /**
   * Waits for work.
   *
   * @param batch takes what is to be written together
   * @param due takes the tasks
   * @param patience how long to wait, in nanoseconds
   * @return false once the queue is closed and empty
   */
  boolean take(List<Append> batch, List<Task> due, long patience) throws InterruptedException {
    lock.lock();
    try {
      long left = patience;
      while (appends.isEmpty() && tasks.isEmpty() && !closed && left > 0) {
        left = work.awaitNanos(left);
      }
      long bytes = 0;
      while (!appends.isEmpty() && batch.size() < BATCH_RECORDS && bytes < BATCH_BYTES) {
        Append append = appends.remove();
        bytes += Frames.size(append.bytes());
        batch.add(append);
      }
      due.addAll(tasks);
      tasks.clear();
      return !closed || !batch.isEmpty() || !due.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** What was taken is on the disk, or never will be. */
  void written(long bytes) {
    lock.lock();
    try {
      waitingBytes -= bytes;
    } finally {
      lock.unlock();
    }
  }

  boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /** Takes nothing more. */
  void close() {
    lock.lock();
    try {
      closed = true;
      work.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Removes everything; for when the writer does not come any more. */
  List<Append> abandon() {
    close();
    List<Append> left;
    List<Task> cancelled;
    lock.lock();
    try {
      left = new ArrayList<>(appends);
      appends.clear();
      cancelled = new ArrayList<>(tasks);
      tasks.clear();
    } finally {
      lock.unlock();
    }
    cancelled.forEach(Task::cancel);
    return left;
  }
}
