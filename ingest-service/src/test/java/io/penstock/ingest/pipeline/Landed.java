package io.penstock.ingest.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.ingest.delivery.DeduplicationId;
import io.penstock.ingest.landing.LandingHeaders;
import io.penstock.ingest.tracing.DeliverySpan;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;

/**
 * A record of the landing log, header by header: the names stand here once more, since records that
 * an older version wrote must stay readable.
 */
final class Landed {

  static final Instant RECEIVED_AT = Instant.parse("2026-11-20T23:59:59.9Z");

  private final Map<String, @Nullable String> headers = new LinkedHashMap<>();
  private byte @Nullable [] key = "entity".getBytes(UTF_8);
  private byte @Nullable [] body = "{}".getBytes(UTF_8);
  private Instant at = PipelineDriver.START;

  private Landed() {}

  /** A delivery to the source {@code first} of the provider {@code alpha}. */
  static Landed delivery(String id) {
    Landed landed = new Landed();
    landed.headers.put("penstock-receipt-id", "receipt-" + id);
    landed.headers.put("penstock-received-at", Long.toString(RECEIVED_AT.toEpochMilli()));
    landed.headers.put("penstock-provider", "alpha");
    landed.headers.put("penstock-source", "first");
    landed.headers.put("penstock-deduplication-id", deduplicationId("first", id));
    return landed;
  }

  static String deduplicationId(String source, String id) {
    return DeduplicationId.of(source, "entity", List.of(id), "receipt").hex();
  }

  Landed source(String source, String id) {
    return header("penstock-source", source)
        .header("penstock-deduplication-id", deduplicationId(source, id));
  }

  Landed provider(String provider) {
    return header("penstock-provider", provider);
  }

  /** Refused by the ingress. */
  Landed refused(String reason, @Nullable String detail) {
    return header("penstock-deduplication-id", null)
        .header("penstock-refusal", reason)
        .header("penstock-refusal-detail", detail);
  }

  /** Sets a header; null takes it away. */
  Landed header(String name, @Nullable String value) {
    headers.put(name, value);
    return this;
  }

  Landed key(String text) {
    key = text.getBytes(UTF_8);
    return this;
  }

  Landed withoutKey() {
    key = null;
    return this;
  }

  Landed body(String text) {
    return body(text.getBytes(UTF_8));
  }

  Landed body(byte @Nullable [] bytes) {
    body = bytes;
    return this;
  }

  /** Stamped so long after the start by the broker. */
  Landed after(Duration time) {
    at = PipelineDriver.START.plus(time);
    return this;
  }

  /** As the pipeline reads it, without a trace. */
  LandedDelivery landing() {
    TestRecord<byte[], byte[]> record = record();
    return new LandedDelivery(
        new Record<>(record.key(), record.value(), record.timestamp(), record.headers()),
        LandingHeaders.read(record.key(), record.value(), record.headers()),
        new LandingPosition("test.inbound", 0, 0),
        DeliverySpan.unrecorded(null));
  }

  TestRecord<byte[], byte[]> record() {
    Headers written = new RecordHeaders();
    headers.forEach(
        (name, value) -> {
          if (value != null) {
            written.add(name, value.getBytes(UTF_8));
          }
        });
    return new TestRecord<>(key, body, written, at);
  }
}
