package io.penstock.ingest.pausing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.ingest.cluster.ClientProperties;
import io.penstock.ingest.cluster.PauseRequirement;
import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.config.Configuration;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the control topic, and keeps what its records say. A record that cannot be read changes
 * nothing: the last state of its source that could be read stays. Blocks; for one thread.
 */
final class ControlTopic implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ControlTopic.class);

  private static final Duration POLL = Duration.ofMillis(200);

  /** How long a broker waits for the next record: Kafka's default. */
  private static final String FOLLOWED_WAIT_MILLIS = "500";

  private final String topic;
  private final Consumer<byte[], byte[]> consumer;
  private final Map<String, SourceState> states = new HashMap<>();
  private long ignored;

  /**
   * Connects to nothing yet.
   *
   * @param clientId of the Kafka client
   * @throws KafkaException if the client refuses a property of the configuration
   */
  ControlTopic(Configuration configuration, String clientId) {
    this(configuration, clientId, FOLLOWED_WAIT_MILLIS);
  }

  private ControlTopic(Configuration configuration, String clientId, String waitMillis) {
    this(
        new Topics(configuration.topics().prefix()).control(),
        consumer(configuration, clientId, waitMillis));
  }

  /** One that is read to its end and closed: closing waits for what was asked for behind that. */
  static ControlTopic once(Configuration configuration, String clientId) {
    return new ControlTopic(configuration, clientId, "10");
  }

  ControlTopic(String topic, Consumer<byte[], byte[]> consumer) {
    this.topic = topic;
    this.consumer = consumer;
  }

  private static Consumer<byte[], byte[]> consumer(
      Configuration configuration, String clientId, String waitMillis) {
    Properties properties =
        ClientProperties.ofReader(configuration.kafka(), clientId, Duration.ofSeconds(5));
    properties.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, "5000");
    properties.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, waitMillis);
    return new KafkaConsumer<>(
        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /**
   * Reads from the beginning to the end that the topic has now.
   *
   * @param patience how long records may stay away
   * @param nanos a clock that only counts on
   * @throws KafkaException if Kafka does not answer, or refuses the client
   */
  PausedSources readToEnd(Duration patience, LongSupplier nanos) {
    List<TopicPartition> partitions;
    Map<TopicPartition, Long> ends;
    try {
      List<PartitionInfo> found = consumer.partitionsFor(topic);
      if (found == null || found.isEmpty()) {
        return new PausedSources.Unavailable(missing());
      }
      partitions = found.stream().map(info -> new TopicPartition(topic, info.partition())).toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      states.clear();
      ends = consumer.endOffsets(partitions);
    } catch (UnknownTopicOrPartitionException e) {
      return new PausedSources.Unavailable(missing());
    } catch (AuthorizationException e) {
      return unreadable();
    }
    long since = nanos.getAsLong();
    while (!isRead(ends)) {
      try {
        if (poll(POLL)) {
          since = nanos.getAsLong();
        }
      } catch (AuthorizationException e) {
        return unreadable();
      }
      if (nanos.getAsLong() - since > patience.toNanos()) {
        throw new TimeoutException("the topic " + topic + " could not be read to its end in time");
      }
    }
    return known();
  }

  private boolean isRead(Map<TopicPartition, Long> ends) {
    return ends.entrySet().stream()
        .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
  }

  private String missing() {
    return PauseRequirement.missing(topic);
  }

  private PausedSources unreadable() {
    return new PausedSources.Unavailable(
        "topic " + topic + " may not be read: grant Describe and Read on it");
  }

  /**
   * Takes what has been written since; to be called after {@link #readToEnd}.
   *
   * @param timeout how long to wait for it
   * @return whether anything has
   * @throws KafkaException if Kafka refuses
   */
  boolean poll(Duration timeout) {
    boolean any = false;
    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(timeout)) {
      any = true;
      take(record);
    }
    return any;
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    try {
      if (record.key() == null) {
        throw new IllegalArgumentException("the record has no key");
      }
      String source = new String(record.key(), UTF_8);
      if (record.value() == null) {
        states.remove(source);
      } else {
        states.put(source, SourceState.read(source, record.value()));
      }
    } catch (IllegalArgumentException e) {
      ignored++;
      log.atWarn()
          .addKeyValue("topic", record.topic())
          .addKeyValue("partition", record.partition())
          .addKeyValue("offset", record.offset())
          .addKeyValue("problem", e.getMessage())
          .log("A record of the control topic was ignored");
    }
  }

  /** The states as they were read last. */
  PausedSources.Known known() {
    return new PausedSources.Known(states);
  }

  /** How many records could not be read. */
  long ignored() {
    return ignored;
  }

  /** Ends a call that blocks, by an exception there; the only method for other threads. */
  void wakeup() {
    consumer.wakeup();
  }

  @Override
  public void close() {
    consumer.close(CloseOptions.timeout(Duration.ofSeconds(1)));
  }
}
