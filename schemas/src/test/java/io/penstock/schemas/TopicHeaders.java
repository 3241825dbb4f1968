package io.penstock.schemas;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The headers of records, for the documents. Tests of the service compare them with what it writes.
 */
final class TopicHeaders {

  /** Of the values of all topics but the landing log. */
  static final String CONTENT_TYPE = "application/avro; framing=confluent";

  private TopicHeaders() {}

  /**
   * A header.
   *
   * @param isAlways whether every record has it
   * @param format of JSON schema; empty for none
   * @param constant the one value that it ever has; null where it has others
   */
  record Header(
      String name,
      boolean isAlways,
      String format,
      String example,
      String doc,
      @Nullable String constant) {

    Header(String name, boolean isAlways, String format, String example, String doc) {
      this(name, isAlways, format, example, doc, null);
    }

    /** The header with a value that never changes. */
    Header always(String value) {
      return new Header(name, isAlways, format, example, doc, value);
    }
  }

  /** Those of all topics but the landing log. */
  static List<Header> published() {
    return List.of(
        new Header("ce_specversion", true, "", "1.0", "The version of CloudEvents: 1.0.")
            .always("1.0"),
        new Header(
            "ce_id",
            true,
            "",
            "0123456789abcdef0123456789abcdef",
            "Identifies the event: metadata.eventId, the same for every copy. Of a dead letter, an id"
                + " of its own, never that of its event."),
        new Header(
            "ce_source",
            true,
            "uri-reference",
            "/webhooks/shapes",
            "The address that the delivery came to, without what is secret in it: /webhooks/ and"
                + " metadata.source, behind pipeline.event-source-base where the installation sets"
                + " that."),
        new Header(
            "ce_type",
            true,
            "",
            "io.penstock.smartshape.file_uploaded",
            "io.penstock., metadata.provider, a dot and the provider's own name of the event's"
                + " type, which metadata.type has verbatim. Of a dead letter,"
                + " io.penstock.dead-letter. and the reason."),
        new Header(
            "ce_time",
            true,
            "date-time",
            "2025-09-01T07:26:51.484Z",
            "When the event happened by the provider's clock; where the provider sends no time, and"
                + " of a dead letter, when the delivery was received."),
        new Header(
            "ce_dataschema",
            true,
            "uri",
            "ni:///sha-256;uBketwJeAlIYoTK4K0GBItWVQzoFxftXK0POp452BWc",
            "Names the value's schema (RFC 6920) by Avro's SHA-256 fingerprint of its parsing"
                + " canonical form: computed from what the registry gives for the value's schema"
                + " id, it is the same. Another version of the schema has another."),
        new Header(
            "ce_subject",
            false,
            "",
            "5c6aeed079bf3f432d3c929e",
            "What the event is about: metadata.entityKey. A dead letter of a delivery that names no"
                + " entity has none."),
        new Header(
            "ce_partitionkey",
            true,
            "",
            "5c6aeed079bf3f432d3c929e",
            "The record's key, by CloudEvents' extension for partitioning."),
        new Header(
                "content-type",
                true,
                "",
                CONTENT_TYPE,
                "CloudEvents' datacontenttype: Avro's binary encoding behind the five bytes of the"
                    + " Confluent wire format, so not bare Avro.")
            .always(CONTENT_TYPE),
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
            "What copies of the event are recognized by. Every record has either this or"
                + " penstock-refusal."),
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
