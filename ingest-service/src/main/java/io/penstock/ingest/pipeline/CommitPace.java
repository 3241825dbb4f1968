package io.penstock.ingest.pipeline;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.LongSupplier;
import org.apache.kafka.streams.processor.api.ProcessorContext;

/**
 * Has what one stream thread processed committed soon while there is little to do, since consumers
 * see an event only once it is committed. A thread that asks Kafka for more has processed
 * everything that it had; that is when it commits, some milliseconds after the last commit at the
 * earliest. While there is a backlog, {@code commit.interval.ms} alone decides, since each commit
 * takes time from it. For one thread.
 */
final class CommitPace {

  /** From the end of one commit to the next: at least half of a busy thread's time is for work. */
  static final Duration PAUSE = Duration.ofMillis(10);

  /** So many records of one poll say that more are waiting: half of what Streams asks for. */
  static final int BACKLOG = 500;

  private final LongSupplier nanos;

  /** The tasks that have processed something since the last request, by their contexts. */
  private final Set<ProcessorContext<?, ?>> uncommitted = new LinkedHashSet<>();

  private boolean isRequested;
  private long committedAt;
  private int polled;

  /**
   * @param nanos a clock that only counts on
   */
  CommitPace(LongSupplier nanos) {
    this.nanos = nanos;
    this.committedAt = nanos.getAsLong() - PAUSE.toNanos();
  }

  /** A task has processed a record. */
  void processed(ProcessorContext<?, ?> task) {
    uncommitted.add(task);
  }

  /**
   * The thread is about to ask Kafka for more records.
   *
   * @param timeout for which it would wait
   * @return for which it should
   */
  Duration beforePoll(Duration timeout) {
    long now = nanos.getAsLong();
    if (isRequested) {
      isRequested = false;
      committedAt = now;
    }
    if (uncommitted.isEmpty() || polled >= BACKLOG) {
      return timeout;
    }
    Duration left = PAUSE.minusNanos(now - committedAt);
    if (left.isPositive()) {
      return left.compareTo(timeout) < 0 ? left : timeout;
    }
    uncommitted.forEach(ProcessorContext::commit);
    uncommitted.clear();
    isRequested = true;
    return Duration.ZERO; // Streams commits when this poll is done
  }

  /**
   * Kafka has answered.
   *
   * @param records how many there are
   */
  void afterPoll(int records) {
    polled = records;
  }
}
