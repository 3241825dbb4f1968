package io.penstock.ingest.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Instant;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/**
 * The headers of what is published: CloudEvents 1.0 in the Kafka binding's binary mode
 * (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md),
 * and the W3C trace context of the delivery.
 */
final class EventHeaders {

  private static final byte[] SPECVERSION = "1.0".getBytes(UTF_8);
  private static final byte[] AVRO = "application/avro".getBytes(UTF_8);

  private EventHeaders() {}

  /**
   * @param id the same for every copy of an event; a dead letter has one of its own
   * @param source the name of the source; the header holds its address, as a URI reference
   * @param type the provider's, verbatim
   * @param time when it happened, or where nobody says, when it was received
   */
  static Headers of(
      String id, String source, String type, Instant time, @Nullable String traceparent) {
    Headers headers = new RecordHeaders();
    headers.add("ce_specversion", SPECVERSION);
    headers.add("ce_id", id.getBytes(UTF_8));
    headers.add("ce_source", ("/webhooks/" + source).getBytes(UTF_8));
    headers.add("ce_type", type.getBytes(UTF_8));
    headers.add("ce_time", time.toString().getBytes(UTF_8));
    headers.add("content-type", AVRO);
    if (traceparent != null) {
      headers.add("traceparent", traceparent.getBytes(UTF_8));
    }
    return headers;
  }
}
