package io.penstock.ingest.ingress;

import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Measures how late an event loop comes to its tasks, by a timer of its own. Belongs to that event
 * loop.
 */
final class EventLoopDelay {

  private final LongSupplier nanoTime;
  private final long period;
  private final Timer timer;
  private long last;

  /**
   * @param nanoTime a clock as {@link System#nanoTime}
   * @param period between two ticks of an event loop that is never late
   */
  EventLoopDelay(LongSupplier nanoTime, Duration period, Timer timer) {
    this.nanoTime = nanoTime;
    this.period = period.toNanos();
    this.timer = timer;
    this.last = nanoTime.getAsLong();
  }

  /** To be called every period. A tick that makes up for a late one is early, which is no delay. */
  void tick() {
    long now = nanoTime.getAsLong();
    timer.record(Math.max(0, now - last - period), TimeUnit.NANOSECONDS);
    last = now;
  }
}
