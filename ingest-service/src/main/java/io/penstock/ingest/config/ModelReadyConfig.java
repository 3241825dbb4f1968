package io.penstock.ingest.config;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Events that say which models can be used.
 *
 * @param enabled whether there are any
 * @param retention how long what is known of a model is kept after its last change, by the brokers'
 *     clocks
 * @param ignoreBefore what was published before this time does not count, also if it is known
 *     already; null: all counts
 */
public record ModelReadyConfig(
    boolean enabled, Duration retention, @Nullable Instant ignoreBefore) {

  /** The retention unless another is configured. */
  public static final Duration RETENTION = Duration.ofDays(90);

  /** There are none. */
  public static final ModelReadyConfig OFF = new ModelReadyConfig(false, RETENTION, null);
}
