package io.penstock.ingest.ingress;

import io.penstock.ingest.provider.RulesFailure;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * Logs the faults of the ingress. Each kind has one line in ten seconds, with the number of those
 * that had none, since an unauthenticated client may cause it at will. Safe for use by any number
 * of threads; never throws.
 *
 * <p>A lack of memory ends the process, as {@code ExitOnOutOfMemoryError} does for the heap: that
 * option does not see what Java code throws, and so neither Netty's nor Java's own limit of direct
 * memory.
 */
final class Troubles {

  private static final Duration PAUSE = Duration.ofSeconds(10);

  private final Logger log;
  private final LongSupplier nanoTime;
  private final ConcurrentHashMap<String, Line> lines = new ConcurrentHashMap<>();
  private final CompletableFuture<Void> failure = new CompletableFuture<>();

  /**
   * @param log where the lines go
   * @param nanoTime a clock as {@link System#nanoTime}
   */
  Troubles(Logger log, LongSupplier nanoTime) {
    this.log = log;
    this.nanoTime = nanoTime;
  }

  private static final class Line {
    final AtomicLong next;
    final AtomicLong silent = new AtomicLong();

    Line(long now) {
      next = new AtomicLong(now);
    }
  }

  /**
   * Fails when this process can no longer work, with a text for the operator; otherwise never ends.
   */
  CompletableFuture<Void> failure() {
    return failure;
  }

  /**
   * Logs a fault.
   *
   * @param what a constant text
   * @param source a source's name, or {@link SourceMeters#UNKNOWN}
   * @param receiptId null where no request is concerned
   * @param cause shown without its message, in which a sender's bytes could stand
   */
  void report(String what, String source, @Nullable String receiptId, Throwable cause) {
    try {
      if (!memory(cause)) {
        say(what, source, receiptId, cause);
      }
    } catch (Throwable e) {
      memory(e); // a log that fails is no reason to fail
    }
  }

  private void say(String what, String source, @Nullable String receiptId, Throwable cause) {
    long now = nanoTime.getAsLong();
    Line line = lines.computeIfAbsent(what, key -> new Line(now));
    long next = line.next.get();
    if (now - next >= 0 && line.next.compareAndSet(next, now + PAUSE.toNanos())) {
      log.atError()
          .addKeyValue("source", source)
          .addKeyValue("receipt_id", receiptId == null ? "none" : receiptId)
          .addKeyValue("others_since_last_line", line.silent.getAndSet(0))
          .setCause(RulesFailure.of(cause))
          .log(what);
    } else {
      line.silent.incrementAndGet();
    }
  }

  /**
   * Ends the process if this is a lack of memory.
   *
   * @return whether it is
   */
  boolean memory(@Nullable Throwable cause) {
    int depth = 0;
    for (Throwable each = cause; each != null && depth < 20; each = each.getCause(), depth++) {
      if (each instanceof OutOfMemoryError) {
        boolean isFirst =
            failure.completeExceptionally(
                new IllegalStateException("no memory is left, so this process ends", each));
        if (isFirst) {
          log.atError()
              .addKeyValue("cause", each.toString())
              .log("No memory is left, so this process ends");
        }
        return true;
      }
    }
    return false;
  }
}
