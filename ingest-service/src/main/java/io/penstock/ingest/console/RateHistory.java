package io.penstock.ingest.console;

import io.penstock.ingest.console.Instances.Asked;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many deliveries each source took and refused within the last hour, in steps of ten seconds,
 * by the counters of all instances: from the start of the console, in bounded memory. Safe for use
 * by any number of threads.
 */
public final class RateHistory implements AutoCloseable {

  /** The time between two readings. */
  public static final Duration STEP = Duration.ofSeconds(10);

  /** How many steps are kept: an hour. */
  public static final int STEPS = 360;

  /** How many minutes {@link #refusedByMinute} tells of. */
  static final int MINUTES = 60;

  private static final long MINUTE_MILLIS = 60_000;

  private static final Logger log = LoggerFactory.getLogger(RateHistory.class);

  private static final int MOST_SOURCES = 1000;
  private static final String DELIVERIES = "penstock_deliveries_total";

  private final Instances instances;
  private final InstantSource clock;
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final Thread thread;
  private final Map<String, Deque<Tally>> steps = new HashMap<>();
  private final Map<String, Instant> last = new HashMap<>();
  private final Map<String, Double> counters = new HashMap<>();
  private @Nullable Instant since;

  /**
   * One step of one source.
   *
   * @param at its end
   * @param taken deliveries that were acknowledged within it
   * @param refused requests that were not
   */
  public record Tally(Instant at, long taken, long refused) {}

  /**
   * @param instances not closed with this
   */
  RateHistory(Instances instances, InstantSource clock) {
    this.instances = instances;
    this.clock = clock;
    this.thread = Thread.ofVirtual().name("console-rates").unstarted(this::run);
  }

  /** Begins to read. Once. */
  void start() {
    thread.start();
  }

  private void run() {
    try {
      do {
        try {
          add(instances.asked(), clock.instant());
        } catch (RuntimeException e) {
          log.debug("The rates were not read", e);
        }
      } while (!stopping.await(STEP.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Adds one reading of all instances. An instance that did not answer adds nothing. */
  synchronized void add(List<Asked> asked, Instant now) {
    Map<String, long[]> rises = new HashMap<>();
    boolean any = false;
    for (Asked each : asked) {
      if (each.metrics() instanceof Fact.Known<Scrape> known) {
        any = true;
        for (Scrape.Measured sample : known.value().all(DELIVERIES)) {
          String source = sample.label("source");
          long rise = rise(each.address(), source, sample);
          if (!rises.containsKey(source) && rises.size() >= MOST_SOURCES) {
            continue;
          }
          long[] both = rises.computeIfAbsent(source, name -> new long[2]);
          switch (sample.label("outcome")) {
            case "acknowledged" -> both[0] += rise;
            case "refused", "unknown" -> both[1] += rise;
            default -> {} // of abandoned requests the sender knows
          }
        }
      }
    }
    if (any && since == null) {
      since = now;
      return; // what was counted before has no time
    }
    rises.forEach(
        (source, both) -> {
          Deque<Tally> own = steps.computeIfAbsent(source, name -> new ArrayDeque<>());
          if (own.size() >= STEPS) {
            own.removeFirst();
          }
          own.addLast(new Tally(now, both[0], both[1]));
          if (both[0] > 0) {
            last.put(source, now);
          }
        });
  }

  /** What was counted since the last reading; everything, where the counter began again. */
  private long rise(String address, String source, Scrape.Measured sample) {
    String key =
        address
            + " "
            + source
            + " "
            + sample.label("outcome")
            + " "
            + sample.label("reason")
            + " "
            + sample.label("durable");
    Double before = counters.put(key, sample.value());
    double rise =
        before == null || sample.value() < before ? sample.value() : sample.value() - before;
    return Math.round(rise);
  }

  /** The steps of a source, the oldest first; empty where nothing is known of it. */
  public synchronized List<Tally> of(String source) {
    Deque<Tally> own = steps.get(source);
    return own == null ? List.of() : new ArrayList<>(own);
  }

  /**
   * By source, how many requests were refused in each of the last {@value #MINUTES} minutes of the
   * clock, the oldest first; without sources that refused none.
   */
  public synchronized Map<String, int[]> refusedByMinute() {
    long last = clock.millis() / MINUTE_MILLIS;
    Map<String, int[]> refused = new HashMap<>();
    steps.forEach(
        (source, own) -> {
          for (Tally step : own) {
            long back = last - step.at().toEpochMilli() / MINUTE_MILLIS;
            if (step.refused() > 0 && back >= 0 && back < MINUTES) {
              refused
                      .computeIfAbsent(source, name -> new int[MINUTES])[
                      MINUTES - 1 - Math.toIntExact(back)] +=
                  Math.toIntExact(Math.min(step.refused(), 1_000_000));
            }
          }
        });
    return refused;
  }

  /** When a source was last seen to have taken a delivery, to a step; since the console started. */
  public synchronized Optional<Instant> lastTaken(String source) {
    return Optional.ofNullable(last.get(source));
  }

  /** When the first instance was first read; empty before that. */
  public synchronized Optional<Instant> since() {
    return Optional.ofNullable(since);
  }

  @Override
  public void close() {
    stopping.countDown();
    thread.interrupt();
  }
}
