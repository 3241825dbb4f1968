package io.penstock.ingest.console;

import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.console.Console.Surroundings;
import io.penstock.ingest.console.ConsumerLags.Found;
import io.penstock.ingest.console.Instances.Asked;
import io.penstock.ingest.console.letters.OpenLetters;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** What an operator asks first: is everything well, and if not, where is it not. */
final class HealthPages implements ConsolePart {

  private final Topics topics;
  private final Instances instances;
  private final Recent<Fact<Found>> lags;
  private final OpenLetters letters;

  /**
   * @param instances not closed with this
   * @param lags read together with the page of consumers
   */
  HealthPages(
      Surroundings surroundings,
      Instances instances,
      Recent<Fact<Found>> lags,
      OpenLetters letters) {
    this.letters = letters;
    this.topics = new Topics(surroundings.configuration().topics().prefix());
    this.instances = instances;
    this.lags = lags;
  }

  @Override
  public void addTo(ConsoleRoutes routes) {
    routes
        .page("/health", visit -> health())
        .page(
            "/health/mark",
            visit -> {
              Diagnosis.Grade grade = diagnosis(instances.asked(), lags.get()).grade();
              return PageAnswer.json(
                  new JsonObject()
                      .put("style", grade.style())
                      .put("word", grade.word())
                      .put("letters", letters.count().text())
                      .encode()
                      .getBytes(StandardCharsets.UTF_8));
            });
  }

  private PageAnswer health() {
    List<Asked> seen = instances.asked();
    Fact<Found> found = lags.get();
    OptionalLong lag = lag(found);
    Diagnosis diagnosis = diagnosis(seen, found);
    List<Figure> figures = figures(seen);
    figures.add(
        new Figure(
            "all pipelines",
            "behind in the landing log",
            found instanceof Fact.Unknown<Found> unknown
                ? unknown.why()
                : lag.isPresent()
                    ? Templates.grouped(lag.getAsLong()) + " records"
                    : "no pipeline has read it yet"));
    figures.add(new Figure("this console", "version", Console.version()));
    figures.add(new Figure("this console", "Java", Runtime.version().toString()));
    return PageAnswer.page(
        "health", Map.of("diagnosis", diagnosis, "instances", seen, "figures", figures));
  }

  private Diagnosis diagnosis(List<Asked> seen, Fact<Found> found) {
    return Diagnosis.of(seen, lag(found));
  }

  private OptionalLong lag(Fact<Found> found) {
    if (found instanceof Fact.Known<Found> known) {
      return known
          .value()
          .lag(topics.group(), topics.inbound())
          .map(OptionalLong::of)
          .orElse(OptionalLong.empty());
    }
    return OptionalLong.empty();
  }

  /** One number of one instance. */
  record Figure(String instance, String name, String value) {}

  private static List<Figure> figures(List<Asked> seen) {
    List<Figure> figures = new ArrayList<>();
    for (Asked each : seen) {
      if (each.metrics() instanceof Fact.Known<Scrape> known) {
        Scrape scrape = known.value();
        add(figures, each, scrape, "penstock_kafka_breaker_open", "breaker", "closed", "open");
        add(
            figures,
            each,
            scrape,
            "penstock_spool_writable",
            "spool",
            "takes nothing",
            "takes deliveries");
        if (scrape.has("penstock_spool_depth")) {
          figures.add(
              new Figure(
                  each.name(),
                  "deliveries in the spool",
                  Templates.grouped(Math.round(scrape.sum("penstock_spool_depth")))));
        }
        add(figures, each, scrape, "penstock_pipeline_running", "pipeline", "stands", "runs");
        add(
            figures,
            each,
            scrape,
            "penstock_registry_resolved",
            "schemas",
            "not all found",
            "all found");
        if (scrape.has("penstock_in_flight_requests")) {
          figures.add(
              new Figure(
                  each.name(),
                  "deliveries in flight",
                  Templates.grouped(Math.round(scrape.sum("penstock_in_flight_requests")))));
        }
      }
    }
    return figures;
  }

  private static void add(
      List<Figure> figures,
      Asked instance,
      Scrape scrape,
      String metric,
      String name,
      String zero,
      String one) {
    if (scrape.has(metric)) {
      figures.add(new Figure(instance.name(), name, scrape.sum(metric) > 0 ? one : zero));
    }
  }
}
