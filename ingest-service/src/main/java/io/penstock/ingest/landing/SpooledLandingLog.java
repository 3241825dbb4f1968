package io.penstock.ingest.landing;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.ingest.delivery.Reason;
import io.penstock.ingest.observability.Meters;
import io.penstock.ingest.spool.RocksSpool;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kafka, and the spool for when Kafka is late.
 *
 * <p>A delivery goes to Kafka. If it is not acknowledged within the Kafka deadline, or the breaker
 * opens meanwhile, it goes to the spool as well, and whoever has it on disk first acknowledges it.
 * While the breaker is open, or anything of its entity is still to be drained, it goes to the spool
 * alone. Without a spool it is refused then, and its outcome is unknown where it was sent.
 *
 * <p>Safe for use by any number of event loops. The clock's ticks and the drain run on one context.
 */
public final class SpooledLandingLog implements LandingLog {

  private static final Logger log = LoggerFactory.getLogger(SpooledLandingLog.class);

  private static final long TICK_MILLIS = 10;
  private static final long TOO_LARGE_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long NEVER_TOLD = Long.MIN_VALUE;
  private static final int REFUSALS_IN_A_ROW = 5;
  private static final long REFUSALS_COUNT_NANOS = TimeUnit.MINUTES.toNanos(1);

  private static final AppendOutcome FULL = new AppendOutcome.Refused(Reason.SPOOL_FULL);
  private static final AppendOutcome FAILED = new AppendOutcome.Unknown(Reason.SPOOL_FULL);
  private static final AppendOutcome GONE = new AppendOutcome.Refused(Reason.KAFKA_UNAVAILABLE);
  private static final AppendOutcome LATE = new AppendOutcome.Unknown(Reason.KAFKA_UNAVAILABLE);

  private final Vertx vertx;
  private final LandingProducer kafka;
  private final Breaker breaker;
  private final @Nullable RocksSpool spool;
  private final @Nullable Drain drain;
  private final long kafkaDeadlineNanos;
  private final LongSupplier nanos;
  private final Context context;
  private final long ticks;
  private final AtomicLong toldTooLarge = new AtomicLong(NEVER_TOLD);

  /** How many deliveries the spool has not taken since it last took one. */
  private final AtomicInteger spoolRefusals = new AtomicInteger();

  private volatile long spoolRefusedAt;
  private volatile Set<Integer> leaderless = Set.of();

  /** What waits for Kafka, in the order of sending. */
  private final ConcurrentLinkedQueue<Delivery> waiting = new ConcurrentLinkedQueue<>();

  /**
   * Starts to drain as soon as the log is found.
   *
   * @param spool null where there is none; closed by its owner, after {@link #stop}
   * @param kafkaDeadline how long Kafka has for itself
   * @param nanos a clock that only counts on
   */
  public SpooledLandingLog(
      Vertx vertx,
      LandingProducer kafka,
      Breaker breaker,
      @Nullable RocksSpool spool,
      Duration kafkaDeadline,
      LongSupplier nanos,
      MeterRegistry registry) {
    this.vertx = vertx;
    this.kafka = kafka;
    this.breaker = breaker;
    this.spool = spool;
    this.kafkaDeadlineNanos = kafkaDeadline.toNanos();
    this.nanos = nanos;
    Meters.BREAKER_OPEN.gauge(registry, null, breaker, b -> b.isGone() ? 1 : 0);
    Meters.KAFKA_OWED.gauge(registry, null, breaker, Breaker::owed);
    FunctionCounter.builder(
            Meters.BREAKER_OPENINGS.meterName(), breaker, b -> (double) b.openings())
        .description(Meters.BREAKER_OPENINGS.description())
        .register(registry);
    this.context = vertx.getOrCreateContext();
    this.drain =
        spool == null
            ? null
            : new Drain(
                context, kafka, breaker, spool, nanos, Meters.SPOOL_DRAINED.counter(registry));
    this.ticks = vertx.setPeriodic(TICK_MILLIS, id -> context.runOnContext(nothing -> tick()));
  }

  /** A delivery on its way to being durable. */
  private final class Delivery {
    private final LandingRecord record;
    private final Runnable settled;
    private final Promise<AppendOutcome> outcome = Promise.promise();
    private final Context caller;
    private final long kafkaUntil;
    private final long answerBy;
    private final boolean probe;
    private final AtomicBoolean waits = new AtomicBoolean(true);
    private final AtomicBoolean answered = new AtomicBoolean();

    /** Who holds its bytes. */
    private final AtomicInteger holders = new AtomicInteger(1);

    /** Whether Kafka may have it, or get it yet. */
    private volatile boolean mayBeInKafka;

    Delivery(LandingRecord record, Duration within, Runnable settled, boolean probe) {
      this.record = record;
      this.settled = settled;
      this.probe = probe;
      this.caller = vertx.getOrCreateContext();
      long now = nanos.getAsLong();
      this.answerBy = now + within.toNanos();
      this.kafkaUntil = now + Math.min(kafkaDeadlineNanos, within.toNanos());
    }

    void answer(AppendOutcome how) {
      if (answered.compareAndSet(false, true)) {
        if (caller.equals(Vertx.currentContext())) {
          outcome.complete(how);
        } else {
          caller.runOnContext(nothing -> outcome.complete(how));
        }
      }
    }

    void release() {
      if (holders.decrementAndGet() == 0) {
        settled.run();
      }
    }
  }

