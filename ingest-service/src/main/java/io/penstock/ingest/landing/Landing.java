package io.penstock.ingest.landing;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import io.penstock.ingest.cluster.ClusterWatch.Sight;
import io.penstock.ingest.cluster.TopicRequirement;
import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.observability.FailureText;
import io.penstock.ingest.observability.LastingWarning;
import io.penstock.ingest.observability.Meters;
import io.penstock.ingest.spool.Spool;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The landing log of this instance, as a whole: Kafka's producer, the spool where one is
 * configured, and what is known of both. Its owner opens it, tells it what it sees of the cluster,
 * and closes it.
 */
public final class Landing implements AutoCloseable {

  /** A record's headers and framing, and some, in bytes. */
  public static final int RECORD_OVERHEAD = 64 * 1024;

  private static final Logger logger = LoggerFactory.getLogger(Landing.class);

  private static final Duration FLUSH = Duration.ofSeconds(3);
  private static final long RELIEF_MILLIS = 100;

  /**
   * For how long nothing may be acknowledged, although the cluster was seen to be well, before
   * Kafka's client is replaced by one that looks for the brokers anew.
   */
  private static final Duration CLIENT_PATIENCE = Duration.ofMinutes(1);

  private final MeterRegistry registry;
  private final KafkaSender kafka;
  private final @Nullable Spool spool;
  private final Breaker breaker;
  private final @Nullable SpooledDeliveries spooled;
  private final DurableLog log;
  private final LandingReadiness readiness;
  private final Counter renewals;
  private final CompletableFuture<Void> failure = new CompletableFuture<>();
  private final LastingWarning noNewClient;
  private final LastingWarning notFound;
  private final Vertx vertx;
  private final LongSupplier nanos;
  private final long relief;
  private final long mostSilentBytes;
  private final AtomicBoolean renewing = new AtomicBoolean();
  private KafkaClientMetrics clientMetrics;
  private long renewedAt;

  private Landing(
      Vertx vertx,
      Configuration configuration,
      @Nullable Spool spool,
      BooleanSupplier full,
      LongSupplier nanos,
      MeterRegistry registry) {
    this.registry = registry;
    this.spool = spool;
    this.nanos = nanos;
    this.renewedAt = nanos.getAsLong();
    this.noNewClient = new LastingWarning(logger, nanos);
    this.notFound = new LastingWarning(logger, nanos);
    Duration deadline = configuration.delivery().kafkaDeadline();
    this.breaker = new Breaker(deadline, nanos, new BreakerLog(spool != null));
    this.kafka =
        new KafkaSender(
            LandingClients.asConfigured(configuration, TopicRequirement.maxBodySize(configuration)),
            new Topics(configuration.topics().prefix()).inbound(),
            breaker,
            deadline,
            nanos);
    this.clientMetrics = metrics(kafka.client());
    this.renewals = Meters.PRODUCER_RENEWALS.counter(registry);
    this.spooled =
        spool == null
            ? null
            : new SpooledDeliveries(spool, configuration.topics().partitions(), nanos);
    this.log = new DurableLog(vertx, kafka, breaker, spooled, deadline, nanos, registry);
    this.readiness =
        new LandingReadiness(
            breaker, kafka::isFound, spooled == null ? null : spooled::takes, full, nanos);
    // A source whose own share is full of them would be refused for as long as they are silent.
    this.mostSilentBytes =
        configuration.sources().stream()
            .map(source -> source.limits().maxInFlightBytes())
            .filter(Objects::nonNull)
            .mapToLong(share -> share / 2)
            .reduce(configuration.http().maxInFlightBytes() / 4, Math::min);
    this.vertx = vertx;
    this.relief = vertx.setPeriodic(RELIEF_MILLIS, id -> relieve());
  }

  /**
   * Opens the spool, where one is configured, and makes the producer. Does not connect to Kafka
   * yet: see {@link #find}.
   *
   * @param full whether not even an empty delivery would be admitted now
   * @param nanos a clock that only counts on
   * @throws IOException if the spool's directory cannot be had, with a message for the operator
   * @throws KafkaException if a property of the configuration is not to the client's liking
   */
  public static Landing open(
      Vertx vertx,
      Configuration configuration,
      BooleanSupplier full,
      InstantSource clock,
      LongSupplier nanos,
      MeterRegistry registry)
      throws IOException {
    Spool spool = openSpool(configuration, clock, nanos, registry);
    try {
      Landing landing = new Landing(vertx, configuration, spool, full, nanos, registry);
      if (spool != null) {
        spool
            .failure()
            .exceptionally(
                cause -> {
                  landing.failure.completeExceptionally(cause);
                  return null;
                });
      }
      return landing;
    } catch (Throwable e) {
      if (spool != null) {
        spool.close();
      }
      throw e;
    }
  }

  private static @Nullable Spool openSpool(
      Configuration configuration, InstantSource clock, LongSupplier nanos, MeterRegistry registry)
      throws IOException {
    Configuration.SpoolConfig configured = configuration.delivery().spool();
    return configured == null
        ? null
        : Spool.open(
            configured.directory(),
            configured.maxSize(),
            configuration.topics().prefix(),
            new FormerSpool(configuration.topics().partitions()),
            clock,
            nanos,
            registry);
  }

  /** Where the deliveries belong that the version before spooled, in one lane. */
  private record FormerSpool(int partitions) implements Spool.Placement {

    @Override
    public int lane(byte[] value) {
      try {
        String key = SpoolFormat.decode(value).key();
        return new SpoolLanes(partitions).lane(KeyHash.of(key));
      } catch (SpoolFormat.UnreadableException e) {
        return new SpoolLanes(partitions).lane(0);
      }
    }

