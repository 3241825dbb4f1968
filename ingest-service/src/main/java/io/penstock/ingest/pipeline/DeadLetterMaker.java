package io.penstock.ingest.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.delivery.DeduplicationId;
import io.penstock.ingest.delivery.Reason;
import io.penstock.ingest.landing.LandingRecord;
import io.penstock.ingest.provider.EventSchemas;
import io.penstock.ingest.provider.Provider;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes dead letters of landing records. For one stream task. */
final class DeadLetterMaker {

  private static final Logger log = LoggerFactory.getLogger(DeadLetterMaker.class);

  private static final Schema SCHEMA = EventSchemas.deadLetter();
  private static final String SCHEMA_URI = EventSchemas.uri(SCHEMA);

  /** The source and the provider of a record that no ingress wrote. */
  static final String UNKNOWN = "unknown";

  private final String topic;
  private final Map<String, Provider> providers = new HashMap<>();
  private final RecordEncoder encoder;
  private final EventHeaders eventHeaders;
  private final PipelineMeters meters;

  DeadLetterMaker(
      Topics topics,
      Iterable<Provider> providers,
      RecordEncoder encoder,
      EventHeaders eventHeaders,
      PipelineMeters meters) {
    this.topic = topics.deadLetter();
    this.encoder = encoder;
    this.eventHeaders = eventHeaders;
    this.meters = meters;
    providers.forEach(provider -> this.providers.put(provider.name(), provider));
  }

  /** The topic of dead letters. */
  String topic() {
    return topic;
  }

  /** Makes a letter of an authentic delivery, and ends its span. */
  Record<byte[], Publication> of(LandedDelivery landing, Reason reason, @Nullable String detail) {
    LandingRecord.LandingEnvelope record = landing.envelope();
    String eventId =
        landing.record() instanceof LandingRecord.Event event
            ? event.deduplicationId().hex()
            : null;
    String entityKey = eventId == null ? null : record.key();
    Provider provider = providers.get(record.provider());
    byte[] body = provider == null ? record.body() : provider.redact(record.body());
    GenericRecord letter = letter(landing.position(), record.source(), record.provider());
    letter.put("reason", reason.code());
    letter.put("detail", detail);
    letter.put("receiptId", record.receiptId());
    letter.put("receivedAt", record.receivedAt());
    letter.put("eventId", eventId);
    letter.put("entityKey", entityKey);
    letter.put("headers", record.headers());
    letter.put("body", ByteBuffer.wrap(body));
    landing.span().end(reason.code());
    Headers headers =
        eventHeaders.of(
            new EventHeaders.Attributes(
                id(landing.position(), record.receiptId()),
                record.source(),
                EventHeaders.deadLetterType(reason.code()),
                Instant.ofEpochMilli(record.receivedAt()),
                SCHEMA_URI,
                entityKey,
                record.key(),
                landing.span().traceparent()));
    PipelineMeters.PerSource source = meters.of(record.source(), record.provider());
    Fitted fitted = fitted(landing.landed(), letter, landing.position(), headers);
    return fitted.with(
        new Publication.DeadLetter(once(landing.record()), source, reason, fitted.value()));
  }

  /** An ingress lands a refusal once; a second record of it is a copy that the spool made. */
  private static @Nullable DeduplicationId once(LandingRecord record) {
    return switch (record) {
      case LandingRecord.Refusal refusal ->
          DeduplicationId.ofRefusal(refusal.source(), refusal.receiptId());
      // It may have been re-driven under the same receipt id.
      case LandingRecord.Event event -> null;
    };
  }

  /** Makes a letter of a record that no ingress wrote, so that it is kept all the same. */
  Record<byte[], Publication> foreign(
      Record<byte[], byte[]> landed, LandingPosition position, String problem) {
    String id = position.text();
    GenericRecord letter = letter(position, UNKNOWN, UNKNOWN);
    letter.put("reason", Reason.UNDECODABLE.code());
    letter.put("detail", problem);
    letter.put("receiptId", id);
    letter.put("receivedAt", landed.timestamp());
    letter.put("headers", Map.of());
    letter.put(
        "body", landed.value() == null ? ByteBuffer.allocate(0) : ByteBuffer.wrap(landed.value()));
    byte[] key =
        landed.key() == null || landed.key().length == 0 ? id.getBytes(UTF_8) : landed.key();
    Headers headers =
        eventHeaders.of(
            new EventHeaders.Attributes(
                id(position, id),
                UNKNOWN,
                EventHeaders.deadLetterType(Reason.UNDECODABLE.code()),
                Instant.ofEpochMilli(landed.timestamp()),
                SCHEMA_URI,
                null,
                new String(key, UTF_8),
                null));
    Fitted fitted = fitted(landed.withKey(key), letter, position, headers);
    return fitted.with(
        new Publication.DeadLetter(
            null, meters.of(UNKNOWN, UNKNOWN), Reason.UNDECODABLE, fitted.value()));
  }

  private static GenericRecord letter(LandingPosition position, String source, String provider) {
    GenericRecord letter = new GenericData.Record(SCHEMA);
    letter.put("source", source);
    letter.put("provider", provider);
    letter.put("inboundTopic", position.topic());
    letter.put("inboundPartition", position.partition());
    letter.put("inboundOffset", position.offset());
    return letter;
  }

  /** The letter's own id: not that of the event that it may become. */
  private static String id(LandingPosition position, String receiptId) {
    return DeduplicationId.ofDeadLetter(
            position.topic(), position.partition(), position.offset(), receiptId)
        .hex();
  }

  /**
   * A letter that its topic takes.
   *
   * @param keyed the landing record with the letter's key and headers
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Fitted(Record<byte[], byte[]> keyed, byte[] value) {

    Record<byte[], Publication> with(Publication letter) {
      return keyed.withValue(letter);
    }
  }

  /** Leaves out of a letter what its topic does not take. */
  private Fitted fitted(
      Record<byte[], byte[]> landed,
      GenericRecord letter,
      LandingPosition position,
      Headers headers) {
    Record<byte[], byte[]> keyed = landed;
    byte[] value = encoder.encode(topic, letter);
    int limit = encoder.limit(topic);
    if (RecordEncoder.size(keyed.key(), value, headers) > limit) {
      position
          .in(log.atError())
          .addKeyValue("limit", limit)
          .log(
              "A dead letter is larger than its topic takes; its body stays in the landing log"
                  + " alone");
      Object detail = letter.get("detail");
      letter.put("body", ByteBuffer.allocate(0));
      letter.put(
          "detail",
          (detail == null ? "" : detail + "; ")
              + "the body was too large for this topic as well, and stands in the landing log at"
              + " the position given here");
      value = encoder.encode(topic, letter);
      if (RecordEncoder.size(keyed.key(), value, headers) > limit) {
        // No ingress writes a key or headers of such a size.
        letter.put("entityKey", null);
        letter.put("headers", Map.of());
        value = encoder.encode(topic, letter);
        keyed = landed.withKey(position.text().getBytes(UTF_8));
      }
    }
    return new Fitted(keyed.withHeaders(headers), value);
  }
}
