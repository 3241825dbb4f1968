package io.penstock.ingest.observability;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;

/**
 * Something that is not well for a while, in the log: a line when it begins, one when it reads
 * differently, a reminder every few minutes while it lasts, and one when it ends. However often it
 * is looked at, and whatever numbers stand in it, there are no others. Safe for use by any number
 * of threads.
 */
public final class LastingWarning {

  /** How often what lasts is said again. */
  public static final Duration AGAIN = Duration.ofMinutes(5);

  /** How many ways to put it are remembered; one that has more is not worth a line for each. */
  private static final int MOST_READINGS = 20;

  private final Logger log;
  private final LongSupplier nanos;
  private final Map<String, Long> said = new HashMap<>();
  private boolean holds;
  private long since;
  private long toldAt;

  /**
   * @param log where the lines go
   * @param nanos a clock that only counts on
   */
  public LastingWarning(Logger log, LongSupplier nanos) {
    this.log = log;
    this.nanos = nanos;
  }

  /**
   * It is so now.
   *
   * @param text what is so, and what to do; never a secret. Two that differ only in numbers are
   *     one.
   */
  public synchronized void holds(String text) {
    long now = nanos.getAsLong();
    if (!holds) {
      holds = true;
      since = now;
      said.clear();
    }
    String reading = text.replaceAll("[0-9]+", "#");
    boolean known = said.containsKey(reading);
    boolean due = now - toldAt >= AGAIN.toNanos();
    if (known ? due : said.size() < MOST_READINGS || due) {
      said.put(reading, now);
      toldAt = now;
      long seconds = TimeUnit.NANOSECONDS.toSeconds(now - since);
      if (known) {
        log.warn("{} (still, after {} s)", text, seconds);
      } else {
        log.warn("{}", text);
      }
    }
  }

  /**
   * It is so no more.
   *
   * @param text what is so instead; how long it took is added
   */
  public synchronized void ends(String text) {
    if (holds) {
      holds = false;
      log.info("{} after {} s", text, TimeUnit.NANOSECONDS.toSeconds(nanos.getAsLong() - since));
    }
  }

  /** Whether it is so, as far as was said. */
  public synchronized boolean isHolding() {
    return holds;
  }
}
