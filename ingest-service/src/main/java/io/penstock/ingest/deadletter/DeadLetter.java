package io.penstock.ingest.deadletter;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * One dead letter as it stands in its topic.
 *
 * @param position where it stands
 * @param landedAt when the landing record that it was made from was appended, by the broker's clock
 * @param eventId null where the delivery named no event
 * @param entityKey null where the delivery named no entity
 * @param landed the place of the landing record that it was made from; null where the letter does
 *     not say
 * @param traceparent the delivery's W3C trace context; null where it had none
 * @param headers the provider's, by lower-case name
 * @param body the exact bytes; empty also where they were too large for the topic
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record DeadLetter(
    Position position,
    String source,
    String provider,
    String reason,
    @Nullable String detail,
    String receiptId,
    Instant receivedAt,
    Instant landedAt,
    @Nullable String eventId,
    @Nullable String entityKey,
    @Nullable Landed landed,
    @Nullable String traceparent,
    Map<String, String> headers,
    byte[] body) {

  /** A place in the dead-letter topic, written as {@code PARTITION-OFFSET}. */
  public record Position(int partition, long offset) {

    /**
     * Reads what {@link #toString} writes.
     *
     * @throws IllegalArgumentException if the text is not a position
     */
    public static Position parse(String text) {
      int dash = text.indexOf('-');
      try {
        Position position =
            new Position(
                Integer.parseInt(text.substring(0, Math.max(dash, 0))),
                Long.parseLong(text.substring(dash + 1)));
        if (position.partition >= 0 && position.offset >= 0) {
          return position;
        }
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(problem(text), e);
      }
      throw new IllegalArgumentException(problem(text));
    }

    private static String problem(String text) {
      return "a position is PARTITION-OFFSET, such as 3-127, and not " + text;
    }

    @Override
    public String toString() {
      return partition + "-" + offset;
    }
  }

  /** A place in the landing log. */
  public record Landed(String topic, int partition, long offset) {

    @Override
    public String toString() {
      return topic + "-" + partition + "@" + offset;
    }
  }

  /**
   * Takes a letter from its record.
   *
   * @throws org.apache.avro.AvroRuntimeException if the record is no dead letter
   */
  public static DeadLetter of(
      Position position, Instant landedAt, GenericRecord letter, Headers kafkaHeaders) {
    String topic = text(letter.get("inboundTopic"));
    Map<String, String> headers = new HashMap<>();
    ((Map<?, ?>) letter.get("headers"))
        .forEach((name, value) -> headers.put(name.toString(), value.toString()));
    ByteBuffer body = ((ByteBuffer) letter.get("body")).duplicate();
    byte[] bytes = new byte[body.remaining()];
    body.get(bytes);
    return new DeadLetter(
        position,
        letter.get("source").toString(),
        letter.get("provider").toString(),
        letter.get("reason").toString(),
        text(letter.get("detail")),
        letter.get("receiptId").toString(),
        Instant.ofEpochMilli((Long) letter.get("receivedAt")),
        landedAt,
        text(letter.get("eventId")),
        text(letter.get("entityKey")),
        topic == null
            ? null
            : new Landed(
                topic,
                (Integer) letter.get("inboundPartition"),
                (Long) letter.get("inboundOffset")),
        traceparent(kafkaHeaders.lastHeader("traceparent")),
        headers,
        bytes);
  }

  private static @Nullable String text(@Nullable Object value) {
    return value == null ? null : value.toString();
  }

  private static @Nullable String traceparent(@Nullable Header header) {
    return header == null || header.value() == null ? null : new String(header.value(), UTF_8);
  }

  /** Without the body and the headers, which are not for logs. */
  @Override
  public String toString() {
    return "DeadLetter[position=" + position + ", receiptId=" + receiptId + "]";
  }
}
