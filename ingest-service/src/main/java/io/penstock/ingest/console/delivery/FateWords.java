package io.penstock.ingest.console.delivery;

import io.penstock.ingest.lookup.Fate;
import io.penstock.ingest.lookup.PlainText;
import io.penstock.ingest.lookup.RecordPosition;

/**
 * What became of a delivery, in words.
 *
 * @param mark one character, so that colour is never alone
 * @param style the class of the stylesheet
 * @param sentence what happened
 * @param todo what to do; may be empty
 * @param letter the dead letter's place, as {@code PARTITION-OFFSET}; or empty
 */
public record FateWords(
    String mark, String word, String style, String sentence, String todo, String letter) {

  /** The verdict on a fate. */
  static FateWords of(Fate fate) {
    return switch (fate) {
      case Fate.Published published ->
          new FateWords(
              "●",
              "published",
              "good",
              "It is an event in " + published.position() + ". Consumers have it.",
              "",
              "");
      case Fate.Copy copy ->
          new FateWords(
              "○",
              "copy",
              "soft",
              (copy.by() == Fate.Likeness.ID
                      ? "An earlier delivery brought the same event, "
                      : "An earlier delivery had the same body, ")
                  + copy.first()
                  + ", so it was not published again.",
              "Nothing: providers send copies when they retry.",
              "");
      case Fate.DeadLettered letter ->
          new FateWords(
              "▲",
              "dead letter",
              "bad",
              PlainText.of(
                  "It could not become an event: "
                      + letter.reason()
                      + (letter.detail() == null ? "" : ": " + letter.detail())
                      + "."),
              todo(letter.reason()),
              letter.letter().partition() + "-" + letter.letter().offset());
      case Fate.Waiting waiting -> waiting(waiting.why());
      case Fate.Unknown unknown ->
          new FateWords(
              "◌",
              "not known",
              "soft",
              unknown.why().isEmpty()
                  ? "Kafka no longer shows what became of it."
                  : "Kafka no longer shows what became of it: " + unknown.why() + ".",
              "",
              "");
    };
  }

  private static FateWords waiting(Fate.Why why) {
    return switch (why) {
      case Fate.Why.Behind behind ->
          new FateWords(
              "▯",
              "waiting",
              "attention",
              behind.records() == 1
                  ? "It is next in its partition; the pipeline has not committed it."
                  : "The pipeline has not come to it: "
                      + (behind.records() - 1)
                      + " deliveries of its partition are before it.",
              "If this lasts for minutes, look at Health whether a pipeline runs.",
              "");
      case Fate.Why.Paused paused ->
          new FateWords(
              "‖",
              "paused",
              "attention",
              "The publication of the source " + paused.source() + " is paused.",
              "Resume it with penstock sources resume " + paused.source() + ".",
              "");
    };
  }

  /** What to do about a reason of {@link io.penstock.ingest.delivery.Reason}. */
  public static String todo(String reason) {
    return switch (reason) {
      case "malformed-json" ->
          "Show the provider the body: its sender writes no JSON. Driving it again does not help.";
      case "missing-identity" ->
          "Compare the body with the provider's documentation: the member that names the event is"
              + " missing. Drive it again after an update that knows this form.";
      case "undecodable" ->
          "The provider sends a form that this version does not know. Update Penstock, and then"
              + " drive it again.";
      case "payload-too-large" ->
          "Raise max.message.bytes of the provider's topic, and then drive it again.";
      case "unsupported-content-type" ->
          "The sender compresses its bodies: have it send them plain. This one cannot be driven"
              + " again.";
      default -> "Read the reason, repair its cause, and then drive it again.";
    };
  }

  /** The address of a landing record, from its place. */
  static String place(RecordPosition position) {
    return position.topic() + "/" + position.partition() + "/" + position.offset();
  }
}
