package io.penstock.schemas;

import java.util.List;

/**
 * The headers of records, for the documents. Tests of the service compare them with what it writes.
 */
final class TopicHeaders {

  private TopicHeaders() {}

  /**
   * A header.
   *
   * @param isAlways whether every record has it
   * @param format of JSON schema; empty for none
   */
  record Header(String name, boolean isAlways, String format, String example, String doc) {}

  /** Those of all topics but the landing log. */
  static List<Header> published() {
    return List.of(
        new Header("ce_specversion", true, "", "1.0", "The version of CloudEvents: 1.0."),
        new Header(
            "ce_id",
            true,
            "",
            "0123456789abcdef0123456789abcdef",
            "Identifies the event: metadata.eventId, the same for every copy. Of a dead letter, an id of its own, never that of its event."),
        new Header(
            "ce_source",
            true,
            "uri-reference",
            "/webhooks/shapes",
            "The address that the delivery came to, without what is secret in it: /webhooks/ and metadata.source."),
        new Header(
            "ce_type",
            true,
            "",
            "file_uploaded",
            "The provider's own name of the event's type, verbatim: metadata.type. Of a dead letter, penstock.dead-letter. and the reason."),
        new Header(
            "ce_time",
            true,
            "date-time",
            "2025-09-01T07:26:51.484Z",
            "When the event happened by the provider's clock; where the provider sends no time, and of a dead letter, when the delivery was received."),
        new Header(
            "content-type",
            true,
            "",
            "application/avro",
            "application/avro: the value is Avro, in the Confluent wire format."),
        new Header(
            "traceparent",
            false,
            "",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "The W3C trace context of the delivery, where the provider's request had one."));
  }

  /** Those of the landing log. */
  static List<Header> landing() {
    return List.of(
        new Header("penstock-source", true, "", "shapes", "The name of the source."),
        new Header("penstock-provider", true, "", "smartshape", "The provider of the source."),
        new Header(
            "penstock-receipt-id",
            true,
            "",
            "0198f1c2-7f3a-7000-8000-3a5c00000001",
            "Identifies the delivery, in logs too."),
        new Header(
            "penstock-received-at",
            true,
            "",
            "1550824748604",
            "When the delivery was received, in milliseconds since 1970."),
        new Header(
            "penstock-deduplication-id",
            false,
            "",
            "0123456789abcdef0123456789abcdef",
            "What copies of the event are recognized by. Every record has either this or penstock-refusal."),
        new Header(
            "penstock-refusal",
            false,
            "",
            "malformed-json",
            "Why the delivery is no event: it becomes a dead letter."),
        new Header(
            "penstock-refusal-detail",
            false,
            "",
            "payload.session_id is missing",
            "What is wrong."),
        new Header("content-type", false, "", "application/json", "The request's own."),
        new Header(
            "traceparent",
            false,
            "",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "The W3C trace context of the request, where it had one."));
  }
}
