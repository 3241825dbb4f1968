package io.penstock.ingest.pipeline;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.delivery.Reason;
import io.penstock.ingest.observability.Meters;
import io.penstock.ingest.provider.Decoding;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What is measured of the pipeline. Safe for use by any number of stream threads. */
final class PipelineMeters {

  /**
   * More sources than any deployment has; beyond it, a landing log written by strangers would make
   * labels without end.
   */
  private static final int MAX_SOURCES = 1000;

  private static final Set<Reason> USUAL_REASONS =
      Set.of(
          Reason.MALFORMED_JSON,
          Reason.MISSING_IDENTITY,
          Reason.UNDECODABLE,
          Reason.PAYLOAD_TOO_LARGE);

  private final MeterRegistry registry;
  private final Map<SourceKey, Source> sources = new ConcurrentHashMap<>();

  PipelineMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  /**
   * Binds what will be counted of the configured sources, and of records that no ingress wrote: a
   * counter that appears with its first count shows no rise.
   */
  void bind(List<Configuration.Source> configured) {
    configured.forEach(source -> of(source.name(), source.provider()));
    Meters.DEAD_LETTERS.counter(
        registry,
        "source",
        Publisher.UNKNOWN,
        "provider",
        Publisher.UNKNOWN,
        "reason",
        Reason.UNDECODABLE.code());
  }

  private record SourceKey(String source, String provider) {}

  /** The meters of one source. */
  Source of(String source, String provider) {
    SourceKey key = new SourceKey(source, provider);
    Source known = sources.get(key);
    if (known != null) {
      return known;
    }
    SourceKey bounded = sources.size() < MAX_SOURCES ? key : new SourceKey("other", "other");
    return sources.computeIfAbsent(bounded, k -> new Source(registry, k.source(), k.provider()));
  }

  /** How many records have been processed, whatever came of them. */
  double processed() {
    return sources.values().stream().mapToDouble(Source::processed).sum();
  }

  /** Of one source, looked up once. */
  static final class Source {
    private final MeterRegistry registry;
    private final String source;
    private final String provider;
    private final Counter duplicates;
    private final Counter events;
    private final Counter unknownTypes;
    private final Timer endToEnd;
    private final Timer providerDelay;

    private Source(MeterRegistry registry, String source, String provider) {
      this.registry = registry;
      this.source = source;
      this.provider = provider;
      String[] labels = {"source", source, "provider", provider};
      duplicates = Meters.DUPLICATES.counter(registry, labels);
      events = Meters.EVENTS.counter(registry, labels);
      unknownTypes = Meters.UNKNOWN_TYPES.counter(registry, labels);
      for (Reason reason : USUAL_REASONS) {
        deadLetters(reason); // there, and zero, before the first
      }
      endToEnd = Meters.END_TO_END.timer(registry, labels);
      providerDelay = Meters.PROVIDER_DELAY.timer(registry, labels);
    }

    private double processed() {
      return events.count()
          + duplicates.count()
          + USUAL_REASONS.stream().mapToDouble(reason -> deadLetters(reason).count()).sum();
    }

    void duplicate() {
      duplicates.increment();
    }

    /** Clocks differ: what seems to have taken less than no time took none. */
    void published(long endToEndMillis) {
      events.increment();
      endToEnd.record(Duration.ofMillis(Math.max(0, endToEndMillis)));
    }

    void delayed(long providerMillis) {
      providerDelay.record(Duration.ofMillis(Math.max(0, providerMillis)));
    }

    void unknownType() {
      unknownTypes.increment();
    }

    void deviations(Set<String> fields) {
      for (String field : fields) {
        Meters meter =
            field.endsWith(Decoding.UNDOCUMENTED) ? Meters.UNKNOWN_FIELDS : Meters.DEVIATIONS;
        meter.counter(registry, "provider", provider, "field", field).increment();
      }
    }

    void deadLetter(Reason reason) {
      deadLetters(reason).increment();
    }

    private Counter deadLetters(Reason reason) {
      return Meters.DEAD_LETTERS.counter(
          registry, "source", source, "provider", provider, "reason", reason.code());
    }
  }
}
