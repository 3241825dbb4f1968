package io.penstock.ingest.ingress;

import io.penstock.ingest.delivery.Reason;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs refusals, which strangers can cause at will: one line per source and reason in a while, with
 * the number of those that had none.
 */
final class RefusalLog {

  private static final Logger log = LoggerFactory.getLogger(RefusalLog.class);
  private static final Duration PAUSE = Duration.ofSeconds(10);

  private final LongSupplier nanoTime;
  private final ConcurrentHashMap<Key, Line> lines = new ConcurrentHashMap<>();

  /**
   * @param nanoTime a clock as {@link System#nanoTime}
   */
  RefusalLog(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  private record Key(String source, Reason reason) {}

  private static final class Line {
    final AtomicLong next;
    final AtomicLong silent = new AtomicLong();

    Line(long now) {
      next = new AtomicLong(now);
    }
  }

  /**
   * @param source the name of a configured source, or of nobody: never what a sender wrote
   */
  void refused(String source, Reason reason, String receiptId) {
    long now = nanoTime.getAsLong();
    Line line = lines.computeIfAbsent(new Key(source, reason), key -> new Line(now));
    long next = line.next.get();
    if (now - next >= 0 && line.next.compareAndSet(next, now + PAUSE.toNanos())) {
      log.warn(
          "A delivery was refused: source={} reason={} receipt_id={} others_since_last_line={}",
          source,
          reason.code(),
          receiptId,
          line.silent.getAndSet(0));
    } else {
      line.silent.incrementAndGet();
    }
  }
}
