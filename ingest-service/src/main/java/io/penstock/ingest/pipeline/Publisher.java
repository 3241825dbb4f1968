package io.penstock.ingest.pipeline;

import com.google.common.hash.Hashing;
import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.delivery.DeduplicationId;
import io.penstock.ingest.delivery.Reason;
import io.penstock.ingest.landing.LandingHeaders;
import io.penstock.ingest.landing.LandingRecord;
import io.penstock.ingest.provider.Decoding;
import io.penstock.ingest.provider.EventRecords;
import io.penstock.ingest.provider.EventSchemas;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.RulesFailure;
import io.penstock.ingest.registry.SchemaIds;
import io.penstock.ingest.registry.WireFormat;
import io.penstock.ingest.tracing.DeliverySpan;
import io.penstock.ingest.tracing.Tracing;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes of each landing record an event or a dead letter: never nothing, and never an exception.
 * Keeps buffers: for one stream task.
 */
final class Publisher {

  private static final Logger log = LoggerFactory.getLogger(Publisher.class);

  private static final Schema DEAD_LETTER = EventSchemas.deadLetter();
  private static final String DEAD_LETTER_URI = EventSchemas.uri(DEAD_LETTER);

  /** The node that writes dead letters. */
  static final String DEAD_LETTER_SINK = "dead-letter";

  /** What stands where a record does not say whose it is. */
  static final String UNKNOWN = "unknown";

  private final Topics topics;
  private final Map<String, Route> routes = new HashMap<>();
  private final SchemaIds schemaIds;
  private final TopicLimits limits;
  private final EventHeaders eventHeaders;
  private final PipelineMeters meters;
  private final Tracing tracing;
  private final WireFormat wireFormat = new WireFormat();

  /**
   * @param limits the largest records that the topics take
   * @param eventHeaders makes the headers of all that is published
   */
  Publisher(
      Topics topics,
      Iterable<Provider> providers,
      SchemaIds schemaIds,
      TopicLimits limits,
      EventHeaders eventHeaders,
      PipelineMeters meters,
      Tracing tracing) {
    this.topics = topics;
    this.schemaIds = schemaIds;
    this.limits = limits;
    this.eventHeaders = eventHeaders;
    this.meters = meters;
    this.tracing = tracing;
    for (Provider provider : providers) {
      routes.put(provider.name(), Route.to(topics.events(provider), provider));
    }
  }

  /** The node that writes a provider's events. */
  static String sink(Provider provider) {
    return "publish-" + provider.name();
  }

  private record Route(
      Provider provider, String topic, String sink, String schemaUri, int metadata, int json) {

    static Route to(String topic, Provider provider) {
      Schema schema = provider.schema();
      return new Route(
          provider,
          topic,
          Publisher.sink(provider),
          EventSchemas.uri(schema),
          schema.getField("metadata").pos(),
          schema.getField("json").pos());
    }

    Schema metadataSchema() {
      return provider.schema().getFields().get(metadata).schema();
    }
  }

  /** Where in the landing log a record stands. */
  record Position(String topic, int partition, long offset) {}

  /** A landing record on its way. */
  private record Landing(
      Record<byte[], byte[]> landed, LandingRecord record, Position position, DeliverySpan span) {}

  /** Makes a publication of a landing record. Keeps its time; the rest is replaced. */
  Record<byte[], Publication> publication(Record<byte[], byte[]> landed, Position position) {
    LandingRecord record;
    try {
      record = LandingHeaders.read(landed.key(), landed.value(), landed.headers());
    } catch (IllegalArgumentException e) {
      log.warn(
          "A record of the landing log was not written by an ingress: {} problem={}",
          position,
          e.getMessage());
      return foreign(landed, position, "not written by an ingress: " + e.getMessage());
    }
    return publication(
        new Landing(
            landed,
            record,
            position,
            tracing.publish(
                record.source(),
                record.envelope().provider(),
                record.receiptId(),
                record.envelope().traceparent())));
  }

