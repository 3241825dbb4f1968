package io.penstock.ingest.console.live;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What became of deliveries whose landing record has not been seen yet, by the event's or the
 * letter's id. Bounded: the oldest goes. Not safe for several threads.
 */
final class Orphans {

  private static final int MOST = 20_000;

  private final Map<String, Became> all =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Became> eldest) {
          return size() > MOST;
        }
      };

  /**
   * What was seen.
   *
   * @param type the provider's name of what happened; empty for a dead letter
   * @param live whether it was seen as it happened
   */
  record Became(Outcome outcome, String type, boolean live) {}

  void put(String id, Became became) {
    all.put(id, became);
  }

  @Nullable Became remove(String id) {
    return all.remove(id);
  }

  int size() {
    return all.size();
  }

  void clear() {
    all.clear();
  }
}
