package io.penstock.ingest.console.delivery;

import io.penstock.ingest.config.AuthSpec;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.delivery.ReceiptIds;
import io.penstock.ingest.lookup.Fate;
import io.penstock.ingest.lookup.PlainText;
import io.penstock.ingest.lookup.RecordPosition;
import io.penstock.ingest.lookup.Shown;
import io.penstock.ingest.lookup.Trace;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/** The steps of a delivery, in their order. */
final class TimeLine {

  private final Configuration configuration;
  private final Shown.Landed landed;
  private final List<Trace.Passage> passages;
  private final OptionalLong tookMillis;
  private final Instant received;

  /**
   * @param tookMillis from received to published, where the console saw it happen
   */
  TimeLine(
      Configuration configuration,
      Shown.Landed landed,
      List<Trace.Passage> passages,
      OptionalLong tookMillis) {
    this.tookMillis = tookMillis;
    this.configuration = configuration;
    this.landed = landed;
    this.passages = passages;
    received = Instant.ofEpochMilli(landed.landing().receivedAt());
  }

  List<TimeLineStep> steps() {
    List<TimeLineStep> steps = new ArrayList<>();
    steps.add(
        new TimeLineStep(
            "received",
            "good",
            received,
            ReceiptIds.origin(landed.landing().receiptId())
                .map(origin -> "by process " + origin.process())
                .orElse(""),
            "",
            ""));
    steps.add(new TimeLineStep("authenticated", "good", null, methods(), "", ""));
    if (passages.isEmpty()) {
      steps.add(landed("landed", landed.position(), landed.appendedAt(), landed.spooled()));
    }
    for (int i = 0; i < passages.size(); i++) {
      Trace.Passage passage = passages.get(i);
      steps.add(
          landed(
              i == 0 ? "landed" : "landed again",
              passage.position(),
              passage.appendedAt(),
              passage.spooled()));
      steps.add(of(passage.fate()));
    }
    return steps;
  }

  private TimeLineStep landed(
      String title,
      @org.jspecify.annotations.Nullable RecordPosition position,
      Instant at,
      boolean spooled) {
    return new TimeLineStep(
        title,
        "good",
        at,
        (position == null ? "the landing log no longer keeps it" : position.toString())
            + (spooled ? ", from the spool, which had kept it until then" : ""),
        since(at),
        position == null || position.equals(landed.position()) ? "" : FateWords.place(position));
  }

  private String methods() {
    return configuration.sources().stream()
        .filter(source -> source.name().equals(landed.landing().source()))
        .findFirst()
        .map(
            source ->
                source.auth().isEmpty()
                    ? "the source asks for no proof"
                    : "by "
                        + source.auth().stream()
                            .map(AuthSpec::type)
                            .collect(Collectors.joining(" and ")))
        .orElse("the source is no longer configured");
  }

  private TimeLineStep of(Fate fate) {
    return switch (fate) {
      case Fate.Published published ->
          new TimeLineStep(
              "published",
              "good",
              null,
              published.position() + " (schema " + published.schemaId() + ")",
              tookMillis.isPresent() ? "+" + tookMillis.getAsLong() + " ms" : "",
              "");
      case Fate.Copy copy ->
          new TimeLineStep(
              "removed as a copy",
              "soft",
              null,
              "the first is " + copy.first(),
              "",
              FateWords.place(copy.first()));
      case Fate.DeadLettered letter ->
          new TimeLineStep(
              "dead letter",
              "bad",
              null,
              PlainText.of(letter.letter() + ": " + letter.reason()),
              "",
              "");
      case Fate.Waiting waiting -> new TimeLineStep("waiting", "attention", null, "", "", "");
      case Fate.Unknown unknown ->
          new TimeLineStep("not known", "soft", null, unknown.why(), "", "");
    };
  }

  private String since(Instant at) {
    long millis = Duration.between(received, at).toMillis();
    return (millis < 0 ? "−" : "+") + Math.abs(millis) + " ms";
  }
}
