package io.penstock.ingest.pipeline;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.LongConsumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.processor.TimestampExtractor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches how the landing log is read: how far behind the pipeline is, in time, and which records
 * Kafka deleted before they were read. Kafka Streams shows each record to its timestamp extractor
 * before it is processed, and commits nothing of it before.
 *
 * <p>Where a partition's records do not follow one another, or its first record is seen, Kafka is
 * asked where the partition begins and what was committed: only what lies between the two has
 * expired. Other gaps, and records that another instance has read, do not count.
 *
 * <p>Safe for use by any number of stream threads, of which each reads partitions of its own. Never
 * throws.
 */
final class LandingReading implements TimestampExtractor {

  private static final Logger log = LoggerFactory.getLogger(LandingReading.class);

  /** A partition of which nothing was read for so long says nothing: another may have it by now. */
  static final Duration FORGOTTEN = Duration.ofMinutes(5);

  private final TimestampExtractor time;
  private final InstantSource clock;
  private final LandingOffsets offsets;
  private final LongConsumer expired;
  private final Map<Integer, LastRead> partitions = new ConcurrentHashMap<>();

  /** What was last read of a partition. Written by the thread that reads it. */
  private static final class LastRead {
    private volatile long next = -1;
    private volatile long readAt;
    private volatile long behindMillis;
  }

  /**
   * @param time tells a record's time
   * @param offsets asked where records are missing
   * @param expired hears of how many records were deleted before they were read; must not throw
   */
  LandingReading(
      TimestampExtractor time, InstantSource clock, LandingOffsets offsets, LongConsumer expired) {
    this.time = time;
    this.clock = clock;
    this.offsets = offsets;
    this.expired = expired;
  }

  @Override
  public long extract(ConsumerRecord<Object, Object> record, long partitionTime) {
    LastRead partition = partitions.computeIfAbsent(record.partition(), number -> new LastRead());
    if (partition.next < 0 || record.offset() > partition.next) {
      lookForExpired(record, partition.next);
    }
    partition.next = record.offset() + 1;
    long at = time.extract(record, partitionTime);
    long now = clock.millis();
    partition.behindMillis = Math.max(0, now - at);
    partition.readAt = now;
    return at;
  }

  private void lookForExpired(ConsumerRecord<Object, Object> record, long next) {
    try {
      LandingOffsets.Known known = offsets.ask(record.partition());
      long from = Math.max(next, known.committed().orElse(-1));
      // Kafka may have deleted more meanwhile, of what has just been read.
      long to = Math.min(known.start(), record.offset());
      if (from >= 0 && to > from) {
        log.atError()
            .addKeyValue("topic", record.topic())
            .addKeyValue("partition", record.partition())
            .addKeyValue("first_offset", from)
            .addKeyValue("records", to - from)
            .log("Kafka deleted deliveries before the pipeline read them");
        expired.accept(to - from);
      }
    } catch (ExecutionException | TimeoutException | RuntimeException e) {
      log.atDebug()
          .addKeyValue("partition", record.partition())
          .addKeyValue("cause", e.toString())
          .log("It cannot be told whether deliveries were deleted unread");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * How old the last record of the partition that is furthest behind was when it was read, in
   * seconds; 0 where nothing was read lately.
   */
  double behindSeconds() {
    long since = clock.millis() - FORGOTTEN.toMillis();
    return partitions.values().stream()
            .filter(partition -> partition.readAt >= since)
            .mapToLong(partition -> partition.behindMillis)
            .max()
            .orElse(0)
        / 1000.0;
  }
}