  @Override
  public Future<AppendOutcome> append(LandingRecord record, Duration within, Runnable settled) {
    RocksSpool disk = spool;
    if (disk != null && disk.holds(record.key())) {
      return toSpool(disk, new Delivery(record, within, settled, false));
    }
    boolean open = breaker.isOpen();
    if (kafka.isFound() && (!open || (disk == null && breaker.tryProbe()))) {
      return toKafka(new Delivery(record, within, settled, open));
    }
    if (disk != null) {
      return toSpool(disk, new Delivery(record, within, settled, false));
    }
    settled.run();
    return Future.succeededFuture(GONE);
  }

  // Kafka.

  private Future<AppendOutcome> toKafka(Delivery delivery) {
    delivery.mayBeInKafka = true;
    Set<Integer> without = leaderless;
    if (!without.isEmpty() && without.contains(kafka.partition(delivery.record))) {
      breaker.sentInVain();
    } else {
      breaker.sent();
    }
    waiting.add(delivery);
    kafka
        .send(delivery.record)
        .onSuccess(
            nothing -> {
              breaker.acknowledged();
              delivery.waits.set(false);
              delivery.answer(AppendOutcome.BY_KAFKA);
              delivery.release();
            })
        .onFailure(
            cause -> {
              failed(delivery, cause);
              delivery.release();
            });
    return delivery.outcome.future();
  }

  /** One line in ten seconds: a limit that was lowered concerns one delivery after the other. */
  private void tooLarge(LandingRecord record, Throwable cause) {
    long now = nanos.getAsLong();
    long last = toldTooLarge.get();
    if ((last == NEVER_TOLD || now - last >= TOO_LARGE_NANOS)
        && toldTooLarge.compareAndSet(last, now)) {
      log.error(
          "A delivery is larger than the landing log takes: source={} receipt_id={} cause={}",
          record.source(),
          record.receiptId(),
          cause.toString());
    }
  }

  private void failed(Delivery delivery, Throwable cause) {
    LandingProducer.Failure failure = LandingProducer.failure(cause);
    switch (failure) {
      case TOO_LARGE -> {
        // Says something of the record and nothing of the log. The spool could never drain it.
        breaker.refused();
        tooLarge(delivery.record, cause);
        delivery.mayBeInKafka = false;
        // Where it is on its way to the spool already, that tells what becomes of it.
        if (delivery.waits.compareAndSet(true, false)) {
          delivery.answer(GONE);
        }
      }
      case NOT_WRITTEN, UNKNOWN -> {
        breaker.failed(cause.toString());
        if (failure == LandingProducer.Failure.NOT_WRITTEN) {
          delivery.mayBeInKafka = false;
        }
        log.debug("A delivery was not appended: {}", delivery.record, cause);
        divert(delivery, failure == LandingProducer.Failure.NOT_WRITTEN ? GONE : LATE);
      }
    }
  }

  // The spool.

  /** Kafka is too late for this one. */
  private void divert(Delivery delivery, AppendOutcome otherwise) {
    if (!delivery.waits.compareAndSet(true, false)) {
      return;
    }
    RocksSpool disk = spool;
    if (disk == null) {
      delivery.answer(otherwise);
    } else {
      delivery.holders.incrementAndGet();
      toSpool(disk, delivery);
    }
  }

  private Future<AppendOutcome> toSpool(RocksSpool disk, Delivery delivery) {
    delivery.waits.set(false);
    long left = TimeUnit.NANOSECONDS.toMillis(delivery.answerBy - nanos.getAsLong());
    // Its disk is slow: it may still be written.
    long timer = vertx.setTimer(Math.max(1, left), id -> delivery.answer(FAILED));
    disk.append(
        delivery.record,
        appended -> {
          vertx.cancelTimer(timer);
          // Before the answer: whoever has that finds what it says.
          if (appended == RocksSpool.Appended.DURABLE) {
            spoolRefusals.set(0);
          } else {
            spoolRefusedAt = nanos.getAsLong();
            spoolRefusals.incrementAndGet();
          }
          delivery.answer(
              switch (appended) {
                case DURABLE -> AppendOutcome.BY_SPOOL;
                case FULL, UNAVAILABLE -> delivery.mayBeInKafka ? FAILED : FULL;
                case FAILED -> FAILED;
              });
          delivery.release();
        });
    return delivery.outcome.future();
  }

  // The context's.

  private void tick() {
    breaker.check();
    boolean open = breaker.isOpen();
    long now = nanos.getAsLong();
    for (Iterator<Delivery> each = waiting.iterator(); each.hasNext(); ) {
      Delivery delivery = each.next();
      if (!delivery.waits.get()) {
        each.remove();
      } else if ((open && !delivery.probe) || now - delivery.kafkaUntil >= 0) {
        each.remove();
        divert(delivery, LATE);
      }
    }
    if (drain != null) {
      drain.pump();
    }
  }

  /**
   * These partitions have no leader, as was seen. What is sent to them is still sent, since what
   * was seen may be over; but that it waits says nothing of the other partitions.
   */
  public void leaderless(Set<Integer> partitions) {
    leaderless = Set.copyOf(partitions);
  }

  /**
   * Whether the spool takes deliveries: by its room, unless it has refused several in a row, which
   * says more. The next that it takes says otherwise, and after a minute it may be tried again.
   */
  public boolean spools() {
    RocksSpool disk = spool;
    boolean refuses =
        spoolRefusals.get() >= REFUSALS_IN_A_ROW
            && nanos.getAsLong() - spoolRefusedAt < REFUSALS_COUNT_NANOS;
    return disk != null && disk.accepts() && !refuses;
  }

  /** Hands nothing more of the spool to the producer. */
  public void stop() {
    vertx.cancelTimer(ticks);
    if (drain != null) {
      drain.stop();
    }
  }
}
