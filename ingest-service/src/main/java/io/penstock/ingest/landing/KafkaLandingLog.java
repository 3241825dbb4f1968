package io.penstock.ingest.landing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.ingest.cluster.ClientProperties;
import io.penstock.ingest.config.Configuration;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.kafka.client.producer.KafkaProducer;
import io.vertx.kafka.client.producer.KafkaProducerRecord;
import io.vertx.kafka.client.producer.RecordMetadata;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The landing log's producer.
 *
 * <p>The hazards of the Vert.x client are designed out here: its sends wait in one queue without
 * bound behind one that blocks, so callers bound what is in flight, the topic's metadata are loaded
 * before the first send and never forgotten, and a send that must block gives up soon; a shared
 * producer closes before the drain, so this one is not shared and its owner closes it; an invalid
 * property would make its factory hang, so the producer is made by Kafka's own constructor.
 */
public final class KafkaLandingLog implements LandingLog {

  private static final Logger log = LoggerFactory.getLogger(KafkaLandingLog.class);

  /**
   * How long a send may wait for metadata or memory, neither of which is ever short on a healthy
   * broker.
   */
  private static final Duration MAX_BLOCK = Duration.ofMillis(250);

  /** After this the client gives a record up, and its bytes are free again. */
  private static final Duration GIVE_UP = Duration.ofSeconds(15);

  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);

  /** A record's headers and framing, and some. */
  public static final int RECORD_OVERHEAD = 64 * 1024;

  /**
   * As many failures in a row, with no success between them, and the log counts as gone until the
   * next success.
   */
  private static final int FAILURES_TO_BE_GONE = 5;

  private final String topic;
  private final Duration deadline;
  private final Producer<byte[], byte[]> kafka;
  private final KafkaProducer<byte[], byte[]> producer;
  private final AtomicInteger failuresInARow = new AtomicInteger();
  private volatile boolean found;

  /**
   * Does not connect yet: see {@link #find}.
   *
   * @param topic the landing log's
   * @param maxBodySize of any source, in bytes
   * @throws KafkaException if a property of the configuration is not to the client's liking
   */
  public KafkaLandingLog(Vertx vertx, Configuration configuration, String topic, int maxBodySize) {
    this(
        vertx,
        new org.apache.kafka.clients.producer.KafkaProducer<>(
            properties(configuration, maxBodySize),
            new ByteArraySerializer(),
            new ByteArraySerializer()),
        topic,
        configuration.delivery().kafkaDeadline());
  }

  KafkaLandingLog(Vertx vertx, Producer<byte[], byte[]> kafka, String topic, Duration deadline) {
    this.topic = topic;
    this.deadline = deadline;
    this.kafka = kafka;
    this.producer = KafkaProducer.create(vertx, kafka);
    // Failures are answered where they happen; without this the client reports each of them twice.
    producer.exceptionHandler(failure -> {});
  }

  private static Properties properties(Configuration configuration, int maxBodySize) {
    Properties properties = ClientProperties.of(configuration.kafka());
    properties.putIfAbsent(ProducerConfig.LINGER_MS_CONFIG, "0");
    properties.put(ProducerConfig.CLIENT_ID_CONFIG, "penstock-ingress");
    properties.put(ProducerConfig.ACKS_CONFIG, "all");
    properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true");
    properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, Long.toString(MAX_BLOCK.toMillis()));
    properties.put(
        ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, Long.toString(REQUEST_TIMEOUT.toMillis()));
    properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Long.toString(GIVE_UP.toMillis()));
    // A source that is quiet for a while must not pay for fetching metadata again.
    properties.put(
        ProducerConfig.METADATA_MAX_IDLE_CONFIG, Long.toString(TimeUnit.DAYS.toMillis(365)));
    int largest = Math.max(1024 * 1024, maxBodySize + RECORD_OVERHEAD);
    properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Integer.toString(largest));
    // Admission refuses before this memory runs out, since a send that waits for memory makes all
    // others wait.
    properties.put(
        ProducerConfig.BUFFER_MEMORY_CONFIG,
        Long.toString(2 * configuration.http().maxInFlightBytes() + largest));
    return properties;
  }

  /**
   * Loads the topic's metadata. Blocks for as long as a send may; for a worker thread.
   *
   * @return whether the log is there now
   */
  public boolean find() {
    try {
      found = !kafka.partitionsFor(topic).isEmpty();
    } catch (RetriableException e) {
      log.debug("The landing log was not found", e);
    }
    return found;
  }

  @Override
  public boolean isAvailable() {
    return found && failuresInARow.get() < FAILURES_TO_BE_GONE;
  }

  /** Takes note that the log was seen by other means: a log that counted as gone is tried again. */
  public void seen() {
    failuresInARow.set(0);
  }

  @Override
  public Future<AppendOutcome> append(LandingRecord record, Runnable settled) {
    if (!found) {
      settled.run();
      return Future.succeededFuture(AppendOutcome.REFUSED);
    }
    KafkaProducerRecord<byte[], byte[]> kafkaRecord =
        KafkaProducerRecord.create(topic, record.key().getBytes(UTF_8), record.body());
    LandingHeaders.write(record, kafkaRecord::addHeader);
    Future<RecordMetadata> sent = producer.send(kafkaRecord);
    sent.onComplete(
        result -> {
          settled.run();
          if (result.succeeded()) {
            failuresInARow.set(0);
          }
        });
    return sent.timeout(deadline.toMillis(), TimeUnit.MILLISECONDS)
        .transform(result -> Future.succeededFuture(outcome(record, result)));
  }

  private AppendOutcome outcome(LandingRecord record, AsyncResult<RecordMetadata> result) {
    if (result.succeeded()) {
      return AppendOutcome.ACKNOWLEDGED;
    }
    if (result.cause() instanceof RecordTooLargeException) {
      // Says something of the record and nothing of the log.
      log.error(
          "A delivery is larger than the landing log takes: source={} receipt_id={} cause={}",
          record.source(),
          record.receiptId(),
          result.cause().toString());
      return AppendOutcome.REFUSED;
    }
    failed(record, result.cause());
    return certainlyNotSent(result.cause()) ? AppendOutcome.REFUSED : AppendOutcome.UNKNOWN;
  }

  private void failed(LandingRecord record, Throwable cause) {
    int failures = failuresInARow.incrementAndGet();
    if (failures == 1 || failures == FAILURES_TO_BE_GONE) {
      log.warn(
          "A delivery could not be appended to the landing log: source={} receipt_id={} failures_in_a_row={} cause={}",
          record.source(),
          record.receiptId(),
          failures,
          cause.toString());
    }
  }

  /**
   * What client or broker refuse before anything is written. Of all else, a time-out and a lost
   * connection included, nobody knows what the broker did before it.
   */
  private static boolean certainlyNotSent(Throwable cause) {
    return cause instanceof RecordTooLargeException
        || cause instanceof SerializationException
        || cause instanceof InvalidTopicException
        || cause instanceof AuthorizationException
        || cause instanceof AuthenticationException;
  }

  /** The Kafka client, for its metrics. */
  public Producer<byte[], byte[]> client() {
    return kafka;
  }

  /** Sends what is still waiting, then closes. Blocks no longer than told; for a worker thread. */
  public void close(Duration timeout) {
    kafka.close(timeout);
  }
}
