package io.penstock.ingest.console.live;

import java.util.List;

/** What the open pages are shown beside the deliveries, and what is counted of them. */
interface LiveSides {

  /** One of which nothing is known. */
  LiveSides NONE = new LiveSides() {};

  /** Looks what is not in Kafka, and does not wait. Called often while a page is open. */
  default void look() {}

  /** The last hour of the busiest sources. */
  default List<Plots.Plot> plots() {
    return List.of();
  }

  /** So many rows were counted in a page rather than shown. */
  default void unshown(long rows) {}
}
