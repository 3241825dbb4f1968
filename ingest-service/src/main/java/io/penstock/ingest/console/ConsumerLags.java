package io.penstock.ingest.console;

import io.penstock.ingest.cluster.ClientProperties;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.observability.FailureText;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * How far the groups that read our topics are behind, in records and in time. Blocks for some
 * seconds at most; safe for use by any number of threads. Joins no group.
 */
final class ConsumerLags implements AutoCloseable {

  private static final Duration DEADLINE = Duration.ofSeconds(5);

  /** How long the first unread records may take to be read. */
  private static final Duration READING = Duration.ofSeconds(2);

  private static final int MOST_PARTITIONS = 200;

  private final Configuration.KafkaConfig kafka;
  private final InstantSource clock;
  private final LongSupplier nanos;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Admin admin;

  /**
   * One topic.
   *
   * @param records about how many it holds: markers of transactions are counted too
   */
  record TopicSize(String name, int partitions, long records) {}

  /**
   * One group at one topic.
   *
   * @param records how many offsets it is behind what is committed
   * @param behind the age of the oldest record that it has not read; empty where there is none, or
   *     it could not be read in time
   */
  record Lag(String topic, long records, Optional<Duration> behind) {}

  /** One group, with its lag at each topic that it has read. */
  record GroupLag(String group, String state, List<Lag> lags) {
    GroupLag {
      lags = List.copyOf(lags);
    }

    /** The records of all topics together. */
    public long records() {
      return lags.stream().mapToLong(Lag::records).sum();
    }
  }

  /** What Kafka said. */
  record Found(List<TopicSize> topics, List<GroupLag> groups) {
    Found {
      topics = List.copyOf(topics);
      groups = List.copyOf(groups);
    }

    /** How many records of a topic a group has not read; empty where it has never read it. */
    Optional<Long> lag(String group, String topic) {
      return groups.stream()
          .filter(each -> each.group().equals(group))
          .flatMap(each -> each.lags().stream())
          .filter(lag -> lag.topic().equals(topic))
          .map(Lag::records)
          .findFirst();
    }
  }

  /** Opens no connection yet. */
  ConsumerLags(Configuration.KafkaConfig kafka, InstantSource clock, LongSupplier nanos) {
    this.kafka = kafka;
    this.clock = clock;
    this.nanos = nanos;
  }

  /**
   * Looks at these topics; leaves out those that do not exist.
   *
   * @throws NotReadableException if Kafka does not answer
   */
  Found read(List<String> topics) throws NotReadableException, InterruptedException {
    Admin client = client();
    Map<TopicPartition, long[]> ends = new HashMap<>();
    List<TopicSize> sizes = new ArrayList<>();
    Map<String, TopicDescription> described = describe(client, topics);
    List<TopicPartition> partitions = new ArrayList<>();
    described.forEach(
        (name, topic) ->
            topic
                .partitions()
                .forEach(each -> partitions.add(new TopicPartition(name, each.partition()))));
    Map<TopicPartition, Long> first = offsets(client, partitions, OffsetSpec.earliest());
    Map<TopicPartition, Long> last = offsets(client, partitions, OffsetSpec.latest());
    partitions.forEach(
        each ->
            ends.put(each, new long[] {first.getOrDefault(each, 0L), last.getOrDefault(each, 0L)}));
    for (String name : topics) {
      TopicDescription topic = described.get(name);
      if (topic != null) {
        long records = 0;
        for (TopicPartition each : partitions) {
          if (each.topic().equals(name)) {
            records += last.getOrDefault(each, 0L) - first.getOrDefault(each, 0L);
          }
        }
        sizes.add(new TopicSize(name, topic.partitions().size(), records));
      }
    }
    return new Found(sizes, groups(client, ends));
  }

