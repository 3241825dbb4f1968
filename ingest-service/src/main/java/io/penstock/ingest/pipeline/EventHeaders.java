package io.penstock.ingest.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.hash.Hashing;
import java.time.Instant;
import java.util.HexFormat;
import org.apache.avro.Schema;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/**
 * The headers of what is published: CloudEvents 1.0 in the Kafka binding's binary mode
 * (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md)
 * with the extension for partitioning, and the W3C trace context of the delivery.
 *
 * <p>A header never holds what CloudEvents does not allow in a string (control characters, U+FFFE
 * and the like, halves of surrogate pairs), and is never longer than {@value #MAX_BYTES} bytes,
 * whatever a provider, or a landing record that no ingress wrote, says: see {@link #text}.
 */
final class EventHeaders {

  /** What the types of all events begin with. */
  static final String TYPE_PREFIX = "io.penstock.";

  /**
   * What the types of all dead letters begin with; no provider has this name, nor has a topic of a
   * source.
   */
  private static final String DEAD_LETTER = TYPE_PREFIX + "dead-letter.";

  /** The most bytes of UTF-8 of a header's value, but for what stands before a type. */
  static final int MAX_BYTES = 1024;

  /**
   * Avro's binary encoding behind the five bytes of the Confluent wire format, so that it is not
   * taken for bare Avro.
   */
  static final String CONTENT_TYPE = "application/avro; framing=confluent";

  private static final HexFormat HEX = HexFormat.of().withUpperCase();
  private static final byte[] SPECVERSION = "1.0".getBytes(UTF_8);
  private static final byte[] CONTENT_TYPE_BYTES = CONTENT_TYPE.getBytes(UTF_8);

  private final String sourceBase;

  /**
   * @param sourceBase an absolute URI that the addresses of all sources begin with; null for none,
   *     so that {@code ce_source} is relative
   */
  EventHeaders(@Nullable String sourceBase) {
    this.sourceBase = sourceBase == null ? "" : sourceBase;
  }

  /** The type of an event in CloudEvents, from the provider's own name of it. */
  static String type(String provider, String type) {
    return TYPE_PREFIX + provider + "." + text(type);
  }

  /** The type of a dead letter in CloudEvents. */
  static String deadLetterType(String reason) {
    return DEAD_LETTER + reason;
  }

  /**
   * What the headers say of a record.
   *
   * @param id the same for every copy of an event; a dead letter has one of its own
   * @param source the name of the source; the header holds its address, as a URI or a reference
   * @param type of {@link #type} or {@link #deadLetterType}
   * @param time when it happened, or if that is not known, when it was received
   * @param dataSchema of {@link io.penstock.ingest.provider.EventSchemas#uri(Schema)}
   * @param subject the entity key; null where the delivery names no entity
   * @param key the record's
   */
  record Attributes(
      String id,
      String source,
      String type,
      Instant time,
      String dataSchema,
      @Nullable String subject,
      String key,
      @Nullable String traceparent) {}

  /** The headers of a record. */
  Headers of(Attributes attributes) {
    Headers headers = new RecordHeaders();
    headers.add("ce_specversion", SPECVERSION);
    add(headers, "ce_id", attributes.id);
    headers.add("ce_source", (sourceBase + "/webhooks/" + text(attributes.source)).getBytes(UTF_8));
    headers.add("ce_type", attributes.type.getBytes(UTF_8));
    headers.add("ce_time", attributes.time.toString().getBytes(UTF_8));
    headers.add("ce_dataschema", attributes.dataSchema.getBytes(UTF_8));
    if (attributes.subject != null) {
      add(headers, "ce_subject", attributes.subject);
    }
    add(headers, "ce_partitionkey", attributes.key);
    headers.add("content-type", CONTENT_TYPE_BYTES);
    if (attributes.traceparent != null) {
      add(headers, "traceparent", attributes.traceparent);
    }
    return headers;
  }

  private static void add(Headers headers, String name, String value) {
    headers.add(name, text(value).getBytes(UTF_8));
  }

  /**
   * A text as a header may hold it. What CloudEvents does not allow in a string is percent-encoded,
   * and so is the percent sign, so that two texts stay two; all else, spaces and letters of any
   * script, stays as it is. A text that is longer than {@value #MAX_BYTES} bytes is replaced by
   * {@code sha256:} and its digest.
   */
  static String text(String text) {
    if (isPlain(text)) {
      return text;
    }
    String encoded = encoded(text);
    return encoded.getBytes(UTF_8).length <= MAX_BYTES
        ? encoded
        : "sha256:" + Hashing.sha256().hashString(text, UTF_8);
  }

  /** Nearly every text there is: short, in ASCII, with nothing to encode. */
  private static boolean isPlain(String text) {
    if (text.length() > MAX_BYTES) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c >= 0x7F || c == '%') {
        return false;
      }
    }
    return true;
  }

  private static String encoded(String text) {
    StringBuilder encoded = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              if (isAllowed(c) && c != '%') {
                encoded.appendCodePoint(c);
              } else {
                // Half a surrogate pair has no UTF-8: it is the replacement character's.
                int written =
                    c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xFFFD : c;
                for (byte b : Character.toString(written).getBytes(UTF_8)) {
                  encoded.append('%').append(HEX.toHighHexDigit(b)).append(HEX.toLowHexDigit(b));
                }
              }
            });
    return encoded.toString();
  }

  /** As CloudEvents' type String says. */
  private static boolean isAllowed(int c) {
    boolean isControl = c < 0x20 || (c >= 0x7F && c <= 0x9F);
    boolean isNoncharacter = (c & 0xFFFE) == 0xFFFE || (c >= 0xFDD0 && c <= 0xFDEF);
    boolean isSurrogate = c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
    return !isControl && !isNoncharacter && !isSurrogate;
  }
}
