package io.penstock.ingest.ingress;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.penstock.ingest.delivery.Reason;
import io.penstock.ingest.observability.Meters;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/** What is measured of one source's requests, looked up once. */
final class SourceMeters {

  /** The source and the provider of requests that no source claims. */
  static final String NOBODY = "unknown";

  private final Counter acknowledged;
  private final Counter abandoned;
  private final Counter authenticationFailures;
  private final Map<Reason, Counter> refused = new EnumMap<>(Reason.class);
  private final Timer acknowledgement;
  private final DistributionSummary bodySize;

  SourceMeters(MeterRegistry registry, String source, String provider) {
    String[] labels = {"source", source, "provider", provider};
    acknowledged = deliveries(registry, source, provider, "acknowledged", "none");
    abandoned = deliveries(registry, source, provider, "abandoned", "none");
    for (Reason reason : Reason.values()) {
      if (reason != Reason.UNDECODABLE) {
        String outcome = reason == Reason.KAFKA_UNAVAILABLE ? "unknown" : "refused";
        refused.put(reason, deliveries(registry, source, provider, outcome, reason.code()));
      }
    }
    authenticationFailures = Meters.AUTHENTICATION_FAILURES.counter(registry, labels);
    acknowledgement = Meters.ACKNOWLEDGEMENT.timer(registry, labels);
    bodySize = Meters.BODY_SIZE.bytes(registry, labels);
  }

  private static Counter deliveries(
      MeterRegistry registry, String source, String provider, String outcome, String reason) {
    return Meters.DELIVERIES.counter(
        registry, "source", source, "provider", provider, "outcome", outcome, "reason", reason);
  }

  void authentic(int bodyBytes) {
    bodySize.record(bodyBytes);
  }

  void acknowledged(long nanos) {
    acknowledged.increment();
    acknowledgement.record(nanos, java.util.concurrent.TimeUnit.NANOSECONDS);
  }

  void refused(Reason reason) {
    Objects.requireNonNull(refused.get(reason)).increment();
    if (reason == Reason.AUTHENTICATION_FAILED) {
      authenticationFailures.increment();
    }
  }

  void abandoned() {
    abandoned.increment();
  }
}
