package io.penstock.ingest.landing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.ingest.delivery.DeduplicationId;
import io.penstock.ingest.delivery.Reason;
import io.penstock.ingest.delivery.Traceparent;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * How a landing record's fields stand in the headers of its Kafka record: texts in UTF-8, {@code
 * penstock-received-at} in milliseconds since 1970, {@code penstock-equal-within} in milliseconds,
 * the provider's own headers under {@code http-} and their lower-case name.
 */
public final class LandingHeaders {

  private static final String SOURCE = "penstock-source";
  private static final String PROVIDER = "penstock-provider";
  private static final String RECEIPT_ID = "penstock-receipt-id";
  private static final String RECEIVED_AT = "penstock-received-at";

  /** Holds the event id of a delivery that names its event, in its digits. */
  public static final String DEDUPLICATION_ID = "penstock-deduplication-id";

  /** Only where a delivery has come through a spool; see {@link #wasSpooled}. */
  static final String KEPT_BY = "penstock-kept-by";

  static final String SPOOL = "spool";

  private static final String EQUAL_WITHIN = "penstock-equal-within";
  private static final String REFUSAL = "penstock-refusal";
  private static final String REFUSAL_DETAIL = "penstock-refusal-detail";
  private static final String CONTENT_TYPE = "content-type";
  private static final String TRACEPARENT = "traceparent";
  private static final String HTTP = "http-";

  /** The names that a configuration allows for a source; every provider's name matches too. */
  private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?");

  private static final Pattern RECEIPT = Pattern.compile("[\\x21-\\x7E]{1,100}");

  /** The end of the year 9999, the last that timestamps in text can name (RFC 3339). */
  private static final long LATEST = Instant.parse("9999-12-31T23:59:59.999Z").toEpochMilli();

  /** In characters; longer than every detail that an ingress writes. */
  private static final int MOST_DETAIL = 1000;

  private LandingHeaders() {}

  /**
   * Whether a landing record says that an ingress had kept the delivery in its spool before.
   * Records that earlier versions wrote never say so.
   */
  public static boolean wasSpooled(Headers headers) {
    Header by = headers.lastHeader(KEPT_BY);
    return by != null && by.value() != null && SPOOL.equals(new String(by.value(), UTF_8));
  }

  /** Hands each header of a record to a writer, name and text. */
  public static void write(LandingRecord record, BiConsumer<String, String> header) {
    LandingRecord.LandingEnvelope envelope = record.envelope();
    header.accept(SOURCE, envelope.source());
    header.accept(PROVIDER, envelope.provider());
    header.accept(RECEIPT_ID, envelope.receiptId());
    header.accept(RECEIVED_AT, Long.toString(envelope.receivedAt()));
    switch (record) {
      case LandingRecord.Event event -> {
        header.accept(DEDUPLICATION_ID, event.deduplicationId().hex());
        if (event.equalWithin() != null) {
          header.accept(EQUAL_WITHIN, Long.toString(event.equalWithin().toMillis()));
        }
      }
      case LandingRecord.Refusal refusal -> {
        header.accept(REFUSAL, refusal.reason().code());
        if (refusal.detail() != null) {
          header.accept(REFUSAL_DETAIL, refusal.detail());
        }
      }
    }
    if (envelope.contentType() != null) {
      header.accept(CONTENT_TYPE, envelope.contentType());
    }
    if (envelope.traceparent() != null) {
      header.accept(TRACEPARENT, envelope.traceparent());
    }
    envelope.headers().forEach((name, value) -> header.accept(HTTP + name, value));
  }

  /**
   * Reads a landing record back. Checks the form and range of every value, so that the caller can
   * rely on them: any client that may write to the topic may have written the record. A malformed
   * trace context is treated as absent.
   *
   * @param key of the Kafka record
   * @param value of the Kafka record
   * @throws IllegalArgumentException if the record was not written by an ingress: a header that
   *     every landing record has is missing or malformed. The message names the header, and does
   *     not repeat its value.
   */
  public static LandingRecord read(
      byte @Nullable [] key, byte @Nullable [] value, Headers headers) {
    String refusal = text(headers, REFUSAL);
    String deduplicationId = text(headers, DEDUPLICATION_ID);
    if (refusal != null && deduplicationId == null) {
      return new LandingRecord.Refusal(
          envelope(key, value, headers),
          reason(refusal),
          detail(headers.lastHeader(REFUSAL_DETAIL)));
    }
    if (refusal == null && deduplicationId != null) {
      return new LandingRecord.Event(
          envelope(key, value, headers),
          id(deduplicationId),
          duration(text(headers, EQUAL_WITHIN)));
    }
    throw new IllegalArgumentException(
        "exactly one of the headers " + REFUSAL + " and " + DEDUPLICATION_ID + " is needed");
  }

