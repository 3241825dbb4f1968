package io.penstock.ingest.ingress;

import io.penstock.ingest.delivery.Reason;
import io.penstock.ingest.landing.AppendOutcome;
import io.penstock.ingest.landing.LandingRecord;
import io.penstock.ingest.observability.LineQueue;
import io.penstock.ingest.observability.LogQueue;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Logs what became of deliveries, with fields. Each acknowledged one has its own line. Refusals,
 * which unauthenticated clients can cause at will, have one line per source and reason in ten
 * seconds, with the number of those that had none. Safe for use by any number of threads.
 */
final class DeliveryLog {

  /** The name of its logger, whose level can be set apart: see {@code log4j2.xml}. */
  static final String NAME = "io.penstock.deliveries";

  static final String ACKNOWLEDGED = "A delivery was acknowledged";

  private static final Duration PAUSE = Duration.ofSeconds(10);

  /** How the line of an acknowledged delivery is written. */
  private interface Acknowledgements {

    /**
     * @param millis from the request's head to its answer
     */
    void write(LandingRecord.Event event, AppendOutcome.Acknowledged how, long millis);
  }

  private final Logger log;
  private final Acknowledgements acknowledgements;
  private final LongSupplier nanoTime;
  private final ConcurrentHashMap<Key, Line> lines = new ConcurrentHashMap<>();

  /**
   * @param log where the lines go
   * @param nanoTime a clock as {@link System#nanoTime}
   */
  DeliveryLog(Logger log, LongSupplier nanoTime) {
    this.log = log;
    this.acknowledgements = this::logged;
    this.nanoTime = nanoTime;
  }

  /**
   * @param log whose level decides on all lines, and where those of refused deliveries go
   * @param lines where the lines of acknowledged deliveries go, as JSON
   */
  DeliveryLog(Logger log, LineQueue lines, LongSupplier nanoTime, InstantSource clock) {
    this.log = log;
    ThreadLocal<DeliveryLine> own = ThreadLocal.withInitial(DeliveryLine::new);
    this.acknowledgements =
        (event, how, millis) -> {
          DeliveryLine line = own.get();
          line.make(event, how, millis, clock.millis());
          lines.add(line.bytes(), line.length());
        };
    this.nanoTime = nanoTime;
  }

  /** The log of this process, as it is configured. */
  static DeliveryLog ofProcess(LongSupplier nanoTime, InstantSource clock) {
    Logger log = LoggerFactory.getLogger(NAME);
    return LogQueue.lines()
        .map(lines -> new DeliveryLog(log, lines, nanoTime, clock))
        .orElseGet(() -> new DeliveryLog(log, nanoTime));
  }

  private record Key(String source, Reason reason, boolean certain) {}

  private static final class Line {
    final AtomicLong next;
    final AtomicLong silent = new AtomicLong();

    Line(long now) {
      next = new AtomicLong(now);
    }
  }

  /**
   * The ids and the place by which {@code penstock trace} finds what becomes of it.
   *
   * @param nanos from the request's head to its answer
   */
  void acknowledged(LandingRecord.Event event, AppendOutcome.Acknowledged how, long nanos) {
    if (log.isInfoEnabled()) {
      acknowledgements.write(event, how, TimeUnit.NANOSECONDS.toMillis(nanos));
    }
  }

  private void logged(LandingRecord.Event event, AppendOutcome.Acknowledged how, long millis) {
    LoggingEventBuilder line =
        log.atInfo()
            .addKeyValue("source", event.source())
            .addKeyValue("receipt_id", event.receiptId())
            .addKeyValue("event_id", event.deduplicationId().hex())
            .addKeyValue("outcome", "acknowledged")
            .addKeyValue("kept_by", how.by().name().toLowerCase(Locale.ROOT));
    if (how.at() instanceof AppendOutcome.LandedAt.Known at) {
      line =
          line.addKeyValue("landing_partition", at.partition())
              .addKeyValue("landing_offset", at.offset());
    }
    line.addKeyValue("milliseconds", millis).log(ACKNOWLEDGED);
  }

  /**
   * @param source the name of a configured source, or {@link SourceMeters#UNKNOWN}: never what a
   *     sender wrote
   */
  void refused(String source, Reason reason, String receiptId) {
    line(new Key(source, reason, true), receiptId);
  }

  /**
   * A delivery is unacknowledged, and may be kept all the same.
   *
   * @param source the name of a configured source
   */
  void unknown(String source, Reason reason, String receiptId) {
    line(new Key(source, reason, false), receiptId);
  }

  private void line(Key key, String receiptId) {
    long now = nanoTime.getAsLong();
    Line line = lines.computeIfAbsent(key, k -> new Line(now));
    long next = line.next.get();
    if (now - next >= 0 && line.next.compareAndSet(next, now + PAUSE.toNanos())) {
      log.atWarn()
          .addKeyValue("source", key.source())
          .addKeyValue("receipt_id", receiptId)
          .addKeyValue("outcome", key.certain() ? "refused" : "unknown")
          .addKeyValue("reason", key.reason().code())
          .addKeyValue("others_since_last_line", line.silent.getAndSet(0))
          .log(
              key.certain()
                  ? "A delivery was refused"
                  : "A delivery was not acknowledged, and may be kept all the same");
    } else {
      line.silent.incrementAndGet();
    }
  }
}
