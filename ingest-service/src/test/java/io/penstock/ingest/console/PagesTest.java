package io.penstock.ingest.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.console.ConsumerLags.Found;
import io.penstock.ingest.console.ConsumerLags.GroupLag;
import io.penstock.ingest.console.ConsumerLags.Lag;
import io.penstock.ingest.console.ConsumerLags.TopicSize;
import io.penstock.ingest.console.ConsumersPages.TopicRow;
import io.penstock.ingest.console.ConsumersPages.VersionRow;
import io.penstock.ingest.console.Diagnosis.Grade;
import io.penstock.ingest.console.HealthPages.Figure;
import io.penstock.ingest.console.Instances.Asked;
import io.penstock.ingest.console.Instances.Check;
import io.penstock.ingest.console.Instances.Ready;
import io.penstock.ingest.console.PausePages.Decided;
import io.penstock.ingest.console.SourceReports.RefusalGroup;
import io.penstock.ingest.console.SourceReports.SecretUse;
import io.penstock.ingest.console.SourceReports.SourceReport;
import io.penstock.ingest.pausing.SourceState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every branch of the pages' templates, with hostile texts wherever a text is another's. */
class PagesTest {

  private static final Instant NOW = Instant.parse("2026-11-26T12:03:04.120Z");
  private static final String HOSTILE = "<script>alert(1)</script>\"'><b>\u202e\u001b[31m";

  private final Templates templates = new Templates(() -> NOW.plusSeconds(90));

  private String page(String template, Map<String, Object> model) {
    String html = templates.render(template, TemplatesTest.shell(model));
    assertThat(html).doesNotContain("<script>alert", "\"'><b>");
    return html;
  }

  private static SourceCard card(boolean withReport) {
    SourceReport report =
        withReport
            ? new SourceReport(
                3,
                Optional.of(NOW),
                2,
                List.of(
                    new RefusalGroup(
                        HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, 2, Optional.of(NOW)),
                    new RefusalGroup("r", "t", "", "", "", 1, Optional.empty())),
                List.of(
                    new SecretUse("url-token", 1, "env:A", 3, Optional.of(NOW)),
                    new SecretUse("url-token", 2, "", 0, Optional.empty())))
            : SourceReport.NOTHING;
    return new SourceCard(
        withReport ? "full" : "bare",
        "csm",
        "https://a/webhooks/x/<the value of b>",
        1_048_576,
        withReport
            ? List.of(
                new SourceCard.Way("url-token", HOSTILE, List.of("environment variable A", "b")))
            : List.of(),
        Grade.ATTENTION,
        HOSTILE,
        withReport ? NOW : null,
        report,
        RatePlot.of(withReport ? List.of(new RateHistory.Tally(NOW, 1, 1)) : List.of()),
        List.of(HOSTILE),
        List.of("a", "b"));
  }

  private static Map<String, Object> sources(boolean samples, Object since, String sent) {
    return Map.of(
        "cards",
        List.of(card(true), card(false)),
        "pauses",
        new Decided(
            Map.of(
                "full",
                new SourceState("full", SourceState.Decision.PAUSED, NOW, HOSTILE, HOSTILE)),
            sent.isEmpty() ? "" : HOSTILE),
        "unknown",
        card(true).report(),
        "invalid",
        samples ? 1_204L : 0L,
        "samples",
        samples,
        "since",
        since,
        "sent",
        sent,
        "sentGood",
        false);
  }

  @Test
  void sourcesShowsEverythingThatIsKnown() {
    String html = page("sources", sources(true, NOW, HOSTILE));

    assertThat(html)
        .contains("<time datetime=\"2026-11-26T12:03:04.120Z\" class=\"time\">")
        .contains("2026-11-26 12:03:04.120 UTC</time> <span class=\"note\">(90 s ago)")
        .contains("/webhooks/x/&lt;the value of b&gt;")
        .contains("paused since", "Resume full", "Send the sample to bare")
        .contains("none: every request is taken")
        .contains("1\u202f048\u202f576 bytes")
        .contains("Requests that name no source", "1\u202f204 × no valid HTTP")
        .contains("id=\"refusals-full\"");
  }

