package io.penstock.ingest.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.ingest.cluster.ClientProperties;
import io.penstock.ingest.config.Configuration;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many deliveries each source usually gets within the hour around this time of the day: the
 * median of the last seven days that the landing log still has. Of each hour a sample is read, and
 * its size is taken from offsets. Read in the background when somebody asks, every quarter of an
 * hour at most; asking never waits. Safe for use by any number of threads.
 */
public final class UsualRates {

  private static final Logger log = LoggerFactory.getLogger(UsualRates.class);

  /** How many days are looked at. */
  static final int DAYS = 7;

  /** How many records of each day's hour are read. */
  private static final int SAMPLE = 500;

  private static final Duration LIFE = Duration.ofMinutes(15);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMinutes(1);
  private static final Duration READING = Duration.ofSeconds(5);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final String SOURCE = "penstock-source";

  private final Configuration.KafkaConfig kafka;
  private final String inbound;
  private final InstantSource clock;
  private final AtomicBoolean reading = new AtomicBoolean();
  private volatile Map<String, Usual> known = Map.of();
  private volatile Instant nextAt = Instant.MIN;

  /**
   * What is usual of one source.
   *
   * @param perHour the median of the days
   * @param days how many days it is known of
   * @param isSampled whether not all deliveries of these hours were read
   */
  public record Usual(long perHour, int days, boolean isSampled) {}

  /**
   * The deliveries of one hour by source.
   *
   * @param isSampled whether they are calculated from a sample
   */
  record Day(Map<String, Double> counts, boolean isSampled) {
    Day {
      counts = Map.copyOf(counts);
    }
  }

  /**
   * Connects to nothing yet.
   *
   * @param inbound the landing log's topic
   */
  public UsualRates(Configuration.KafkaConfig kafka, String inbound, InstantSource clock) {
    this.kafka = kafka;
    this.inbound = inbound;
    this.clock = clock;
  }

  /** What is known now; empty where that is nothing, or the source had none in these hours. */
  public Optional<Usual> of(String source) {
    Instant now = clock.instant();
    if (!now.isBefore(nextAt) && reading.compareAndSet(false, true)) {
      Thread.ofVirtual().name("console-usual-rates").start(this::read);
    }
    return Optional.ofNullable(known.get(source));
  }

  private void read() {
    Instant now = clock.instant();
    try (Consumer<byte[], byte[]> consumer = consumer()) {
      known = medians(days(consumer, now));
      nextAt = now.plus(LIFE);
    } catch (KafkaException e) {
      nextAt = now.plus(PAUSE_AFTER_FAILURE);
      log.debug("What is usual at this hour was not read", e);
    } finally {
      reading.set(false);
    }
  }

