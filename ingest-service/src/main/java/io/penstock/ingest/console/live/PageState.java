package io.penstock.ingest.console.live;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What one open page has been told. Bounded by the rows that a page shows. For one thread. */
final class PageState implements LiveChanges.OnPage {

  /** How many rows a page shows. */
  static final int ROWS = 500;

  private final LiveFilter filter;
  private long place;
  private long highest = -1;

  private final Map<Long, Boolean> shown =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Boolean> eldest) {
          return size() > ROWS;
        }
      };

  /**
   * @param place that {@link LiveBoard#now} told before the page's first rows were taken
   */
  PageState(LiveFilter filter, long place) {
    this.filter = filter;
    this.place = place;
  }

  /**
   * The rows that the page shows first, the newest first.
   *
   * @param most how many
   */
  List<LiveRow> begin(LiveBoard board, int most) {
    place = board.now();
    List<LiveRow> rows = board.newest(filter, most);
    // The oldest is forgotten first.
    rows.reversed().forEach(this::told);
    return rows;
  }

  private void told(LiveRow row) {
    shown.put(row.number(), true);
    highest = Math.max(highest, row.number());
  }

  /**
   * What the page has to be told now.
   *
   * @param most how many new rows
   */
  LiveChanges pull(LiveBoard board, int most) {
    LiveChanges changes = board.changes(place, filter, most, this);
    place = changes.next();
    changes.rows().forEach(this::told);
    highest = Math.max(highest, changes.newest());
    return changes;
  }

  LiveFilter filter() {
    return filter;
  }

  @Override
  public boolean shows(long number) {
    return shown.containsKey(number);
  }

  @Override
  public boolean knows(LiveRow row) {
    return row.number() <= highest && filter.matches(row.asLanded());
  }
}
