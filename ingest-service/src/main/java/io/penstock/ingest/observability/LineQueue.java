package io.penstock.ingest.observability;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Log lines that are complete, and that a thread of its own writes, all that have come at once: a
 * thread to wake up and a call of the system for each line cost more than the line. After it has
 * written, the thread leaves ten milliseconds for others to come, so no line waits for longer than
 * that while the log is read.
 *
 * <p>The queue is bounded. Nothing waits for room in it: a line that finds none is dropped and
 * counted. Safe for use by any number of threads.
 */
public final class LineQueue implements AutoCloseable {

  /** In bytes: some eight thousand lines. */
  private static final int MOST = 4 * 1024 * 1024;

  private static final int FIRST = 64 * 1024;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  /** How long {@link #close} waits for what is to be written. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /** Where the lines go; may block. */
  public interface Destination {

    /**
     * Writes whole lines.
     *
     * @param length how many bytes of the array are lines, from its start
     */
    void write(byte[] lines, int length);
  }

  private final Destination destination;
  private final Thread writer;

  /** Held for a copy of a line, or for an exchange of two arrays. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Condition someCame = lock.newCondition();
  private byte[] filling = new byte[FIRST];
  private int filled;
  private long dropped;
  private boolean isAwaited;
  private boolean closed;

  private LineQueue(Destination destination) {
    this.destination = destination;
    this.writer = Thread.ofPlatform().daemon().name("delivery-lines").unstarted(this::write);
  }

  /** A queue whose thread runs until {@link #close}. */
  public static LineQueue to(Destination destination) {
    LineQueue queue = new LineQueue(destination);
    queue.writer.start();
    return queue;
  }

  /**
   * Takes a copy of a line. Never waits for the reader of the log.
   *
   * @param length how many bytes of the array are the line with its end, from its start
   */
  public void add(byte[] line, int length) {
    lock.lock();
    try {
      if (closed || !hasRoom(length)) {
        dropped++;
        return;
      }
      System.arraycopy(line, 0, filling, filled, length);
      filled += length;
      if (isAwaited) {
        isAwaited = false;
        someCame.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean hasRoom(int length) {
    int then = filled + length;
    if (then > MOST) {
      return false;
    }
    if (then > filling.length) {
      filling = Arrays.copyOf(filling, Math.min(MOST, Math.max(then, 2 * filling.length)));
    }
    return true;
  }

  /** How many lines were dropped. */
  public long dropped() {
    lock.lock();
    try {
      return dropped;
    } finally {
      lock.unlock();
    }
  }

  private void write() {
    byte[] lines = new byte[FIRST];
    while (true) {
      int length;
      lock.lock();
      try {
        while (filled == 0 && !closed) {
          isAwaited = true;
          someCame.awaitUninterruptibly();
        }
        if (filled == 0) {
          return;
        }
        byte[] empty = lines;
        lines = filling;
        length = filled;
        filling = empty;
        filled = 0;
      } finally {
        lock.unlock();
      }
      destination.write(lines, length);
      if (lines.length > FIRST) {
        lines = new byte[FIRST]; // a reader that was slow once costs no memory for ever
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  /** Takes no more lines, and waits until those that it has are written: two seconds at most. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      someCame.signal();
    } finally {
      lock.unlock();
    }
    LockSupport.unpark(writer);
    try {
      writer.join(PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
