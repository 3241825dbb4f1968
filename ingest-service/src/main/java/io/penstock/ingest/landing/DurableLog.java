package io.penstock.ingest.landing;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.ingest.observability.Meters;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides whether Kafka or the disk keeps a delivery.
 *
 * <p>A delivery goes to Kafka. If Kafka has not acknowledged it by the Kafka deadline, or Kafka or
 * its partition counts as gone meanwhile, it goes to the spool as well, and whichever has it first
 * acknowledges it. While Kafka or its partition counts as gone, or anything of its entity is still
 * to be drained, it goes to the spool alone. Without a spool it is refused then, and its outcome is
 * unknown where it was sent.
 *
 * <p>Safe for use by any number of event loops. The clock's ticks and the drain run on one context.
 */
final class DurableLog implements LandingLog {

  private static final Logger log = LoggerFactory.getLogger(DurableLog.class);

  private static final long TICK_MILLIS = 10;
  private static final long TOO_LARGE_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long NEVER_TOLD = Long.MIN_VALUE;

  private final Vertx vertx;
  private final KafkaSender kafka;
  private final Breaker breaker;
  private final @Nullable SpooledDeliveries spooled;
  private final @Nullable Drain drain;
  private final long kafkaDeadlineNanos;
  private final LongSupplier nanos;
  private final Context context;
  private final long ticks;
  private final Completions completions = new Completions();
  private final AtomicLong toldTooLarge = new AtomicLong(NEVER_TOLD);

  /** What waits for Kafka, in the order of sending. */
  private final ConcurrentLinkedQueue<OnItsWay> waiting = new ConcurrentLinkedQueue<>();

  /**
   * Starts to drain as soon as the log is found.
   *
   * @param spooled null where there is no spool; the spool is closed by its owner, after {@link
   *     #stop}
   * @param kafkaDeadline how long Kafka has for itself
   * @param nanos a clock that only counts on
   */
  DurableLog(
      Vertx vertx,
      KafkaSender kafka,
      Breaker breaker,
      @Nullable SpooledDeliveries spooled,
      Duration kafkaDeadline,
      LongSupplier nanos,
      MeterRegistry registry) {
    this.vertx = vertx;
    this.kafka = kafka;
    this.breaker = breaker;
    this.spooled = spooled;
    this.kafkaDeadlineNanos = kafkaDeadline.toNanos();
    this.nanos = nanos;
    Meters.BREAKER_OPEN.gauge(registry, null, breaker, b -> b.isGone() ? 1 : 0);
    Meters.KAFKA_OWED.gauge(registry, null, breaker, Breaker::owed);
    Meters.PARTITIONS_SILENT.gauge(registry, null, kafka, KafkaSender::silentPartitions);
    FunctionCounter.builder(
            Meters.BREAKER_OPENINGS.meterName(), breaker, b -> (double) b.openings())
        .description(Meters.BREAKER_OPENINGS.description())
        .register(registry);
    this.context = vertx.getOrCreateContext();
    this.drain =
        spooled == null
            ? null
            : new Drain(
                context, kafka, breaker, spooled, nanos, Meters.SPOOL_DRAINED.counter(registry));
    if (drain != null) {
      Meters.SPOOL_STAYING.gauge(registry, null, drain, Drain::staying);
    }
    this.ticks = vertx.setPeriodic(TICK_MILLIS, id -> context.runOnContext(nothing -> tick()));
  }

  /** A delivery, and what it was called with. */
  private final class OnItsWay implements Delivery.Steps {
    private final LandingRecord record;
    private final int hash;
    private final Runnable settled;
    private final ContextInternal caller = (ContextInternal) vertx.getOrCreateContext();
    private final Promise<AppendOutcome> outcome = Promise.promise();
    private final long answerBy;
    private final long kafkaUntil;

    /** Whether it was sent to find out, and so waits although Kafka counts as gone. */
    private final boolean probe;

    private final Delivery delivery;

    OnItsWay(LandingRecord record, int hash, Duration within, Runnable settled, Where where) {
      this.record = record;
      this.hash = hash;
      this.settled = settled;
      this.probe = where == Where.KAFKA_AS_PROBE;
      long now = nanos.getAsLong();
      this.answerBy = now + within.toNanos();
      // The disk needs some of the time, too.
      long most = spooled == null ? within.toNanos() : within.toNanos() / 4 * 3;
      this.kafkaUntil = now + Math.min(kafkaDeadlineNanos, most);
      this.delivery =
          where == Where.SPOOL ? Delivery.toSpool(this) : Delivery.toKafka(spooled != null, this);
    }

