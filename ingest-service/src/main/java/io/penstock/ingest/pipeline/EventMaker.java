package io.penstock.ingest.pipeline;

import com.google.common.hash.Hashing;
import io.penstock.ingest.delivery.Reason;
import io.penstock.ingest.landing.LandingRecord;
import io.penstock.ingest.provider.Decoding;
import io.penstock.ingest.provider.EventRecords;
import io.penstock.ingest.provider.EventSchemas;
import io.penstock.ingest.provider.ModelReadiness;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.RulesFailure;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.processor.api.Record;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes events of one provider's deliveries, or dead letters where that fails. */
final class EventMaker {

  private static final Logger log = LoggerFactory.getLogger(EventMaker.class);

  private static final ModelReadiness.Sign NO_SIGN = new ModelReadiness.Sign.Nothing();

  private final Provider provider;
  private final Optional<ModelReadiness> readiness;
  private final String topic;
  private final String sink;
  private final String schemaUri;
  private final Schema metadataSchema;
  private final int metadataField;
  private final int jsonField;
  private final RecordEncoder encoder;
  private final EventHeaders eventHeaders;
  private final DeadLetterMaker deadLetters;
  private final PipelineMeters meters;

  EventMaker(
      Provider provider,
      String topic,
      RecordEncoder encoder,
      EventHeaders eventHeaders,
      DeadLetterMaker deadLetters,
      PipelineMeters meters) {
    Schema schema = provider.schema();
    Schema.Field metadata = schema.getField("metadata");
    this.provider = provider;
    this.readiness = provider.modelReadiness();
    this.topic = topic;
    this.sink = PipelineTopology.sink(provider);
    this.schemaUri = EventSchemas.uri(schema);
    this.metadataSchema = metadata.schema();
    this.metadataField = metadata.pos();
    this.jsonField = schema.getField("json").pos();
    this.encoder = encoder;
    this.eventHeaders = eventHeaders;
    this.deadLetters = deadLetters;
    this.meters = meters;
  }

  /** How often an event is made: what is measured of it counts once. */
  enum Turn {
    /** Its landing record has just been read. */
    FIRST,
    /** It has waited in a paused source. */
    AGAIN
  }

  /** Decodes a delivery and makes its event. */
  Record<byte[], Publication> make(
      LandedDelivery landing, LandingRecord.Event delivery, Turn turn) {
    try {
      return switch (provider.decode(delivery.body(), delivery.envelope().headers())) {
        case Decoding.Decoded decoded -> event(landing, delivery, decoded, turn);
        case Decoding.Undecodable undecodable ->
            deadLetters.of(landing, Reason.UNDECODABLE, undecodable.detail());
      };
    } catch (RuntimeException | StackOverflowError e) {
      // A decoder's bug is not the record's fault; yet no record may stop the pipeline.
      log.atError()
          .addKeyValue("provider", provider.name())
          .addKeyValue("receipt_id", delivery.receiptId())
          .setCause(RulesFailure.of(e))
          .log("A decoder failed");
      return deadLetters.of(
          landing, Reason.UNDECODABLE, "the decoder failed: " + e.getClass().getSimpleName());
    }
  }

  private Record<byte[], Publication> event(
      LandedDelivery landing, LandingRecord.Event delivery, Decoding.Decoded decoded, Turn turn) {
    GenericRecord event = decoded.event();
    event.put(metadataField, metadata(delivery, decoded));
    boolean isInJson = event.get(jsonField) == null;
    if (isInJson) {
      // Redacted here too: the record may have been written by another client than an ingress.
      event.put(jsonField, text(provider.redact(delivery.body())));
    }
    byte[] value;
    try {
      value = encoder.encode(topic, event);
    } catch (RuntimeException e) {
      log.atError()
          .addKeyValue("provider", provider.name())
          .addKeyValue("receipt_id", delivery.receiptId())
          .setCause(RulesFailure.of(e))
          .log("An event does not fit its schema");
      return deadLetters.of(landing, Reason.UNDECODABLE, "the event did not fit its schema");
    }
    byte[] key = landing.landed().key();
    Headers headers = headers(landing, delivery, decoded);
    int limit = encoder.limit(topic);
    int size = RecordEncoder.size(key, value, headers);
    PipelineMeters.PerSource source = meters.of(delivery.source(), provider.name());
    if (size > limit) {
      encoder.limitReached();
    }
    if (size > limit && isInJson) {
      // The typed fields of every ordinary event are smaller than its JSON; those of a body that
      // was made to be larger, such as a million empty values, are all in the JSON.
      value = encoder.encode(topic, untyped(event));
      int whole = size;
      size = RecordEncoder.size(key, value, headers);
      if (size <= limit && turn == Turn.FIRST) {
        source.untyped();
        log.atWarn()
            .addKeyValue("provider", provider.name())
            .addKeyValue("receipt_id", delivery.receiptId())
            .addKeyValue("bytes", whole)
            .addKeyValue("limit", limit)
            .log(
                "An event is published without its typed fields, with which it would not fit its"
                    + " topic");
      }
    }
    if (size > limit) {
      return deadLetters.of(
          landing,
          Reason.PAYLOAD_TOO_LARGE,
          "the event would take " + size + " bytes, and its topic takes " + limit);
    }
    if (turn == Turn.FIRST) {
      measure(source, delivery, decoded);
    }
    return landing
        .landed()
        .<Publication>withValue(publication(landing, delivery, source, sign(decoded), value))
        .withHeaders(headers);
  }

