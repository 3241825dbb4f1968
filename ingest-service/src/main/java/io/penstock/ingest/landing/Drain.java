package io.penstock.ingest.landing;

import io.micrometer.core.instrument.Counter;
import io.penstock.ingest.spool.Spool.Spooled;
import io.penstock.ingest.spool.Spool.Stretch;
import io.penstock.ingest.spool.Spool;
import io.vertx.core.Context;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands the spool's deliveries to the producer, in their order, within a window that leaves room
 * for live ones. While Kafka counts as gone, the first of them is what finds out whether it is.
 *
 * <p>Everything happens on one context. A crash costs nothing but copies, which the pipeline
 * removes.
 */
final class Drain {

  private static final Logger log = LoggerFactory.getLogger(Drain.class);

  private static final int WINDOW = 256;
  private static final long WINDOW_BYTES = LandingProducer.DRAIN_BYTES;
  private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Context context;
  private final LandingProducer kafka;
  private final Breaker breaker;
  private final Spool spool;
  private final LongSupplier nanos;
  private final Counter drained;
  private final AtomicBoolean called = new AtomicBoolean();

  private final ArrayDeque<Spooled> ahead = new ArrayDeque<>();
  private final TreeMap<Long, Spooled> sent = new TreeMap<>();
  private final TreeMap<Long, Spooled> failed = new TreeMap<>();
  private final TreeSet<Long> leaving = new TreeSet<>();
  private long sentBytes;
  private long cursor;
  private boolean reading;
  private boolean paused;
  private long pausedAt;
  private volatile boolean stopped;

  Drain(
      Context context,
      LandingProducer kafka,
      Breaker breaker,
      Spool spool,
      LongSupplier nanos,
      Counter drained) {
    this.context = context;
    this.kafka = kafka;
    this.breaker = breaker;
    this.spool = spool;
    this.nanos = nanos;
    this.drained = drained;
    this.cursor = spool.head();
    spool.onAppend(this::call);
  }

  /** From any thread: there is something to do. */
  private void call() {
    if (called.compareAndSet(false, true)) {
      context.runOnContext(
          nothing -> {
            called.set(false);
            pump();
          });
    }
  }

  void stop() {
    stopped = true;
  }

  /** Sends on, as far as the window goes. */
  void pump() {
    if (stopped || !kafka.isFound()) {
      return;
    }
    if (paused && nanos.getAsLong() - pausedAt < PAUSE_NANOS) {
      return;
    }
    paused = false;
    while (true) {
      Spooled next = failed.isEmpty() ? ahead.peek() : failed.firstEntry().getValue();
      if (next == null) {
        read();
        return;
      }
      if (!sent.isEmpty() && (sent.size() >= WINDOW || sentBytes + next.bytes() > WINDOW_BYTES)) {
        return;
      }
      if (breaker.isOpen() && !breaker.tryProbe()) {
        return;
      }
      if (failed.remove(next.sequence()) == null) {
        ahead.remove();
      }
      send(next);
    }
  }

  private void read() {
    if (reading || cursor >= spool.next()) {
      return;
    }
    reading = true;
    spool.read(
        cursor, WINDOW, WINDOW_BYTES, stretch -> context.runOnContext(nothing -> wasRead(stretch)));
  }

  private void wasRead(Stretch stretch) {
    reading = false;
    boolean progressed = stretch.next() > cursor;
    cursor = stretch.next();
    ahead.addAll(stretch.deliveries());
    if (progressed) {
      leave();
      pump();
    }
  }

  private void send(Spooled delivery) {
    sent.put(delivery.sequence(), delivery);
    sentBytes += delivery.bytes();
    breaker.sent();
    kafka
        .send(delivery.record())
        .onSuccess(
            nothing -> {
              breaker.acknowledged();
              drained.increment();
              arrived(delivery);
              leave();
              pump();
            })
        .onFailure(cause -> failed(delivery, cause));
    // Newer ones of its key stand behind it in the producer, which keeps its order.
    spool.handedOver(delivery);
  }

  private void arrived(Spooled delivery) {
    sent.remove(delivery.sequence());
    sentBytes -= delivery.bytes();
  }

  private void failed(Spooled delivery, Throwable cause) {
    switch (LandingProducer.failure(cause)) {
      case TOO_LARGE -> {
        breaker.refused();
        log.error(
            "A delivery in the spool is larger than the landing log takes, and is set aside until"
                + " the next start: source={} receipt_id={} cause={}",
            delivery.record().source(),
            delivery.record().receiptId(),
            cause.toString());
        leaving.add(delivery.sequence());
        arrived(delivery);
        spool.setAside(
            delivery, kept -> context.runOnContext(nothing -> wasSetAside(delivery, kept)));
        pump();
      }
      case NOT_WRITTEN, UNKNOWN -> {
        spool.takenBack(delivery);
        breaker.failed(cause.toString());
        arrived(delivery);
        again(delivery);
      }
    }
  }

  private void wasSetAside(Spooled delivery, boolean kept) {
    leaving.remove(delivery.sequence());
    if (!kept) {
      spool.takenBack(delivery);
      again(delivery);
    }
    leave();
  }

  private void again(Spooled delivery) {
    failed.put(delivery.sequence(), delivery);
    paused = true;
    pausedAt = nanos.getAsLong();
  }

  /** Tells the spool how far everything has arrived. */
  private void leave() {
    long first = cursor;
    Spooled unsent = ahead.peek();
    if (unsent != null) {
      first = Math.min(first, unsent.sequence());
    }
    first = Math.min(first, firstOf(sent, first));
    first = Math.min(first, firstOf(failed, first));
    if (!leaving.isEmpty()) {
      first = Math.min(first, leaving.first());
    }
    if (first > spool.head()) {
      spool.left(first);
    }
  }

  private static long firstOf(NavigableMap<Long, Spooled> some, long otherwise) {
    Map.Entry<Long, Spooled> entry = some.firstEntry();
    return entry == null ? otherwise : entry.getKey();
  }
}
