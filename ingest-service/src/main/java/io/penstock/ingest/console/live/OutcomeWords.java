package io.penstock.ingest.console.live;

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
    if (outcome instanceof Outcome.Paused) {
      return new OutcomeWords(outcome.code(), "‖", "paused", "attention", "");
    }
    if (outcome instanceof Outcome.Waiting) {
      return new OutcomeWords(outcome.code(), "▮", "waiting", "attention", "");
    }
    return new OutcomeWords(outcome.code(), "◌", "passed", "soft", "open it to see");
  }
}