  /**
   * Makes a dead letter of a landing record that could not be processed for a fault of ours.
   *
   * @param failure what was thrown; its message is not repeated, since it may hold anything
   */
  ProducerRecord<byte[], byte[]> unprocessed(
      Record<byte[], byte[]> landed, Position position, Exception failure) {
    log.error(
        "A landing record could not be processed, and becomes a dead letter: {}",
        position,
        RulesFailure.of(failure));
    meters.failed();
    String problem = "the pipeline failed: " + failure.getClass().getSimpleName();
    Record<byte[], Publication> letter;
    try {
      LandingRecord record = LandingHeaders.read(landed.key(), landed.value(), landed.headers());
      letter =
          deadLetter(
              new Landing(landed, record, position, DeliverySpan.unrecorded(record.envelope().traceparent())),
              Reason.UNDECODABLE,
              problem);
    } catch (RuntimeException e) {
      log.debug("Nothing but the raw record is left", e);
      letter = foreign(landed, position, problem);
    }
    return new ProducerRecord<>(
        topics.deadLetter(),
        null,
        letter.timestamp(),
        letter.key(),
        letter.value().value(),
        letter.headers());
  }

  private Record<byte[], Publication> publication(Landing landing) {
    return switch (landing.record()) {
      case LandingRecord.Event event -> decoded(landing, event);
      case LandingRecord.Refusal refusal ->
          deadLetter(landing, refusal.reason(), refusal.detail());
    };
  }

  private Record<byte[], Publication> decoded(Landing landing, LandingRecord.Event delivery) {
    LandingRecord.Envelope record = delivery.envelope();
    Route route = routes.get(record.provider());
    if (route == null) {
      return deadLetter(landing, Reason.UNDECODABLE, "this version knows no such provider");
    }
    try {
      return switch (route.provider.decode(record.body(), record.headers())) {
        case Decoding.Decoded decoded -> event(landing, delivery, route, decoded);
        case Decoding.Undecodable undecodable ->
            deadLetter(landing, Reason.UNDECODABLE, undecodable.detail());
      };
    } catch (RuntimeException | StackOverflowError e) {
      // A decoder's bug is not the record's fault; yet no record may stop the pipeline.
      log.error(
          "A decoder failed: provider={} receipt_id={}",
          record.provider(),
          record.receiptId(),
          RulesFailure.of(e));
      return deadLetter(
          landing, Reason.UNDECODABLE, "the decoder failed: " + e.getClass().getSimpleName());
    }
  }

