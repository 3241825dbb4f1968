package io.penstock.ingest.console;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.ingest.console.Instances.Asked;
import io.penstock.ingest.delivery.Reason;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What all instances together say of each source: by {@code /sources} and {@code /refusals} of
 * their management ports, and by their metrics where an instance has no such path. Blocks; safe for
 * use by any number of threads.
 */
final class SourceReports {

  private static final Duration LIFE = Duration.ofSeconds(1);
  private static final int MOST_REFUSALS = 20;

  private final Instances instances;
  private final Recent<Map<String, SourceReport>> recent;

  /**
   * One entry of a list of secrets.
   *
   * @param type of the authenticator
   * @param position in its list, from 1
   * @param reference where the secret is; empty where only metrics are known
   * @param count how many requests it authenticated, since the instances started
   * @param last when it last did; empty where that is not known
   */
  record SecretUse(
      String type, int position, String reference, long count, Optional<Instant> last) {}

  /**
   * Refusals that are alike.
   *
   * @param why the reason in words for the rightful owner; empty where only metrics are known
   * @param advice what to do
   * @param address of the client; empty where it is not known
   */
  record RefusalGroup(
      String reason,
      String title,
      String why,
      String advice,
      String address,
      long count,
      Optional<Instant> last) {}

  /**
   * What is known of one source.
   *
   * @param acknowledged how many deliveries, since the instances started
   * @param lastAcknowledged empty where there was none, or that is not known
   * @param refused how many requests, since the instances started
   * @param refusals the newest first; at most {@value #MOST_REFUSALS}
   */
  record SourceReport(
      long acknowledged,
      Optional<Instant> lastAcknowledged,
      long refused,
      List<RefusalGroup> refusals,
      List<SecretUse> secrets) {

    static final SourceReport NOTHING =
        new SourceReport(0, Optional.empty(), 0, List.of(), List.of());

    SourceReport {
      refusals = List.copyOf(refusals);
      secrets = List.copyOf(secrets);
    }
  }

  /**
   * @param instances not closed with this
   */
  SourceReports(Instances instances) {
    this.instances = instances;
    this.recent = new Recent<>(LIFE, System::nanoTime, this::read);
  }

  /** By the name of the source; {@code unknown} stands for requests that name none. */
  Map<String, SourceReport> all() {
    return recent.get();
  }

  private Map<String, SourceReport> read() {
    Map<String, Building> building = new HashMap<>();
    for (Asked each : instances.asked()) {
      if (each.metrics() instanceof Fact.Known<Scrape> known) {
        addMetrics(building, known.value());
      }
    }
    for (Fact<JsonNode> answer : instances.json("/sources")) {
      if (answer instanceof Fact.Known<JsonNode> known) {
        known.value().path("sources").forEach(source -> addSource(building, source));
      }
    }
    for (Fact<JsonNode> answer : instances.json("/refusals")) {
      if (answer instanceof Fact.Known<JsonNode> known) {
        known.value().path("refusals").forEach(refusal -> addRefusal(building, refusal));
      }
    }
    Map<String, SourceReport> reports = new HashMap<>();
    building.forEach((source, each) -> reports.put(source, each.report()));
    return reports;
  }

  private static Building of(Map<String, Building> building, String source) {
    return building.computeIfAbsent(source, name -> new Building());
  }

  private static void addMetrics(Map<String, Building> building, Scrape scrape) {
    for (Scrape.Measured sample : scrape.all("penstock_deliveries_total")) {
      Building source = of(building, sample.label("source"));
      long count = Math.round(sample.value());
      switch (sample.label("outcome")) {
        case "acknowledged" -> source.acknowledged += count;
        case "refused", "unknown" -> {
          source.refused += count;
          if (count > 0) {
            source.counted.merge(sample.label("reason"), count, Long::sum);
          }
        }
        default -> {}
      }
    }
    for (Scrape.Measured sample : scrape.all("penstock_secret_matches_total")) {
      try {
        of(building, sample.label("source"))
            .addSecret(
                sample.label("type"),
                sample.label("name"),
                Integer.parseInt(sample.label("entry")) + 1,
                "",
                Math.round(sample.value()),
                Optional.empty());
      } catch (NumberFormatException e) {
        // Another program's text: left out.
      }
    }
  }

  private static void addSource(Map<String, Building> building, JsonNode source) {
    Building own = of(building, source.path("name").asText());
    time(source.path("acknowledged").path("last")).ifPresent(own::acknowledgedAt);
    for (JsonNode authenticator : source.path("authentication")) {
      for (JsonNode secret : authenticator.path("secrets")) {
        // The count is that of the metric: it is not added a second time.
        own.addSecret(
            authenticator.path("type").asText(),
            authenticator.path("name").asText(""),
            secret.path("position").asInt(),
            secret.path("reference").asText(""),
            0,
            time(secret.path("last")));
      }
    }
  }

  private static void addRefusal(Map<String, Building> building, JsonNode refusal) {
    of(building, refusal.path("source").asText())
        .refusals
        .add(
            new RefusalGroup(
                refusal.path("reason").asText(),
                refusal.path("title").asText(),
                refusal.path("why").asText(""),
                refusal.path("advice").asText(""),
                refusal.path("address").asText(""),
                refusal.path("count").asLong(1),
                time(refusal.path("last"))));
  }

  private static Optional<Instant> time(JsonNode node) {
    try {
      return node.isTextual() ? Optional.of(Instant.parse(node.asText())) : Optional.empty();
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  /** What has been found of one source so far. */
  private static final class Building {

    private long acknowledged;
    private long refused;
    private Optional<Instant> last = Optional.empty();
    private final Map<String, Long> counted = new TreeMap<>();
    private final List<RefusalGroup> refusals = new ArrayList<>();
    private final Map<String, SecretUse> secrets = new TreeMap<>();

    void acknowledgedAt(Instant at) {
      last = later(last, Optional.of(at));
    }

    void addSecret(
        String type,
        String name,
        int position,
        String reference,
        long count,
        Optional<Instant> at) {
      secrets.merge(
          type + " " + name + " " + String.format("%05d", position),
          new SecretUse(type, position, reference, count, at),
          (a, b) ->
              new SecretUse(
                  type,
                  position,
                  a.reference().isEmpty() ? b.reference() : a.reference(),
                  a.count() + b.count(),
                  later(a.last(), b.last())));
    }

    private static Optional<Instant> later(Optional<Instant> a, Optional<Instant> b) {
      return a.isEmpty() || (b.isPresent() && b.get().isAfter(a.get())) ? b : a;
    }

    SourceReport report() {
      List<RefusalGroup> groups = new ArrayList<>(refusals);
      counted.forEach(
          (reason, count) -> {
            if (groups.stream().noneMatch(group -> group.reason().equals(reason))) {
              groups.add(
                  new RefusalGroup(
                      reason,
                      title(reason),
                      "",
                      RefusalAdvice.of(reason),
                      "",
                      count,
                      Optional.empty()));
            }
          });
      groups.sort(
          Comparator.comparing(
              (RefusalGroup group) -> group.last().orElse(Instant.EPOCH),
              Comparator.reverseOrder()));
      return new SourceReport(
          acknowledged,
          last,
          refused,
          groups.subList(0, Math.min(groups.size(), MOST_REFUSALS)),
          List.copyOf(secrets.values()));
    }

    private static String title(String code) {
      return Arrays.stream(Reason.values())
          .filter(reason -> reason.code().equals(code))
          .map(Reason::title)
          .findFirst()
          .orElse(code);
    }
  }
}
