package io.penstock.ingest.pipeline;

import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.observability.Meters;
import io.penstock.ingest.pausing.PausedSources;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What is measured of paused sources: for each configured source, and for all others together. Safe
 * for use by any number of threads; to be kept reachable while it is measured.
 */
final class ParkingMeters {

  /** The label of sources that are not configured, all together. */
  private static final String OTHER = "other";

  private final Set<String> configured;
  private final Supplier<PausedSources> states;
  private final InstantSource clock;
  private final Map<Object, Map<String, Waiting>> tasks = new ConcurrentHashMap<>();

  /**
   * Events of one source that wait in one task.
   *
   * @param bytes that they take in the store
   * @param oldestReceivedAt in milliseconds since 1970
   */
  record Waiting(long count, long bytes, long oldestReceivedAt) {}

  /**
   * Binds all meters.
   *
   * @param states what is paused now
   * @param clock this process's, against which ages are measured
   */
  ParkingMeters(
      MeterRegistry registry,
      List<Configuration.SourceConfig> sources,
      Supplier<PausedSources> states,
      InstantSource clock) {
    this.configured =
        sources.stream().map(Configuration.SourceConfig::name).collect(Collectors.toSet());
    this.states = states;
    this.clock = clock;
    for (String source : configured) {
      bind(registry, source, source::equals);
    }
    bind(registry, OTHER, source -> !configured.contains(source));
  }

  private void bind(MeterRegistry registry, String label, Predicate<String> sources) {
    Meters.SOURCE_PAUSED.gauge(
        registry, null, this, meters -> meters.isAnyPaused(sources) ? 1 : 0, "source", label);
    Meters.PARKED.gauge(
        registry,
        null,
        this,
        meters -> meters.waiting(sources).mapToLong(Waiting::count).sum(),
        "source",
        label);
    Meters.PARKED_BYTES.gauge(
        registry,
        "bytes",
        this,
        meters -> meters.waiting(sources).mapToLong(Waiting::bytes).sum(),
        "source",
        label);
    Meters.PARKED_OLDEST_AGE.gauge(
        registry, "seconds", this, meters -> meters.oldestAge(sources), "source", label);
  }

  private boolean isAnyPaused(Predicate<String> sources) {
    return switch (states.get()) {
      case PausedSources.Known known ->
          known.states().values().stream()
              .anyMatch(state -> state.isPaused() && sources.test(state.source()));
      case PausedSources.Unavailable unavailable -> false;
    };
  }

  private Stream<Waiting> waiting(Predicate<String> sources) {
    return tasks.values().stream()
        .flatMap(task -> task.entrySet().stream())
        .filter(each -> sources.test(each.getKey()))
        .map(Map.Entry::getValue);
  }

  private double oldestAge(Predicate<String> sources) {
    long now = clock.millis();
    return waiting(sources)
            .mapToLong(waiting -> Math.max(0, now - waiting.oldestReceivedAt()))
            .max()
            .orElse(0)
        / 1000.0;
  }

  /** So many events of a source wait in a task now. */
  void waiting(Object task, String source, Waiting waiting) {
    Map<String, Waiting> queues = tasks.computeIfAbsent(task, key -> new ConcurrentHashMap<>());
    if (waiting.count() == 0) {
      queues.remove(source);
    } else {
      queues.put(source, waiting);
    }
  }

  /** A task has moved or ended. */
  void ended(Object task) {
    tasks.remove(task);
  }
}