  private Record<byte[], Publication> event(
      Landing landing, LandingRecord.Event delivery, Route route, Decoding.Decoded decoded) {
    Record<byte[], byte[]> landed = landing.landed();
    LandingRecord.Envelope record = delivery.envelope();
    String id = delivery.deduplicationId().hex();
    GenericRecord metadata = new GenericData.Record(route.metadataSchema());
    metadata.put("eventId", id);
    metadata.put("source", record.source());
    metadata.put("provider", record.provider());
    metadata.put("type", decoded.type());
    metadata.put("entityKey", record.key());
    metadata.put(
        "occurredAt", decoded.occurredAt() == null ? null : decoded.occurredAt().toEpochMilli());
    metadata.put("receivedAt", record.receivedAt());
    metadata.put("receiptId", record.receiptId());
    GenericRecord event = decoded.event();
    event.put(route.metadata, metadata);
    boolean isInJson = event.get(route.json) == null;
    if (isInJson) {
      event.put(route.json, text(route.provider.redact(record.body()))); // whoever landed it
    }

    byte[] value;
    try {
      value = wireFormat.encode(schemaIds.id(Topics.subject(route.topic)), event);
    } catch (RuntimeException e) {
      log.error(
          "An event does not fit its schema: provider={} receipt_id={}",
          record.provider(),
          record.receiptId(),
          RulesFailure.of(e));
      return deadLetter(landing, Reason.UNDECODABLE, "the event did not fit its schema");
    }
    Headers headers =
        eventHeaders.of(
            new EventHeaders.Attributes(
                id,
                record.source(),
                EventHeaders.type(record.provider(), decoded.type()),
                decoded.occurredAt() == null
                    ? Instant.ofEpochMilli(record.receivedAt())
                    : decoded.occurredAt(),
                route.schemaUri,
                record.key(),
                record.key(),
                landing.span().traceparent()));
    int limit = limits.maxRecordBytes(route.topic);
    int size = size(landed.key(), value, headers);
    PipelineMeters.Source source = meters.of(record.source(), record.provider());
    if (size > limit) {
      limits.reached(); // which may have been raised
    }
    if (size > limit && isInJson) {
      // Typed fields are smaller than their JSON in all that a provider means to send; what is made
      // to be larger, such as a million empty values, is all in the JSON.
      value = wireFormat.encode(schemaIds.id(Topics.subject(route.topic)), untyped(route, event));
      int whole = size;
      size = size(landed.key(), value, headers);
      if (size <= limit) {
        source.untyped();
        log.warn(
            "An event is published without its typed fields, which would not fit its topic:"
                + " provider={} receipt_id={} bytes={} limit={}",
            record.provider(),
            record.receiptId(),
            whole,
            limit);
      }
    }
    if (size > limit) {
      return deadLetter(
          landing,
          Reason.PAYLOAD_TOO_LARGE,
          "the event would take " + size + " bytes, and its topic takes " + limit);
    }
    source.deviations(decoded.deviations());
    if (!EventRecords.hasDocumentedType(decoded.type(), event, decoded.deviations())) {
      source.unknownType();
    }
    if (decoded.occurredAt() != null) {
      source.delayed(decoded.occurredAt().toEpochMilli(), record.receivedAt());
    }
    byte[] contentDigest = Hashing.sha256().hashBytes(record.body()).asBytes();
    return landed
        .<Publication>withValue(
            new Publication.Event(
                route.sink,
                delivery.deduplicationId(),
                contentDigest,
                delivery.equalWithin() == null
                    ? null
                    : Publication.Equality.of(
                        record.source(), contentDigest, delivery.equalWithin()),
                source,
                record.receivedAt(),
                landing.span(),
                value))
        .withHeaders(headers);
  }

  /** The event with what the pipeline says of it and its JSON: all that a consumer needs. */
  private static GenericRecord untyped(Route route, GenericRecord event) {
    GenericRecord untyped = new GenericData.Record(event.getSchema());
    untyped.put(route.metadata, event.get(route.metadata));
    untyped.put(route.json, event.get(route.json));
    return untyped;
  }

  /**
   * The body as text, without the mark that some put before UTF-8 and that no reader of JSON
   * expects.
   */
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

  private Record<byte[], Publication> deadLetter(
      Landing landing, Reason reason, @Nullable String detail) {
    LandingRecord.Envelope record = landing.record().envelope();
    GenericRecord letter = new GenericData.Record(DEAD_LETTER);
    String id =
        landing.record() instanceof LandingRecord.Event event
            ? event.deduplicationId().hex()
            : null;
    letter.put("source", record.source());
    letter.put("provider", record.provider());
    letter.put("reason", reason.code());
    letter.put("detail", detail);
    letter.put("receiptId", record.receiptId());
    letter.put("receivedAt", record.receivedAt());
    letter.put("eventId", id);
    letter.put("entityKey", id == null ? null : record.key());
    letter.put("headers", record.headers());
    Route route = routes.get(record.provider());
    byte[] body = route == null ? record.body() : route.provider.redact(record.body());
    letter.put("body", ByteBuffer.wrap(body));
    landing.span().end(reason.code());
    return letter(
        landing.landed(),
        letter,
        landing.position(),
        eventHeaders.of(
            new EventHeaders.Attributes(
                letterId(landing.position(), record.receiptId()),
                record.source(),
                EventHeaders.deadLetterType(reason.code()),
                Instant.ofEpochMilli(record.receivedAt()),
                DEAD_LETTER_URI,
                id == null ? null : record.key(),
                record.key(),
                landing.span().traceparent())),
        meters.of(record.source(), record.provider()),
        reason);
  }

