package io.penstock.ingest.pipeline;

import io.penstock.ingest.delivery.DeduplicationId;
import io.penstock.ingest.tracing.DeliverySpan;
import java.time.Duration;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * What a landing record becomes, ready to be written.
 *
 * @param sink the name of the topology's node that writes it
 * @param deduplicationId what it is remembered by; null for a dead letter, which is not
 * @param contentDigest SHA-256 of the body as it was landed; empty for a dead letter
 * @param equality what it is remembered by besides; null where nothing but its id is
 * @param meters of its source
 * @param receivedAt in milliseconds since 1970, by the ingress's clock
 * @param span of its way through the pipeline, to be ended
 * @param value in the Confluent wire format
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Publication(
    String sink,
    @Nullable DeduplicationId deduplicationId,
    byte[] contentDigest,
    @Nullable Equality equality,
    PipelineMeters.Source meters,
    long receivedAt,
    DeliverySpan span,
    byte[] value) {

  /**
   * What equal bodies of one source have in common. Never an event's id: that two equal deliveries
   * are one event holds for a while, and the next one after that has to have another.
   *
   * @param within for how long, by the broker's clock
   */
  record Equality(DeduplicationId content, Duration within) {

    /** Of a body, of which the source and all bytes count. */
    static Equality of(String source, byte[] contentDigest, Duration within) {
      return new Equality(
          DeduplicationId.ofContent(source, HexFormat.of().formatHex(contentDigest)), within);
    }
  }
}
