package io.penstock.ingest.landing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.ingest.delivery.DeduplicationId;
import io.penstock.ingest.delivery.Reason;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
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
  private static final String DEDUPLICATION_ID = "penstock-deduplication-id";
  private static final String EQUAL_WITHIN = "penstock-equal-within";
  private static final String REFUSAL = "penstock-refusal";
  private static final String REFUSAL_DETAIL = "penstock-refusal-detail";
  private static final String CONTENT_TYPE = "content-type";
  private static final String TRACEPARENT = "traceparent";
  private static final String HTTP = "http-";

  private LandingHeaders() {}

  /** Hands each header of a record to a writer, name and text. */
  public static void write(LandingRecord record, BiConsumer<String, String> header) {
    header.accept(SOURCE, record.source());
    header.accept(PROVIDER, record.provider());
    header.accept(RECEIPT_ID, record.receiptId());
    header.accept(RECEIVED_AT, Long.toString(record.receivedAt()));
    if (record.deduplicationId() != null) {
      header.accept(DEDUPLICATION_ID, record.deduplicationId().hex());
    }
    if (record.equalWithin() != null) {
      header.accept(EQUAL_WITHIN, Long.toString(record.equalWithin().toMillis()));
    }
    if (record.refusal() != null) {
      header.accept(REFUSAL, record.refusal().code());
    }
    if (record.refusalDetail() != null) {
      header.accept(REFUSAL_DETAIL, record.refusalDetail());
    }
    if (record.contentType() != null) {
      header.accept(CONTENT_TYPE, record.contentType());
    }
    if (record.traceparent() != null) {
      header.accept(TRACEPARENT, record.traceparent());
    }
    record.headers().forEach((name, value) -> header.accept(HTTP + name, value));
  }

  /**
   * Reads a landing record back.
   *
   * @param key of the Kafka record
   * @param value of the Kafka record
   * @throws IllegalArgumentException if the record was not written by an ingress: a header that
   *     every landing record has is missing or malformed. The message names the header.
   */
  public static LandingRecord read(
      byte @Nullable [] key, byte @Nullable [] value, Headers headers) {
    String refusalCode = text(headers, REFUSAL);
    String deduplicationId = text(headers, DEDUPLICATION_ID);
    if ((refusalCode == null) == (deduplicationId == null)) {
      throw new IllegalArgumentException(
          "exactly one of the headers " + REFUSAL + " and " + DEDUPLICATION_ID + " is needed");
    }
    if (key == null || value == null) {
      throw new IllegalArgumentException("a landing record has a key and a value");
    }
    return new LandingRecord(
        required(headers, SOURCE),
        required(headers, PROVIDER),
        required(headers, RECEIPT_ID),
        millis(RECEIVED_AT, required(headers, RECEIVED_AT)),
        new String(key, UTF_8),
        deduplicationId == null ? null : id(deduplicationId),
        duration(text(headers, EQUAL_WITHIN)),
        refusalCode == null ? null : reason(refusalCode),
        text(headers, REFUSAL_DETAIL),
        text(headers, CONTENT_TYPE),
        text(headers, TRACEPARENT),
        provided(headers),
        value);
  }

  private static Map<String, String> provided(Headers headers) {
    Map<String, String> provided = new HashMap<>();
    for (Header header : headers) {
      if (header.key().startsWith(HTTP) && header.value() != null) {
        provided.put(header.key().substring(HTTP.length()), new String(header.value(), UTF_8));
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
    return text == null ? null : Duration.ofMillis(millis(EQUAL_WITHIN, text));
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
    return header == null || header.value() == null ? null : new String(header.value(), UTF_8);
  }
}
