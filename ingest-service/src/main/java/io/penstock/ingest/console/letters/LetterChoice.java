package io.penstock.ingest.console.letters;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.ingest.deadletter.DeadLetter;
import io.penstock.ingest.deadletter.Selection;
import io.vertx.core.MultiMap;
import java.net.URLEncoder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which letters a page or a run is about, as it stands in addresses and forms.
 *
 * @param positions these alone; empty: anywhere
 * @param source of this one; empty: of any
 * @param reason for this one; empty: for any
 * @param detail with exactly this one; absent: with any
 * @param within the name of a time, such as {@code 24h}
 */
public record LetterChoice(
    List<DeadLetter.Position> positions,
    String source,
    String reason,
    Optional<String> detail,
    String within) {

  /** The times that a page offers. */
  static final Map<String, Duration> TIMES = times();

  /** How many letters may be chosen one by one. */
  static final int MOST_POSITIONS = 200;

  private static final String ALL = "all";

  public LetterChoice {
    positions = List.copyOf(positions);
  }

  private static Map<String, Duration> times() {
    Map<String, Duration> times = new LinkedHashMap<>();
    times.put("1h", Duration.ofHours(1));
    times.put("24h", Duration.ofHours(24));
    times.put("7d", Duration.ofDays(7));
    times.put(ALL, Duration.ZERO);
    return times;
  }

  /**
   * Reads a choice.
   *
   * @throws IllegalArgumentException if a position is none, or there are too many; with a sentence
   */
  static LetterChoice of(MultiMap parameters) {
    List<DeadLetter.Position> positions = new ArrayList<>();
    for (String each : parameters.getAll("p")) {
      positions.add(DeadLetter.Position.parse(each));
    }
    if (positions.size() > MOST_POSITIONS) {
      throw new IllegalArgumentException(
          "at most " + MOST_POSITIONS + " letters are chosen one by one; use the filter for more");
    }
    String within = parameters.get("within");
    return new LetterChoice(
        positions,
        given(parameters.get("source")),
        given(parameters.get("reason")),
        Optional.ofNullable(parameters.get("detail")),
        within != null && TIMES.containsKey(within) ? within : "7d");
  }

  private static String given(@org.jspecify.annotations.Nullable String text) {
    return text == null ? "" : text.strip();
  }

  /** What is read; {@link #has} decides what else has to fit. */
  Selection selection(Instant now) {
    return new Selection(
        positions,
        source.isEmpty() ? Set.of() : Set.of(source),
        reason.isEmpty() ? Set.of() : Set.of(reason),
        Set.of(),
        within.equals(ALL) || !positions.isEmpty() ? null : now.minus(TIMES.get(within)));
  }

  /** Whether a letter of the selection is chosen. */
  boolean has(DeadLetter letter) {
    return detail.isEmpty() || detail.get().equals(letter.detail() == null ? "" : letter.detail());
  }

  /** The query of an address that chooses a group among these. */
  String query(String groupReason, String groupDetail) {
    StringBuilder query = new StringBuilder("within=").append(within);
    query.append("&reason=").append(URLEncoder.encode(groupReason, UTF_8));
    query.append("&detail=").append(URLEncoder.encode(groupDetail, UTF_8));
    if (!source.isEmpty()) {
      query.append("&source=").append(URLEncoder.encode(source, UTF_8));
    }
    return query.toString();
  }

  /** The detail as a form's field has it. */
  public String detailText() {
    return detail.orElse("");
  }

  /** Whether the detail counts. */
  public boolean isDetailed() {
    return detail.isPresent();
  }

  /** In words, for a page and for the log; no text of a sender. */
  public String words() {
    if (!positions.isEmpty()) {
      return positions.size() == 1
          ? "letter " + positions.getFirst()
          : positions.size() + " letters";
    }
    return "letters"
        + (reason.isEmpty() ? "" : " for " + reason)
        + (source.isEmpty() ? "" : " of " + source)
        + (within.equals(ALL) ? "" : " of the last " + within);
  }
}
