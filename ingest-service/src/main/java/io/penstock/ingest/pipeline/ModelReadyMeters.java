package io.penstock.ingest.pipeline;

import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.ingest.observability.Meters;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How many models something is known of. Safe for use by any number of threads; to be kept
 * reachable while it is measured.
 */
final class ModelReadyMeters {

  private final Map<Object, Long> tasks = new ConcurrentHashMap<>();

  /** Binds the meter. */
  ModelReadyMeters(MeterRegistry registry) {
    Meters.MODEL_READY_STATES.gauge(
        registry,
        null,
        this,
        meters -> meters.tasks.values().stream().mapToLong(Long::longValue).sum());
  }

  /** A task holds so many states now. */
  void held(Object task, long count) {
    tasks.put(task, count);
  }

  /** A task has moved or ended. */
  void ended(Object task) {
    tasks.remove(task);
  }
}
