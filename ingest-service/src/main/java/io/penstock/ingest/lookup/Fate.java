package io.penstock.ingest.lookup;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What became of one landing record. */
public sealed interface Fate {

  /**
   * It is an event.
   *
   * @param timestamp the event's: when the delivery was landed
   * @param schemaId the id, in the registry, of the schema with which it was written
   * @param type the provider's own name of the event's type
   * @param waitedUntil when it was published, by the pipeline's clock, where it had waited in a
   *     paused source; null where it had not, or where Kafka no longer tells
   */
  record Published(
      RecordPosition position,
      Instant timestamp,
      int schemaId,
      String eventId,
      String type,
      @Nullable Instant waitedUntil)
      implements Fate {

    /** The same, known to have waited. */
    Published after(Instant wait) {
      return new Published(position, timestamp, schemaId, eventId, type, wait);
    }
  }

  /**
   * It was removed, since an earlier delivery brought the same event.
   *
   * @param firstReceiptId the receipt of that earlier delivery
   * @param first that delivery's event; its landing record where the event is not there, or is not
   *     compared
   */
  record Copy(Likeness by, String firstReceiptId, RecordPosition first) implements Fate {}

  /** By what a copy is recognized. */
  enum Likeness {
    /** Its event id. */
    ID,
    /** Its body, where the source has {@code deduplicate-equal-within}. */
    BODY
  }

  /**
   * It is a dead letter.
   *
   * @param letter where it stands
   */
  record DeadLettered(RecordPosition letter, String reason, @Nullable String detail)
      implements Fate {}

  /** It will be published, and is not yet. */
  record Waiting(Why why) implements Fate {}

  /** What a landing record waits for. */
  sealed interface Why {

    /**
     * The pipeline has not come to it: it has not committed it, or its source was resumed and
     * earlier events that had waited are published before it.
     *
     * @param records how many records of its partition come before it, and 1 for itself; of a
     *     source that was resumed, how many of its events in that partition
     * @param resumed when its source was resumed; null where it did not wait for that
     */
    record Behind(long records, @Nullable Instant resumed) implements Why {}

    /**
     * The publication of its source is paused.
     *
     * @param since when it was paused; null where that is not known
     */
    record Paused(String source, @Nullable Instant since) implements Why {}
  }

  /**
   * The pipeline has committed it, and Kafka no longer shows what came of it.
   *
   * @param why for the operator
   */
  record Unknown(String why) implements Fate {}
}