  private Consumer<byte[], byte[]> consumer() {
    Properties properties =
        ClientProperties.ofReader(kafka, "penstock-console-usual", Duration.ofSeconds(5));
    properties.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 4 << 20);
    properties.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 256 << 10);
    properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, SAMPLE);
    return new KafkaConsumer<>(
        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /** The medians of these days by source. */
  static Map<String, Usual> medians(List<Day> days) {
    Set<String> sources = new HashSet<>();
    days.forEach(day -> sources.addAll(day.counts().keySet()));
    boolean isSampled = days.stream().anyMatch(Day::isSampled);
    Map<String, Usual> medians = new HashMap<>();
    for (String source : sources) {
      List<Double> counts = new ArrayList<>();
      days.forEach(day -> counts.add(day.counts().getOrDefault(source, 0.0)));
      Collections.sort(counts);
      int middle = counts.size() / 2;
      double median =
          counts.size() % 2 == 1
              ? counts.get(middle)
              : (counts.get(middle - 1) + counts.get(middle)) / 2;
      medians.put(source, new Usual(Math.round(median), days.size(), isSampled));
    }
    return medians;
  }

  private List<Day> days(Consumer<byte[], byte[]> consumer, Instant now) {
    List<TopicPartition> partitions = new ArrayList<>();
    for (PartitionInfo each : consumer.partitionsFor(inbound)) {
      partitions.add(new TopicPartition(inbound, each.partition()));
    }
    consumer.assign(partitions);
    Map<TopicPartition, Long> first = consumer.beginningOffsets(partitions);
    Map<TopicPartition, Long> last = consumer.endOffsets(partitions);
    Instant until = clock.instant().plus(READING);
    List<Day> days = new ArrayList<>();
    for (int day = 1; day <= DAYS; day++) {
      Instant from = now.minus(Duration.ofDays(day)).minus(Duration.ofMinutes(30));
      Map<TopicPartition, Long> starts = offsets(consumer, partitions, from, last);
      boolean isKept =
          partitions.stream()
              .anyMatch(each -> starts.getOrDefault(each, 0L) > first.getOrDefault(each, 0L));
      if (!isKept) {
        break; // the log begins later
      }
      Map<TopicPartition, Long> ends =
          offsets(consumer, partitions, from.plus(Duration.ofHours(1)), last);
      Optional<Day> read = day(consumer, starts, ends, until);
      if (read.isEmpty()) {
        break;
      }
      days.add(read.get());
    }
    return days;
  }

  private static Map<TopicPartition, Long> offsets(
      Consumer<?, ?> consumer,
      List<TopicPartition> partitions,
      Instant at,
      Map<TopicPartition, Long> last) {
    Map<TopicPartition, Long> times = new HashMap<>();
    partitions.forEach(each -> times.put(each, at.toEpochMilli()));
    Map<TopicPartition, Long> offsets = new HashMap<>(last);
    Map<TopicPartition, @Nullable OffsetAndTimestamp> found = consumer.offsetsForTimes(times);
    found.forEach(
        (partition, offset) -> {
          if (offset != null) {
            offsets.put(partition, offset.offset());
          }
        });
    return offsets;
  }

  /** Reads the beginning of each partition's part; empty where it takes too long. */
  private Optional<Day> day(
      Consumer<byte[], byte[]> consumer,
      Map<TopicPartition, Long> starts,
      Map<TopicPartition, Long> ends,
      Instant until) {
    Map<TopicPartition, Long> sizes = new HashMap<>();
    starts.forEach(
        (partition, start) -> {
          long size = ends.getOrDefault(partition, start) - start;
          if (size > 0) {
            sizes.put(partition, size);
          }
        });
    if (sizes.isEmpty()) {
      return Optional.of(new Day(Map.of(), false));
    }
    long all = sizes.values().stream().mapToLong(Long::longValue).sum();
    Map<TopicPartition, Long> wanted = new HashMap<>();
    sizes.forEach(
        (partition, size) ->
            wanted.put(partition, Math.min(size, Math.max(1, SAMPLE * size / Math.max(1, all)))));
    consumer.assign(wanted.keySet());
    wanted.keySet().forEach(each -> consumer.seek(each, starts.getOrDefault(each, 0L)));
    Map<TopicPartition, Map<String, Integer>> seen = new HashMap<>();
    Set<TopicPartition> left = new HashSet<>(wanted.keySet());
    while (!left.isEmpty()) {
      if (clock.instant().isAfter(until)) {
        return Optional.empty();
      }
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        TopicPartition partition = new TopicPartition(record.topic(), record.partition());
        if (record.offset() < end(partition, starts, wanted)) {
          seen.computeIfAbsent(partition, each -> new HashMap<>())
              .merge(source(record), 1, Integer::sum);
        }
      }
      left.removeIf(each -> consumer.position(each) >= end(each, starts, wanted));
    }
    Map<String, Double> counts = new HashMap<>();
    seen.forEach(
        (partition, sources) -> {
          int read = sources.values().stream().mapToInt(Integer::intValue).sum();
          double factor = (double) sizes.getOrDefault(partition, 0L) / read;
          sources.forEach((source, count) -> counts.merge(source, count * factor, Double::sum));
        });
    return Optional.of(new Day(counts, all > SAMPLE));
  }

  private static long end(
      TopicPartition partition,
      Map<TopicPartition, Long> starts,
      Map<TopicPartition, Long> wanted) {
    return starts.getOrDefault(partition, 0L) + wanted.getOrDefault(partition, 0L);
  }

  private static String source(ConsumerRecord<?, ?> record) {
    Header header = record.headers().lastHeader(SOURCE);
    return header == null || header.value() == null ? "" : new String(header.value(), UTF_8);
  }
}
