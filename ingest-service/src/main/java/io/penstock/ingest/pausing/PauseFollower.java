package io.penstock.ingest.pausing;

import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.observability.FailureText;
import io.penstock.ingest.observability.LastingWarning;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the control topic for as long as the process runs, on a thread of its own. Once the topic
 * has been read, its states stay known: while Kafka is away, the last ones count. {@link #current}
 * never waits and may be called by any thread; the rest belongs to the owner's.
 *
 * <p>It is a plain consumer, and no global store of Kafka Streams: such a store would stop the
 * whole application where the topic is missing, and would number the application's tasks anew.
 */
public final class PauseFollower implements AutoCloseable, Supplier<PausedSources> {

  private static final Logger log = LoggerFactory.getLogger(PauseFollower.class);

  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** Between two attempts while Kafka does not answer. */
  private static final Duration RETRY = Duration.ofSeconds(1);

  /** So many looks come soon: a topic that was just created is not known to all brokers yet. */
  private static final int SOON = 5;

  /** Between two later looks whether there is a topic by now. */
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(10);

  private static final Duration END = Duration.ofSeconds(3);

  private final Supplier<ControlTopic> topics;
  private final LongConsumer ignored;
  private final Thread thread;
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final CompletableFuture<PausedSources> first = new CompletableFuture<>();
  private final AtomicReference<@Nullable ControlTopic> reading = new AtomicReference<>();
  private final LastingWarning notRead = new LastingWarning(log, System::nanoTime);
  private int looks;
  private volatile PausedSources current =
      new PausedSources.Unavailable("the control topic has not been read yet");

  /**
   * Does nothing yet: see {@link #start}.
   *
   * @param ignored told of records that could not be read, how many; called by this thread
   */
  public PauseFollower(Configuration configuration, LongConsumer ignored) {
    this(() -> new ControlTopic(configuration, "penstock-pauses"), ignored);
  }

  PauseFollower(Supplier<ControlTopic> topics, LongConsumer ignored) {
    this.topics = topics;
    this.ignored = ignored;
    this.thread = new Thread(this::run, "pause-follower");
    thread.setDaemon(true);
  }

  /** Begins to follow; returns at once. */
  public void start() {
    thread.start();
  }

  /** What is known now. */
  @Override
  public PausedSources get() {
    return current;
  }

  /**
   * Waits until the topic was read once, or is known not to be there.
   *
   * @return whether that is so
   */
  public boolean awaitFirst(Duration timeout) throws InterruptedException {
    try {
      first.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("it is never completed with a failure", e);
    }
  }

  private void run() {
    while (!isStopping()) {
      Duration pause = RETRY;
      try (ControlTopic topic = topics.get()) {
        reading.set(topic);
        pause = follow(topic);
      } catch (KafkaException e) {
        if (!isStopping()) {
          notRead.holds("The control topic could not be read", "cause", FailureText.of(e));
        }
      } catch (RuntimeException e) {
        // It must not end while the pipeline runs on: a source would stay paused for good.
        log.error("The control topic could not be followed, and is tried again", e);
      } finally {
        reading.set(null);
      }
      pause(pause);
    }
  }

  /**
   * Follows the topic until the process stops or Kafka fails.
   *
   * @return how long to wait before the next attempt
   */
  private Duration follow(ControlTopic topic) {
    PausedSources read = topic.readToEnd(PATIENCE, System::nanoTime);
    long told = topic.ignored();
    ignored.accept(told);
    if (read instanceof PausedSources.Unavailable unavailable) {
      if (!(current instanceof PausedSources.Known)) {
        current = unavailable;
      }
      first.complete(unavailable);
      looks++;
      if (looks <= SOON) {
        return RETRY; // a pipeline that has just started may be about to create it
      }
      notRead.holds("Sources cannot be paused", "cause", unavailable.why());
      return LOOK_AGAIN;
    }
    notRead.ends("The control topic is read");
    changed(read);
    first.complete(read);
    while (!isStopping()) {
      if (topic.poll(POLL)) {
        ignored.accept(topic.ignored() - told);
        told = topic.ignored();
        changed(topic.known());
      }
    }
    return Duration.ZERO;
  }

  private void changed(PausedSources next) {
    PausedSources before = current;
    current = next;
    if (next instanceof PausedSources.Known known) {
      known
          .sorted()
          .forEach(
              (source, state) -> {
                if (before.isPaused(source) != state.isPaused()) {
                  log.atInfo()
                      .addKeyValue("source", source)
                      .addKeyValue("state", state.decision().word())
                      .addKeyValue("since", state.since())
                      .addKeyValue("by", state.by())
                      .addKeyValue("reason", state.reason())
                      .log("A source was paused or resumed");
                }
              });
    }
  }

  private boolean isStopping() {
    return stopping.getCount() == 0;
  }

  private void pause(Duration time) {
    try {
      boolean unused = stopping.await(time.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      stopping.countDown();
    }
  }

  /** Stops following, also where it never began; waits for the thread, for a bounded time. */
  @Override
  public void close() {
    stopping.countDown();
    ControlTopic topic = reading.get();
    if (topic != null) {
      topic.wakeup();
    }
    if (thread.getState() == Thread.State.NEW) {
      return; // a thread that never ran cannot be waited for
    }
    try {
      thread.join(END);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
