package io.penstock.ingest.console.live;

import io.penstock.ingest.lookup.PlainText;
import io.vertx.core.json.JsonObject;
import java.time.Instant;

/**
 * A row as the page shows it. Texts of senders have their control characters and marks of direction
 * written out.
 *
 * @param number names the row on the page
 * @param place the delivery's place, as it stands in addresses
 * @param received when it was received
 * @param took in milliseconds, or empty
 */
public record RowView(
    long number,
    String place,
    Instant received,
    String source,
    String type,
    String entity,
    OutcomeWords outcome,
    String took) {

  /** The view of a row. */
  static RowView of(LiveRow row) {
    return new RowView(
        row.number(),
        row.at().topic() + "/" + row.at().partition() + "/" + row.at().offset(),
        Instant.ofEpochMilli(row.receivedAt()),
        PlainText.of(row.source()),
        PlainText.of(row.type()),
        PlainText.of(row.entity()),
        OutcomeWords.of(row.outcome()),
        row.tookMillis().isPresent() ? Long.toString(row.tookMillis().getAsLong()) : "");
  }

  /** What the page's script makes a row of. */
  JsonObject json() {
    return new JsonObject()
        .put("n", number)
        .put("place", place)
        .put("at", received.toString())
        .put("source", source)
        .put("type", type)
        .put("entity", entity)
        .put("code", outcome.code())
        .put("mark", outcome.mark())
        .put("word", outcome.word())
        .put("style", outcome.style())
        .put("why", outcome.why())
        .put("took", took);
  }
}
