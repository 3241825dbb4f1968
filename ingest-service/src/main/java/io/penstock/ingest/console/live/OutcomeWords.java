package io.penstock.ingest.console.live;

import io.penstock.ingest.lookup.PlainText;
import java.util.List;

/**
 * How a page shows an outcome: never by colour alone.
 *
 * @param code in addresses
 * @param mark one character
 * @param word in the table
 * @param style the class of the stylesheet
 * @param why what more is known; may be empty
 */
public record OutcomeWords(String code, String mark, String word, String style, String why) {

  /** The outcome of what is not in Kafka yet: of such deliveries only the number is known. */
  static final String SPOOL = "spool";

  /** Those that a filter can name, in the order of the page's list. */
  static final List<OutcomeWords> FILTERS =
      List.of(
          new OutcomeWords("published", "●", "published", "", ""),
          new OutcomeWords("copy", "○", "copy", "", ""),
          new OutcomeWords("dead-letter", "▲", "dead letter", "", ""),
          new OutcomeWords("refused", "✕", "refused", "", ""),
          new OutcomeWords(SPOOL, "▮", "in the spool", "", ""),
          new OutcomeWords("waiting", "▯", "waiting", "", ""),
          new OutcomeWords("paused", "‖", "paused", "", ""));

  /** In characters: what is longer is wrapped. As live.js has it. */
  private static final int LONG = 44;

  /** Whether {@link #why} needs more than a line; for the template. */
  public boolean isLong() {
    return why.length() > LONG;
  }

  /** The words for an outcome. */
  public static OutcomeWords of(Outcome outcome) {
    if (outcome instanceof Outcome.Published published) {
      return new OutcomeWords(outcome.code(), "●", "published", "good", published.at().toString());
    }
    if (outcome instanceof Outcome.Copy copy) {
      return new OutcomeWords(
          outcome.code(), "○", "copy", "soft", copy.first().map(first -> "of " + first).orElse(""));
    }
    if (outcome instanceof Outcome.Letter letter) {
      return new OutcomeWords(outcome.code(), "▲", "dead letter", "bad", letter.reason());
    }
    if (outcome instanceof Outcome.Refused refused) {
      return new OutcomeWords(outcome.code(), "✕", "refused", "bad", refused.reason());
    }
    if (outcome instanceof Outcome.NotTaken refused) {
      String times = refused.count() > 1 ? refused.count() + " × " : "";
      String why = refused.why().isEmpty() ? "" : ": " + PlainText.of(refused.why());
      return new OutcomeWords(
          outcome.code(), "✕", "refused", "bad", times + PlainText.of(refused.reason()) + why);
    }
    if (outcome instanceof Outcome.Paused) {
      return new OutcomeWords(outcome.code(), "‖", "paused", "attention", "");
    }
    if (outcome instanceof Outcome.Waiting) {
      return new OutcomeWords(outcome.code(), "▯", "waiting", "attention", "");
    }
    return new OutcomeWords(outcome.code(), "◌", "passed", "soft", "open it to see");
  }
}
