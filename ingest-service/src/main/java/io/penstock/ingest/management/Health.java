package io.penstock.ingest.management;

import java.util.List;
import java.util.function.Supplier;

/**
 * What this process tells about itself. Liveness depends on nothing outside: a restart mends no
 * broker. Readiness says whether a delivery sent here now would be acknowledged; a pipeline that
 * has to wait holds up no acknowledgement, and so no readiness of an ingress. {@link Readiness}
 * asks.
 *
 * @param checks in the order in which they are shown
 */
public record Health(List<Check> checks) {

  public Health {
    checks = List.copyOf(checks);
  }

  /**
   * One thing that may be well or not. Asked on an event loop: must not block.
   *
   * @param name for people and dashboards
   * @param decidesReadiness whether the process is unready while this is not well; others are only
   *     shown
   * @param state asked at each request
   */
  public record Check(String name, boolean decidesReadiness, Supplier<State> state) {}

  /**
   * How it is.
   *
   * @param detail in a few words; never a secret
   */
  public record State(boolean up, String detail) {}
}
