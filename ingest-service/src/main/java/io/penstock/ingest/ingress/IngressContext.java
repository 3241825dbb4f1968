package io.penstock.ingest.ingress;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.delivery.ReceiptIds;
import io.penstock.ingest.landing.LandingLog;
import io.penstock.ingest.observability.Meters;
import io.penstock.ingest.source.Challenge;
import io.penstock.ingest.source.Source;
import io.penstock.ingest.source.Sources;
import io.penstock.ingest.tracing.Tracing;
import io.vertx.core.Vertx;
import io.vertx.core.impl.buffer.VertxByteBufAllocator;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What all exchanges share. Safe for use by any number of event loops. */
public final class IngressContext {

  private static final Logger log = LoggerFactory.getLogger(IngressContext.class);

  private final Vertx vertx;
  private final Sources sources;
  private final LandingLog landingLog;
  private final Admission admission;
  private final ReceiptIds receiptIds;
  private final InstantSource clock;
  private final Tracing tracing;
  private final Refusals refusals;
  private final DeliveryLog deliveryLog;
  private final Troubles troubles;
  private final Map<String, SourceMeters> meters = new HashMap<>();
  private final SourceMeters unknownSourceMeters;
  private final ConnectionMeters connectionMeters;
  private final Timer eventLoopDelay;
  private final Map<String, RateLimiter> rateLimiters = new HashMap<>();

  private final UnderWay underWay = new UnderWay();
  private volatile boolean leaving;

  /** Logs deliveries as the process is configured to: see {@link DeliveryLog#ofProcess}. */
  public IngressContext(
      Vertx vertx,
      Sources sources,
      LandingLog landingLog,
      Admission admission,
      ReceiptIds receiptIds,
      InstantSource clock,
      MeterRegistry registry,
      Tracing tracing,
      Refusals refusals) {
    this(
        vertx,
        sources,
        landingLog,
        admission,
        receiptIds,
        clock,
        registry,
        tracing,
        refusals,
        DeliveryLog.ofProcess(System::nanoTime, clock));
  }

  /** Binds the meters of all sources at once, so that they are there before the first request. */
  public IngressContext(
      Vertx vertx,
      Sources sources,
      LandingLog landingLog,
      Admission admission,
      ReceiptIds receiptIds,
      InstantSource clock,
      MeterRegistry registry,
      Tracing tracing,
      Refusals refusals,
      Logger deliveries) {
    this(
        vertx,
        sources,
        landingLog,
        admission,
        receiptIds,
        clock,
        registry,
        tracing,
        refusals,
        new DeliveryLog(deliveries, System::nanoTime));
  }

  private IngressContext(
      Vertx vertx,
      Sources sources,
      LandingLog landingLog,
      Admission admission,
      ReceiptIds receiptIds,
      InstantSource clock,
      MeterRegistry registry,
      Tracing tracing,
      Refusals refusals,
      DeliveryLog deliveryLog) {
    this.vertx = vertx;
    this.sources = sources;
    this.landingLog = landingLog;
    this.admission = admission;
    this.receiptIds = receiptIds;
    this.clock = clock;
    this.tracing = tracing;
    this.refusals = refusals;
    this.deliveryLog = deliveryLog;
    this.troubles = new Troubles(log, System::nanoTime);
    for (Source source : sources.all()) {
      String name = source.name();
      meters.put(
          name,
          new SourceMeters(
              registry, name, source.provider().name(), Challenge.kind(source.challenge())));
      Configuration.RateLimit limit = source.limits().rateLimit();
      if (limit != null) {
        rateLimiters.put(name, new RateLimiter(limit, System::nanoTime));
      }
      Meters.IN_FLIGHT_BYTES.gauge(
          registry, "bytes", admission, a -> a.held(name), "source", name, "sender", "known");
      Meters.IN_FLIGHT_BYTES.gauge(
          registry,
          "bytes",
          admission,
          a -> a.heldUnauthenticated(name),
          "source",
          name,
          "sender",
          "unknown");
      Meters.IN_FLIGHT_REQUESTS.gauge(
          registry, null, admission, a -> a.requests(name), "source", name);
    }
    unknownSourceMeters =
        new SourceMeters(
            registry, SourceMeters.UNKNOWN, SourceMeters.UNKNOWN, Challenge.kind(Challenge.NONE));
    connectionMeters = new ConnectionMeters(registry);
    if (VertxByteBufAllocator.POOLED_ALLOCATOR instanceof ByteBufAllocatorMetricProvider buffers) {
      Meters.NETWORK_MEMORY.gauge(
          registry, "bytes", buffers, each -> each.metric().usedDirectMemory());
    }
    eventLoopDelay = Meters.EVENT_LOOP_DELAY.timer(registry);
    Meters.IN_FLIGHT_LIMIT.gauge(registry, "bytes", admission, Admission::limit);
  }

  Vertx vertx() {
    return vertx;
  }

  Sources sources() {
    return sources;
  }

  LandingLog landingLog() {
    return landingLog;
  }

  Admission admission() {
    return admission;
  }

  ReceiptIds receiptIds() {
    return receiptIds;
  }

  InstantSource clock() {
    return clock;
  }

  Tracing tracing() {
    return tracing;
  }

  Refusals refusals() {
    return refusals;
  }

  DeliveryLog deliveryLog() {
    return deliveryLog;
  }

  Troubles troubles() {
    return troubles;
  }

  /**
   * Fails when this process can no longer take deliveries, for lack of memory, and must end; the
   * cause's message is for the operator. Otherwise never completes.
   */
  public CompletableFuture<Void> failure() {
    return troubles.failure();
  }

  SourceMeters meters(@Nullable Source source) {
    SourceMeters found = source == null ? null : meters.get(source.name());
    return found == null ? unknownSourceMeters : found;
  }

  /** How late the event loops are, all of them together. */
  Timer eventLoopDelay() {
    return eventLoopDelay;
  }

  ConnectionMeters connectionMeters() {
    return connectionMeters;
  }

  /**
   * Counts an authenticated delivery against its source's rate limit.
   *
   * @return 0, or the nanoseconds after which there will be room for it: then it is not counted
   */
  long tryTakeToken(Source source) {
    RateLimiter limiter = rateLimiters.get(source.name());
    return limiter == null ? 0 : limiter.tryTake();
  }

  /** From now on every answer ends its connection, so that clients find another instance. */
  public void announceLeave() {
    leaving = true;
  }

  boolean isLeaving() {
    return leaving;
  }

  /** The requests that a shutdown waits for. */
  UnderWay underWay() {
    return underWay;
  }

  /**
   * Refuses new requests and waits until those under way are answered. Blocks: not for an event
   * loop.
   *
   * @return whether all were answered in time
   */
  public boolean drain(Duration timeout) throws InterruptedException {
    return underWay.drain(timeout);
  }
}
