package io.penstock.ingest.pipeline;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.processor.TimestampExtractor;

/**
 * The time of a landing record: its leader's stamp, as far as that can be true. A stamp that is
 * more than {@link #TOLERANCE} ahead of this process's clock, or behind the records before it in
 * its partition, is taken for the nearest that is not.
 *
 * <p>Everything that follows from the record bears this time: a broker refuses a record that is
 * stamped too far ahead of its own clock, and a store forgets what lies behind the newest time that
 * it has seen by its retention. The upper bound holds in any case, since what a broker refuses
 * stops a partition; so the result may be behind the partition's time where that is wrong itself,
 * which {@link Deduplicate} allows for.
 *
 * <p>Safe for use by any number of stream threads. Never throws, and never gives a negative time,
 * whose record Kafka Streams would drop.
 */
final class LandingTime implements TimestampExtractor {

  /** How far apart the clocks of brokers and pipelines may be without a stamp being changed. */
  static final Duration TOLERANCE = Duration.ofMinutes(10);

  /**
   * No clock that was ever set is before this. One that was not says nothing, and bounds nothing:
   * events with its time would be past their topic's retention.
   */
  private static final long NEVER_SET = Instant.parse("2025-01-01T00:00:00Z").toEpochMilli();

  /** Where a stamp was that could not be true. */
  enum Correction {
    /** Further in the future than clocks may be apart. */
    AHEAD,
    /** Further behind the partition's newest record than clocks may be apart, or no time at all. */
    BEHIND
  }

  private final InstantSource clock;
  private final Consumer<Correction> corrected;

  /**
   * @param clock this process's
   * @param corrected hears of each stamp that was changed; called by stream threads, and must not
   *     throw
   */
  LandingTime(InstantSource clock, Consumer<Correction> corrected) {
    this.clock = clock;
    this.corrected = corrected;
  }

  @Override
  public long extract(ConsumerRecord<Object, Object> record, long partitionTime) {
    long stamp = record.timestamp();
    long time = time(stamp, partitionTime, clock.millis());
    if (time != stamp) {
      corrected.accept(time < stamp ? Correction.AHEAD : Correction.BEHIND);
    }
    return time;
  }

  /**
   * @param stamp the leader's; negative where there is none
   * @param partitionTime the newest time in the partition so far; negative where it is not known
   */
  private static long time(long stamp, long partitionTime, long now) {
    long tolerance = TOLERANCE.toMillis();
    boolean clockIsSet = now >= NEVER_SET && now <= Long.MAX_VALUE - tolerance;
    long latest = clockIsSet ? now + tolerance : Long.MAX_VALUE;
    if (stamp < 0 && partitionTime < 0) {
      return Math.max(0, now);
    }
    long earliest = Math.max(0, partitionTime - tolerance);
    return Math.min(latest, Math.max(earliest, stamp));
  }
}
