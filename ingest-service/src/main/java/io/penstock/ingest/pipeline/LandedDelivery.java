package io.penstock.ingest.pipeline;

import io.penstock.ingest.landing.LandingRecord;
import io.penstock.ingest.tracing.DeliverySpan;
import org.apache.kafka.streams.processor.api.Record;

/**
 * A landing record on its way through the pipeline.
 *
 * @param landed as Kafka has it
 * @param record what it says
 * @param span to be ended with the record's outcome
 */
record LandedDelivery(
    Record<byte[], byte[]> landed,
    LandingRecord record,
    LandingPosition position,
    DeliverySpan span) {

  LandingRecord.LandingEnvelope envelope() {
    return record.envelope();
  }
}
