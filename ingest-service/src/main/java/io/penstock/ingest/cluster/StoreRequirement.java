package io.penstock.ingest.cluster;

import io.penstock.ingest.config.Configuration;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The settings that the pipeline's state needs: those of its store's changelog, and how long
 * brokers keep its group's offsets.
 *
 * @param landing the landing log's topic
 * @param changelog the store's topic, which Kafka Streams creates
 * @param window how long an event is remembered
 * @param replicationFactor of the changelog
 */
public record StoreRequirement(
    String landing, String changelog, Duration window, int replicationFactor) {

  /** How far clocks may differ: see {@code LandingTime}. */
  static final Duration CLOCKS = Duration.ofMinutes(10);

  private static final Duration LEAST_MORE = Duration.ofDays(1);

  /** A landing log without a retention must not cause a changelog without a retention. */
  private static final Duration MOST_MORE = Duration.ofDays(30);

  /** The requirement of this configuration; null if the instance has no pipeline. */
  public static @Nullable StoreRequirement of(Configuration configuration) {
    if (!configuration.roles().contains(Configuration.Role.PIPELINE)) {
      return null;
    }
    Topics topics = new Topics(configuration.topics().prefix());
    return new StoreRequirement(
        topics.inbound(),
        topics.changelog(),
        configuration.deduplication().window(),
        configuration.topics().replicationFactor());
  }

  /**
   * How much longer than the store the changelog keeps an id: as long as a record may wait in the
   * landing log. Brokers measure retention from the record's timestamp. Without this addition, the
   * ids of a backlog would expire as soon as they are written, and a restored store would not have
   * them.
   *
   * @param landingMillis the landing log's retention; negative if it has none
   * @return between a day and 30 days
   */
  public static Duration moreThanTheStore(long landingMillis) {
    if (landingMillis < 0 || landingMillis > MOST_MORE.toMillis()) {
      return MOST_MORE;
    }
    return Duration.ofMillis(Math.max(landingMillis, LEAST_MORE.toMillis()));
  }

  /** How long the store itself keeps an id. */
  Duration store() {
    return window.plus(CLOCKS);
  }

  /** How long the changelog keeps an id. */
  Duration changelogRetention(long landingMillis) {
    return store().plus(moreThanTheStore(landingMillis));
  }
}