  @Test
  void sourcesShowsNoFormToReadOnlyUsers() {
    Map<String, Object> model = TemplatesTest.shell(sources(true, "", ""));
    model.put("operator", false);
    model.put("user", "vera");

    assertThat(templates.render("sources", model))
        .doesNotContain("method=\"post\"")
        .contains("the first reading comes within ten seconds");
  }

  @Test
  void healthShowsEveryInstance() {
    String html =
        page(
            "health",
            Map.of(
                "diagnosis", new Diagnosis(Grade.BAD, List.of(HOSTILE)),
                "instances",
                    List.of(
                        new Asked(
                            "http://a:1",
                            new Fact.Known<>(
                                new Ready(
                                    false,
                                    List.of(
                                        new Check("start", true, true, HOSTILE),
                                        new Check("kafka", false, true, "away"),
                                        new Check("pipeline", false, false, "stands"))),
                                NOW),
                            new Fact.Unknown<>("x", NOW)),
                        new Asked(
                            "http://b:2",
                            new Fact.Unknown<>(HOSTILE, NOW),
                            new Fact.Unknown<>("x", NOW))),
                "figures", List.of(new Figure("a:1", "breaker", HOSTILE))));

    assertThat(html).contains("✕ not ready", "● up", "✕ down", "(only shown)", "bad</p>");
    assertThat(
            page(
                "health",
                Map.of(
                    "diagnosis", new Diagnosis(Grade.GOOD, List.of("well")),
                    "instances", List.of(),
                    "figures", List.of())))
        .contains("No instance is known");
  }

  private static Map<String, Object> consumers(Fact<Found> found, List<TopicRow> rows) {
    return Map.of(
        "topics",
        rows,
        "lags",
        found,
        "chosen",
        "webhooks.csm",
        "snippets",
        ConsumerSnippets.of("k:9092", "", "webhooks.csm"),
        "security",
        HOSTILE,
        "pipeline",
        "webhooks-pipeline");
  }

  @Test
  void consumersShowsGroupsTopicsAndPrograms() {
    List<TopicRow> rows = new ArrayList<>();
    rows.add(
        new TopicRow(
            "webhooks.csm",
            new TopicSize("webhooks.csm", 3, 12_345),
            new Fact.Known<>(
                List.of(
                    new VersionRow(2, 7, List.of("+ a: " + HOSTILE), "{}"),
                    new VersionRow(1, 3, List.of(), "{}")),
                NOW)));
    rows.add(new TopicRow("webhooks.x", null, new Fact.Unknown<>(HOSTILE, NOW)));
    rows.add(new TopicRow("webhooks.y", null, new Fact.Known<>(List.of(), NOW)));
    Found found =
        new Found(
            List.of(),
            List.of(
                new GroupLag(
                    HOSTILE,
                    "Stable",
                    List.of(new Lag("webhooks.csm", 1234, Optional.of(Duration.ofMinutes(3))))),
                new GroupLag(
                    "webhooks-pipeline",
                    "Empty",
                    List.of(new Lag("webhooks.inbound", 0, Optional.empty())))));

    assertThat(page("consumers", consumers(new Fact.Known<>(found, NOW), rows)))
        .contains("3 min", "1\u202f234", "the pipeline", "version 2", "12\u202f345 records")
        .contains("differences to the version before", "has no schema of this topic yet")
        .contains("http://&lt;your registry&gt;");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void consumersWorksWithoutKafkaAndWithoutGroups(boolean known) {
    Fact<Found> found =
        known
            ? new Fact.Known<>(new Found(List.of(), List.of()), NOW)
            : new Fact.Unknown<>(HOSTILE, NOW);

    assertThat(
            page(
                "consumers",
                consumers(
                    found, List.of(new TopicRow("t", null, new Fact.Known<>(List.of(), NOW))))))
        .contains(known ? "No group has read a topic" : "Kafka does not answer.");
  }

  @Test
  void theLoginFormAsksForWhatIsConfigured() {
    Map<String, Object> model =
        Map.of("problem", HOSTILE, "next", HOSTILE, "names", true, "secrets", true);

    assertThat(page("login", model)).contains("Password or token").doesNotContain("<nav");
    assertThat(page("login", Map.of("problem", "", "next", "/", "names", false, "secrets", false)))
        .contains("by a proxy");
  }
}
