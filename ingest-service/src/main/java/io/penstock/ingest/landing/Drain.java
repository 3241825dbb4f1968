package io.penstock.ingest.landing;

import io.micrometer.core.instrument.Counter;
import io.penstock.ingest.observability.LastingWarning;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the spool's deliveries to Kafka, each lane in its order and by itself, within windows that
 * leave room for live ones. While Kafka counts as gone, the first of a lane is what finds out
 * whether it is.
 *
 * <p>What was spooled under another number of partitions goes first, since an entity's newer
 * deliveries may be in another lane. Everything happens on one context. A crash costs nothing but
 * copies, which the pipeline removes.
 */
final class Drain {

  private static final Logger log = LoggerFactory.getLogger(Drain.class);

  /** What all lanes together may have on their way, beside one delivery of each, in bytes. */
  static final long WINDOW_BYTES = 4L * 1024 * 1024;

  private final Context context;
  private final KafkaSender kafka;
  private final Breaker breaker;
  private final SpooledDeliveries spooled;
  private final LongSupplier nanos;
  private final Counter drained;
  private final AtomicInteger staying = new AtomicInteger();
  private final LastingWarning cannotSetAside;
  private final Map<Integer, DrainLane> lanes = new TreeMap<>();
  private final Set<Integer> appended = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean called = new AtomicBoolean();
  private volatile boolean stopped;

  Drain(
      Context context,
      KafkaSender kafka,
      Breaker breaker,
      SpooledDeliveries spooled,
      LongSupplier nanos,
      Counter drained) {
    this.context = context;
    this.kafka = kafka;
    this.breaker = breaker;
    this.spooled = spooled;
    this.nanos = nanos;
    this.drained = drained;
    this.cannotSetAside = new LastingWarning(log, nanos);
    appended.addAll(spooled.spool().lanes());
    spooled.spool().onAppend(this::call);
  }

  /** From any thread: a lane has something to send. */
  private void call(int lane) {
    appended.add(lane);
    if (called.compareAndSet(false, true)) {
      context.runOnContext(
          nothing -> {
            called.set(false);
            pump();
          });
    }
  }

  /** Sends nothing any more. From any thread. */
  void stop() {
    stopped = true;
  }

  /** Sends on, as far as the windows go. */
  void pump() {
    if (stopped || !kafka.isFound()) {
      return;
    }
    appended.removeIf(
        lane -> {
          lanes.computeIfAbsent(lane, number -> new DrainLane(this, number));
          return true;
        });
    SpoolLanes now = spooled.lanes();
    boolean others = false;
    for (DrainLane lane : lanes.values()) {
      if (!now.has(lane.number()) && !lane.isEmpty()) {
        others = true;
        lane.pump();
      }
    }
    if (!others) {
      lanes.values().forEach(DrainLane::pump);
    }
  }

  // What a lane needs.

  KafkaSender kafka() {
    return kafka;
  }

  SpooledDeliveries spooled() {
    return spooled;
  }

  long now() {
    return nanos.getAsLong();
  }

  boolean isStopped() {
    return stopped;
  }

  /** Runs something on the drain's context: at once where that is the caller's. */
  void run(Runnable task) {
    if (context.equals(Vertx.currentContext())) {
      task.run();
    } else {
      context.runOnContext(nothing -> task.run());
    }
  }

  /** Whether Kafka may be sent a delivery now, to find out at least whether it is there. */
  boolean mayTry() {
    return !breaker.isOpen() || breaker.tryProbe();
  }

  /** Whether all lanes together leave room; what a silent partition keeps counts for nothing. */
  boolean hasRoom(long bytes) {
    long busy = bytes;
    for (DrainLane lane : lanes.values()) {
      busy += lane.busyBytes();
    }
    return busy <= WINDOW_BYTES;
  }

  /** How much a lane reads at a time, in bytes: all lanes together no more than the window. */
  long readAhead() {
    return WINDOW_BYTES / Math.max(4, lanes.size());
  }

  /** One that Kafka does not take could not be set aside. */
  void stays() {
    staying.incrementAndGet();
    if (!stopped) {
      cannotSetAside.holds(
          "Deliveries in the spool that the landing log does not take cannot be set aside. They stay"
              + " where they are, and the others are drained: make room on the spool's disk");
    }
  }

  /** One that stayed was set aside. */
  void staysNoLonger() {
    if (staying.decrementAndGet() == 0) {
      cannotSetAside.ends("All deliveries that the landing log does not take are set aside");
    }
  }

  /** How many Kafka does not take and could not be set aside. From any thread. */
  int staying() {
    return staying.get();
  }

  void countDrained() {
    drained.increment();
  }
}
