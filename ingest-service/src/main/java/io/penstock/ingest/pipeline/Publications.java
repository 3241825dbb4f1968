package io.penstock.ingest.pipeline;

import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.delivery.Reason;
import io.penstock.ingest.landing.LandingHeaders;
import io.penstock.ingest.landing.LandingRecord;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.RulesFailure;
import io.penstock.ingest.registry.SchemaIds;
import io.penstock.ingest.tracing.DeliverySpan;
import io.penstock.ingest.tracing.Tracing;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.streams.processor.api.Record;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes an event or a dead letter of each landing record: never nothing, and never an exception for
 * anything that the record holds. For one stream task.
 */
final class Publications {

  private static final Logger log = LoggerFactory.getLogger(Publications.class);

  private final Map<String, EventMaker> eventMakers = new HashMap<>();
  private final DeadLetterMaker deadLetters;
  private final PipelineMeters meters;
  private final Tracing tracing;

  /**
   * @param limits the largest records that the topics take
   * @param eventHeaders makes the headers of all that is published
   */
  Publications(
      Topics topics,
      Iterable<Provider> providers,
      SchemaIds schemaIds,
      TopicLimits limits,
      EventHeaders eventHeaders,
      PipelineMeters meters,
      Tracing tracing) {
    this.meters = meters;
    this.tracing = tracing;
    RecordEncoder encoder = new RecordEncoder(schemaIds, limits);
    deadLetters = new DeadLetterMaker(topics, providers, encoder, eventHeaders, meters);
    for (Provider provider : providers) {
      eventMakers.put(
          provider.name(),
          new EventMaker(
              provider, topics.events(provider), encoder, eventHeaders, deadLetters, meters));
    }
  }

  /** Makes a publication of a landing record. Keeps its time; the rest is replaced. */
  Record<byte[], Publication> of(Record<byte[], byte[]> landed, LandingPosition position) {
    return of(landed, position, EventMaker.Turn.FIRST);
  }

  /**
   * Makes a publication of a landing record whose event has waited: by today's rules and limits,
   * and measured once.
   */
  Record<byte[], Publication> again(Record<byte[], byte[]> landed, LandingPosition position) {
    return of(landed, position, EventMaker.Turn.AGAIN);
  }

  /** Makes a dead letter of a delivery that is larger than what may wait in a paused source. */
  Record<byte[], Publication> tooLargeToWait(LandedDelivery landing, int most) {
    return deadLetters.of(
        landing,
        Reason.PAYLOAD_TOO_LARGE,
        "its source is paused, and no more than " + most + " bytes may wait there");
  }

  private Record<byte[], Publication> of(
      Record<byte[], byte[]> landed, LandingPosition position, EventMaker.Turn turn) {
    LandingRecord record;
    try {
      record = LandingHeaders.read(landed.key(), landed.value(), landed.headers());
    } catch (IllegalArgumentException e) {
      position
          .in(log.atWarn())
          .addKeyValue("problem", e.getMessage())
          .log("A record of the landing log was not written by an ingress");
      return deadLetters.foreign(landed, position, "not written by an ingress: " + e.getMessage());
    }
    DeliverySpan span =
        tracing.publish(
            record.source(),
            record.envelope().provider(),
            record.receiptId(),
            record.envelope().traceparent());
    LandedDelivery landing = new LandedDelivery(landed, record, position, span);
    return switch (record) {
      case LandingRecord.Event event -> event(landing, event, turn);
      case LandingRecord.Refusal refusal ->
          deadLetters.of(landing, refusal.reason(), refusal.detail());
    };
  }

  private Record<byte[], Publication> event(
      LandedDelivery landing, LandingRecord.Event delivery, EventMaker.Turn turn) {
    EventMaker maker = eventMakers.get(landing.envelope().provider());
    return maker == null
        ? deadLetters.of(
            landing,
            Reason.UNDECODABLE,
            "this version knows no such provider, and no configured source has such a topic")
        : maker.make(landing, delivery, turn);
  }

  /**
   * Makes a dead letter of a landing record on which the pipeline failed.
   *
   * @param failure what was thrown; its message is not repeated, since it may hold anything
   */
  ProducerRecord<byte[], byte[]> unprocessed(
      Record<byte[], byte[]> landed, LandingPosition position, Exception failure) {
    Record<byte[], Publication> letter = failed(landed, position, failure);
    if (letter.value() instanceof Publication.DeadLetter made) {
      made.published();
    }
    return new ProducerRecord<>(
        deadLetters.topic(),
        null,
        letter.timestamp(),
        letter.key(),
        letter.value().value(),
        letter.headers());
  }

  /**
   * Makes a dead letter of a landing record on which the pipeline failed, to be written and
   * counted.
   *
   * @param failure what was thrown; its message is not repeated, since it may hold anything
   */
  Record<byte[], Publication> failed(
      Record<byte[], byte[]> landed, LandingPosition position, Exception failure) {
    position
        .in(log.atError())
        .setCause(RulesFailure.of(failure))
        .log("A landing record could not be processed, and becomes a dead letter");
    meters.failed();
    String problem = "the pipeline failed: " + failure.getClass().getSimpleName();
    try {
      LandingRecord record = LandingHeaders.read(landed.key(), landed.value(), landed.headers());
      DeliverySpan span = DeliverySpan.unrecorded(record.envelope().traceparent());
      return deadLetters.of(
          new LandedDelivery(landed, record, position, span), Reason.UNDECODABLE, problem);
    } catch (RuntimeException e) {
      log.debug("Nothing but the raw record is left", e);
      return deadLetters.foreign(landed, position, problem);
    }
  }
}
