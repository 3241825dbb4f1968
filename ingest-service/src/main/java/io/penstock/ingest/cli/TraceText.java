package io.penstock.ingest.cli;

import io.penstock.ingest.config.AuthSpec;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.lookup.Fate;
import io.penstock.ingest.lookup.PlainText;
import io.penstock.ingest.lookup.Trace;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A trace as a time line for people. */
final class TraceText {

  private final Configuration configuration;

  TraceText(Configuration configuration) {
    this.configuration = configuration;
  }

  /** The lines of one delivery. */
  List<String> lines(Trace trace) {
    Trace.Received received = trace.received();
    List<String> lines = new ArrayList<>();
    lines.add("delivery " + PlainText.of(received.receiptId()));
    lines.add(
        line(
            "of",
            "source "
                + received.source()
                + ", provider "
                + received.provider()
                + (received.entityKey() == null
                    ? ", no entity"
                    : ", entity " + PlainText.of(received.entityKey()))));
    if (received.eventId() != null) {
      lines.add(line("event id", PlainText.of(received.eventId())));
    }
    lines.add(
        line(
            "received",
            received.at()
                + (received.process() == null
                    ? ", the instance is not known"
                    : " by the instance whose log says receipt_process=" + received.process())));
    lines.add(line("authenticated", authenticated(received.source())));
    Instant before = received.at();
    boolean again = false;
    for (Trace.Passage passage : trace.passages()) {
      lines.add(
          line(
              again ? "landed again" : "landed",
              passage.appendedAt()
                  + " at "
                  + (passage.position() == null
                      ? "a position that the landing log no longer keeps"
                      : passage.position())
                  + after(before, passage.appendedAt())
                  + (passage.spooled() ? ", from the spool, which had kept it until then" : "")));
      before = passage.appendedAt();
      fate(received.receiptId(), passage.fate(), lines);
      again = true;
    }
    return lines;
  }

  private static String line(String name, String text) {
    return "  %-13s  %s".formatted(name, text);
  }

  private static String after(Instant before, Instant then) {
    return ", "
        + (then.isBefore(before)
            ? "%d ms before that by the broker's clock"
                .formatted(Duration.between(then, before).toMillis())
            : "+%d ms".formatted(Duration.between(before, then).toMillis()));
  }

  private String authenticated(String source) {
    return configuration.sources().stream()
        .filter(each -> each.name().equals(source))
        .findFirst()
        .map(
            each ->
                each.auth().isEmpty()
                    ? "not at all, as the source is configured here"
                    : "yes, by "
                        + each.auth().stream()
                            .map(AuthSpec::type)
                            .collect(Collectors.joining(" and "))
                        + ", as the source is configured here")
        .orElse("yes, since it landed; the configuration here has no such source");
  }

  private static void fate(String receiptId, Fate fate, List<String> lines) {
    switch (fate) {
      case Fate.Published published -> {
        Instant until = published.waitedUntil();
        if (until != null) {
          lines.add(line("parked", "from its landing on, since its source was paused"));
        }
        lines.add(
            line(
                "published",
                (until == null ? "" : until + " ")
                    + "at "
                    + published.position()
                    + ", schema "
                    + published.schemaId()
                    + ", type "
                    + PlainText.of(published.type())
                    + (until == null ? "" : after(published.timestamp(), until))));
      }
      case Fate.Copy copy -> {
        lines.add(
            line(
                "copy",
                (copy.firstReceiptId().equals(receiptId)
                        ? "of itself, which had become an event before"
                        : "of the delivery " + PlainText.of(copy.firstReceiptId()))
                    + (copy.by() == Fate.Likeness.ID
                        ? ", which has the same event id, so it was removed"
                        : ", whose body is equal, so it was removed")));
        lines.add(line("the first", "at " + copy.first()));
      }
      case Fate.DeadLettered letter ->
          lines.add(
              line(
                  "dead letter",
                  "at "
                      + letter.letter()
                      + ", "
                      + PlainText.of(letter.reason())
                      + detail(letter.detail())));
      case Fate.Waiting waiting ->
          lines.add(
              line(
                  "waiting",
                  switch (waiting.why()) {
                    case Fate.Why.Behind behind ->
                        behind.resumed() == null
                            ? "for the pipeline, which has %d records of its partition to commit up to it"
                                .formatted(behind.records())
                            : "for its turn: its source was resumed at %s, and %d events of its partition are to be published up to it"
                                .formatted(behind.resumed(), behind.records());
                    case Fate.Why.Paused paused ->
                        "since the publication of "
                            + paused.source()
                            + " is paused"
                            + (paused.since() == null ? "" : ", since " + paused.since());
                  }));
      case Fate.Unknown unknown -> lines.add(line("then", unknown.why()));
    }
  }

  private static String detail(@Nullable String detail) {
    return detail == null ? "" : ": " + PlainText.of(detail);
  }
}