  private static LandingRecord.LandingEnvelope envelope(
      byte @Nullable [] key, byte @Nullable [] value, Headers headers) {
    if (key == null || key.length == 0 || value == null) {
      throw new IllegalArgumentException("a landing record has a key and a value");
    }
    return new LandingRecord.LandingEnvelope(
        matching(NAME, SOURCE, required(headers, SOURCE)),
        matching(NAME, PROVIDER, required(headers, PROVIDER)),
        matching(RECEIPT, RECEIPT_ID, required(headers, RECEIPT_ID)),
        receivedAt(required(headers, RECEIVED_AT)),
        new String(key, UTF_8),
        lenient(headers.lastHeader(CONTENT_TYPE)),
        Traceparent.read(lenient(headers.lastHeader(TRACEPARENT))),
        provided(headers),
        value);
  }

  private static Map<String, String> provided(Headers headers) {
    Map<String, String> provided = new HashMap<>();
    for (Header header : headers) {
      if (header.key().startsWith(HTTP) && header.value() != null) {
        provided.put(
            header.key().substring(HTTP.length()), Objects.requireNonNull(lenient(header)));
      }
    }
    return provided;
  }

  private static DeduplicationId id(String hex) {
    try {
      return new DeduplicationId(hex);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "the header " + DEDUPLICATION_ID + " is malformed: " + e.getMessage(), e);
    }
  }

  private static @Nullable Duration duration(@Nullable String text) {
    if (text == null) {
      return null;
    }
    long millis = millis(EQUAL_WITHIN, text);
    if (millis <= 0) {
      throw new IllegalArgumentException("the header " + EQUAL_WITHIN + " is not above zero");
    }
    return Duration.ofMillis(millis);
  }

  private static long receivedAt(String text) {
    long millis = millis(RECEIVED_AT, text);
    if (millis < 0 || millis > LATEST) {
      throw new IllegalArgumentException(
          "the header " + RECEIVED_AT + " is not between the years 1970 and 9999");
    }
    return millis;
  }

  private static String matching(Pattern form, String name, String text) {
    if (!form.matcher(text).matches()) {
      throw new IllegalArgumentException("the header " + name + " is malformed");
    }
    return text;
  }

  private static @Nullable String detail(@Nullable Header header) {
    String text = lenient(header);
    if (text == null || text.length() <= MOST_DETAIL) {
      return text;
    }
    // Not between the two halves of a surrogate pair.
    return text.substring(
        0, Character.isHighSurrogate(text.charAt(MOST_DETAIL - 1)) ? MOST_DETAIL - 1 : MOST_DETAIL);
  }

  private static long millis(String name, String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "the header " + name + " is not a number of milliseconds", e);
    }
  }

  private static Reason reason(String code) {
    for (Reason reason : Reason.values()) {
      if (reason.code().equals(code)) {
        return reason;
      }
    }
    throw new IllegalArgumentException(
        "the header " + REFUSAL + " holds no reason that this version knows");
  }

  private static String required(Headers headers, String name) {
    String text = text(headers, name);
    if (text == null) {
      throw new IllegalArgumentException("the header " + name + " is missing");
    }
    return text;
  }

  private static @Nullable String text(Headers headers, String name) {
    Header header = headers.lastHeader(name);
    if (header == null || header.value() == null) {
      return null;
    }
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(header.value())).toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("the header " + name + " is not UTF-8", e);
    }
  }

  /** For values on which nothing depends: bytes that are not UTF-8 are replaced. */
  private static @Nullable String lenient(@Nullable Header header) {
    return header == null || header.value() == null ? null : new String(header.value(), UTF_8);
  }
}
