package io.penstock.ledger;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Counts the events of each entity by itself, from 0. Safe for use by several threads. */
final class Counters {

  private final Map<String, AtomicLong> counts = new ConcurrentHashMap<>();

  long next(String entity) {
    return counts.computeIfAbsent(entity, key -> new AtomicLong()).getAndIncrement();
  }
}