  /** A record that says nothing of itself: kept as a dead letter all the same. */
  private Record<byte[], Publication> foreign(
      Record<byte[], byte[]> landed, Position position, String problem) {
    GenericRecord letter = new GenericData.Record(DEAD_LETTER);
    String id = position.topic + "-" + position.partition + "-" + position.offset;
    letter.put("source", UNKNOWN);
    letter.put("provider", UNKNOWN);
    letter.put("reason", Reason.UNDECODABLE.code());
    letter.put("detail", problem);
    letter.put("receiptId", id);
    letter.put("receivedAt", landed.timestamp());
    letter.put("headers", Map.of());
    letter.put(
        "body", landed.value() == null ? ByteBuffer.allocate(0) : ByteBuffer.wrap(landed.value()));
    byte[] key =
        landed.key() == null || landed.key().length == 0
            ? id.getBytes(StandardCharsets.UTF_8)
            : landed.key();
    return letter(
        landed.withKey(key),
        letter,
        position,
        eventHeaders.of(
            new EventHeaders.Attributes(
                letterId(position, id),
                UNKNOWN,
                EventHeaders.deadLetterType(Reason.UNDECODABLE.code()),
                Instant.ofEpochMilli(landed.timestamp()),
                DEAD_LETTER_URI,
                null,
                new String(key, StandardCharsets.UTF_8),
                null)),
        meters.of(UNKNOWN, UNKNOWN),
        Reason.UNDECODABLE);
  }

  /** Of the letter itself: never that of the event that it may become. */
  private static String letterId(Position position, String receiptId) {
    return DeduplicationId.ofDeadLetter(
            position.topic, position.partition, position.offset, receiptId)
        .hex();
  }

  private Record<byte[], Publication> letter(
      Record<byte[], byte[]> landed,
      GenericRecord letter,
      Position position,
      Headers headers,
      PipelineMeters.Source source,
      Reason reason) {
    letter.put("inboundTopic", position.topic);
    letter.put("inboundPartition", position.partition);
    letter.put("inboundOffset", position.offset);
    int schemaId = schemaIds.id(Topics.subject(topics.deadLetter()));
    byte[] value = wireFormat.encode(schemaId, letter);
    int limit = limits.maxRecordBytes(topics.deadLetter());
    if (size(landed.key(), value, headers) > limit) {
      log.error(
          "A dead letter is larger than its topic takes; its body stays in the landing log alone:"
              + " {} limit={}",
          position,
          limit);
      Object detail = letter.get("detail");
      letter.put("body", ByteBuffer.allocate(0));
      letter.put(
          "detail",
          (detail == null ? "" : detail + "; ")
              + "the body was too large for this topic as well, and stands in the landing log at"
              + " the position given here");
      value = wireFormat.encode(schemaId, letter);
      if (size(landed.key(), value, headers) > limit) {
        // Only somebody else's record has a key or headers of such a size.
        letter.put("entityKey", null);
        letter.put("headers", Map.of());
        value = wireFormat.encode(schemaId, letter);
        landed = landed.withKey(position.toString().getBytes(StandardCharsets.UTF_8));
      }
    }
    source.deadLetter(reason);
    return landed
        .<Publication>withValue(new Publication.DeadLetter(value))
        .withHeaders(headers);
  }

  /** A record's size in its batch, rounded up: key, value, headers and framing. */
  private static int size(byte @Nullable [] key, byte[] value, Headers headers) {
    int size = 256 + value.length + (key == null ? 0 : key.length);
    for (var header : headers) {
      size += 16 + header.key().length() + (header.value() == null ? 0 : header.value().length);
    }
    return size;
  }
}
