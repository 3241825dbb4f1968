package io.penstock.ingest.pipeline;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.delivery.Reason;
import io.penstock.ingest.observability.Meters;
import io.penstock.ingest.provider.Decoding;
import io.penstock.ingest.provider.ModelReadiness;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** What is measured of the pipeline. Safe for use by any number of stream threads. */
final class PipelineMeters {

  /**
   * How many sources have meters of their own beside the configured ones: those that were removed
   * from the configuration, or that another instance has. Without a bound, a client that writes to
   * the landing log could make labels without end.
   */
  private static final int OTHER_SOURCES = 20;

  /** It was published that a model can be used. */
  static final String READY = "ready";

  /** It was published that a model can no longer be used. */
  static final String WITHDRAWN = "withdrawn";

  private static final SourceKey OTHER = new SourceKey("other", "other");
  private static final SourceKey FOREIGN =
      new SourceKey(DeadLetterMaker.UNKNOWN, DeadLetterMaker.UNKNOWN);

  private static final long MOST_MILLIS = Duration.ofDays(36_500).toMillis();

  private static final Set<Reason> USUAL_REASONS =
      Set.of(
          Reason.MALFORMED_JSON,
          Reason.MISSING_IDENTITY,
          Reason.UNSUPPORTED_CONTENT_TYPE,
          Reason.UNDECODABLE,
          Reason.PAYLOAD_TOO_LARGE);

  private final MeterRegistry registry;
  private final Map<SourceKey, PerSource> sources = new ConcurrentHashMap<>();
  private final Map<LandingTime.Correction, Counter> corrections =
      new EnumMap<>(LandingTime.Correction.class);
  private final Counter failures;
  private final Counter expired;
  private final AtomicInteger others = new AtomicInteger();

  PipelineMeters(MeterRegistry registry) {
    this.registry = registry;
    this.expired = Meters.LANDING_EXPIRED.counter(registry);
    this.failures = Meters.PROCESSING_FAILURES.counter(registry);
    for (LandingTime.Correction correction : LandingTime.Correction.values()) {
      corrections.put(
          correction,
          Meters.TIMESTAMPS_CORRECTED.counter(
              registry, "stamp", correction.name().toLowerCase(Locale.ROOT)));
    }
  }

  /** Counts a landing record whose time stamp could not be true. */
  void corrected(LandingTime.Correction correction) {
    Objects.requireNonNull(corrections.get(correction)).increment();
  }

  /** Counts landing records that Kafka deleted before they were read. */
  void expired(long records) {
    expired.increment((double) records);
  }

  /** A record that could not be processed, and became a dead letter as it was. */
  void failed() {
    failures.increment();
  }

  /**
   * Binds what will be counted of the configured sources, and of records that no ingress wrote: a
   * counter that appears with its first count shows no rise.
   */
  void bind(List<Configuration.SourceConfig> configured) {
    configured.forEach(source -> known(new SourceKey(source.name(), source.provider())));
    Meters.DEAD_LETTERS.counter(
        registry,
        "source",
        DeadLetterMaker.UNKNOWN,
        "provider",
        DeadLetterMaker.UNKNOWN,
        "reason",
        Reason.UNDECODABLE.code());
  }

  /** Binds what will be counted of the models of a source. */
  void bindModels(Configuration.SourceConfig source, ModelReadiness readiness) {
    PerSource meters = of(source.name(), source.provider());
    meters.modelEvents(READY);
    meters.modelEvents(WITHDRAWN);
    meters.lateModels();
    readiness.doubts().forEach(meters::unclearModels);
  }

  private record SourceKey(String source, String provider) {}

  /** The meters of one source. */
  PerSource of(String source, String provider) {
    SourceKey key = new SourceKey(source, provider);
    PerSource known = sources.get(key);
    if (known != null) {
      return known;
    }
    boolean hasItsOwn =
        key.equals(FOREIGN)
            || (others.get() < OTHER_SOURCES && others.incrementAndGet() <= OTHER_SOURCES);
    return known(hasItsOwn ? key : OTHER);
  }

  private PerSource known(SourceKey key) {
    return sources.computeIfAbsent(key, k -> new PerSource(registry, k.source(), k.provider()));
  }