  private ModelReadiness.Sign sign(Decoding.Decoded decoded) {
    return readiness.isPresent() ? readiness.get().read(decoded) : NO_SIGN;
  }

  private GenericRecord metadata(LandingRecord.Event delivery, Decoding.Decoded decoded) {
    GenericRecord metadata = new GenericData.Record(metadataSchema);
    metadata.put("eventId", delivery.deduplicationId().hex());
    metadata.put("source", delivery.source());
    metadata.put("provider", provider.name());
    metadata.put("type", decoded.type());
    metadata.put("entityKey", delivery.key());
    metadata.put(
        "occurredAt", decoded.occurredAt() == null ? null : decoded.occurredAt().toEpochMilli());
    metadata.put("receivedAt", delivery.receivedAt());
    metadata.put("receiptId", delivery.receiptId());
    return metadata;
  }

  private Headers headers(
      LandedDelivery landing, LandingRecord.Event delivery, Decoding.Decoded decoded) {
    return eventHeaders.of(
        new EventHeaders.Attributes(
            delivery.deduplicationId().hex(),
            delivery.source(),
            EventHeaders.type(provider.name(), decoded.type()),
            decoded.occurredAt() == null
                ? Instant.ofEpochMilli(delivery.receivedAt())
                : decoded.occurredAt(),
            schemaUri,
            delivery.key(),
            delivery.key(),
            landing.span().traceparent()));
  }

  private static void measure(
      PipelineMeters.PerSource source, LandingRecord.Event delivery, Decoding.Decoded decoded) {
    source.deviations(decoded.deviations());
    if (!EventRecords.hasDocumentedType(decoded.type(), decoded.event(), decoded.deviations())) {
      source.unknownType();
    }
    if (decoded.occurredAt() != null) {
      source.delayed(decoded.occurredAt().toEpochMilli(), delivery.receivedAt());
    }
  }

  private Publication publication(
      LandedDelivery landing,
      LandingRecord.Event delivery,
      PipelineMeters.PerSource source,
      ModelReadiness.Sign sign,
      byte[] value) {
    byte[] contentDigest = Hashing.sha256().hashBytes(delivery.body()).asBytes();
    return new Publication.Event(
        sink,
        delivery.deduplicationId(),
        contentDigest,
        delivery.equalWithin() == null
            ? null
            : Publication.Equality.of(delivery.source(), contentDigest, delivery.equalWithin()),
        source,
        delivery.receivedAt(),
        landing,
        sign,
        value);
  }

  /** The event without its typed fields: metadata and JSON have all that a consumer needs. */
  private GenericRecord untyped(GenericRecord event) {
    GenericRecord untyped = new GenericData.Record(event.getSchema());
    untyped.put(metadataField, event.get(metadataField));
    untyped.put(jsonField, event.get(jsonField));
    return untyped;
  }

  /** The body as text, without a byte order mark, which readers of JSON do not expect. */
  private static String text(byte[] body) {
    boolean marked =
        body.length >= 3
            && body[0] == (byte) 0xEF
            && body[1] == (byte) 0xBB
            && body[2] == (byte) 0xBF;
    return marked
        ? new String(body, 3, body.length - 3, StandardCharsets.UTF_8)
        : new String(body, StandardCharsets.UTF_8);
  }
}
