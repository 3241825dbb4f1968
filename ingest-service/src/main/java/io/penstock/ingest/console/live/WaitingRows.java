package io.penstock.ingest.console.live;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/**
 * The numbers of the rows that wait for the pipeline, by partition of the landing log, with their
 * offsets rising. Not safe for several threads.
 */
final class WaitingRows {

  private final LiveRows rows;
  private final Map<Integer, Deque<Long>> waiting = new HashMap<>();

  WaitingRows(LiveRows rows) {
    this.rows = rows;
  }

  void add(int partition, long number) {
    Deque<Long> queue = waiting.computeIfAbsent(partition, key -> new ArrayDeque<>());
    while (!queue.isEmpty() && queue.getFirst() < rows.first()) {
      queue.removeFirst();
    }
    queue.add(number);
  }

  /** Those of a partition, to be looked at and taken out. */
  Iterator<Long> of(int partition) {
    return waiting.getOrDefault(partition, new ArrayDeque<>()).iterator();
  }

  /** Whether there is one; those that are gone or final are taken out. */
  boolean isAny() {
    for (Deque<Long> queue : waiting.values()) {
      while (!queue.isEmpty()) {
        LiveRow row = rows.byNumber(queue.getFirst());
        if (row != null && !row.outcome().isFinal()) {
          return true;
        }
        queue.removeFirst();
      }
    }
    return false;
  }

  long size() {
    return waiting.values().stream().mapToLong(Deque::size).sum();
  }

  void clear() {
    waiting.clear();
  }
}
