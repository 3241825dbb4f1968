package io.penstock.ingest.pipeline;

import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.delivery.DeduplicationId;
import io.penstock.ingest.landing.LandingRecord;
import io.penstock.ingest.pipeline.ModelState.Effect;
import io.penstock.ingest.pipeline.ModelState.Rank;
import io.penstock.ingest.pipeline.ModelState.Readied;
import io.penstock.ingest.provider.EntityKey;
import io.penstock.ingest.provider.EventSchemas;
import io.penstock.ingest.provider.ModelReadiness;
import io.penstock.ingest.provider.ModelReadiness.Sign;
import io.penstock.ingest.provider.Provider;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/** Makes the events that say which models can be used. For one stream task. */
final class ModelReadyMaker {

  /** The type of an event that says that a model can be used. */
  private static final String READY = "model_ready";

  /** The type of an event that says that a model can no longer be used. */
  private static final String WITHDRAWN = "model_withdrawn";

  /** The longest name of a state that is repeated, in characters. */
  private static final int LONGEST_STATE = 64;

  private final Map<String, Target> targets = new HashMap<>();
  private final Topics topics;
  private final RecordEncoder encoder;
  private final EventHeaders eventHeaders;

  private record Target(ModelReadiness readiness, Schema metadata, String uri) {}

  /**
   * An event, ready to be written.
   *
   * @param sink the name of the topology's node that writes it
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Made(String sink, byte[] value, Headers headers) {}

  ModelReadyMaker(
      Topics topics, List<Provider> providers, RecordEncoder encoder, EventHeaders eventHeaders) {
    this.topics = topics;
    this.encoder = encoder;
    this.eventHeaders = eventHeaders;
    for (Provider provider : providers) {
      provider
          .modelReadiness()
          .ifPresent(
              readiness ->
                  targets.put(
                      provider.name(),
                      new Target(
                          readiness,
                          readiness.schema().getField("metadata").schema(),
                          EventSchemas.uri(readiness.schema()))));
    }
  }

  /**
   * Makes the event of a readiness.
   *
   * @param cause the event that arrived last
   */
  Made ready(
      Publication.Event cause, LandingRecord.Event delivery, Sign.Known sign, Effect.Ready ready) {
    Target target = target(delivery);
    Rank processed = ready.processed().rank();
    Rank active = ready.active().rank();
    GenericRecord event = event(target, sign, version(processed, active));
    event.put("processedEventId", ready.readied().processedId());
    event.put("processedAt", processed.millis());
    event.put("activationEventId", ready.readied().activationId());
    event.put("activatedAt", active.millis());
    return made(
        target, cause, delivery, event, ready.readied().eventId(), READY, later(processed, active));
  }

  /**
   * Makes the event of a withdrawal.
   *
   * @param cause the event that withdraws
   * @param readied what is withdrawn
   */
  Made withdrawn(
      Publication.Event cause, LandingRecord.Event delivery, Sign.Known sign, Readied readied) {
    Target target = target(delivery);
    String causeId = delivery.deduplicationId().hex();
    GenericRecord event = event(target, sign, sign.version());
    event.put("processedEventId", readied.processedId());
    event.put("activationEventId", readied.activationId());
    event.put("withdrawnEventId", readied.eventId());
    event.put("withdrawnByEventId", causeId);
    event.put(
        "withdrawnState",
        sign.state().isEmpty() || sign.state().length() > LONGEST_STATE ? null : sign.state());
    String id =
        DeduplicationId.ofModelWithdrawn(
                delivery.source(), delivery.key(), readied.eventId(), causeId)
            .hex();
    Long at = sign.at() == null ? null : sign.at().toEpochMilli();
    return made(target, cause, delivery, event, id, WITHDRAWN, at);
  }

  private Target target(LandingRecord.Event delivery) {
    return Objects.requireNonNull(targets.get(delivery.envelope().provider()));
  }

  private static GenericRecord event(Target target, Sign.Known sign, @Nullable Long version) {
    GenericRecord event = new GenericData.Record(target.readiness().schema());
    event.put(
        "modelId", EntityKey.of(sign.modelId()).equals(sign.modelId()) ? sign.modelId() : null);
    event.put("version", version);
    event.put("lastType", sign.type());
    return event;
  }

  private Made made(
      Target target,
      Publication.Event cause,
      LandingRecord.Event delivery,
      GenericRecord event,
      String id,
      String type,
      @Nullable Long occurredAt) {
    String provider = delivery.envelope().provider();
    GenericRecord metadata = new GenericData.Record(target.metadata());
    metadata.put("eventId", id);
    metadata.put("source", delivery.source());
    metadata.put("provider", provider);
    metadata.put("type", type);
    metadata.put("entityKey", delivery.key());
    metadata.put("occurredAt", occurredAt);
    metadata.put("receivedAt", delivery.receivedAt());
    metadata.put("receiptId", delivery.receiptId());
    event.put("metadata", metadata);
    Headers headers =
        eventHeaders.of(
            new EventHeaders.Attributes(
                id,
                delivery.source(),
                EventHeaders.type(provider, type),
                Instant.ofEpochMilli(occurredAt == null ? delivery.receivedAt() : occurredAt),
                target.uri(),
                delivery.key(),
                delivery.key(),
                cause.landing().span().traceparent()));
    return new Made(
        ModelReady.sink(target.readiness().topic()),
        encoder.encode(topics.modelReady(target.readiness()), event),
        headers);
  }

  /** The higher version; null where neither has one. */
  private static @Nullable Long version(Rank one, Rank other) {
    return Stream.of(one, other)
        .map(Rank::version)
        .filter(Objects::nonNull)
        .max(Long::compare)
        .orElse(null);
  }

  /** The later time; null where one of the two has none. */
  private static @Nullable Long later(Rank one, Rank other) {
    return one.millis() == null || other.millis() == null
        ? null
        : Long.valueOf(Math.max(one.millis(), other.millis()));
  }
}
