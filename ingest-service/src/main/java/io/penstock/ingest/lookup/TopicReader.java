package io.penstock.ingest.lookup;

import io.penstock.ingest.cluster.ClientProperties;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.lookup.ReadRange.End;
import io.penstock.ingest.lookup.ReadRange.Order;
import io.penstock.ingest.lookup.ReadRange.Start;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;

/**
 * Reads topics, committed records only, and belongs to no consumer group: looking changes nothing.
 * Blocks on Kafka. For one thread, but for {@link #wakeup}, which any may call.
 */
public final class TopicReader implements AutoCloseable {

  /** How long a bounded read waits for Kafka unless it is told otherwise. */
  public static final Duration PATIENCE = Duration.ofSeconds(30);

  /** How long a call waits for records at most, before it looks around. */
  static final Duration POLL = Duration.ofMillis(200);

  /** How many records a call gives at most. */
  private static final int AT_A_TIME = 2000;

  private static final int SEARCHED_AT_A_TIME = 50;

  private final Duration patience;
  private final Consumer<byte[], byte[]> consumer;
  private final Sieve sieve = new Sieve();
  private volatile boolean woken;

  /**
   * Connects to nothing yet.
   *
   * @param clientId names the reader to the brokers
   * @param patience how long a read that has an end waits for the next record before it ends with
   *     an exception
   * @throws KafkaException if the client refuses a property of the configuration
   */
  public TopicReader(Configuration.KafkaConfig kafka, String clientId, Duration patience) {
    this(kafka, clientId, patience, AT_A_TIME);
  }

  /**
   * One for searches: it makes few records at a time, since most of what it gets it passes over.
   */
  static TopicReader forSearches(Configuration.KafkaConfig kafka, String clientId) {
    return new TopicReader(kafka, clientId, PATIENCE, SEARCHED_AT_A_TIME);
  }

