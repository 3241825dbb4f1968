package io.penstock.ingest.provider;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The time at which a provider says that an event happened. */
public final class EventTime {

  // A time outside is a unit that was mistaken or a clock that was never set.
  private static final Instant FIRST = Instant.parse("2000-01-01T00:00:00Z");
  private static final Instant LAST = Instant.parse("2099-12-31T23:59:59.999Z");

  private EventTime() {}

  /**
   * The time, if it could be that of an event.
   *
   * @param millis since 1970; null for none
   */
  public static @Nullable Instant plausible(@Nullable Long millis) {
    if (millis == null) {
      return null;
    }
    Instant time = Instant.ofEpochMilli(millis);
    return time.isBefore(FIRST) || time.isAfter(LAST) ? null : time;
  }
}
