package io.penstock.ingest.observability;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The catalogue of Penstock's own meters. Prometheus shows a dot as an underscore, and appends the
 * unit and {@code _total}. Labels are of bounded number: sources and providers come from the
 * configuration, outcomes and reasons from enums.
 */
public enum Meters {
  READY("penstock.ready", "1 while /health/ready says so, else 0; one for each role."),
  VERSION("penstock.version", "Always 1; the label has the version of this process."),
  DELIVERIES(
      "penstock.deliveries",
      "Requests that have ended, by outcome; reason is none for acknowledged ones, and durable"
          + " says where those are kept: kafka or spool."),
  ACKNOWLEDGEMENT(
      "penstock.acknowledgement",
      "From the request's head to its answer, of acknowledged deliveries."),
  IN_FLIGHT_BYTES(
      "penstock.in.flight",
      "Bytes that deliveries hold until Kafka has settled them; unauthenticated senders apart."),
  IN_FLIGHT_REQUESTS(
      "penstock.in.flight.requests", "Authentic deliveries that have no answer yet."),
  IN_FLIGHT_LIMIT(
      "penstock.in.flight.limit", "How many bytes may be held before deliveries are refused."),
  CONNECTIONS("penstock.connections", "Open connections to the ingress."),
  CONNECTIONS_CLOSED(
      "penstock.connections.closed", "Connections that the ingress closed, by cause."),
  NETWORK_MEMORY("penstock.network.memory", "Memory outside the heap that network buffers take."),
  EVENT_LOOP_DELAY(
      "penstock.event.loop.delay",
      "Delay of an event loop's timer: everything that the event loop serves waited as long."),
  TLS_EXPIRY(
      "penstock.tls.certificate.expiry", "When the ingress's certificate expires, since 1970."),
  TLS_RELOADS(
      "penstock.tls.reloads", "Certificates read again after a change of their files, by outcome."),
  TLS_FAILING(
      "penstock.tls.failing",
      "1 while the certificate's files cannot be used and the last good pair stays in force, else"
          + " 0."),
  BODY_SIZE("penstock.body.size", "Bodies of authentic deliveries."),
  CHALLENGES("penstock.challenges", "Challenges of senders that were answered with their text."),
  AUTHENTICATION_FAILURES(
      "penstock.authentication.failures", "Requests whose sender did not authenticate."),
  DUPLICATES(
      "penstock.duplicates.removed",
      "Landing records that were copies of what was already published. Counted before the commit."),
  DIFFERING_COPIES(
      "penstock.pipeline.differing.copies",
      "Copies removed whose body was not that of the event already published."),
  EVENTS(
      "penstock.events.published",
      "Events published. Counted before the commit: a crash may count one twice."),
  UNKNOWN_TYPES(
      "penstock.events.unknown.type",
      "Events published whose type the provider does not document."),
  UNTYPED(
      "penstock.events.untyped",
      "Events published with their JSON alone, since their typed fields would not have fitted."),
  OVERTAKEN(
      "penstock.events.overtaken",
      "Events published behind an event of their entity that was received later."),
  SOURCE_PAUSED("penstock.source.paused", "1 while an operator has the source paused, else 0."),
  EVENTS_PARKED("penstock.events.parked", "Events that had to wait, since their source is paused."),
  EVENTS_RELEASED(
      "penstock.events.released", "Events published after they had waited in a paused source."),
  PARKED("penstock.parked.events", "Events that wait, in this instance's partitions."),
  PARKED_BYTES("penstock.parked", "What the events that wait take in the store."),
  STATE_FREE("penstock.state.free", "Free room on the disk of the pipeline's state directory."),
  PARKED_OLDEST_AGE(
      "penstock.parked.oldest.age", "How long ago the oldest event that waits was received."),
  CONTROL_RECORDS_IGNORED(
      "penstock.control.records.ignored",
      "Records of the control topic that are no word on a source."),
  DEVIATIONS(
      "penstock.events.deviations",
      "Documented fields left empty, since their values had not the documented form."),
  UNKNOWN_FIELDS(
      "penstock.events.unknown.fields",
      "Events published with members that the provider does not document, by place in the schema."),
  DEAD_LETTERS(
      "penstock.dead.letters", "Authentic deliveries that ended as dead letters, by reason."),
  TIMESTAMPS_CORRECTED(
      "penstock.landing.timestamps.corrected",
      "Landing records whose timestamp was corrected: ahead of the clock or behind its partition."),
  PROCESSING_FAILURES(
      "penstock.pipeline.failures",
      "Landing records that became dead letters by a fault of the pipeline, with their raw bytes."),
  END_TO_END("penstock.end.to.end", "From receipt by the ingress to publication by the pipeline."),
  PROVIDER_DELAY(
      "penstock.provider.delay", "From the provider's time of the event to its receipt."),
  PIPELINE_RUNNING(
      "penstock.pipeline.running",
      "1 while the pipeline reads the landing log, rebalances included, else 0."),
  PIPELINE_BEHIND(
      "penstock.pipeline.behind",
      "How old the last landing record of the partition furthest behind was when it was read."),
  LANDING_RETENTION(
      "penstock.landing.retention", "For how long Kafka keeps the records of the landing log."),
  LANDING_EXPIRED(
      "penstock.landing.expired",
      "Landing records that Kafka deleted before the pipeline had read them."),
  REGISTRY_RESOLVED("penstock.registry.resolved", "1 once every schema has its id, else 0."),
  SECRET_RELOADS("penstock.secret.reloads", "Secret files read again after a change, by outcome."),
  SECRET_MATCHES(
      "penstock.secret.matches",
      "Requests that an entry of a list of secrets authenticated, by its place."),
  BCRYPT_HASHES(
      "penstock.bcrypt.hashes",
      "Bcrypt hashes computed: each costs tens of milliseconds of a core."),
  BCRYPT_HIGHEST_COST(
      "penstock.bcrypt.highest.cost",
      "The highest cost of a verified token: how low max-cost can be."),
  BCRYPT_SHED("penstock.bcrypt.shed", "Requests answered 503 because no bcrypt thread was free."),
  SECRETS_FAILING(
      "penstock.secrets.failing",
      "Secret files that cannot be read now; their last values stay in force."),
  SUBSCRIPTION_FAULT(
      "penstock.subscription.fault",
      "1 while a source's registration at its provider is not what the configuration asks for, by"
          + " reason, else 0."),
  BCRYPT_WAITING("penstock.bcrypt.waiting", "Requests that wait for a bcrypt hash."),
  BREAKER_OPEN(
      "penstock.kafka.breaker.open", "1 while Kafka counts as gone, probes included, else 0."),
  BREAKER_OPENINGS("penstock.kafka.breaker.openings", "Times that Kafka was found to be gone."),
  KAFKA_OWED(
      "penstock.kafka.owed",
      "Records that Kafka's client holds and Kafka has not acknowledged yet."),
  PRODUCER_RENEWALS(
      "penstock.kafka.producer.renewals",
      "Times that Kafka's client was replaced: it had failed, or held too much for dead partitions."),
  PARTITIONS_SILENT(
      "penstock.kafka.partitions.silent",
      "Partitions of the landing log that acknowledge nothing; their deliveries go past Kafka."),
  MODEL_READY_EVENTS(
      "penstock.model.ready.events", "Events that say that a model can be used, or no longer."),
  MODEL_READY_LATE(
      "penstock.model.ready.late",
      "Events of models that were older than what was known, and changed nothing."),
  MODEL_READY_UNCLEAR(
      "penstock.model.ready.unclear",
      "Events of models that lack what says whether a model can be used, or say it in an"
          + " undocumented way, by reason."),
  MODEL_READY_STATES("penstock.model.ready.states", "Models of which something is known."),
  CONSOLE_ACTIONS(
      "penstock.console.actions", "What users changed by the console, by action and outcome."),
  CONSOLE_LIVE_LAG(
      "penstock.console.live.lag", "Records that the live page's feed has not read yet."),
  CONSOLE_LIVE_ROWS("penstock.console.live.rows", "Rows that the live page's feed holds."),
  CONSOLE_LIVE_PAGES("penstock.console.live.pages", "Live pages that are open."),
  CONSOLE_LIVE_SKIPPED(
      "penstock.console.live.skipped",
      "Deliveries that the live page's feed left out, since it was too far behind."),
  CONSOLE_LIVE_UNSHOWN(
      "penstock.console.live.unshown",
      "Rows that a live page counted rather than showed, summed over the pages."),
  CONSOLE_REFUSED("penstock.console.refused", "Requests that the console refused, by reason."),
  SPOOL_DEPTH("penstock.spool.depth", "Deliveries in the spool that are not in Kafka yet."),
  LOG_LINES_DROPPED(
      "penstock.log.lines.dropped",
      "Log lines that were dropped because the log was not read fast enough."),
  SPOOL_SIZE("penstock.spool.size", "What the spool takes on disk."),
  SPOOL_LIMIT("penstock.spool.limit", "What the spool may take on disk."),
  SPOOL_OLDEST_AGE(
      "penstock.spool.oldest.age", "How long ago the oldest delivery in the spool was received."),
  SPOOL_WRITABLE("penstock.spool.writable", "1 while the spool takes deliveries, else 0."),
  SPOOL_APPENDS("penstock.spool.appends", "Appends to the spool, by outcome."),
  SPOOL_DRAINED("penstock.spool.drained", "Deliveries that left the spool for Kafka."),
  SPOOL_SET_ASIDE(
      "penstock.spool.set.aside",
      "Deliveries of the spool that Kafka does not take; tried again at the next start."),
  SPOOL_STAYING(
      "penstock.spool.staying",
      "Deliveries of the spool that Kafka does not take and that cannot be set aside now."),
  SPOOL_LOST(
      "penstock.spool.lost", "Deliveries of the spool that broken files are known to have cost."),
  SPOOL_SYNC("penstock.spool.sync", "Duration of a write to the spool, fsync included."),
  SPOOL_BATCH("penstock.spool.batch", "Deliveries that shared one fsync.");