  private TopicReader(
      Configuration.KafkaConfig kafka, String clientId, Duration patience, int atATime) {
    this.patience = patience;
    Properties properties = ClientProperties.ofReader(kafka, clientId, Duration.ofSeconds(15));
    properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, Integer.toString(atATime));
    // Much is read from the beginning to the end: the system decides how much is on its way.
    properties.put(ConsumerConfig.RECEIVE_BUFFER_CONFIG, "-1");
    if (atATime == SEARCHED_AT_A_TIME) {
      // A search is many short reads. Behind the last record of one, the client asks for the next
      // at
      // once, and everything else that it asks of that broker waits until the broker has answered.
      properties.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, "10");
    }
    // New partitions of a topic that is followed are seen that soon.
    properties.put(ConsumerConfig.METADATA_MAX_AGE_CONFIG, "10000");
    consumer = new KafkaConsumer<>(properties, sieve.keys(), sieve.values());
  }

  /** One with a client of a test's. */
  TopicReader(Consumer<byte[], byte[]> consumer, Duration patience) {
    this.consumer = consumer;
    this.patience = patience;
  }

  /** One with the usual patience. */
  public TopicReader(Configuration.KafkaConfig kafka, String clientId) {
    this(kafka, clientId, PATIENCE);
  }

  /** Gets what is read, on the thread that reads. */
  public interface Visitor {

    /** A record. */
    void accept(ConsumerRecord<byte[], byte[]> record);

    /**
     * Records that a search does not look for were passed over.
     *
     * @param count how many, about: gaps count as records
     */
    default void passed(long count) {}

    /** Everything that has come so far was handed out, and more may come. */
    default void paused() {}

    /** How far the read has come; called twice a second at most, and once at the end. */
    default void progress(ReadProgress progress) {}

    /**
     * Something cannot be read now, and the read goes on without it.
     *
     * @param problem for the operator
     */
    default void unreadable(String problem) {}

    /** Whether no more is wanted; asked before each record. */
    default boolean isDone() {
      return false;
    }
  }

  /** Why a read ended. */
  public enum Ended {
    /** Everything was read. */
    AT_END,
    /** The visitor wanted no more. */
    DONE,
    /** {@link TopicReader#wakeup} was called. */
    WOKEN
  }

  /**
   * Reads topics. A topic that does not exist is left out, and where the read has no end, it is
   * read from its beginning once it exists.
   *
   * @throws UnknownTopicOrPartitionException if none of the topics exists
   * @throws TimeoutException if the read has an end, and nothing comes for as long as the patience
   * @throws KafkaException if Kafka refuses
   */
  public Ended read(Collection<String> topics, ReadRange range, Visitor visitor) {
    if (range.order() == Order.TIME && range.end() instanceof End.Never) {
      throw new IllegalArgumentException("only a read with an end can be in the order of time");
    }
    try {
      List<TopicPartition> partitions = partitions(topics, visitor);
      if (partitions.isEmpty()) {
        throw new UnknownTopicOrPartitionException(
            "none of the topics "
                + String.join(", ", topics)
                + " exists, or they may not be read; see topics.prefix");
      }
      return new ReadRun(this, consumer, topics, range, visitor).over(partitions);
    } catch (WakeupException e) {
      return Ended.WOKEN;
    }
  }

  /**
   * Reads some partitions, which must exist.
   *
   * @throws TimeoutException if the read has an end, and nothing comes for as long as the patience
   * @throws KafkaException if Kafka refuses
   */
  public Ended readPartitions(
      Collection<TopicPartition> partitions, ReadRange range, Visitor visitor) {
    try {
      return new ReadRun(this, consumer, List.of(), range, visitor).over(List.copyOf(partitions));
    } catch (WakeupException e) {
      return Ended.WOKEN;
    }
  }

  /**
   * Reads some partitions, which must exist, for a search: what its bytes tell apart from what is
   * looked for is passed over, or has no value.
   *
   * @throws TimeoutException if the read has an end, and nothing comes for as long as the patience
   * @throws KafkaException if Kafka refuses
   */
  Ended search(
      Collection<TopicPartition> partitions, ReadRange range, IdMatch match, Visitor visitor) {
    sieve.lets(match);
    try {
      return readPartitions(partitions, range, visitor);
    } finally {
      sieve.letsAll();
    }
  }

  /**
   * The partitions of a topic, in their order; empty where there is no such topic, or it may not be
   * read.
   *
   * @throws KafkaException if Kafka does not answer
   */
  public List<TopicPartition> partitions(String topic) {
    return consumer.partitionsFor(topic).stream()
        .map(info -> new TopicPartition(topic, info.partition()))
        .sorted(Comparator.comparingInt(TopicPartition::partition))
        .toList();
  }

  /** The partitions of some topics, but those that no broker leads. */
  List<TopicPartition> partitions(Collection<String> topics, Visitor visitor) {
    List<TopicPartition> partitions = new ArrayList<>();
    for (String topic : topics) {
      for (PartitionInfo info : consumer.partitionsFor(topic)) {
        if (info.leader() == null || info.leader().isEmpty()) {
          visitor.unreadable(
              "partition " + info.partition() + " of " + topic + ": no broker leads it");
        } else {
          partitions.add(new TopicPartition(topic, info.partition()));
        }
      }
    }
    return partitions;
  }

  /**
   * The record at a position.
   *
   * @return null where there is none: it has not been written, is no longer kept, or is no record
   *     for consumers; null also after {@link #wakeup}
   * @throws TimeoutException if it is not read within the patience
   * @throws KafkaException if Kafka does not answer
   */
  public @Nullable ConsumerRecord<byte[], byte[]> at(RecordPosition position) {
    try {
      return find(position);
    } catch (WakeupException e) {
      return null;
    }
  }

  private @Nullable ConsumerRecord<byte[], byte[]> find(RecordPosition position) {
    TopicPartition partition = position.topicPartition();
    List<TopicPartition> alone = List.of(partition);
    if (!partitions(position.topic()).contains(partition)) {
      return null;
    }
    consumer.assign(alone); // first: the client warns of ends of what is not assigned
    if (consumer.beginningOffsets(alone).getOrDefault(partition, 0L) > position.offset()
        || consumer.endOffsets(alone).getOrDefault(partition, 0L) <= position.offset()) {
      return null;
    }
    consumer.resume(alone);
    consumer.seek(partition, position.offset());
    long deadline = System.nanoTime() + patience.toNanos();
    while (System.nanoTime() - deadline < 0) {
      List<ConsumerRecord<byte[], byte[]>> records = consumer.poll(POLL).records(partition);
      if (!records.isEmpty()) {
        ConsumerRecord<byte[], byte[]> record = records.getFirst();
        return record.offset() == position.offset() ? record : null;
      }
      if (consumer.position(partition) > position.offset()) {
        return null;
      }
    }
    throw new TimeoutException(position + " was not read within " + patience.toSeconds() + " s");
  }

  /** The first offset that a range has of each partition, and the first behind it. */
  Map<TopicPartition, Extent> extents(Collection<TopicPartition> partitions, ReadRange range) {
    consumer.assign(partitions); // first: the client warns of ends of what is not assigned
    Map<TopicPartition, Long> ends = ends(partitions, range.end());
    Map<TopicPartition, Extent> extents = new HashMap<>();
    starts(partitions, range.start())
        .forEach(
            (partition, start) ->
                extents.put(
                    partition,
                    new Extent(start, Math.max(start, ends.getOrDefault(partition, start)))));
    return extents;
  }

  /** Some offsets of a partition, from a first one up to one that does not count. */
  record Extent(long start, long end) {

    /** One of several equal pieces, about. */
    Extent piece(int number, int of) {
      long length = end - start;
      return new Extent(start + length * number / of, start + length * (number + 1) / of);
    }
  }

  /**
   * The first offset of each partition that a start means.
   *
   * @throws KafkaException if Kafka does not answer
   */
  public Map<TopicPartition, Long> starts(Collection<TopicPartition> partitions, Start start) {
    return switch (start) {
      case Start.Earliest earliest -> consumer.beginningOffsets(partitions);
      case Start.Latest latest -> consumer.endOffsets(partitions);
      case Start.Since since -> offsets(partitions, since.time());
      case Start.Offset offset -> {
        Map<TopicPartition, Long> starts = new HashMap<>(consumer.beginningOffsets(partitions));
        starts.replaceAll((partition, earliest) -> Math.max(earliest, offset.offset()));
        yield starts;
      }
      case Start.Offsets offsets -> {
        Map<TopicPartition, Long> starts = new HashMap<>(consumer.beginningOffsets(partitions));
        starts.replaceAll(
            (partition, earliest) ->
                Math.max(earliest, offsets.offsets().getOrDefault(partition, earliest)));
        yield starts;
      }
    };
  }

  /**
   * The offset of each partition before which a range ends; without an end, the largest there is.
   *
   * @throws KafkaException if Kafka does not answer
   */
  public Map<TopicPartition, Long> ends(Collection<TopicPartition> partitions, End end) {
    return switch (end) {
      case End.Now now -> consumer.endOffsets(partitions);
      case End.Before before -> offsets(partitions, before.time());
      case End.Offsets offsets -> offsets.offsets();
      case End.Never never -> {
        Map<TopicPartition, Long> ends = new HashMap<>();
        partitions.forEach(partition -> ends.put(partition, Long.MAX_VALUE));
        yield ends;
      }
    };
  }

  /** The first offsets with this time or a later one, or the ends. */
  private Map<TopicPartition, Long> offsets(Collection<TopicPartition> partitions, Instant time) {
    Map<TopicPartition, Long> times = new HashMap<>();
    partitions.forEach(partition -> times.put(partition, Math.max(0, time.toEpochMilli())));
    Map<TopicPartition, Long> offsets = new HashMap<>(consumer.endOffsets(partitions));
    for (Map.Entry<TopicPartition, @Nullable OffsetAndTimestamp> found :
        consumer.offsetsForTimes(times).entrySet()) {
      OffsetAndTimestamp first = found.getValue();
      if (first != null) {
        offsets.merge(found.getKey(), first.offset(), Math::min);
      }
    }
    return offsets;
  }

  Duration patience() {
    return patience;
  }

  Sieve sieve() {
    return sieve;
  }

  /** Whether {@link #wakeup} was called. */
  boolean isWoken() {
    return woken;
  }

  /** Ends the read that goes on, and each later one, at once. May be called by any thread. */
  public void wakeup() {
    woken = true;
    consumer.wakeup();
  }

  @Override
  public void close() {
    consumer.close(CloseOptions.timeout(Duration.ofSeconds(1)));
  }
}
