package io.penstock.ledger;

import java.time.Duration;
import java.util.List;

/**
 * What a provider does about a delivery that was not acknowledged.
 *
 * @param timeout how long it waits for an answer
 * @param delays between an attempt that failed and the next; as many as there are retries
 * @param resendsAtOnce whether a connection that fails within a second makes it send the identical
 *     request once more, before any delay
 */
public record Retries(Duration timeout, List<Duration> delays, boolean resendsAtOnce) {

  public Retries {
    delays = List.copyOf(delays);
  }

  /**
   * How a test shortens the waits between attempts; time-outs stay as they are.
   *
   * @param scale what delays are multiplied by
   * @param longest what they are cut to
   */
  public record Pace(double scale, Duration longest) {

    Duration of(Duration delay) {
      Duration scaled = Duration.ofNanos((long) (delay.toNanos() * scale));
      return scaled.compareTo(longest) < 0 ? scaled : longest;
    }
  }
}
