package io.penstock.ingest.console.live;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.ingest.observability.Meters;
import java.util.concurrent.atomic.AtomicLong;

/** What is measured of the live feed and its pages. Safe for several threads. */
final class LiveMeters {

  private final MeterRegistry registry;
  private final Counter skipped;
  private final Counter unshown;
  private final AtomicLong lag = new AtomicLong();

  LiveMeters(MeterRegistry registry) {
    this.registry = registry;
    skipped = Meters.CONSOLE_LIVE_SKIPPED.counter(registry);
    unshown = Meters.CONSOLE_LIVE_UNSHOWN.counter(registry);
    Meters.CONSOLE_LIVE_LAG.gauge(registry, null, lag, AtomicLong::get);
  }

  /** Measures these from now on; both are to be kept by their owner. */
  void watch(LiveBoard board, LiveStreams streams) {
    Meters.CONSOLE_LIVE_ROWS.gauge(registry, null, board, each -> each.summary().kept());
    Meters.CONSOLE_LIVE_PAGES.gauge(registry, null, streams, LiveStreams::open);
  }

  void behind(long records) {
    lag.set(records);
  }

  void skipped(long deliveries) {
    skipped.increment((double) deliveries);
  }

  void unshown(long rows) {
    unshown.increment((double) rows);
  }
}
