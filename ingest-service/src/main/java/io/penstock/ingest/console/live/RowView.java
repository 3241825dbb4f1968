package io.penstock.ingest.console.live;

import io.penstock.ingest.lookup.PlainText;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;

/**
 * A row as the page shows it. Texts of senders have their control characters and marks of direction
 * written out.
 *
 * @param number names the row on the page
 * @param place the delivery's place, as it stands in addresses; empty where nothing landed
 * @param href leads to the delivery, or to its source's refusals
 * @param received when it was received
 * @param took in milliseconds, or empty
 */
public record RowView(
    long number,
    String place,
    String href,
    Instant received,
    String source,
    String type,
    String entity,
    OutcomeWords outcome,
    String took) {

  /** Stands for the source where an address names none. */
  static final String UNKNOWN = "unknown";

  /** Deliveries that take longer from the receipt to the landing log say so. */
  private static final Duration LATE = Duration.ofSeconds(10);

  /** The view of a row. */
  static RowView of(LiveRow row) {
    String place =
        row.at().map(at -> at.topic() + "/" + at.partition() + "/" + at.offset()).orElse("");
    return new RowView(
        row.number(),
        place,
        place.isEmpty() ? refusals(row.source()) : "/deliveries/" + place,
        Instant.ofEpochMilli(row.receivedAt()),
        PlainText.of(row.source()),
        PlainText.of(row.type()),
        PlainText.of(row.entity()),
        late(row, OutcomeWords.of(row.outcome())),
        row.tookMillis().isPresent() ? Long.toString(row.tookMillis().getAsLong()) : "");
  }

  /** Names of sources have letters, digits and dashes alone. */
  private static String refusals(String source) {
    return source.equals(UNKNOWN)
        ? "/sources#unknown"
        : "/sources/" + URLEncoder.encode(source, StandardCharsets.UTF_8);
  }

  /** That a spool had kept it, and how late it landed where that is notable. */
  private static OutcomeWords late(LiveRow row, OutcomeWords words) {
    long millis = row.landedAt() - row.receivedAt();
    if (row.at().isEmpty() || (!row.spooled() && millis < LATE.toMillis())) {
      return words;
    }
    String after =
        (row.spooled() ? "from the spool, " : "")
            + "landed "
            + (millis < 1000 ? Math.max(0, millis) + " ms" : words(millis / 1000))
            + " after it was received";
    return new OutcomeWords(
        words.code(),
        words.mark(),
        words.word(),
        words.style(),
        words.why().isEmpty() ? after : words.why() + "; " + after);
  }

  /** {@link #href} without the slash at its beginning. */
  public String path() {
    return href.substring(1);
  }

  private static String words(long seconds) {
    if (seconds < 120) {
      return seconds + " s";
    }
    long minutes = seconds / 60;
    if (minutes < 120) {
      return minutes + " min";
    }
    return minutes < 48 * 60 ? minutes / 60 + " h" : minutes / (24 * 60) + " d";
  }

  /** What the page's script makes a row of. */
  JsonObject json() {
    return new JsonObject()
        .put("n", number)
        .put("place", place)
        .put("href", href)
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
