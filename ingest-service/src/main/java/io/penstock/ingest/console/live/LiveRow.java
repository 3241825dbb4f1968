package io.penstock.ingest.console.live;

import io.penstock.ingest.lookup.RecordPosition;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One delivery in the console's memory, without its body.
 *
 * @param number rises with each delivery that the console sees
 * @param change rises with each change of any row; that of this row's last
 * @param at the landing record; empty where requests were refused before anything landed
 * @param eventId 32 hexadecimal digits; empty where the delivery names no event
 * @param type the provider's name of what happened; empty until the delivery is published
 * @param entity the entity key, or its beginning
 * @param receivedAt in milliseconds since 1970, by the ingress's clock; of several the last
 * @param landedAt in milliseconds since 1970, by the broker's clock; of refused requests when the
 *     first of those that the row stands for was refused
 * @param spooled whether a spool had kept it before it landed
 * @param tookMillis from received until the console saw it published; empty where it did not see it
 *     happen
 */
public record LiveRow(
    long number,
    long change,
    Optional<RecordPosition> at,
    String receiptId,
    String eventId,
    String source,
    String provider,
    String type,
    String entity,
    long receivedAt,
    long landedAt,
    boolean spooled,
    OptionalLong tookMillis,
    Outcome outcome) {

  LiveRow with(Outcome became) {
    return with(became, type, tookMillis);
  }

  LiveRow with(Outcome became, String named, OptionalLong took) {
    return copy(change, became, named, took);
  }

  /** The same row, of more requests. */
  LiveRow with(Outcome.NotTaken became, long lastMillis) {
    return new LiveRow(
        number,
        change,
        at,
        receiptId,
        eventId,
        source,
        provider,
        type,
        entity,
        lastMillis,
        landedAt,
        spooled,
        tookMillis,
        became);
  }

  LiveRow stamped(long changed) {
    return copy(changed, outcome, type, tookMillis);
  }

  private LiveRow copy(long changed, Outcome became, String named, OptionalLong took) {
    return new LiveRow(
        number,
        changed,
        at,
        receiptId,
        eventId,
        source,
        provider,
        named,
        entity,
        receivedAt,
        landedAt,
        spooled,
        took,
        became);
  }

  /** The row as it was when it landed, before anything became of it. */
  LiveRow asLanded() {
    return outcome instanceof Outcome.Refused || outcome instanceof Outcome.NotTaken
        ? this
        : with(new Outcome.Waiting(), "", OptionalLong.empty());
  }

  /** About what the row takes of the heap, in bytes. */
  int weight() {
    return 400
        + 2
            * (receiptId.length()
                + eventId.length()
                + source.length()
                + type.length()
                + entity.length()
                + (outcome instanceof Outcome.NotTaken refused ? refused.why().length() : 0));
  }
}
