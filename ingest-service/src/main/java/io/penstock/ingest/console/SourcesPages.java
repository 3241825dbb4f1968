package io.penstock.ingest.console;

import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.Configuration.SourceConfig;
import io.penstock.ingest.console.Console.Surroundings;
import io.penstock.ingest.console.SourceReports.SourceReport;
import io.penstock.ingest.observability.FailureText;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.ProviderCatalog;
import io.penstock.ingest.provider.Sample;
import io.penstock.ingest.sample.SampleDeliveries;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The sources: one card each, how to connect them, and samples to try them with. */
final class SourcesPages implements ConsolePart {

  private static final Duration DEADLINE = Duration.ofSeconds(5);

  /** Stands for an address that is not known. */
  private static final String SOMEWHERE = "https://<your ingress>";

  private final Surroundings surroundings;
  private final Configuration configuration;
  private final ProviderCatalog providers;
  private final Instances instances;
  private final RateHistory history;
  private final UsualRates usual;
  private final SourceReports reports;
  private final PausePages pauses;
  private final SampleDeliveries samples;
  private final HttpClient client = HttpClient.newBuilder().connectTimeout(DEADLINE).build();

  /**
   * @param instances not closed with this
   * @param history not closed with this
   * @param pauses not closed with this
   */
  SourcesPages(
      Surroundings surroundings,
      Instances instances,
      RateHistory history,
      UsualRates usual,
      PausePages pauses) {
    this.usual = usual;
    this.pauses = pauses;
    this.surroundings = surroundings;
    this.configuration = surroundings.configuration();
    this.providers = ProviderCatalog.of(configuration);
    this.instances = instances;
    this.history = history;
    this.reports = new SourceReports(instances);
    this.samples =
        new SampleDeliveries(
            surroundings.environment(), surroundings.random(), surroundings.clock());
  }

  @Override
  public void addTo(ConsoleRoutes routes) {
    routes
        .page("/sources", this::sources)
        .page("/sources/:name", this::source)
        .action("/sources/:name/sample", "send-sample", this::send);
  }

  private PageAnswer sources(Visit visit) {
    Map<String, SourceReport> all = reports.all();
    return PageAnswer.page(
        "sources",
        model(
            configuration.sources().stream().map(source -> card(source, all)).toList(),
            all.getOrDefault("unknown", SourceReport.NOTHING),
            invalid()));
  }

  private PageAnswer source(Visit visit) {
    Optional<SourceConfig> found = byName(visit.pathParameter("name"));
    if (found.isEmpty()) {
      return unknown();
    }
    return PageAnswer.page(
        "sources", model(List.of(card(found.get(), reports.all())), SourceReport.NOTHING, 0));
  }

  private static PageAnswer unknown() {
    return PageAnswer.problem(404, "No such source", "The configuration has no such source.");
  }

  /** How many requests were no valid HTTP: of them only the number is known. */
  private long invalid() {
    double sum = 0;
    for (Instances.Asked each : instances.asked()) {
      if (each.metrics() instanceof Fact.Known<Scrape> known) {
        sum += known.value().sum("penstock_connections_closed_total", "cause", "invalid-request");
      }
    }
    return Math.round(sum);
  }

  private Map<String, Object> model(List<SourceCard> cards, SourceReport unknown, long invalid) {
    return Map.of(
        "cards",
        cards,
        "pauses",
        pauses.now(),
        "unknown",
        unknown,
        "invalid",
        invalid,
        "samples",
        configuration.console().samples(),
        "since",
        history.since().map(Object.class::cast).orElse(""),
        "sent",
        "",
        "sentGood",
        true);
  }

  private Optional<SourceConfig> byName(String name) {
    return configuration.sources().stream()
        .filter(source -> source.name().equals(name))
        .findFirst();
  }

  private SourceCard card(SourceConfig source, Map<String, SourceReport> all) {
    Instant now = surroundings.clock().instant();
    boolean seen = instances.asked().stream().anyMatch(each -> each.metrics().isKnown());
    return SourceCard.of(
        source,
        samples(source),
        shownIngress(),
        all.getOrDefault(source.name(), SourceReport.NOTHING),
        history,
        usual.of(source.name()),
        seen,
        now);
  }

  private List<String> samples(SourceConfig source) {
    return providers.byName(source.provider()).map(Provider::samples).orElse(List.of()).stream()
        .map(Sample::name)
        .toList();
  }

  private String shownIngress() {
    String configured = configuration.console().ingressUrl();
    return configured != null ? configured : surroundings.ingress().orElse(SOMEWHERE);
  }

  private PageAnswer send(Visit visit) throws InterruptedException {
    Optional<SourceConfig> found = byName(visit.pathParameter("name"));
    if (found.isEmpty()) {
      return unknown();
    }
    SourceConfig source = found.get();
    visit.note("source", source.name());
    if (!configuration.console().samples()) {
      return PageAnswer.problem(
          403,
          "No samples here",
          "A sample becomes an event that consumers see. Set console.samples: allow to permit it.");
    }
    String configured = configuration.console().ingressUrl();
    Optional<String> ingress = surroundings.ingress().or(() -> Optional.ofNullable(configured));
    if (ingress.isEmpty()) {
      return PageAnswer.problem(
          409, "Where to?", "Set console.ingress-url to the address of the ingress.");
    }
    List<Sample> known = providers.byName(source.provider()).orElseThrow().samples();
    String wanted = visit.field("sample").orElse(known.getFirst().name());
    Optional<Sample> sample = known.stream().filter(each -> each.name().equals(wanted)).findFirst();
    if (sample.isEmpty()) {
      return PageAnswer.problem(404, "No such sample", "The provider has no such sample.");
    }
    visit.note("sample", wanted);
    Sent sent = post(ingress.get(), source, sample.get());
    visit.note("status", sent.status());
    Map<String, Object> model =
        new HashMap<>(model(List.of(card(source, reports.all())), SourceReport.NOTHING, 0));
    model.put("sent", sent.sentence());
    model.put("sentGood", sent.status() == 200);
    return new PageAnswer.Page(sent.status() == 200 ? 200 : 502, "sources", model);
  }

  /** What came back; status 0 where nothing did. */
  private record Sent(int status, String sentence) {}

  private Sent post(String ingress, SourceConfig source, Sample sample)
      throws InterruptedException {
    Optional<HttpRequest> request;
    try {
      request = samples.request(ingress, source, sample);
    } catch (IOException e) {
      return new Sent(0, "The sample was not sent: " + e.getMessage());
    }
    try {
      if (request.isEmpty()) {
        return new Sent(
            0, "Only the provider can sign for this source: it has the private key alone.");
      }
      int status = client.send(request.get(), HttpResponse.BodyHandlers.discarding()).statusCode();
      return new Sent(
          status,
          status == 200
              ? "The sample "
                  + sample.name()
                  + " was sent and acknowledged: Live shows it. Sent again"
                  + " it may count as a copy."
              : "The sample was answered " + status + ": the refusals below say why.");
    } catch (ConnectException e) {
      return new Sent(0, "There is no connection to " + ingress + ".");
    } catch (IOException e) {
      return new Sent(0, "The sample was sent and not answered: " + FailureText.of(e));
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
