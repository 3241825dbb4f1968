package io.penstock.ingest.pipeline;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.DoubleSupplier;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of the stream application, from its start until it stops for good or is stopped. {@link
 * #run} belongs to one thread; the questions may be asked by any.
 */
final class StreamsRun {

  private static final Logger log = LoggerFactory.getLogger(StreamsRun.class);

  /** How often the meters are bound anew: after a rebalance, new partitions' lag shows so late. */
  private static final Duration METERS_REFRESH = Duration.ofSeconds(10);

  private static final Duration LOOK = Duration.ofSeconds(1);

  /** How long the application may take to close. */
  static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(8);

  private final KafkaStreams streams;
  private final StreamFailures failures;
  private final Progress progress;
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile KafkaStreams.State state = KafkaStreams.State.CREATED;

  /**
   * @param streams not started yet
   * @param processed how many records have been processed; only ever more
   */
  StreamsRun(KafkaStreams streams, StreamFailures failures, DoubleSupplier processed) {
    this.streams = streams;
    this.failures = failures;
    this.progress = new Progress(processed, System::nanoTime);
    streams.setUncaughtExceptionHandler(failures);
    streams.setStateListener((next, last) -> changed(last, next));
  }

  private void changed(KafkaStreams.State last, KafkaStreams.State next) {
    state = next;
    progress.changed(next);
    log.atInfo()
        .addKeyValue("from", last)
        .addKeyValue("to", next)
        .log("The pipeline changed state");
    if (next == KafkaStreams.State.ERROR || next == KafkaStreams.State.NOT_RUNNING) {
      ended.countDown();
    }
  }

  /** Whether the landing log is being read; see {@link Progress}. */
  boolean isRunning() {
    return progress.isRunning();
  }

  KafkaStreams.State state() {
    return state;
  }

  /** What is done beside the run, about once a second. */
  interface Chore {
    void look() throws InterruptedException;
  }

  /**
   * Runs the application and closes it.
   *
   * @param started called once it is started
   * @throws Error if that is what it died of
   */
  void run(MeterRegistry registry, StopSignal stop, Runnable started, Chore chore)
      throws InterruptedException {
    try (ScheduledExecutorService updates =
            Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("pipeline-meters").factory());
        KafkaStreamsMetrics metrics =
            new KafkaStreamsMetrics(streams, List.of(), updates, METERS_REFRESH)) {
      metrics.bindTo(registry);
      streams.start();
      started.run();
      while (ended.getCount() > 0 && !stop.await(LOOK)) {
        chore.look();
      }
    } finally {
      // The group is left, so that another instance takes the partitions over at once.
      streams.close(
          CloseOptions.timeout(CLOSE_TIMEOUT)
              .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
      state = KafkaStreams.State.NOT_RUNNING;
      progress.changed(KafkaStreams.State.NOT_RUNNING);
    }
    @Nullable Error error = failures.fatal();
    if (error != null) {
      throw error;
    }
  }
}
