package io.penstock.ingest.landing;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import io.penstock.ingest.cluster.ClusterWatch.Sight;
import io.penstock.ingest.cluster.TopicRequirement;
import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.observability.LastingWarning;
import io.penstock.ingest.observability.Meters;
import io.penstock.ingest.spool.RocksSpool;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
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

  private static final Logger logger = LoggerFactory.getLogger(Landing.class);

  private static final Duration FLUSH = Duration.ofSeconds(3);

  private final MeterRegistry registry;
  private final LandingProducer kafka;
  private final @Nullable RocksSpool spool;
  private final Breaker breaker;
  private final SpooledLandingLog log;
  private final LandingReadiness readiness;
  private final Counter renewals;
  private final CompletableFuture<Void> failure = new CompletableFuture<>();
  private final LastingWarning noNewClient;
  private final LastingWarning notFound;
  private KafkaClientMetrics clientMetrics;

  private Landing(
      Vertx vertx,
      Configuration configuration,
      @Nullable RocksSpool spool,
      BooleanSupplier full,
      LongSupplier nanos,
      MeterRegistry registry) {
    this.registry = registry;
    this.spool = spool;
    this.noNewClient = new LastingWarning(logger, nanos);
    this.notFound = new LastingWarning(logger, nanos);
    this.kafka =
        new LandingProducer(
            vertx,
            configuration,
            new Topics(configuration.topics().prefix()).inbound(),
            TopicRequirement.maxBodySize(configuration));
    this.clientMetrics = metrics(kafka.client());
    this.renewals = Meters.PRODUCER_RENEWALS.counter(registry);
    Duration deadline = configuration.delivery().kafkaDeadline();
    // With a spool being hasty costs nothing; without one it costs an answer.
    this.breaker =
        new Breaker(
            spool == null ? deadline : deadline.dividedBy(8), nanos, new BreakerLog(spool != null));
    this.log = new SpooledLandingLog(vertx, kafka, breaker, spool, deadline, nanos, registry);
    this.readiness =
        new LandingReadiness(
            breaker, kafka::isFound, spool == null ? null : log::spools, full, nanos);
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
    RocksSpool spool = openSpool(configuration, clock, nanos, registry);
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

  private static @Nullable RocksSpool openSpool(
      Configuration configuration, InstantSource clock, LongSupplier nanos, MeterRegistry registry)
      throws IOException {
    Configuration.Spool configured = configuration.delivery().spool();
    return configured == null
        ? null
        : RocksSpool.open(
            configured.directory(),
            configured.maxSize(),
            configuration.topics().prefix(),
            clock,
            nanos,
            registry);
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

  /** Whether a delivery that is sent now would be acknowledged. */
  public LandingReadiness.Verdict verdict() {
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
    return kafka.find();
  }

  /**
   * The cluster was looked at. Replaces a client that has failed, and looks for the log where it is
   * not known; blocks, so for the thread that looks.
   */
  public void saw(Sight sight) {
    readiness.saw(sight);
    log.leaderless(sight instanceof Sight.Led led ? led.leaderless() : Set.of());
    if (kafka.isBroken() && breaker.owed() == 0) {
      renew();
    } else if (!kafka.isFound()) {
      kafka.find();
    }
    String refusal = kafka.refusal();
    if (refusal == null) {
      notFound.ends("The landing log may be asked for");
    } else {
      notFound.holds("The landing log may not be asked for: cause=" + refusal);
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

  private void renew() {
    try {
      Producer<byte[], byte[]> client = kafka.renew();
      clientMetrics.close();
      clientMetrics = metrics(client);
      renewals.increment();
      noNewClient.ends("Kafka's client was replaced");
    } catch (KafkaException e) {
      noNewClient.holds("Kafka's client has failed, and there is no new one yet: cause=" + e);
    }
  }

  /**
   * Hands nothing more to Kafka, waits some seconds for what it has, and closes the spool. What
   * Kafka has not acknowledged by then is in the spool or was not acknowledged to its sender.
   * Blocks; for a worker thread.
   */
  @Override
  public void close() {
    log.stop();
    clientMetrics.close();
    kafka.close(FLUSH);
    if (spool != null) {
      spool.close();
    }
  }
}
