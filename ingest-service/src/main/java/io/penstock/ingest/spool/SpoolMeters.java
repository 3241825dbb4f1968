package io.penstock.ingest.spool;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.penstock.ingest.observability.Meters;
import io.penstock.ingest.spool.Spool.Appended;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** What a spool counts. Safe for use by any number of threads. */
final class SpoolMeters {

  private final Map<Appended, Counter> appended = new EnumMap<>(Appended.class);
  private final Counter lost;
  private final Timer syncTime;
  private final DistributionSummary batchSize;

  SpoolMeters(MeterRegistry registry) {
    for (Appended outcome : Appended.values()) {
      appended.put(
          outcome,
          Meters.SPOOL_APPENDS.counter(
              registry, "outcome", outcome.name().toLowerCase(Locale.ROOT)));
    }
    lost = Meters.SPOOL_LOST.counter(registry);
    syncTime = Meters.SPOOL_SYNC.timer(registry);
    batchSize = Meters.SPOOL_BATCH.summary(registry, 1, 2, 5, 10, 25, 50, 100, 250, 1000);
  }

  void appended(Appended outcome) {
    Objects.requireNonNull(appended.get(outcome)).increment();
  }

  void lost(long values) {
    lost.increment((double) values);
  }

  /** A group of values was written and synced. */
  void synced(int values, long nanos) {
    syncTime.record(nanos, TimeUnit.NANOSECONDS);
    batchSize.record(values);
  }
}
