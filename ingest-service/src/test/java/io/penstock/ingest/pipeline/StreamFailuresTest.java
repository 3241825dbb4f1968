package io.penstock.ingest.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.ingest.cluster.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaClientSupplier;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A stream thread that throws is replaced, and its end does not end the process. With the real
 * Kafka Streams, whose consumers throw at each poll.
 */
class StreamFailuresTest {

  private static final Topics TOPICS = new Topics("test");
  private static final Duration LONG = Duration.ofMinutes(1);

  @TempDir private Path stateDirectory;

  /** The threads that have polled, each of which then throws. */
  private final List<Thread> polling = new CopyOnWriteArrayList<>();

  /** Hears, as the process's default handler would, what threads have died of. */
  private static final class Deaths extends ThreadGroup {
    private final Queue<Throwable> heard = new ConcurrentLinkedQueue<>();

    Deaths() {
      super("deaths");
    }

    @Override
    public void uncaughtException(Thread thread, Throwable cause) {
      heard.add(cause);
    }
  }

  private final class FailingConsumer extends MockConsumer<byte[], byte[]> {

    FailingConsumer() {
      super("earliest");
    }

    @Override
    public synchronized ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
      polling.add(Thread.currentThread());
      throw new IllegalStateException("a test's failure");
    }
  }

  private final class FailingClients implements KafkaClientSupplier {

    @Override
    public Admin getAdmin(Map<String, Object> configuration) {
      return Admin.create(configuration);
    }

    @Override
    public Producer<byte[], byte[]> getProducer(Map<String, Object> configuration) {
      return new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    }

    @Override
    public Consumer<byte[], byte[]> getConsumer(Map<String, Object> configuration) {
      return new FailingConsumer();
    }

    @Override
    public Consumer<byte[], byte[]> getRestoreConsumer(Map<String, Object> configuration) {
      return new MockConsumer<>("earliest");
    }

    @Override
    public Consumer<byte[], byte[]> getGlobalConsumer(Map<String, Object> configuration) {
      return new MockConsumer<>("earliest");
    }
  }

  private KafkaStreams streams() {
    Topology topology = new Topology();
    var bytes = Serdes.ByteArray();
    topology.addSource("in", bytes.deserializer(), bytes.deserializer(), TOPICS.inbound());
    Properties properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "test-failures");
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "127.0.0.1:1");
    properties.put(StreamsConfig.STATE_DIR_CONFIG, stateDirectory.toString());
    properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
    return new KafkaStreams(topology, properties, new FailingClients());
  }

  /** What is heard of until two threads have been replaced and have ended. */
  private Queue<Throwable> deathsWith(StreamsUncaughtExceptionHandler handler) throws Exception {
    Deaths deaths = new Deaths();
    CompletableFuture<KafkaStreams> started = new CompletableFuture<>();
    Thread starter =
        new Thread(
            deaths,
            () -> {
              KafkaStreams streams = streams();
              streams.setUncaughtExceptionHandler(handler);
              started.complete(streams);
              streams.start();
            });
    starter.start();
    starter.join();
    assertThat(started).as("started, but for %s", deaths.heard).isCompleted();
    try {
      await().atMost(LONG).until(() -> polling.stream().distinct().count() >= 3);
      List<Thread> replaced = polling.stream().distinct().limit(2).toList();
      await().atMost(LONG).until(() -> replaced.stream().noneMatch(Thread::isAlive));
      return new ConcurrentLinkedQueue<>(deaths.heard);
    } finally {
      started.join().close(Duration.ZERO);
    }
  }

  @Test
  void aReplacedThreadDoesNotEndTheProcess() throws Exception {
    assertThat(deathsWith(new StreamFailures(TOPICS, () -> true))).isEmpty();
  }

  /** Otherwise the test above would show nothing. */
  @Test
  void kafkaStreamsThrowsOnceMoreWhatWasHandled() throws Exception {
    assertThat(deathsWith(cause -> StreamThreadExceptionResponse.REPLACE_THREAD)).isNotEmpty();
  }

  @Test
  void anErrorEndsThePipelineAndIsKept() {
    // given
    StreamFailures failures = new StreamFailures(TOPICS, () -> true);
    OutOfMemoryError error = new OutOfMemoryError("a test's");
    // then
    assertThat(failures.handle(new StreamsException("wraps", error)))
        .isEqualTo(StreamThreadExceptionResponse.SHUTDOWN_CLIENT);
    assertThat(failures.fatal()).isSameAs(error);
  }

  @Test
  void noThreadIsReplacedWhileThePipelineStops() {
    // given
    StreamFailures failures = new StreamFailures(TOPICS, () -> false);
    // then
    assertThat(failures.handle(new IllegalStateException("a test's")))
        .isEqualTo(StreamThreadExceptionResponse.SHUTDOWN_CLIENT);
    assertThat(failures.fatal()).isNull();
  }
}