    /** Whether Kafka's time for it is over. */
    boolean isLate(long now, boolean gone) {
      return now - kafkaUntil >= 0 || (!probe && (gone || kafka.isSilent(kafka.partition(hash))));
    }

    @Override
    public void answer(AppendOutcome how) {
      if (caller.equals(Vertx.currentContext())) {
        outcome.complete(how);
      } else {
        completions.run(caller, () -> outcome.complete(how));
      }
    }

    @Override
    public void settle() {
      settled.run();
    }

    @Override
    public void spool() {
      SpooledDeliveries disk = spooled;
      if (disk == null) {
        throw new IllegalStateException("no spool");
      }
      long left = TimeUnit.NANOSECONDS.toMillis(answerBy - nanos.getAsLong());
      long timer = vertx.setTimer(Math.max(1, left), id -> delivery.timeIsUp());
      disk.append(
          record,
          hash,
          appended -> {
            vertx.cancelTimer(timer);
            delivery.spooled(appended);
          });
    }
  }

  private enum Where {
    KAFKA,
    KAFKA_AS_PROBE,
    SPOOL,
    NOWHERE
  }

  /** The one decision: whether Kafka or the disk keeps a delivery of this entity. */
  private Where where(int hash) {
    SpooledDeliveries disk = spooled;
    if (disk != null && disk.holds(hash)) {
      return Where.SPOOL;
    }
    if (kafka.isFound() && kafka.admits(kafka.partition(hash))) {
      if (!breaker.isOpen()) {
        return Where.KAFKA;
      }
      // With a spool, the drain finds out.
      if (disk == null && breaker.tryProbe()) {
        return Where.KAFKA_AS_PROBE;
      }
    }
    return disk == null ? Where.NOWHERE : Where.SPOOL;
  }

  @Override
  public Future<AppendOutcome> append(LandingRecord record, Duration within, Runnable settled) {
    int hash = KeyHash.of(record.key());
    Where where = where(hash);
    if (where == Where.NOWHERE) {
      settled.run();
      return Future.succeededFuture(Delivery.GONE);
    }
    OnItsWay way = new OnItsWay(record, hash, within, settled, where);
    switch (where) {
      case SPOOL -> way.spool();
      case KAFKA, KAFKA_AS_PROBE -> {
        waiting.add(way);
        kafka.send(kafka.epoch(kafka.partition(hash)), record, outcome -> ended(way, outcome));
      }
      case NOWHERE -> {}
    }
    return way.outcome.future();
  }

  private void ended(OnItsWay way, SendOutcome outcome) {
    switch (outcome) {
      case SendOutcome.Acknowledged acknowledged -> {}
      case SendOutcome.TooLarge tooLarge -> tooLarge(way.record, tooLarge.cause());
      case SendOutcome.NotWritten notWritten ->
          log.debug("A delivery was not appended", notWritten.cause());
      case SendOutcome.Unknown unknown -> log.debug("A delivery was not appended", unknown.cause());
    }
    way.delivery.sent(outcome);
  }

  /** One line in ten seconds: a limit that was lowered concerns one delivery after the other. */
  private void tooLarge(LandingRecord record, Throwable cause) {
    long now = nanos.getAsLong();
    long last = toldTooLarge.get();
    if ((last == NEVER_TOLD || now - last >= TOO_LARGE_NANOS)
        && toldTooLarge.compareAndSet(last, now)) {
      log.atError()
          .addKeyValue("source", record.source())
          .addKeyValue("receipt_id", record.receiptId())
          .addKeyValue("cause", cause.toString())
          .log("A delivery is larger than the landing log takes");
    }
  }

  // The context's.

  private void tick() {
    breaker.check();
    boolean open = breaker.isOpen();
    long now = nanos.getAsLong();
    for (Iterator<OnItsWay> each = waiting.iterator(); each.hasNext(); ) {
      OnItsWay way = each.next();
      if (!way.delivery.waitsForKafka()) {
        each.remove();
      } else if (way.isLate(now, open)) {
        each.remove();
        way.delivery.late();
      }
    }
    if (drain != null) {
      drain.pump();
    }
  }

  /** Hands nothing more of the spool to Kafka. */
  void stop() {
    vertx.cancelTimer(ticks);
    if (drain != null) {
      drain.stop();
    }
  }
}
