package io.penstock.ingest.auth.bcrypt;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What waits, by whom it came from: each has a line of its own, and the lines take turns. Bounded
 * in all and for each; when it is full, the longest line gives way to a shorter one, so that no
 * client can keep others out by filling it. Not safe for use by several threads at once.
 *
 * @param <T> what waits
 */
final class BcryptQueue<T> {

  private final int bound;
  private final int boundEach;

  /** No line is empty. The first is next. */
  private final Map<String, Deque<T>> lines = new LinkedHashMap<>();

  private int size;

  BcryptQueue(int bound, int boundEach) {
    this.bound = bound;
    this.boundEach = boundEach;
  }

  /**
   * Puts something at the end of a line.
   *
   * @return what has no place in return: null, the thing itself, or what was last in another line
   */
  @Nullable T offer(String from, T thing) {
    Deque<T> line = lines.get(from);
    int length = line == null ? 0 : line.size();
    if (length >= boundEach) {
      return thing;
    }
    T displaced = null;
    if (size >= bound) {
      displaced = displace(length + 1);
      if (displaced == null) {
        return thing;
      }
    }
    // Only now, since a line that has become empty is gone.
    lines.computeIfAbsent(from, key -> new ArrayDeque<>()).addLast(thing);
    size++;
    return displaced;
  }

  /** Removes the last of the longest line, if that is longer than another will be. */
  private @Nullable T displace(int than) {
    Deque<T> longest = null;
    for (Deque<T> line : lines.values()) {
      if (line.size() > than && (longest == null || line.size() > longest.size())) {
        longest = line;
      }
    }
    if (longest == null) {
      return null;
    }
    size--;
    return longest.removeLast();
  }

  /** Removes the first of the line whose turn it is; null if nothing waits. */
  @Nullable T poll() {
    Iterator<Map.Entry<String, Deque<T>>> turns = lines.entrySet().iterator();
    if (!turns.hasNext()) {
      return null;
    }
    Map.Entry<String, Deque<T>> turn = turns.next();
    String from = turn.getKey();
    Deque<T> line = turn.getValue();
    turns.remove();
    T thing = line.removeFirst();
    size--;
    if (!line.isEmpty()) {
      lines.put(from, line);
    }
    return thing;
  }

  /** Removes everything. */
  List<T> clear() {
    List<T> all = new ArrayList<>(size);
    lines.values().forEach(all::addAll);
    lines.clear();
    size = 0;
    return all;
  }

  int size() {
    return size;
  }
}
