package io.penstock.ingest.pipeline;

import io.penstock.ingest.delivery.DeduplicationId;
import org.jspecify.annotations.Nullable;

/**
 * What a landing record becomes, ready to be written.
 *
 * @param sink the name of the topology's node that writes it
 * @param deduplicationId what it is remembered by; null for a dead letter, which is not
 * @param meters of its source
 * @param receivedAt in milliseconds since 1970, by the ingress's clock
 * @param value in the Confluent wire format
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Publication(
    String sink,
    @Nullable DeduplicationId deduplicationId,
    PipelineMeters.Source meters,
    long receivedAt,
    byte[] value) {}
