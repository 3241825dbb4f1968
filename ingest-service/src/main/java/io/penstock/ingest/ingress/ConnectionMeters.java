package io.penstock.ingest.ingress;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.ingest.ingress.Connection.Cause;
import io.penstock.ingest.observability.Meters;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

/** What is measured of connections, over all event loops. */
final class ConnectionMeters {

  private final Map<Cause, Counter> closed = new EnumMap<>(Cause.class);
  private final AtomicInteger open = new AtomicInteger();

  ConnectionMeters(MeterRegistry registry) {
    for (Cause cause : Cause.values()) {
      closed.put(cause, Meters.CONNECTIONS_CLOSED.counter(registry, "cause", cause.label()));
    }
    Meters.CONNECTIONS.gauge(registry, null, open, AtomicInteger::get);
  }

  void opened() {
    open.incrementAndGet();
  }

  void gone() {
    open.decrementAndGet();
  }

  void closed(Cause cause) {
    Objects.requireNonNull(closed.get(cause)).increment();
  }
}
