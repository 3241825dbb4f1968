package io.penstock.ingest.console.delivery;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One step of a delivery's time line.
 *
 * @param title what happened
 * @param at when; null where nothing says
 * @param detail more of it; may be empty
 * @param since how long after it was received, such as {@code +3 ms}; may be empty
 * @param place of the record, as it stands in addresses, where that has a page; or empty
 */
public record TimeLineStep(
    String title, String style, @Nullable Instant at, String detail, String since, String place) {

  /** Whether it is known when it happened. */
  public boolean isTimed() {
    return at != null;
  }
}
