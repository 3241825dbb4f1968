package io.penstock.ingest.deadletter;

import io.penstock.ingest.cluster.ClientProperties;
import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.landing.LandingHeaders;
import io.penstock.ingest.landing.LandingRecord;
import io.penstock.ingest.registry.WireFormatReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Consumer;
import org.apache.avro.AvroRuntimeException;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the dead-letter topic, committed records only, and belongs to no consumer group: looking
 * changes nothing. Blocks on Kafka and the registry; for one thread.
 */
public final class DeadLetters implements AutoCloseable {

  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration ONE_RECORD = Duration.ofSeconds(10);

  private final String topic;

  /** Reads on from where it is. */
  private final KafkaConsumer<byte[], byte[]> consumer;

  /** Reads single records here and there. */
  private final KafkaConsumer<byte[], byte[]> picker;

  private final WireFormatReader values;

  /**
   * Connects to nothing yet.
   *
   * @throws KafkaException if a property of the configuration is not to the client's liking
   */
  public DeadLetters(Configuration configuration) {
    topic = new Topics(configuration.topics().prefix()).deadLetter();
    consumer = consumer(configuration);
    picker = consumer(configuration);
    values = new WireFormatReader(configuration.schemaRegistry());
  }

  private static KafkaConsumer<byte[], byte[]> consumer(Configuration configuration) {
    Properties properties = ClientProperties.of(configuration.kafka());
    properties.put(ConsumerConfig.CLIENT_ID_CONFIG, "penstock-dead-letters");
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
    properties.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, "15000");
    return new KafkaConsumer<>(
        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /** Who is shown what is found. */
  public interface Visitor extends Consumer<DeadLetter> {

    /** A record of the topic that nobody can read as a dead letter. */
    void unreadable(DeadLetter.Position position, String problem);

    /** Whether no more is wanted. */
    default boolean isDone() {
      return false;
    }
  }

  /**
   * Shows the letters that are in the topic now, each partition's in their order, which is the
   * order of each entity's.
   *
   * @throws KafkaException if Kafka does not answer, or the topic does not exist
   */
  public void visit(Selection selection, Visitor visitor) {
    List<TopicPartition> partitions =
        consumer.partitionsFor(topic).stream()
            .map(info -> new TopicPartition(topic, info.partition()))
            .toList();
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    if (!selection.positions().isEmpty()) {
      for (DeadLetter.Position position : selection.positions()) {
        TopicPartition partition = new TopicPartition(topic, position.partition());
        ConsumerRecord<byte[], byte[]> record =
            position.offset() < ends.getOrDefault(partition, 0L)
                ? read(partition, position.offset())
                : null;
        if (record == null) {
          visitor.unreadable(position, "there is no record");
        } else {
          show(record, selection, visitor);
        }
      }
      return;
    }
    consumer.assign(partitions);
    Map<TopicPartition, Long> starts = starts(partitions, ends, selection);
    starts.forEach(consumer::seek);
    while (!visitor.isDone()
        && ends.entrySet().stream()
            .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        if (visitor.isDone()) {
          return;
        }
        show(record, selection, visitor);
      }
    }
  }

  private Map<TopicPartition, Long> starts(
      List<TopicPartition> partitions, Map<TopicPartition, Long> ends, Selection selection) {
    Instant from = selection.since();
    if (from == null) {
      return consumer.beginningOffsets(partitions);
    }
    Map<TopicPartition, Long> since = new HashMap<>();
    partitions.forEach(partition -> since.put(partition, from.toEpochMilli()));
    Map<TopicPartition, Long> starts = new HashMap<>(ends);
    for (Map.Entry<TopicPartition, @Nullable OffsetAndTimestamp> found :
        consumer.offsetsForTimes(since).entrySet()) {
      if (found.getValue() != null) {
        starts.put(found.getKey(), found.getValue().offset());
      }
    }
    return starts;
  }

  private void show(ConsumerRecord<byte[], byte[]> record, Selection selection, Visitor visitor) {
    DeadLetter.Position position = new DeadLetter.Position(record.partition(), record.offset());
    DeadLetter letter;
    try {
      letter = DeadLetter.of(position, values.read(record.value()), record.headers());
    } catch (IOException | AvroRuntimeException | ClassCastException | NullPointerException e) {
      visitor.unreadable(position, String.valueOf(e.getMessage()));
      return;
    }
    if (selection.has(letter)) {
      visitor.accept(letter);
    }
  }

  /**
   * The landing record that a letter was made from.
   *
   * @return null where the landing log keeps it no longer, or nobody says where it was
   */
  public @Nullable LandingRecord landed(DeadLetter letter) {
    DeadLetter.Landed at = letter.landed();
    if (at == null) {
      return null;
    }
    TopicPartition partition = new TopicPartition(at.topic(), at.partition());
    Long first = consumer.beginningOffsets(List.of(partition)).get(partition);
    ConsumerRecord<byte[], byte[]> record =
        first == null || first > at.offset() ? null : read(partition, at.offset());
    if (record == null) {
      return null;
    }
    try {
      LandingRecord landed = LandingHeaders.read(record.key(), record.value(), record.headers());
      return landed.receiptId().equals(letter.receiptId()) ? landed : null;
    } catch (IllegalArgumentException e) {
      return null; // a topic that was made anew has something else there
    }
  }

  private @Nullable ConsumerRecord<byte[], byte[]> read(TopicPartition partition, long offset) {
    picker.assign(List.of(partition));
    picker.seek(partition, offset);
    long deadline = System.nanoTime() + ONE_RECORD.toNanos();
    while (System.nanoTime() - deadline < 0) {
      List<ConsumerRecord<byte[], byte[]>> records = picker.poll(POLL).records(partition);
      if (!records.isEmpty()) {
        ConsumerRecord<byte[], byte[]> record = records.getFirst();
        return record.offset() == offset ? record : null;
      }
      if (picker.position(partition) > offset) {
        return null;
      }
    }
    return null;
  }

  @Override
  public void close() {
    consumer.close();
    picker.close();
    try {
      values.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