  private final String meterName;
  private final String description;

  Meters(String meterName, String description) {
    this.meterName = meterName;
    this.description = description;
  }

  /** The meter's name, as Micrometer knows it. */
  public String meterName() {
    return meterName;
  }

  /** What it says, in a sentence. */
  public String description() {
    return description;
  }

  /** This meter as a counter. */
  public Counter counter(MeterRegistry registry, String... tags) {
    return Counter.builder(meterName).description(description).tags(tags).register(registry);
  }

  /**
   * This meter as a histogram of durations, with bounds that suit deadlines between a millisecond
   * and half a minute.
   */
  public Timer timer(MeterRegistry registry, String... tags) {
    return Timer.builder(meterName)
        .description(description)
        .tags(tags)
        .serviceLevelObjectives(
            Duration.ofMillis(1),
            Duration.ofMillis(2),
            Duration.ofMillis(5),
            Duration.ofMillis(10),
            Duration.ofMillis(25),
            Duration.ofMillis(50),
            Duration.ofMillis(100),
            Duration.ofMillis(250),
            Duration.ofMillis(500),
            Duration.ofSeconds(1),
            Duration.ofMillis(2500),
            Duration.ofSeconds(5),
            Duration.ofSeconds(15),
            Duration.ofSeconds(30))
        .register(registry);
  }

  /** This meter as a summary of numbers, with these bounds. */
  public DistributionSummary summary(MeterRegistry registry, double... bounds) {
    return DistributionSummary.builder(meterName)
        .description(description)
        .serviceLevelObjectives(bounds)
        .register(registry);
  }

  /** This meter as a summary of sizes in bytes. */
  public DistributionSummary bytes(MeterRegistry registry, String... tags) {
    return DistributionSummary.builder(meterName)
        .description(description)
        .baseUnit("bytes")
        .tags(tags)
        .serviceLevelObjectives(
            1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864)
        .register(registry);
  }

  /**
   * This meter as a gauge.
   *
   * @param unit null for a mere number
   * @param state to be kept reachable by its owner
   */
  public <T> void gauge(
      MeterRegistry registry,
      @Nullable String unit,
      T state,
      ToDoubleFunction<T> value,
      String... tags) {
    Gauge.builder(meterName, state, value)
        .description(description)
        .baseUnit(unit)
        .tags(Tags.of(tags))
        .register(registry);
  }
}
