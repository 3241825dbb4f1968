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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.avro.AvroRuntimeException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the dead-letter topic, committed records only, and belongs to no consumer group: looking
 * changes nothing. Blocks on Kafka and the registry, within bounds: when nothing comes for half a
 * minute, reading ends with an exception. For one thread.
 */
public final class DeadLetters implements AutoCloseable {

  private static final Duration POLL = Duration.ofMillis(200);

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final String topic;
  private final Duration patience;

  /** Reads the topic from one end to the other. */
  private final KafkaConsumer<byte[], byte[]> consumer;

  /** Reads single records at given positions. */
  private final KafkaConsumer<byte[], byte[]> picker;

  private final WireFormatReader values;

  /**
   * Connects to nothing yet.
   *
   * @throws KafkaException if the client refuses a property of the configuration
   */
  public DeadLetters(Configuration configuration) {
    this(configuration, PATIENCE);
  }

  /**
   * @param patience how long to wait for the next record before reading ends with an exception
   */
  public DeadLetters(Configuration configuration, Duration patience) {
    this.patience = patience;
    topic = new Topics(configuration.topics().prefix()).deadLetter();
    consumer = consumer(configuration);
    picker = consumer(configuration);
    values = new WireFormatReader(configuration.schemaRegistry());
  }

  private static KafkaConsumer<byte[], byte[]> consumer(Configuration configuration) {
    return new KafkaConsumer<>(
        ClientProperties.ofReader(
            configuration.kafka(), "penstock-dead-letters", Duration.ofSeconds(15)),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer());
  }

  /** Gets what is found. */
  public interface Visitor extends Consumer<DeadLetter> {

    /** A record of the topic cannot be read as a dead letter. */
    void unreadable(DeadLetter.Position position, String problem);

    /** A partition of the topic cannot be read now. */
    void unreadable(int partition, String problem);

    /** Whether no more is wanted. */
    default boolean isDone() {
      return false;
    }
  }

  /**
   * Shows the letters that are in the topic now, each partition's in their order, which is the
   * order of each entity's. What is added while it is read is not shown.
   *
   * @throws KafkaException if Kafka does not answer, or the topic does not exist
   * @throws io.penstock.ingest.registry.RegistryUnavailableException if the registry does not
   *     answer
   */
  public void visit(Selection selection, Visitor visitor) {
    List<TopicPartition> partitions = partitions(visitor);
    consumer.assign(partitions);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    if (!selection.positions().isEmpty()) {
      for (DeadLetter.Position position : selection.positions()) {
        if (visitor.isDone()) {
          return;
        }
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
    Map<TopicPartition, Long> positions = new HashMap<>(starts(partitions, ends, selection));
    positions.forEach(consumer::seek);
    long advancedAt = System.nanoTime();
    while (!visitor.isDone()) {
      List<TopicPartition> unread =
          partitions.stream()
              .filter(one -> positions.getOrDefault(one, 0L) < ends.getOrDefault(one, 0L))
              .toList();
      if (unread.isEmpty()) {
        return;
      }
      if (System.nanoTime() - advancedAt > patience.toNanos()) {
        throw new TimeoutException(
            "no record came for %d s of %s".formatted(patience.toSeconds(), unread));
      }
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        if (visitor.isDone()) {
          return;
        }
        TopicPartition partition = new TopicPartition(record.topic(), record.partition());
        if (record.offset() < ends.getOrDefault(partition, 0L)) {
          show(record, selection, visitor);
        }
      }
      for (TopicPartition partition : unread) {
        // Beyond the last record too: a transaction ends with a marker, which no consumer gets.
        long position = consumer.position(partition);
        if (positions.getOrDefault(partition, 0L) != position) {
          positions.put(partition, position);
          advancedAt = System.nanoTime();
        }
        if (position >= ends.getOrDefault(partition, 0L)) {
          consumer.pause(List.of(partition));
        }
      }
    }
  }

  private List<TopicPartition> partitions(Visitor visitor) {
    List<TopicPartition> partitions = new ArrayList<>();
    List<PartitionInfo> known = consumer.partitionsFor(topic);
    if (known.isEmpty()) {
      throw new UnknownTopicOrPartitionException(
          "the topic " + topic + " does not exist, or may not be read; see topics.prefix");
    }
    for (PartitionInfo info : known) {
      if (info.leader() == null || info.leader().isEmpty()) {
        visitor.unreadable(info.partition(), "no broker leads this partition");
      } else {
        partitions.add(new TopicPartition(topic, info.partition()));
      }
    }
    return partitions;
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
    // What comes later in a partition may be older all the same: each letter is looked at again.
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
      letter =
          DeadLetter.of(
              position,
              Instant.ofEpochMilli(record.timestamp()),
              values.read(record.value()),
              record.headers());
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
   * @return null where the landing log no longer has it, or the letter does not say where it was
   * @throws KafkaException if Kafka does not answer
   */
  public @Nullable LandingRecord landed(DeadLetter letter) {
    DeadLetter.Landed at = letter.landed();
    if (at == null) {
      return null;
    }
    TopicPartition partition = new TopicPartition(at.topic(), at.partition());
    ConsumerRecord<byte[], byte[]> record =
        isThere(partition, at.offset()) ? read(partition, at.offset()) : null;
    if (record == null) {
      return null;
    }
    try {
      LandingRecord landed = LandingHeaders.read(record.key(), record.value(), record.headers());
      return landed.receiptId().equals(letter.receiptId()) ? landed : null;
    } catch (IllegalArgumentException e) {
      return null; // a topic that was created anew has another record there
    }
  }

  private boolean isThere(TopicPartition partition, long offset) {
    List<TopicPartition> alone = List.of(partition);
    if (picker.partitionsFor(partition.topic()).stream()
        .noneMatch(info -> info.partition() == partition.partition())) {
      return false;
    }
    picker.assign(alone); // first: the client warns of ends of what is not assigned
    return picker.beginningOffsets(alone).getOrDefault(partition, 0L) <= offset
        && picker.endOffsets(alone).getOrDefault(partition, 0L) > offset;
  }

  /** The record at an offset before the partition's end; null if it is no longer there. */
  private @Nullable ConsumerRecord<byte[], byte[]> read(TopicPartition partition, long offset) {
    picker.assign(List.of(partition));
    picker.seek(partition, offset);
    long deadline = System.nanoTime() + patience.toNanos();
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
    throw new TimeoutException(
        "%s at offset %d was not read within %d s"
            .formatted(partition, offset, patience.toSeconds()));
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
