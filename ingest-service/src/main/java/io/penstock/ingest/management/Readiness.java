package io.penstock.ingest.management;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether this process is ready, and since when: one place that everybody asks, so that the answer
 * of the management port, the metric and the log say the same. Each change has one line in the log,
 * with its reason; what lasts is said again every few minutes. Unready at first, which needs no
 * line. Safe for use by any number of threads.
 */
public final class Readiness {

  private static final Duration AGAIN = Duration.ofMinutes(5);

  /** The check whose failure is meant: not worth a warning. */
  public static final String SHUTDOWN = "shutdown";

  private final Health health;
  private final BooleanSupplier started;
  private final LongSupplier nanos;
  private final Logger log;
  private boolean ready;
  private String kind = "";
  private long since;
  private long toldAt;

  /** How one check was found. */
  public record Found(Health.Check check, Health.State state) {}

  /**
   * What was found, all at the same time.
   *
   * @param ready whether everything that decides is well
   */
  public record Report(boolean ready, List<Found> checks) {
    public Report {
      checks = List.copyOf(checks);
    }
  }

  /**
   * @param started whether the start has come to its end; before, nothing is ready
   * @param nanos a clock that only counts on
   */
  public Readiness(Health health, BooleanSupplier started, LongSupplier nanos) {
    this(health, started, nanos, LoggerFactory.getLogger(Readiness.class));
  }

  /** One whose lines go elsewhere. */
  public Readiness(Health health, BooleanSupplier started, LongSupplier nanos, Logger log) {
    this.log = log;
    this.health = health;
    this.started = started;
    this.nanos = nanos;
    this.since = nanos.getAsLong();
    this.toldAt = since;
  }

  /** Whether the start has come to its end. */
  public boolean hasStarted() {
    return started.getAsBoolean();
  }

  /** Whether it is ready now. */
  public boolean isReady() {
    return look().ready();
  }

  /** Looks at everything; to be called about once a second, and by whoever wants to know. */
  public synchronized Report look() {
    List<Found> checks = new ArrayList<>();
    for (Health.Check check : health.checks()) {
      checks.add(new Found(check, check.state().get()));
    }
    List<Found> failing =
        checks.stream()
            .filter(found -> found.check().decidesReadiness() && !found.state().up())
            .toList();
    boolean now = hasStarted() && failing.isEmpty();
    tell(now, failing, checks);
    return new Report(now, checks);
  }

  private void tell(boolean now, List<Found> failing, List<Found> all) {
    String reason =
        failing.isEmpty()
            ? "the start has not come to its end"
            : failing.stream()
                .map(found -> found.check().name() + ": " + found.state().detail())
                .collect(Collectors.joining("; "));
    String nowKind =
        failing.stream().map(found -> found.check().name()).collect(Collectors.joining(" "));
    long time = nanos.getAsLong();
    long seconds = TimeUnit.NANOSECONDS.toSeconds(time - since);
    if (now != ready) {
      ready = now;
      since = time;
      toldAt = time;
      kind = nowKind;
      if (now) {
        String because =
            all.stream()
                .filter(found -> found.check().decidesReadiness())
                .filter(found -> !found.check().name().equals(SHUTDOWN))
                .map(found -> found.check().name() + ": " + found.state().detail())
                .collect(Collectors.joining("; "));
        log.info("This instance is ready: after_seconds={} reason={}", seconds, because);
      } else if (nowKind.equals(SHUTDOWN)) {
        log.info("This instance is not ready any more: reason={}", reason);
      } else {
        log.warn("This instance is not ready any more: reason={}", reason);
      }
    } else if (!now && time - toldAt >= AGAIN.toNanos()) {
      toldAt = time;
      kind = nowKind;
      log.warn("This instance is not ready: seconds={} reason={}", seconds, reason);
    } else if (!now && !kind.isEmpty() && !nowKind.equals(kind)) {
      toldAt = time;
      kind = nowKind;
      log.warn("This instance is not ready for another reason: reason={}", reason);
    }
  }
}
