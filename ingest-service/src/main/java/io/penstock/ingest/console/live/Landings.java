package io.penstock.ingest.console.live;

import io.penstock.ingest.delivery.DeduplicationId;
import io.penstock.ingest.landing.LandingHeaders;
import io.penstock.ingest.landing.LandingRecord;
import io.penstock.ingest.lookup.RecordPosition;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What a record of the landing log says of its delivery, without the body. */
final class Landings {

  private Landings() {}

  static LiveLanding of(ConsumerRecord<byte[], byte[]> record) {
    RecordPosition at = position(record);
    try {
      return of(record, at, LandingHeaders.read(record.key(), record.value(), record.headers()));
    } catch (IllegalArgumentException e) {
      // No ingress wrote it. The pipeline makes a dead letter of it, under this receipt.
      String receipt = at.topic() + "-" + at.partition() + "-" + at.offset();
      return new LiveLanding(
          at,
          receipt,
          "",
          letterId(at, receipt),
          RowView.UNKNOWN,
          RowView.UNKNOWN,
          "",
          record.timestamp(),
          record.timestamp(),
          false,
          new Outcome.Waiting());
    }
  }

  private static LiveLanding of(
      ConsumerRecord<byte[], byte[]> record, RecordPosition at, LandingRecord read) {
    String eventId = "";
    String entity = "";
    Outcome outcome = new Outcome.Waiting();
    if (read instanceof LandingRecord.Event event) {
      eventId = event.deduplicationId().hex();
      entity = read.key();
    } else if (read instanceof LandingRecord.Refusal refusal) {
      outcome = new Outcome.Refused(refusal.reason().code());
    }
    return new LiveLanding(
        at,
        read.receiptId(),
        eventId,
        letterId(at, read.receiptId()),
        read.source(),
        read.envelope().provider(),
        entity,
        read.receivedAt(),
        record.timestamp(),
        LandingHeaders.wasSpooled(record.headers()),
        outcome);
  }

  private static String letterId(RecordPosition at, String receipt) {
    return DeduplicationId.ofDeadLetter(at.topic(), at.partition(), at.offset(), receipt).hex();
  }

  static RecordPosition position(ConsumerRecord<?, ?> record) {
    return new RecordPosition(record.topic(), record.partition(), record.offset());
  }
}
