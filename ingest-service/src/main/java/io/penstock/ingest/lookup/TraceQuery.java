package io.penstock.ingest.lookup;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is to be found.
 *
 * @param id a receipt id, an event id, an id of the provider's own, or a position
 * @param since landed since then, by the broker's clock; null: as long as Kafka keeps it
 * @param until landed before then; null: until now
 * @param limit at most so many deliveries, the newest; 1 or more
 */
public record TraceQuery(String id, @Nullable Instant since, @Nullable Instant until, int limit) {

  /** In characters: longer than every id that a provider is known to have. */
  public static final int MOST_ID = 1024;

  public TraceQuery {
    if (id.isEmpty() || id.length() > MOST_ID) {
      throw new IllegalArgumentException("an id has 1 to " + MOST_ID + " characters");
    }
    if (limit < 1) {
      throw new IllegalArgumentException("a limit is 1 or more");
    }
  }

  /** One without a range of time, for at most 20 deliveries. */
  public static TraceQuery of(String id) {
    return new TraceQuery(id, null, null, 20);
  }
}
