package io.penstock.ingest.console.live;

import java.util.List;

/**
 * What has changed since a place in the order of changes.
 *
 * @param rows that match and are to be shown, the oldest first
 * @param more how many others match and are not shown
 * @param lost how many changes are no longer known
 * @param next the place to go on from
 * @param newest the number of the newest row that was looked at
 */
record LiveChanges(List<LiveRow> rows, long more, long lost, long next, long newest) {

  /** What a page has. */
  interface OnPage {

    /** Whether the page shows the row of this number. */
    boolean shows(long number);

    /** Whether the page has been told of the row, shown or counted. */
    boolean knows(LiveRow row);
  }
}