  /** How many records have been processed, whatever came of them. */
  double processed() {
    return sources.values().stream().mapToDouble(PerSource::processed).sum();
  }

  /** What is measured of one source, looked up once. */
  static final class PerSource {
    private final MeterRegistry registry;
    private final String source;
    private final String provider;
    private final Counter duplicates;
    private final Counter differingCopies;
    private final Counter events;
    private final Counter unknownTypes;
    private final Counter untyped;
    private final Counter overtaken;
    private final Counter parked;
    private final Counter released;
    private final Timer endToEnd;
    private final Timer providerDelay;

    private PerSource(MeterRegistry registry, String source, String provider) {
      this.registry = registry;
      this.source = source;
      this.provider = provider;
      String[] labels = {"source", source, "provider", provider};
      duplicates = Meters.DUPLICATES.counter(registry, labels);
      differingCopies = Meters.DIFFERING_COPIES.counter(registry, labels);
      events = Meters.EVENTS.counter(registry, labels);
      unknownTypes = Meters.UNKNOWN_TYPES.counter(registry, labels);
      untyped = Meters.UNTYPED.counter(registry, labels);
      overtaken = Meters.OVERTAKEN.counter(registry, labels);
      parked = Meters.EVENTS_PARKED.counter(registry, labels);
      released = Meters.EVENTS_RELEASED.counter(registry, labels);
      for (Reason reason : USUAL_REASONS) {
        deadLetters(reason); // there, and zero, before the first
      }
      endToEnd = Meters.END_TO_END.timer(registry, labels);
      providerDelay = Meters.PROVIDER_DELAY.timer(registry, labels);
    }

    private double processed() {
      return events.count()
          + duplicates.count()
          + parked.count()
          + USUAL_REASONS.stream().mapToDouble(reason -> deadLetters(reason).count()).sum();
    }

    void duplicate() {
      duplicates.increment();
    }

    /** Besides {@link #duplicate}. */
    void differingCopy() {
      differingCopies.increment();
    }

    /** The source's name. */
    String source() {
      return source;
    }

    /**
     * @param receivedAt in milliseconds since 1970
     * @param now in milliseconds since 1970
     */
    void published(long receivedAt, long now) {
      events.increment();
      endToEnd.record(between(receivedAt, now));
    }

    /** Its event waits, since its source is paused. */
    void parked() {
      parked.increment();
    }

    /** Published after it has waited. How long it took says nothing of the pipeline. */
    void released() {
      events.increment();
      released.increment();
    }

    /**
     * @param occurredAt in milliseconds since 1970
     * @param receivedAt in milliseconds since 1970
     */
    void delayed(long occurredAt, long receivedAt) {
      providerDelay.record(between(occurredAt, receivedAt));
    }

    /**
     * Clocks differ: a negative time counts as zero. The numbers are unchecked, and a meter cannot
     * hold more than 292 years.
     */
    private static Duration between(long from, long to) {
      if (to <= from) {
        return Duration.ZERO;
      }
      long millis = to - from;
      return Duration.ofMillis(millis < 0 ? MOST_MILLIS : Math.min(millis, MOST_MILLIS));
    }

    void unknownType() {
      unknownTypes.increment();
    }

    /** It was published behind a later event of its entity. */
    void overtaken() {
      overtaken.increment();
    }

    /** An event that says of its model less than it should, or something undocumented. */
    void unclearModel(String reason) {
      unclearModels(reason).increment();
    }

    private Counter unclearModels(String reason) {
      return Meters.MODEL_READY_UNCLEAR.counter(
          registry, "source", source, "provider", provider, "reason", reason);
    }

    /** An event that is older than what is known of its model. */
    void lateModel() {
      lateModels().increment();
    }

    private Counter lateModels() {
      return Meters.MODEL_READY_LATE.counter(registry, "source", source, "provider", provider);
    }

    /**
     * It was published that a model can be used, or no longer.
     *
     * @param outcome {@link #READY} or {@link #WITHDRAWN}
     */
    void modelEvent(String outcome) {
      modelEvents(outcome).increment();
    }

    private Counter modelEvents(String outcome) {
      return Meters.MODEL_READY_EVENTS.counter(
          registry, "source", source, "provider", provider, "outcome", outcome);
    }

    void untyped() {
      untyped.increment();
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
