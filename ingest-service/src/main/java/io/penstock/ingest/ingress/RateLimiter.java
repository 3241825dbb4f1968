package io.penstock.ingest.ingress;

import io.penstock.ingest.config.Configuration.RateLimit;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * A token bucket: a number of deliveries at once, and as many a second in the long run. Safe for
 * use by any number of threads, without a lock.
 *
 * <p>It keeps one number, the time at which the bucket is full again (the generic cell rate
 * algorithm of ITU-T I.371).
 */
final class RateLimiter {

  private final long interval;
  private final long tolerance;
  private final LongSupplier nanoTime;
  private final AtomicLong fullAt;

  /**
   * @param nanoTime a clock as {@link System#nanoTime}
   */
  RateLimiter(RateLimit limit, LongSupplier nanoTime) {
    this.interval = TimeUnit.SECONDS.toNanos(1) / limit.perSecond();
    this.tolerance = interval * (limit.burst() - 1);
    this.nanoTime = nanoTime;
    this.fullAt = new AtomicLong(nanoTime.getAsLong());
  }

  /**
   * Takes a token.
   *
   * @return 0, or the nanoseconds after which there will be one: then none was taken
   */
  long tryTake() {
    long now = nanoTime.getAsLong();
    while (true) {
      long before = fullAt.get();
      long start = before - now > 0 ? before : now;
      long wait = start - now - tolerance;
      if (wait > 0) {
        return wait;
      }
      if (fullAt.compareAndSet(before, start + interval)) {
        return 0;
      }
    }
  }
}
