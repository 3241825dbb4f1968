package io.penstock.ingest.landing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.ingest.cluster.ClientProperties;
import io.penstock.ingest.config.Configuration;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.kafka.client.producer.KafkaProducer;
import io.vertx.kafka.client.producer.KafkaProducerRecord;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.BufferExhaustedException;
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
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The landing log's producer. It never gives a record up while Kafka may still take it, so that the
 * records that it holds keep their order whatever happens to the brokers: what it holds is bounded
 * by its callers, who stop feeding it.
 *
 * <p>The hazards of the Vert.x client are designed out here: its sends wait in one queue without
 * bound behind one that blocks, so callers bound what is in flight, the topic's metadata are loaded
 * before the first send and never forgotten, and a send that must block gives up soon; a shared
 * producer closes before the drain, so this one is not shared and its owner closes it; an invalid
 * property would make its factory hang, so the producer is made by Kafka's own constructor.
 */
public final class LandingProducer {

  private static final Logger log = LoggerFactory.getLogger(LandingProducer.class);

  /**
   * How long a send may wait for metadata or memory, neither of which is ever short on a healthy
   * broker.
   */
  private static final Duration MAX_BLOCK = Duration.ofMillis(250);

  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);

  /** A record's headers and framing, and some. */
  public static final int RECORD_OVERHEAD = 64 * 1024;

  /** What the drain of a spool may have on its way beside live deliveries, in bytes. */
  public static final int DRAIN_BYTES = 4 * 1024 * 1024;

  /** What a failure says. */
  public enum Failure {
    /** The record is larger than the log takes: it will never take it. */
    TOO_LARGE,
    /** Nothing was written. */
    NOT_WRITTEN,
    /** Something may have been written. */
    UNKNOWN
  }

  private record Client(Producer<byte[], byte[]> kafka, KafkaProducer<byte[], byte[]> stream) {}

  private final Vertx vertx;
  private final Supplier<Producer<byte[], byte[]>> factory;
  private final String topic;
  private volatile Client client;
  private volatile boolean found;
  private volatile int partitions;
  private volatile boolean broken;
  private volatile @Nullable String refusal;

  /**
   * Does not connect yet: see {@link #find}.
   *
   * @param topic the landing log's
   * @param maxBodySize of any source, in bytes
   * @throws KafkaException if a property of the configuration is not to the client's liking
   */
  public LandingProducer(Vertx vertx, Configuration configuration, String topic, int maxBodySize) {
    this(
        vertx,
        () ->
            new org.apache.kafka.clients.producer.KafkaProducer<>(
                properties(configuration, maxBodySize),
                new ByteArraySerializer(),
                new ByteArraySerializer()),
        topic);
  }

  /** One of any making, for tests. */
  public LandingProducer(Vertx vertx, Supplier<Producer<byte[], byte[]>> factory, String topic) {
    this.vertx = vertx;
    this.factory = factory;
    this.topic = topic;
    this.client = newClient();
  }

  private Client newClient() {
    Producer<byte[], byte[]> kafka = factory.get();
    KafkaProducer<byte[], byte[]> stream = KafkaProducer.create(vertx, kafka);
    // Failures are answered where they happen; without this the client reports each of them twice.
    stream.exceptionHandler(failure -> {});
    return new Client(kafka, stream);
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
    // Never: one that were given up while a later one of its entity arrives would be out of order.
    properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Integer.toString(Integer.MAX_VALUE));
    properties.put(ProducerConfig.RETRIES_CONFIG, Integer.toString(Integer.MAX_VALUE));
    properties.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, "5");
    // A source that is quiet for a while must not pay for fetching metadata again.
    properties.put(
        ProducerConfig.METADATA_MAX_IDLE_CONFIG, Long.toString(TimeUnit.DAYS.toMillis(365)));
    int largest = Math.max(1024 * 1024, maxBodySize + RECORD_OVERHEAD);
    properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Integer.toString(largest));
    // Admission refuses before this memory runs out, since a send that waits for memory makes all
    // others wait.
    properties.put(
        ProducerConfig.BUFFER_MEMORY_CONFIG,
        Long.toString(2 * configuration.http().maxInFlightBytes() + DRAIN_BYTES + 2L * largest));
    return properties;
  }

  /**
   * Loads the topic's metadata. Blocks for as long as a send may; for a worker thread.
   *
   * @return whether the log is there now
   */
  public boolean find() {
    try {
      partitions = client.kafka().partitionsFor(topic).size();
      found = partitions > 0;
      refusal = null;
    } catch (RetriableException e) {
      log.debug("The landing log was not found", e);
    } catch (KafkaException e) {
      // Rights that were taken away may be given back: no reason to end.
      refusal = e.toString();
    }
    return found;
  }

  /** The partition that Kafka's client chooses for a record; 0 before the log has been found. */
  public int partition(LandingRecord record) {
    int count = partitions;
    return count == 0 ? 0 : Utils.toPositive(Utils.murmur2(record.key().getBytes(UTF_8))) % count;
  }

  /** Why the last attempt to find the log was refused; null where it was not. */
  public @Nullable String refusal() {
    return refusal;
  }

  /** Whether the log has been found, so that a send would not have to look for it. */
  public boolean isFound() {
    return found;
  }

  /**
   * Sends a record behind all that were sent before.
   *
   * @return completes on the caller's context when all in-sync replicas have it; fails as {@link
   *     #failure} explains
   */
  public Future<Void> send(LandingRecord record) {
    KafkaProducerRecord<byte[], byte[]> kafkaRecord =
        KafkaProducerRecord.create(topic, record.key().getBytes(UTF_8), record.body());
    LandingHeaders.write(record, kafkaRecord::addHeader);
    return client.stream()
        .send(kafkaRecord)
        .<Void>mapEmpty()
        .onFailure(
            cause -> {
              if (!(cause instanceof RetriableException) && failure(cause) != Failure.TOO_LARGE) {
                broken = true;
              }
            });
  }

  /** What a failure to send means. Of a lost connection nobody knows what the broker did before. */
  public static Failure failure(Throwable cause) {
    if (cause instanceof RecordTooLargeException) {
      return Failure.TOO_LARGE;
    }
    return cause instanceof SerializationException
            || cause instanceof BufferExhaustedException
            || cause instanceof InvalidTopicException
            || cause instanceof AuthorizationException
            || cause instanceof AuthenticationException
        ? Failure.NOT_WRITTEN
        : Failure.UNKNOWN;
  }

  /** Whether a send has failed as if the client would never send again. */
  public boolean isBroken() {
    return broken;
  }

  /**
   * Replaces the client, which some errors leave unable to send for good. To be called only while
   * none of its records is owed. Blocks; for a worker thread.
   *
   * @return the new client, for its metrics
   * @throws KafkaException if there can be no new one now
   */
  public Producer<byte[], byte[]> renew() {
    Client old = client;
    // Where this fails, the old one stays, and is broken still.
    client = newClient();
    found = false;
    broken = false;
    old.kafka().close(Duration.ZERO);
    log.warn("Kafka's client had failed and was replaced");
    find();
    return client.kafka();
  }

  /** The Kafka client, for its metrics. */
  public Producer<byte[], byte[]> client() {
    return client.kafka();
  }

  /** Sends what is still waiting, then closes. Blocks no longer than told; for a worker thread. */
  public void close(Duration timeout) {
    client.kafka().close(timeout);
  }
}