  private Map<String, TopicDescription> describe(Admin client, List<String> topics)
      throws NotReadableException, InterruptedException {
    Map<String, TopicDescription> described = new LinkedHashMap<>();
    Map<String, KafkaFuture<TopicDescription>> asked =
        client.describeTopics(topics).topicNameValues();
    for (String name : topics) {
      KafkaFuture<TopicDescription> answer = asked.get(name);
      try {
        if (answer != null) {
          described.put(name, get(answer));
        }
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
          throw unreadable(e);
        }
      }
    }
    return described;
  }

  private static Map<TopicPartition, Long> offsets(
      Admin client, List<TopicPartition> partitions, OffsetSpec spec)
      throws NotReadableException, InterruptedException {
    Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
    partitions.forEach(each -> wanted.put(each, spec));
    Map<TopicPartition, Long> offsets = new HashMap<>();
    try {
      get(client.listOffsets(wanted, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED)).all())
          .forEach((partition, info) -> offsets.put(partition, info.offset()));
    } catch (ExecutionException e) {
      throw unreadable(e);
    }
    return offsets;
  }

  private List<GroupLag> groups(Admin client, Map<TopicPartition, long[]> ends)
      throws NotReadableException, InterruptedException {
    try {
      Collection<GroupListing> listed =
          get(client.listGroups(ListGroupsOptions.forConsumerGroups()).all());
      Map<String, ListConsumerGroupOffsetsSpec> wanted = new HashMap<>();
      listed.forEach(each -> wanted.put(each.groupId(), new ListConsumerGroupOffsetsSpec()));
      if (wanted.isEmpty()) {
        return List.of();
      }
      Map<String, Map<TopicPartition, @Nullable OffsetAndMetadata>> committed =
          new HashMap<>(get(client.listConsumerGroupOffsets(wanted).all()));
      Map<String, Map<TopicPartition, Long>> unread = new HashMap<>();
      Map<TopicPartition, Set<Long>> starts = new HashMap<>();
      committed.forEach(
          (group, offsets) ->
              offsets.forEach(
                  (partition, offset) -> {
                    long[] end = ends.get(partition);
                    if (end == null || offset == null) {
                      return;
                    }
                    long from = Math.max(offset.offset(), end[0]);
                    unread
                        .computeIfAbsent(group, name -> new HashMap<>())
                        .put(partition, Math.max(0, end[1] - from));
                    if (from < end[1]) {
                      starts.computeIfAbsent(partition, each -> new HashSet<>()).add(from);
                    }
                  }));
      Map<TopicPartition, Map<Long, Instant>> times = firstUnread(starts);
      List<GroupLag> groups = new ArrayList<>();
      for (GroupListing each : listed) {
        Map<TopicPartition, Long> own = unread.getOrDefault(each.groupId(), Map.of());
        if (!own.isEmpty()) {
          groups.add(
              new GroupLag(
                  each.groupId(),
                  each.groupState().map(Object::toString).orElse("unknown"),
                  lags(own, committed.getOrDefault(each.groupId(), Map.of()), times)));
        }
      }
      groups.sort(Comparator.comparing(GroupLag::group));
      return groups;
    } catch (ExecutionException e) {
      throw unreadable(e);
    }
  }

  private List<Lag> lags(
      Map<TopicPartition, Long> unread,
      Map<TopicPartition, @Nullable OffsetAndMetadata> committed,
      Map<TopicPartition, Map<Long, Instant>> times) {
    Map<String, Long> records = new TreeMap<>();
    Map<String, Instant> oldest = new HashMap<>();
    unread.forEach(
        (partition, count) -> {
          records.merge(partition.topic(), count, Long::sum);
          OffsetAndMetadata offset = committed.get(partition);
          if (offset != null) {
            times.getOrDefault(partition, Map.of()).entrySet().stream()
                .filter(time -> time.getKey() >= offset.offset())
                .map(Map.Entry::getValue)
                .min(Comparator.naturalOrder())
                .ifPresent(
                    time -> oldest.merge(partition.topic(), time, (a, b) -> a.isBefore(b) ? a : b));
          }
        });
    Instant now = clock.instant();
    List<Lag> lags = new ArrayList<>();
    records.forEach(
        (topic, count) ->
            lags.add(
                new Lag(
                    topic,
                    count,
                    Optional.ofNullable(oldest.get(topic))
                        .map(time -> Duration.between(time, now))
                        .map(age -> age.isNegative() ? Duration.ZERO : age))));
    return lags;
  }

  /**
   * The times of the first records at or after these offsets, as far as they can be read in time:
   * one pass for the first offset of every partition, and one more for each further group's.
   */
  private Map<TopicPartition, Map<Long, Instant>> firstUnread(
      Map<TopicPartition, Set<Long>> starts) {
    Map<TopicPartition, Map<Long, Instant>> times = new HashMap<>();
    if (starts.isEmpty()) {
      return times;
    }
    Properties properties =
        ClientProperties.ofReader(kafka, "penstock-console", Duration.ofSeconds(2));
    properties.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, "1"); // one batch at least
    properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, "100");
    long begin = nanos.getAsLong();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      Map<TopicPartition, List<Long>> left = new HashMap<>();
      starts.entrySet().stream()
          .limit(MOST_PARTITIONS)
          .forEach(each -> left.put(each.getKey(), new ArrayList<>(each.getValue())));
      while (!left.isEmpty() && nanos.getAsLong() - begin < READING.toNanos()) {
        consumer.assign(left.keySet());
        left.forEach((partition, offsets) -> consumer.seek(partition, offsets.getLast()));
        Set<TopicPartition> open = new HashSet<>(left.keySet());
        while (!open.isEmpty() && nanos.getAsLong() - begin < READING.toNanos()) {
          var polled = consumer.poll(Duration.ofMillis(200));
          for (TopicPartition partition : polled.partitions()) {
            ConsumerRecord<byte[], byte[]> record = polled.records(partition).getFirst();
            if (open.remove(partition)) {
              times
                  .computeIfAbsent(partition, each -> new HashMap<>())
                  .put(record.offset(), Instant.ofEpochMilli(record.timestamp()));
              consumer.pause(List.of(partition));
            }
          }
        }
        left.values().forEach(List::removeLast);
        left.values().removeIf(List::isEmpty);
      }
    }
    return times;
  }

  private Admin client() {
    lock.lock();
    try {
      Admin made = admin;
      if (made == null) {
        Properties properties = ClientProperties.of(kafka);
        properties.put(AdminClientConfig.CLIENT_ID_CONFIG, "penstock-console");
        properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, "3000");
        properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, "5000");
        made = Admin.create(properties);
        admin = made;
      }
      return made;
    } finally {
      lock.unlock();
    }
  }

  private static <T> T get(KafkaFuture<T> answer)
      throws ExecutionException, InterruptedException, NotReadableException {
    try {
      return answer.get(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new NotReadableException("Kafka did not answer within " + DEADLINE.toSeconds() + " s.");
    }
  }

  private static NotReadableException unreadable(ExecutionException e) {
    return new NotReadableException("Kafka: " + FailureText.of(e.getCause()));
  }

  @Override
  public void close() {
    lock.lock();
    try {
      if (admin != null) {
        admin.close(Duration.ofSeconds(1));
      }
    } finally {
      lock.unlock();
    }
  }
}
