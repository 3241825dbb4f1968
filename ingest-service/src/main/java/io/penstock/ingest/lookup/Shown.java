package io.penstock.ingest.lookup;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.ingest.deadletter.DeadLetter;
import io.penstock.ingest.landing.LandingRecord;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A record of one of Penstock's topics, decoded to be shown. Texts are as senders wrote them. */
public sealed interface Shown {

  /** Where the record stands. */
  RecordPosition position();

  /**
   * A delivery as the landing log keeps it.
   *
   * @param appendedAt when the broker appended it, by the broker's clock
   * @param spooled whether the record says that a spool had kept the delivery before
   */
  record Landed(RecordPosition position, Instant appendedAt, LandingRecord landing, boolean spooled)
      implements Shown {}

  /**
   * An event as consumers get it.
   *
   * @param timestamp the record's: when the delivery was landed, by the broker's clock
   * @param schemaId the id, in the registry, of the schema with which it was written
   * @param type the provider's own name of the event's type
   * @param occurredAt by the provider's clock; null where the provider sends no time
   * @param receivedAt by the ingress's clock
   * @param event all fields of the event as JSON but its metadata; numbers and times as consumers
   *     get them, bytes as base64
   * @param headers of the record, by name
   */
  record Published(
      RecordPosition position,
      Instant timestamp,
      int schemaId,
      String eventId,
      String type,
      String source,
      String provider,
      String entityKey,
      String receiptId,
      @Nullable Instant occurredAt,
      Instant receivedAt,
      ObjectNode event,
      Map<String, String> headers)
      implements Shown {

    public Published {
      headers = Map.copyOf(headers);
    }

    /** The provider's own JSON: the event's field {@code json}. */
    public String json() {
      return event.path("json").asText();
    }

    /** Without what the provider sent, which is not for logs. */
    @Override
    public String toString() {
      return "Published[position=" + position + ", eventId=" + eventId + "]";
    }
  }

  /**
   * A dead letter.
   *
   * @param timestamp the record's: when the delivery was landed, by the broker's clock
   */
  record Letter(RecordPosition position, Instant timestamp, DeadLetter letter) implements Shown {}

  /**
   * A record that Penstock cannot read, such as one that another program wrote.
   *
   * @param timestamp the record's
   * @param problem in words of ours
   */
  record Unreadable(RecordPosition position, Instant timestamp, String problem) implements Shown {}
}
