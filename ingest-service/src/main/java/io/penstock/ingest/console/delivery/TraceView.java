package io.penstock.ingest.console.delivery;

import io.penstock.ingest.lookup.PlainText;
import io.penstock.ingest.lookup.Trace;
import java.time.Instant;

/**
 * A delivery in a list.
 *
 * @param place of its first landing record, as it stands in addresses; empty where it is gone
 */
public record TraceView(
    String place,
    Instant received,
    String source,
    String entity,
    String receipt,
    FateWords verdict) {

  static TraceView of(Trace trace) {
    String entity = trace.received().entityKey();
    return new TraceView(
        DeliveryPart.places(trace).stream().findFirst().orElse(""),
        trace.received().at(),
        PlainText.of(trace.received().source()),
        entity == null ? "" : PlainText.of(entity),
        PlainText.of(trace.received().receiptId()),
        FateWords.of(trace.fate()));
  }
}
