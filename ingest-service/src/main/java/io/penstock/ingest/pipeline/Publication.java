package io.penstock.ingest.pipeline;

import io.penstock.ingest.delivery.DeduplicationId;
import io.penstock.ingest.delivery.Reason;
import io.penstock.ingest.provider.ModelReadiness;
import java.time.Duration;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** What a landing record becomes, ready to be written. */
@SuppressWarnings("ArrayRecordComponent") // never compared
sealed interface Publication {

  /** The record's value, in the Confluent wire format. */
  byte[] value();

  /**
   * An event, which is written unless it is a copy.
   *
   * @param sink the name of the topology's node that writes it
   * @param deduplicationId what the event is remembered by
   * @param contentDigest SHA-256 of the body in the landing log
   * @param equality what the event is remembered by as well; null where equal bodies of its source
   *     are not compared
   * @param meters of its source
   * @param receivedAt in milliseconds since 1970, by the ingress's clock
   * @param landing what it was made of; its span is to be ended
   * @param sign what it says of whether its model can be used
   */
  record Event(
      String sink,
      DeduplicationId deduplicationId,
      byte[] contentDigest,
      @Nullable Equality equality,
      PipelineMeters.PerSource meters,
      long receivedAt,
      LandedDelivery landing,
      ModelReadiness.Sign sign,
      byte[] value)
      implements Publication {}

  /**
   * A dead letter.
   *
   * @param once what it is remembered by, so that it is written once; null where it is written in
   *     any case, as a letter of a delivery that was re-driven is
   * @param meters of its source
   */
  record DeadLetter(
      @Nullable DeduplicationId once, PipelineMeters.PerSource meters, Reason reason, byte[] value)
      implements Publication {

    /** Counts it; to be called where it is written. */
    void published() {
      meters.deadLetter(reason);
    }
  }

  /**
   * What equal bodies of one source have in common. It is not an event's id: two equal deliveries
   * are one event for a limited time only, and the next one after that needs another id.
   *
   * @param content the digest of source and body
   * @param within for how long equal bodies are copies, by the broker's clock
   */
  record Equality(DeduplicationId content, Duration within) {

    /** Of a body: the source and every byte count. */
    static Equality of(String source, byte[] contentDigest, Duration within) {
      return new Equality(
          DeduplicationId.ofContent(source, HexFormat.of().formatHex(contentDigest)), within);
    }
  }
}
