package io.penstock.ingest.subscription;

import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.Configuration.SourceConfig;
import io.penstock.ingest.config.SubscriptionConfig;
import io.penstock.ingest.observability.FailureText;
import io.penstock.ingest.observability.LastingWarning;
import io.penstock.ingest.observability.Meters;
import io.penstock.ingest.subscription.SourceSubscriptions.Managed;
import io.penstock.ingest.subscription.SourceSubscriptions.NotManageableException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks providers from time to time whether the sources' registrations are still what the
 * configuration asks for, on one thread of its own; changes nothing. What it finds is a gauge for
 * each source and {@link SubscriptionFault}, and a line in the log while it lasts. While a provider
 * cannot be asked, the last findings stay.
 */
public final class SubscriptionWatch implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(SubscriptionWatch.class);

  private static final Duration END = Duration.ofSeconds(2);

  private final Configuration configuration;
  private final Map<String, String> environment;
  private final InstantSource clock;
  private final LongSupplier nanos;
  private final List<Watched> watched = new ArrayList<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;

  /** One source. Written by the watch's thread, read by any. */
  private static final class Watched {

    private final String source;
    private final Duration interval;
    private final LastingWarning differs;
    private final LastingWarning unchecked;
    private volatile Set<SubscriptionFault> faults = Set.of();
    private long due;

    Watched(String source, Duration interval, LongSupplier nanos) {
      this.source = source;
      this.interval = interval;
      this.differs = new LastingWarning(log, nanos);
      this.unchecked = new LastingWarning(log, nanos);
      this.due = nanos.getAsLong();
    }

    private void found(Set<SubscriptionFault> found) {
      faults = Set.copyOf(found);
      unchecked.ends("The provider of a source can be asked for its registration again");
      if (found.isEmpty()) {
        differs.ends("The registration of a source is what the configuration asks for again");
      } else {
        String names =
            found.stream().map(SubscriptionFault::label).sorted().collect(Collectors.joining(", "));
        differs.holds(
            "The registration of a source is not what the configuration asks for: 'penstock"
                + " subscriptions plan' shows the difference, 'apply' corrects it",
            "registration",
            source + ": " + names);
      }
    }

    private void failed(String why) {
      Set<SubscriptionFault> known = EnumSet.of(SubscriptionFault.UNCHECKED);
      known.addAll(faults);
      faults = Set.copyOf(known);
      unchecked.holds(
          "The provider of a source could not be asked for its registration",
          "registration",
          source + ": " + why);
    }
  }

  private SubscriptionWatch(
      Configuration configuration,
      Map<String, String> environment,
      InstantSource clock,
      LongSupplier nanos) {
    this.configuration = configuration;
    this.environment = Map.copyOf(environment);
    this.clock = clock;
    this.nanos = nanos;
    this.thread = Thread.ofPlatform().daemon().name("subscriptions").unstarted(this::run);
  }

  /**
   * Starts to watch the sources that have {@code subscription.reconcile}; without any, nothing
   * runs.
   *
   * @param environment where secrets are looked up, anew each time
   * @param clock tells how far the date of a {@code Retry-After} is
   * @param nanos a clock that only counts on
   */
  public static SubscriptionWatch start(
      Configuration configuration,
      Map<String, String> environment,
      MeterRegistry registry,
      InstantSource clock,
      LongSupplier nanos) {
    SubscriptionWatch watch = new SubscriptionWatch(configuration, environment, clock, nanos);
    for (SourceConfig source : configuration.sources()) {
      SubscriptionConfig subscription = source.subscription();
      if (subscription != null && subscription.reconcile() != null) {
        Watched one = new Watched(source.name(), subscription.reconcile(), nanos);
        watch.watched.add(one);
        for (SubscriptionFault fault : SubscriptionFault.values()) {
          Meters.SUBSCRIPTION_FAULT.gauge(
              registry,
              null,
              one,
              each -> each.faults.contains(fault) ? 1 : 0,
              "source",
              source.name(),
              "provider",
              source.provider(),
              "reason",
              fault.label());
        }
      }
    }
    if (!watch.watched.isEmpty()) {
      watch.thread.start();
    }
    return watch;
  }

  private void run() {
    try {
      while (closed.getCount() > 0) {
        long now = nanos.getAsLong();
        long next = now + Duration.ofMinutes(1).toNanos();
        for (Watched each : watched) {
          if (each.due - now <= 0) {
            check(each);
            each.due = nanos.getAsLong() + each.interval.toNanos();
          }
          next = Math.min(next, each.due);
        }
        if (closed.await(Math.max(1, next - nanos.getAsLong()), TimeUnit.NANOSECONDS)) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // close() alone interrupts it
    }
  }

  private void check(Watched one) throws InterruptedException {
    try (SourceSubscriptions subscriptions =
        SourceSubscriptions.open(
            configuration, Set.of(one.source), environment, this::pause, clock)) {
      for (Managed each : subscriptions.all()) {
        if (each instanceof Managed.ByApi byApi) {
          SubscriptionPlan plan =
              SubscriptionPlan.of(
                  byApi.wanted(),
                  byApi.api().list(),
                  byApi.api(),
                  subscriptions.surroundings(),
                  false);
          one.found(SubscriptionFault.of(plan));
        }
      }
    } catch (ApiException e) {
      one.failed(e.sentence());
    } catch (NotManageableException e) {
      one.failed(String.join("; ", e.problems()));
    } catch (RuntimeException e) {
      // A bug: the watch goes on, and says so.
      one.failed(FailureText.of(e));
    }
  }

  private void pause(Duration time) throws InterruptedException {
    if (closed.await(time.toNanos(), TimeUnit.NANOSECONDS)) {
      throw new InterruptedException("closed");
    }
  }

  /** Ends the watch, at once even where a provider is being asked. */
  @Override
  public void close() {
    closed.countDown();
    thread.interrupt();
    try {
      thread.join(END.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
