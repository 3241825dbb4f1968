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
import org.slf4j.event.Level;

/**
 * Whether this process is ready, and since when. The management port, the metric and the log all
 * ask this one place, so that they agree. Each change has one line in the log, with its reason, and
 * a reminder every few minutes while the process is unready. It is unready at first, which has no
 * line. Safe for use by any number of threads.
 */
public final class Readiness {

  private static final Duration AGAIN = Duration.ofMinutes(5);

  /** The check that fails on purpose, so without a warning. */
  public static final String SHUTDOWN = "shutdown";

  private final Health health;
  private final BooleanSupplier started;
  private final LongSupplier nanos;
  private final Logger log;
  private Logged logged;

  /**
   * What the log says.
   *
   * @param failing the names of the checks that failed
   * @param since when the process became ready or unready, in nanoseconds
   * @param at when the last line was written, in nanoseconds
   */
  private record Logged(boolean ready, String failing, long since, long at) {}

  /** A check, and its state when it was asked. */
  public record Found(Health.Check check, Health.State state) {}

  /**
   * The states of all checks at one time.
   *
   * @param ready whether every check that decides is up
   */
  public record Report(boolean ready, List<Found> checks) {
    public Report {
      checks = List.copyOf(checks);
    }
  }

  /**
   * @param started whether the instance has started; before, it is not ready
   * @param nanos a clock that only counts on
   */
  public Readiness(Health health, BooleanSupplier started, LongSupplier nanos) {
    this(health, started, nanos, LoggerFactory.getLogger(Readiness.class));
  }

  /** Logs to the given logger. */
  public Readiness(Health health, BooleanSupplier started, LongSupplier nanos, Logger log) {
    this.log = log;
    this.health = health;
    this.started = started;
    this.nanos = nanos;
    long now = nanos.getAsLong();
    this.logged = new Logged(false, "", now, now);
  }

  /** Whether the instance has started. */
  public boolean hasStarted() {
    return started.getAsBoolean();
  }

  /** Whether the instance is ready now. */
  public boolean isReady() {
    return look().ready();
  }

  /** Asks every check. Called about once a second, and for each question of a client. */
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
    logChange(now, failing, checks);
    return new Report(now, checks);
  }

  private void logChange(boolean ready, List<Found> failing, List<Found> all) {
    String names =
        failing.stream().map(found -> found.check().name()).collect(Collectors.joining(" "));
    String reason = failing.isEmpty() ? "the start has not ended" : details(failing);
    Logged before = logged;
    long now = nanos.getAsLong();
    long seconds = TimeUnit.NANOSECONDS.toSeconds(now - before.since());
    if (ready != before.ready()) {
      logged = new Logged(ready, names, now, now);
      if (ready) {
        List<Found> deciding =
            all.stream()
                .filter(found -> found.check().decidesReadiness())
                .filter(found -> !found.check().name().equals(SHUTDOWN))
                .toList();
        log.atInfo()
            .addKeyValue("after_seconds", seconds)
            .addKeyValue("reason", details(deciding))
            .log("This instance is ready");
      } else {
        log.atLevel(names.equals(SHUTDOWN) ? Level.INFO : Level.WARN)
            .addKeyValue("reason", reason)
            .log("This instance is not ready any more");
      }
    } else if (!ready && now - before.at() >= AGAIN.toNanos()) {
      logged = new Logged(false, names, before.since(), now);
      log.atWarn()
          .addKeyValue("lasting_seconds", seconds)
          .addKeyValue("reason", reason)
          .log("This instance is not ready");
    } else if (!ready && !before.failing().isEmpty() && !names.equals(before.failing())) {
      logged = new Logged(false, names, before.since(), now);
      log.atWarn()
          .addKeyValue("reason", reason)
          .log("This instance is not ready for another reason");
    }
  }

  private static String details(List<Found> checks) {
    return checks.stream()
        .map(found -> found.check().name() + ": " + found.state().detail())
        .collect(Collectors.joining("; "));
  }
}
