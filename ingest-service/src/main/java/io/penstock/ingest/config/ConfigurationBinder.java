package io.penstock.ingest.config;

import io.penstock.ingest.config.Configuration.DeduplicationConfig;
import io.penstock.ingest.config.Configuration.DeliveryConfig;
import io.penstock.ingest.config.Configuration.HttpConfig;
import io.penstock.ingest.config.Configuration.KafkaConfig;
import io.penstock.ingest.config.Configuration.PipelineConfig;
import io.penstock.ingest.config.Configuration.Role;
import io.penstock.ingest.config.Configuration.SchemaRegistryConfig;
import io.penstock.ingest.config.Configuration.SourceConfig;
import io.penstock.ingest.config.Configuration.SpoolConfig;
import io.penstock.ingest.config.Configuration.TopicsConfig;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Binds one document. Each section is read by a class of its subject, which knows the keys, their
 * defaults and their limits; here is what several sections have to do with each other.
 */
final class ConfigurationBinder {

  private final HttpSettings httpSettings;
  private final SourceSettings sourceSettings;

  ConfigurationBinder(HttpSettings httpSettings, SourceSettings sourceSettings) {
    this.httpSettings = httpSettings;
    this.sourceSettings = sourceSettings;
  }

  Configuration bind(Section root) {
    Set<Role> roles = roles(root);
    DeduplicationConfig deduplication =
        root.section("deduplication", PipelineSettings::deduplication);
    List<SourceConfig> sources = sourceSettings.read(root, deduplication.window());
    HttpConfig http = root.section("http", section -> httpSettings.read(section, sources));
    KafkaConfig kafka = root.section("kafka", ClusterSettings::kafka);
    SchemaRegistryConfig registry =
        root.section(
            "schema-registry",
            section -> ClusterSettings.schemaRegistry(section, roles.contains(Role.PIPELINE)));
    TopicsConfig topics = root.section("topics", ClusterSettings::topics);
    DeliveryConfig delivery =
        root.section("delivery", section -> DeliverySettings.read(section, sources));
    PipelineConfig pipeline =
        root.section(
            "pipeline", section -> PipelineSettings.pipeline(section, topics.partitions()));
    keepApart(delivery, pipeline, root);
    warnOfIdleSettings(roles, http, delivery, pipeline, root);
    return new Configuration(
        roles,
        http,
        kafka,
        registry,
        topics,
        delivery,
        deduplication,
        pipeline,
        root.section("tracing", PipelineSettings::tracing),
        sources,
        root.section("console", section -> ConsoleSettings.read(section, http)));
  }

  /** Each would take the files of the other for broken ones. */
  private static void keepApart(DeliveryConfig delivery, PipelineConfig pipeline, Section root) {
    SpoolConfig spool = delivery.spool();
    Path state = pipeline.stateDirectory();
    if (spool != null
        && state != null
        && (spool.directory().startsWith(state) || state.startsWith(spool.directory()))) {
      root.problem(
          "delivery",
          "delivery.spool.directory and pipeline.state-directory must be two directories, neither"
              + " of them within the other");
    }
  }

  /** Settings of a part that does not run here. */
  private static void warnOfIdleSettings(
      Set<Role> roles,
      HttpConfig http,
      DeliveryConfig delivery,
      PipelineConfig pipeline,
      Section root) {
    if (!roles.contains(Role.INGRESS)) {
      if (delivery.spool() != null) {
        root.warning("delivery", "spool has no effect without the role ingress");
      }
      if (http.tls() != null) {
        root.warning("http", "tls has no effect without the role ingress");
      }
    }
    if (!roles.contains(Role.PIPELINE) && pipeline.stateDirectory() != null) {
      root.warning("pipeline", "state-directory has no effect without the role pipeline");
    }
  }

  private static Set<Role> roles(Section root) {
    Map<String, Role> known =
        Arrays.stream(Role.values())
            .collect(Collectors.toMap(role -> role.name().toLowerCase(Locale.ROOT), role -> role));
    Set<Role> roles = EnumSet.noneOf(Role.class);
    for (Value value : root.values("roles")) {
      Role role = known.get(value.oneOf(known.keySet(), "role", ""));
      if (role != null && !roles.add(role)) {
        value.problem("is given twice");
      }
    }
    return roles.isEmpty() ? Role.all() : roles;
  }
}
