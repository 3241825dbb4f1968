package io.penstock.ingest.lookup;

import io.penstock.ingest.delivery.ReceiptIds;
import io.penstock.ingest.landing.LandingRecord;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one delivery.
 *
 * @param passages one for each of its landing records, in their order, at least one: a second one
 *     is the same delivery again, which was driven again or which a spool sent twice
 */
public record Trace(Received received, List<Passage> passages) {

  public Trace {
    passages = List.copyOf(passages);
  }

  /**
   * How the delivery was received.
   *
   * @param entityKey null where the delivery names no entity
   * @param eventId null where the delivery names no event
   * @param at when the body had been read, by the ingress's clock
   * @param process which process received it: what its receipt ids have in common, as its log says
   *     at its start; null where the receipt id does not tell
   */
  public record Received(
      String receiptId,
      String source,
      String provider,
      @Nullable String entityKey,
      @Nullable String eventId,
      Instant at,
      @Nullable String process) {}

  /**
   * One way of it through the pipeline: a landing record, and what became of it.
   *
   * @param position null where the landing log no longer keeps it, and nothing says where it was
   * @param appendedAt when the broker appended it, by the broker's clock
   * @param spooled whether a spool had kept it before, as far as a landing record is there to say
   */
  public record Passage(
      @Nullable RecordPosition position, Instant appendedAt, boolean spooled, Fate fate) {}

  /** What became of it in the end: once it is published, what is landed again is a copy of it. */
  public Fate fate() {
    return passages.stream()
        .map(Passage::fate)
        .filter(Fate.Published.class::isInstance)
        .findFirst()
        .orElse(passages.getLast().fate());
  }

  /** What a landing record says of how it was received. */
  static Received received(LandingRecord landing) {
    return new Received(
        landing.receiptId(),
        landing.source(),
        landing.envelope().provider(),
        landing instanceof LandingRecord.Event ? landing.key() : null,
        landing instanceof LandingRecord.Event event ? event.deduplicationId().hex() : null,
        Instant.ofEpochMilli(landing.receivedAt()),
        process(landing.receiptId()));
  }

  private static @Nullable String process(String receiptId) {
    return ReceiptIds.origin(receiptId).map(ReceiptIds.Origin::process).orElse(null);
  }

  /** What an event or a dead letter says itself; null for any other record. */
  static @Nullable Trace of(Shown shown) {
    return switch (shown) {
      case Shown.Published event ->
          new Trace(
              new Received(
                  event.receiptId(),
                  event.source(),
                  event.provider(),
                  event.entityKey(),
                  event.eventId(),
                  event.receivedAt(),
                  process(event.receiptId())),
              List.of(new Passage(null, event.timestamp(), false, FateFinder.of(event))));
      case Shown.Letter letter -> {
        var at = letter.letter().landed();
        yield new Trace(
            new Received(
                letter.letter().receiptId(),
                letter.letter().source(),
                letter.letter().provider(),
                letter.letter().entityKey(),
                letter.letter().eventId(),
                letter.letter().receivedAt(),
                process(letter.letter().receiptId())),
            List.of(
                new Passage(
                    at == null ? null : new RecordPosition(at.topic(), at.partition(), at.offset()),
                    letter.timestamp(),
                    false,
                    new Fate.DeadLettered(
                        letter.position(), letter.letter().reason(), letter.letter().detail()))));
      }
      case Shown.Landed landed -> null;
      case Shown.Unreadable unreadable -> null;
    };
  }
}