    @Override
    public long receivedAt(byte[] value) {
      try {
        return SpoolFormat.decode(value).receivedAt();
      } catch (SpoolFormat.UnreadableException e) {
        return 0;
      }
    }
  }

  private KafkaClientMetrics metrics(Producer<byte[], byte[]> client) {
    KafkaClientMetrics metrics = new KafkaClientMetrics(client);
    metrics.bindTo(registry);
    return metrics;
  }

  /** Where deliveries become durable. */
  public LandingLog log() {
    return log;
  }

  /** Whether deliveries are acknowledged before Kafka has been reached. */
  public boolean hasSpool() {
    return spool != null;
  }

  /** How many deliveries the spool holds; 0 without one. */
  public long spooled() {
    return spool == null ? 0 : spool.depth();
  }

  /** How many of the spool's deliveries were set aside, since Kafka does not take them. */
  public int spooledAside() {
    return spool == null ? 0 : spool.asideCount();
  }

  /** Whether a delivery that is sent now would be acknowledged. */
  public LandingReadiness.State verdict() {
    return readiness.verdict();
  }

  /** Fails if this process can append no delivery any more, and should be replaced. */
  public CompletableFuture<Void> failure() {
    return failure;
  }

  /**
   * Looks for the landing log's partitions. Blocks for as long as a send may; for a worker thread.
   *
   * @return whether they are known now
   */
  public boolean find() {
    boolean found = kafka.find();
    if (found && spooled != null) {
      spooled.partitions(kafka.partitions());
    }
    return found;
  }

  /**
   * The cluster was looked at. Replaces a client that has failed, and looks for the log where it is
   * not known; blocks, so for the thread that looks.
   */
  public void saw(Sight sight) {
    readiness.saw(sight);
    kafka.refusing(sight instanceof Sight.Led led ? led.refusing() : Set.of());
    kafka.renewIdleEpochs();
    if (kafka.isBroken()) {
      renew("it had failed");
    } else if (isStranded(sight)) {
      renew("it acknowledged nothing, although the cluster is well");
    } else if (isStuck(sight)) {
      renew("a partition acknowledged nothing, although it has a leader and its replicas");
    } else if (!kafka.isFound()) {
      find();
    }
    String refusal = kafka.refusal();
    if (refusal == null) {
      notFound.ends("Kafka describes the landing log");
    } else {
      notFound.holds("Kafka refuses to describe the landing log", "cause", refusal);
    }
    if (!kafka.isBroken()) {
      switch (sight) {
        case Sight.Led led -> {
          if (led.takesRecords()) {
            breaker.seen();
          } else {
            breaker.seenInDoubt();
          }
        }
        case Sight.Untold untold -> breaker.seenInDoubt();
        case Sight.Leaderless leaderless -> {}
        case Sight.Unanswered unanswered -> {}
      }
    }
  }

  /**
   * Whether Kafka's client does not reach brokers that the watch reaches: they may all have moved
   * to other addresses. It never asks the first addresses again by itself, since it would forget
   * the topic.
   */
  private boolean isStranded(Sight sight) {
    return sight instanceof Sight.Led led
        && led.takesRecords()
        && breaker.owed() > 0
        && (breaker.goneFor().compareTo(CLIENT_PATIENCE) >= 0
            || kafka.silentFor().compareTo(CLIENT_PATIENCE) >= 0)
        && !breaker.acknowledgedSince(nanos.getAsLong() - CLIENT_PATIENCE.toNanos())
        && nanos.getAsLong() - renewedAt >= CLIENT_PATIENCE.toNanos();
  }

  /** Whether Kafka's client sends a partition what it never acknowledges, although it could. */
  private boolean isStuck(Sight sight) {
    return sight instanceof Sight.Led
        && kafka.stuckFor().compareTo(CLIENT_PATIENCE) >= 0
        && nanos.getAsLong() - renewedAt >= CLIENT_PATIENCE.toNanos();
  }

  /**
   * Frees the memory of partitions that accept nothing, which other partitions need. Kafka's client
   * never gives these records up, so the client is replaced. Each of them is in the spool, or its
   * sender got a 503.
   */
  private void relieve() {
    if (kafka.silentBytes() > mostSilentBytes && renewing.compareAndSet(false, true)) {
      vertx
          .executeBlocking(
              () -> {
                renew("partitions that acknowledge nothing held too much");
                return true;
              },
              false)
          .onComplete(done -> renewing.set(false));
    }
  }

  private synchronized void renew(String why) {
    try {
      renewedAt = nanos.getAsLong();
      Producer<byte[], byte[]> client = kafka.renew();
      clientMetrics.close();
      clientMetrics = metrics(client);
      renewals.increment();
      noNewClient.ends("Kafka's client could be replaced");
      logger.atWarn().addKeyValue("reason", why).log("Kafka's client was replaced");
    } catch (KafkaException e) {
      noNewClient.holds(
          "Kafka's client has failed, and there is no new one yet", "cause", FailureText.of(e));
    }
  }

  /**
   * Hands nothing more to Kafka, waits some seconds for what it has, and closes the spool. What
   * Kafka has not acknowledged by then is in the spool or was not acknowledged to its sender.
   * Blocks; for a worker thread.
   */
  @Override
  public void close() {
    vertx.cancelTimer(relief);
    log.stop();
    clientMetrics.close();
    kafka.close(FLUSH);
    if (spool != null) {
      spool.close();
    }
  }
}
