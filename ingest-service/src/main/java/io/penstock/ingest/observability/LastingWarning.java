package io.penstock.ingest.observability;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Logs a condition that lasts: one line when it begins, one when its text changes, a reminder every
 * few minutes, and one when it ends. There are no other lines, however often the condition is
 * looked at and whatever numbers its text holds. Safe for use by any number of threads.
 */
public final class LastingWarning {

  /** The time between two reminders. */
  public static final Duration AGAIN = Duration.ofMinutes(5);

  /** How many different texts of one condition have a line of their own. */
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
   * The condition holds now.
   *
   * @param sentence what is wrong, and what to do; holds no secret. Two that differ only in numbers
   *     count as one.
   */
  public void holds(String sentence) {
    holds(sentence, Map.of());
  }

  /**
   * The condition holds now.
   *
   * @param sentence what is wrong, and what to do; holds no secret
   * @param key of a field of the line
   * @param fact the field's value, which holds no secret
   */
  public void holds(String sentence, String key, Object fact) {
    holds(sentence, Map.of(key, fact));
  }

  private synchronized void holds(String sentence, Map<String, Object> facts) {
    long now = nanos.getAsLong();
    if (!holds) {
      holds = true;
      since = now;
      said.clear();
    }
    String reading = (sentence + facts).replaceAll("[0-9]+", "#");
    boolean known = said.containsKey(reading);
    boolean due = now - toldAt >= AGAIN.toNanos();
    if (known ? due : said.size() < MOST_READINGS || due) {
      said.put(reading, now);
      toldAt = now;
      LoggingEventBuilder line = log.atWarn();
      for (Map.Entry<String, Object> fact : facts.entrySet()) {
        line = line.addKeyValue(fact.getKey(), fact.getValue());
      }
      if (known) {
        line = line.addKeyValue("lasting_seconds", TimeUnit.NANOSECONDS.toSeconds(now - since));
      }
      line.log(sentence);
    }
  }

  /**
   * The condition holds no more.
   *
   * @param sentence what is the case instead
   */
  public synchronized void ends(String sentence) {
    if (holds) {
      holds = false;
      log.atInfo()
          .addKeyValue("after_seconds", TimeUnit.NANOSECONDS.toSeconds(nanos.getAsLong() - since))
          .log(sentence);
    }
  }

  /** Whether the condition held when it was looked at last. */
  public synchronized boolean isHolding() {
    return holds;
  }
}
