package io.penstock.ingest.cluster;

import io.penstock.ingest.config.Configuration;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What the memory of the pipeline needs: the changelog of its store, and its group's offsets.
 *
 * @param landing the landing log's topic
 * @param changelog the store's topic, which Kafka Streams creates
 * @param window for how long an event is remembered
 * @param replicationFactor of the changelog
 */
public record StoreRequirement(
    String landing, String changelog, Duration window, int replicationFactor) {

  /** By how far clocks may be apart: see {@code LandingTime}. */
  static final Duration CLOCKS = Duration.ofMinutes(10);

  private static final Duration LEAST_MORE = Duration.ofDays(1);

  /** A landing log without end would make a changelog without end. */
  private static final Duration MOST_MORE = Duration.ofDays(30);

  /** What a pipeline needs; null where this instance has none. */
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
   * For how much longer than the store the changelog keeps an id: as long as a record may wait in
   * the landing log. Brokers count from the record's stamp, so what a pipeline works off late would
   * otherwise be gone as soon as it was written, and a store that is restored then had forgotten
   * it.
   *
   * @param landingMillis the landing log's retention; negative where it has none
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
