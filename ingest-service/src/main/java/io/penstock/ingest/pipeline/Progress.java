package io.penstock.ingest.pipeline;

import java.time.Duration;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.apache.kafka.streams.KafkaStreams;

/**
 * Whether a stream application reads its log: by what it has processed, where its state leaves that
 * open. While partitions move or a store is restored, the state says "rebalancing", and whatever
 * did not move is processed all the same. Safe for use by any number of threads.
 */
final class Progress {

  /** For how long nothing may be processed while partitions move. */
  private static final long PATIENCE_NANOS = Duration.ofSeconds(30).toNanos();

  private final DoubleSupplier processed;
  private final LongSupplier nanos;
  private KafkaStreams.State state = KafkaStreams.State.CREATED;
  private boolean wasRunning;
  private double lastCount;
  private long lastProgress;

  /**
   * @param processed how many records have been processed; only ever more
   * @param nanos a clock that only counts on
   */
  Progress(DoubleSupplier processed, LongSupplier nanos) {
    this.processed = processed;
    this.nanos = nanos;
  }

  /** The application is in another state. */
  synchronized void changed(KafkaStreams.State next) {
    if (state == KafkaStreams.State.RUNNING || next == KafkaStreams.State.RUNNING) {
      lastProgress = nanos.getAsLong();
    }
    state = next;
    switch (next) {
      case RUNNING -> wasRunning = true;
      case REBALANCING -> {}
      case CREATED, PENDING_SHUTDOWN, NOT_RUNNING, PENDING_ERROR, ERROR -> wasRunning = false;
    }
  }

  /** Whether the log is being read; to be asked about once a second. */
  synchronized boolean isRunning() {
    double count = processed.getAsDouble();
    long now = nanos.getAsLong();
    if (count > lastCount) {
      lastProgress = now;
    }
    lastCount = count;
    return state == KafkaStreams.State.RUNNING
        || (state == KafkaStreams.State.REBALANCING
            && wasRunning
            && now - lastProgress <= PATIENCE_NANOS);
  }
}
