package io.penstock.ingest.management;

import java.util.List;
import java.util.function.Supplier;

/**
 * The checks of this process's health, which {@link Readiness} evaluates. Liveness depends on
 * nothing outside, since a restart repairs no broker. Readiness of an ingress says whether a
 * delivery sent here now would be acknowledged; a pipeline that waits delays no acknowledgement.
 *
 * @param checks in the order in which they are shown
 */
public record Health(List<Check> checks) {

  public Health {
    checks = List.copyOf(checks);
  }

  /**
   * One thing that is up or down. Asked on an event loop: must not block.
   *
   * @param name for people and dashboards
   * @param decidesReadiness whether the process is unready while this is down; otherwise it is only
   *     shown
   * @param state asked at each request
   */
  public record Check(String name, boolean decidesReadiness, Supplier<State> state) {}

  /**
   * The state of a check.
   *
   * @param detail in a few words; holds no secret
   */
  public record State(boolean up, String detail) {}
}
