package io.penstock.ingest.console;

import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.console.Console.Surroundings;
import io.penstock.ingest.console.ConsumerLags.Found;
import io.penstock.ingest.console.ConsumerLags.TopicSize;
import io.penstock.ingest.provider.ProviderCatalog;
import io.penstock.ingest.registry.SubjectVersions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The consumers: topics with their schemas, groups with their lag, and programs to begin with. */
final class ConsumersPages implements ConsolePart {

  private static final Duration SCHEMA_LIFE = Duration.ofSeconds(10);
  private static final int MOST_VERSIONS = 10;

  private final Configuration configuration;
  private final Recent<Fact<Found>> lags;
  private final Map<String, Recent<Fact<List<VersionRow>>>> schemas = new LinkedHashMap<>();

  /**
   * One version of a topic's schema.
   *
   * @param changes against the version before; empty for the first
   */
  record VersionRow(int number, int id, List<String> changes, String schema) {}

  /**
   * One topic.
   *
   * @param size null where it does not exist or Kafka does not answer, for the template
   */
  record TopicRow(String name, @Nullable TopicSize size, Fact<List<VersionRow>> versions) {}

  /**
   * @param lags read together with the page of health
   */
  ConsumersPages(Surroundings surroundings, Recent<Fact<Found>> lags) {
    this.configuration = surroundings.configuration();
    this.lags = lags;
    SubjectVersions registry =
        configuration.schemaRegistry().url().isEmpty()
            ? null
            : new SubjectVersions(configuration.schemaRegistry());
    for (String topic : valueTopics(configuration)) {
      schemas.put(
          topic,
          Fact.recent(
              "The schema registry",
              SCHEMA_LIFE,
              () -> versions(registry, topic),
              surroundings.clock()));
    }
  }

  /** The topics that consumers read. */
  static List<String> valueTopics(Configuration configuration) {
    Topics topics = new Topics(configuration.topics().prefix());
    List<String> names = new ArrayList<>();
    ProviderCatalog.of(configuration).all().stream()
        .filter(
            provider ->
                configuration.sources().stream()
                    .anyMatch(source -> source.provider().equals(provider.name())))
        .forEach(provider -> names.add(topics.events(provider)));
    names.add(topics.deadLetter());
    return names;
  }

  @Override
  public void addTo(ConsoleRoutes routes) {
    routes
        .page("/consumers", this::consumers)
        .page("/consumers/schema/:topic/:version", this::schema);
  }

  private static List<VersionRow> versions(@Nullable SubjectVersions registry, String topic)
      throws NotReadableException {
    if (registry == null) {
      throw new NotReadableException("schema-registry.url is not configured for this console.");
    }
    List<SubjectVersions.SchemaVersion> found =
        registry.newest(Topics.subject(topic), MOST_VERSIONS + 1);
    List<VersionRow> rows = new ArrayList<>();
    for (int i = 0; i < Math.min(found.size(), MOST_VERSIONS); i++) {
      SubjectVersions.SchemaVersion version = found.get(i);
      List<String> changes =
          i + 1 < found.size()
              ? SchemaChanges.between(found.get(i + 1).schema(), version.schema())
              : List.of();
      rows.add(new VersionRow(version.number(), version.id(), changes, version.schema()));
    }
    return rows;
  }

  private PageAnswer consumers(Visit visit) {
    schemas.values().forEach(Recent::begin);
    Fact<Found> found = lags.get();
    List<TopicRow> rows = new ArrayList<>();
    schemas.forEach(
        (topic, versions) -> rows.add(new TopicRow(topic, size(found, topic), versions.get())));
    String chosen =
        visit
            .parameter("topic")
            .filter(schemas::containsKey)
            .orElse(schemas.keySet().iterator().next());
    return PageAnswer.page(
        "consumers",
        Map.of(
            "topics",
            rows,
            "lags",
            found,
            "chosen",
            chosen,
            "snippets",
            ConsumerSnippets.of(
                configuration.kafka().bootstrapServers(),
                configuration.schemaRegistry().url(),
                chosen),
            "security",
            configuration.kafka().properties().getOrDefault("security.protocol", ""),
            "pipeline",
            new Topics(configuration.topics().prefix()).group()));
  }

  private static @Nullable TopicSize size(Fact<Found> found, String topic) {
    return found instanceof Fact.Known<Found> known
        ? known.value().topics().stream()
            .filter(size -> size.name().equals(topic))
            .findFirst()
            .orElse(null)
        : null;
  }

  private PageAnswer schema(Visit visit) {
    Recent<Fact<List<VersionRow>>> versions = schemas.get(visit.pathParameter("topic"));
    if (versions != null && versions.get() instanceof Fact.Known<List<VersionRow>> known) {
      for (VersionRow row : known.value()) {
        if (Integer.toString(row.number()).equals(visit.pathParameter("version"))) {
          return PageAnswer.json(row.schema().getBytes(StandardCharsets.UTF_8));
        }
      }
    }
    return PageAnswer.problem(
        404, "No such schema", "The registry has no such version, or does not answer.");
  }
}
