package io.penstock.ingest.console.live;

import io.penstock.ingest.cluster.ClientProperties;
import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.provider.Provider;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Follows the landing log, the providers' topics and the dead letters, and tells a {@link
 * LiveBoard}. One thread, one consumer without a group, committed records only: following changes
 * nothing in Kafka. Reads headers alone, and keeps no body.
 *
 * <p>When it is too far behind, it goes on near the end and counts what it left out. When Kafka
 * does not answer, it says so on the board and tries again.
 */
public final class LiveFeed implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(LiveFeed.class);

  private static final Duration PATIENCE = Duration.ofSeconds(15);
  private static final Duration LEAST_WAIT = Duration.ofSeconds(1);
  private static final Duration MOST_WAIT = Duration.ofSeconds(5);

  private final Configuration configuration;
  private final LiveBoard board;
  private final Supplier<Set<String>> paused;
  private final LiveListener listener;
  private final InstantSource clock;
  private final Names names;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;
  private volatile @Nullable Consumer<byte[], byte[]> consumer;

  /**
   * What is followed.
   *
   * @param topics all of them
   * @param group of the pipeline, whose progress is asked for
   */
  record Names(String inbound, String deadLetters, List<String> topics, String group) {

    static Names of(Topics topics, Collection<Provider> providers) {
      List<String> all = new ArrayList<>(List.of(topics.inbound(), topics.deadLetter()));
      providers.forEach(provider -> all.add(topics.events(provider)));
      return new Names(topics.inbound(), topics.deadLetter(), List.copyOf(all), topics.group());
    }
  }

  /**
   * Connects to nothing before {@link #start}.
   *
   * @param paused the names of the sources that are paused now
   * @param listener gets what is read
   */
  public LiveFeed(
      Configuration configuration,
      Collection<Provider> providers,
      LiveBoard board,
      Supplier<Set<String>> paused,
      LiveListener listener,
      InstantSource clock) {
    this.paused = paused;
    this.listener = listener;
    this.configuration = configuration;
    this.board = board;
    this.clock = clock;
    names = Names.of(new Topics(configuration.topics().prefix()), providers);
    thread = new Thread(this::run, "penstock-live");
    thread.setDaemon(true);
  }

  /** Begins to follow, on a thread of its own. */
  public void start() {
    thread.start();
  }

  private void run() {
    Duration wait = LEAST_WAIT;
    try {
      do {
        try (Consumer<byte[], byte[]> opened = consumer();
            Admin admin = admin()) {
          consumer = opened;
          if (closed.getCount() == 0) {
            return;
          }
          new LiveReader(names, board, paused, listener, clock, opened, admin)
              .follow(() -> closed.getCount() > 0);
          return;
        } catch (WakeupException | InterruptException e) {
          return;
        } catch (KafkaException e) {
          wait = broken(e, wait);
          // Topics that are not there yet are created by the ingress or the pipeline at its start.
          log.atLevel(e instanceof UnknownTopicOrPartitionException ? Level.INFO : Level.WARN)
              .addKeyValue("failure", e.getClass().getSimpleName())
              .log("The console cannot follow the topics, and tries again");
        } catch (RuntimeException e) {
          wait = broken(e, wait);
          log.atError().setCause(e).log("The console failed to follow the topics, and tries again");
        }
        wait = wait.multipliedBy(2).compareTo(MOST_WAIT) < 0 ? wait.multipliedBy(2) : MOST_WAIT;
      } while (!closed.await(wait.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Duration broken(RuntimeException e, Duration wait) {
    if (board.summary().following() instanceof Following.Broken) {
      return wait;
    }
    board.following(new Following.Broken(clock.millis(), e.getClass().getSimpleName()));
    return LEAST_WAIT;
  }

  private Consumer<byte[], byte[]> consumer() {
    Properties properties =
        ClientProperties.ofReader(configuration.kafka(), "penstock-console-live", PATIENCE);
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "latest");
    properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 2_000);
    // The heap that bodies take until their headers are read.
    properties.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 8 << 20);
    properties.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 1 << 20);
    properties.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 250);
    return new KafkaConsumer<>(
        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private Admin admin() {
    Properties properties = ClientProperties.of(configuration.kafka());
    properties.put("client.id", "penstock-console-live-admin");
    properties.put("default.api.timeout.ms", (int) PATIENCE.toMillis());
    properties.put("request.timeout.ms", (int) PATIENCE.toMillis() / 3);
    return Admin.create(properties);
  }

  /** Stops, also where it never began, and waits a few seconds for the thread's end. */
  @Override
  public void close() {
    closed.countDown();
    Consumer<byte[], byte[]> open = consumer;
    if (open != null) {
      open.wakeup();
    }
    if (thread.getState() == Thread.State.NEW) {
      return; // a thread that never ran cannot be waited for
    }
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
