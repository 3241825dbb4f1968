package io.penstock.ingest.ingress;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.penstock.ingest.delivery.Reason;
import io.penstock.ingest.landing.AppendOutcome.Keeper;
import io.penstock.ingest.observability.Meters;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** What is measured of one source's requests, looked up once. */
final class SourceMeters {

  /** The source and the provider of requests whose address names no source. */
  static final String UNKNOWN = "unknown";

  private final String source;
  private final Map<Keeper, Counter> acknowledged = new EnumMap<>(Keeper.class);
  private final Counter abandoned;
  private final Counter challenges;
  private final Counter authenticationFailures;
  private final Map<Reason, Counter> refused = new EnumMap<>(Reason.class);
  private final Map<Reason, Counter> unknown = new EnumMap<>(Reason.class);
  private final Timer acknowledgement;
  private final DistributionSummary bodySize;
  private volatile long lastAcknowledged;

  /**
   * @param challenge the kind of challenge that the source answers
   */
  SourceMeters(MeterRegistry registry, String source, String provider, String challenge) {
    this.source = source;
    challenges = Meters.CHALLENGES.counter(registry, "source", source, "kind", challenge);
    String[] labels = {"source", source, "provider", provider};
    for (Keeper keeper : Keeper.values()) {
      acknowledged.put(
          keeper,
          deliveries(
              registry,
              source,
              provider,
              "acknowledged",
              "none",
              keeper.name().toLowerCase(Locale.ROOT)));
    }
    abandoned = deliveries(registry, source, provider, "abandoned", "none", "none");
    for (Reason reason : Reason.values()) {
      if (reason != Reason.UNDECODABLE) {
        refused.put(
            reason, deliveries(registry, source, provider, "refused", reason.code(), "none"));
      }
    }
    // Only the outcome of an append can be unknown.
    for (Reason reason : List.of(Reason.KAFKA_UNAVAILABLE, Reason.SPOOL_FULL)) {
      unknown.put(reason, deliveries(registry, source, provider, "unknown", reason.code(), "none"));
    }
    authenticationFailures = Meters.AUTHENTICATION_FAILURES.counter(registry, labels);
    acknowledgement = Meters.ACKNOWLEDGEMENT.timer(registry, labels);
    bodySize = Meters.BODY_SIZE.bytes(registry, labels);
  }

  private static Counter deliveries(
      MeterRegistry registry,
      String source,
      String provider,
      String outcome,
      String reason,
      String durable) {
    return Meters.DELIVERIES.counter(
        registry,
        "source",
        source,
        "provider",
        provider,
        "outcome",
        outcome,
        "reason",
        reason,
        "durable",
        durable);
  }

  /** The name of the source, or {@link #UNKNOWN}. */
  String source() {
    return source;
  }

  void authentic(int bodyBytes) {
    bodySize.record(bodyBytes);
  }

  /**
   * @param nanos from the request's head to its answer
   */
  void acknowledged(Keeper by, long nanos) {
    Objects.requireNonNull(acknowledged.get(by)).increment();
    acknowledgement.record(nanos, java.util.concurrent.TimeUnit.NANOSECONDS);
  }

  /**
   * @param now in milliseconds since 1970
   */
  void acknowledgedAt(long now) {
    lastAcknowledged = now;
  }

  /** How many deliveries were acknowledged. */
  long acknowledged() {
    return Math.round(acknowledged.values().stream().mapToDouble(Counter::count).sum());
  }

  /** When the last delivery was acknowledged, in milliseconds since 1970; 0 if none was. */
  long lastAcknowledged() {
    return lastAcknowledged;
  }

  /** The delivery is unacknowledged, and may be kept all the same. */
  void unknown(Reason reason) {
    Objects.requireNonNull(unknown.get(reason)).increment();
  }

  /** The delivery is not kept, or only as a refusal. */
  void refused(Reason reason) {
    Objects.requireNonNull(refused.get(reason)).increment();
    if (reason == Reason.AUTHENTICATION_FAILED) {
      authenticationFailures.increment();
    }
  }

  /** A challenge was answered with its text. */
  void challenged() {
    challenges.increment();
  }

  void abandoned() {
    abandoned.increment();
  }
}
