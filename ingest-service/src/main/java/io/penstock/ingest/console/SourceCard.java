package io.penstock.ingest.console;

import io.penstock.ingest.auth.AuthMethod;
import io.penstock.ingest.config.AuthSpec;
import io.penstock.ingest.config.Configuration.SourceConfig;
import io.penstock.ingest.config.References;
import io.penstock.ingest.config.SecretRef;
import io.penstock.ingest.console.Diagnosis.Grade;
import io.penstock.ingest.console.SourceReports.SourceReport;
import io.penstock.ingest.console.UsualRates.Usual;
import io.penstock.ingest.provider.webhook.Webhook;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the page shows of one source. No secret: only the names of references.
 *
 * @param address that a provider is given, with placeholders for secrets
 * @param ways in which a sender proves itself
 * @param state in one sentence
 * @param last when it last took a delivery; null where that is not known, for the template
 * @param samples the names of those that can be sent; empty where none can
 */
record SourceCard(
    String name,
    String provider,
    String address,
    int maxBodySize,
    List<Way> ways,
    Grade grade,
    String state,
    @Nullable Instant last,
    SourceReport report,
    RatePlot plot,
    List<String> steps,
    List<String> samples) {

  /** A source is quiet when it has taken nothing for so long. */
  private static final Duration QUIET = Duration.ofMinutes(10);

  /** So many that should have come and did not are worth a look. */
  private static final int MISSED = 10;

  /**
   * One configured authenticator.
   *
   * @param secrets the names of the references
   */
  record Way(String type, String place, List<String> secrets) {}

  SourceCard {
    ways = List.copyOf(ways);
    steps = List.copyOf(steps);
    samples = List.copyOf(samples);
  }

  /**
   * Makes a card.
   *
   * @param samples the names of its provider's samples
   * @param ingress the address that providers use, without a slash at its end
   * @param usual what it takes at this hour; empty where that is not known
   * @param seen whether any instance answered
   */
  static SourceCard of(
      SourceConfig source,
      List<String> samples,
      String ingress,
      SourceReport report,
      RateHistory history,
      Optional<Usual> usual,
      boolean seen,
      Instant now) {
    String address = address(source, ingress);
    Optional<Instant> last = report.lastAcknowledged().or(() -> history.lastTaken(source.name()));
    RatePlot plot = RatePlot.of(history.of(source.name()));
    State state = state(report, last, plot, usual, seen, now);
    return new SourceCard(
        source.name(),
        source.provider(),
        address,
        source.maxBodySize(),
        source.auth().stream().map(SourceCard::way).toList(),
        state.grade(),
        state.sentence(),
        last.orElse(null),
        report,
        plot,
        ConnectSteps.of(source.webhook() == null ? source.provider() : Webhook.NAME, address),
        samples);
  }

  private static Way way(AuthSpec spec) {
    String hint = AuthMethod.of(spec).hint();
    return new Way(
        spec.type(),
        hint.isEmpty() ? String.join(", ", spec.places()) : hint,
        spec.references().stream().map(References::name).toList());
  }

  private static String address(SourceConfig source, String ingress) {
    StringBuilder address = new StringBuilder(ingress + "/webhooks/" + source.name());
    List<String> query = new ArrayList<>();
    for (AuthSpec spec : source.auth()) {
      AuthMethod method = AuthMethod.of(spec);
      if (method.takesUrlToken()) {
        address.append("/<").append(placeholder(spec)).append('>');
      }
      method.queryParameter().ifPresent(name -> query.add(name + "=<" + placeholder(spec) + ">"));
    }
    if (!query.isEmpty()) {
      address.append('?').append(String.join("&", query));
    }
    return address.toString();
  }

  private static String placeholder(AuthSpec spec) {
    SecretRef first = spec.references().getFirst();
    return "the value of " + References.name(first);
  }

  private record State(Grade grade, String sentence) {}

  private static State state(
      SourceReport report,
      Optional<Instant> last,
      RatePlot plot,
      Optional<Usual> usual,
      boolean seen,
      Instant now) {
    if (!seen) {
      return new State(Grade.BAD, "No instance answers, so nothing is known of this source now.");
    }
    String refused =
        report.refused() == 0
            ? ""
            : " "
                + Templates.grouped(report.refused())
                + (report.refused() == 1 ? " request was refused" : " requests were refused")
                + (report.refusals().isEmpty()
                    ? "."
                    : ", for the last time as " + report.refusals().getFirst().reason() + ".");
    if (report.acknowledged() == 0) {
      return report.refused() == 0
          ? new State(
              Grade.ATTENTION,
              "Nothing has arrived since the instances started" + words(usual) + ".")
          : new State(Grade.BAD, "Nothing was taken since the instances started." + refused);
    }
    String taken =
        Templates.grouped(report.acknowledged())
            + (report.acknowledged() == 1 ? " delivery" : " deliveries");
    if (last.isEmpty()) {
      return new State(
          report.refused() == 0 ? Grade.GOOD : Grade.ATTENTION,
          "Took "
              + taken
              + " since the instances started; none while the console looked."
              + refused);
    }
    Duration quiet = Duration.between(last.get(), now);
    String when =
        quiet.compareTo(QUIET) > 0
            ? "Quiet for " + Templates.words(quiet)
            : plot.perMinute() > 0
                ? "Takes " + Templates.grouped(plot.perMinute()) + " a minute"
                : "Took the last one " + Templates.words(quiet) + " ago";
    return new State(
        report.refused() == 0 && !isMissed(quiet, usual) ? Grade.GOOD : Grade.ATTENTION,
        when + words(usual) + "; " + taken + " since the instances started." + refused);
  }

  /** Whether so many should have come meanwhile that none is strange. */
  private static boolean isMissed(Duration quiet, Optional<Usual> usual) {
    if (quiet.compareTo(QUIET) <= 0) {
      return false;
    }
    double hours = Math.min(1, quiet.toMillis() / (double) Duration.ofHours(1).toMillis());
    return usual.isPresent() && usual.get().perHour() * hours >= MISSED;
  }

  private static String words(Optional<Usual> usual) {
    return usual
        .map(
            each ->
                "; usual at this hour: "
                    + (each.perHour() == 0
                        ? "none"
                        : (each.isSampled() ? "about " : "")
                            + Templates.grouped(each.perHour())
                            + "/h")
                    + " (by "
                    + (each.days() == 1
                        ? "the day before)"
                        : "the " + each.days() + " days before)"))
        .orElse("");
  }
}
