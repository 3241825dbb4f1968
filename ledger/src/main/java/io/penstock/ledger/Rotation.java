package io.penstock.ledger;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Spreads requests over instances in turn, as a load balancer does: without those that it knows to
 * be gone. Safe for use by several threads.
 */
public final class Rotation {

  private final List<Supplier<Optional<URI>>> instances = new CopyOnWriteArrayList<>();
  private final AtomicInteger turn = new AtomicInteger();

  /**
   * Adds an instance.
   *
   * @param address where it takes deliveries, empty while it does not; asked before every request
   */
  public Rotation add(Supplier<Optional<URI>> address) {
    instances.add(address);
    return this;
  }

  /**
   * Addresses for copies of one request, on different instances as far as there are.
   *
   * @return none if no instance is there
   */
  List<URI> next(int copies) {
    List<URI> there = instances.stream().flatMap(instance -> instance.get().stream()).toList();
    List<URI> chosen = new ArrayList<>();
    int start = turn.getAndIncrement() & Integer.MAX_VALUE;
    for (int i = 0; i < copies && !there.isEmpty(); i++) {
      chosen.add(there.get((start + i) % there.size()));
    }
    return chosen;
  }
}
