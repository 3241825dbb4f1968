package io.penstock.ingest.config;

import io.penstock.ingest.config.Configuration.KafkaConfig;
import io.penstock.ingest.config.Configuration.SchemaRegistryConfig;
import io.penstock.ingest.config.Configuration.TopicsConfig;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads what the instance is connected to: Kafka, its topics, the schema registry. */
final class ClusterSettings {

  private static final Pattern BOOTSTRAP_SERVER =
      Pattern.compile("(\\[[A-Za-z0-9.:%]+]|[A-Za-z0-9._-]+):[1-9][0-9]{0,4}");
  private static final Pattern TOPIC_PREFIX = Pattern.compile("[A-Za-z0-9._-]{1,200}");

  private static final String REGISTRY_CREDENTIALS =
      ": set basic.auth.credentials.source and basic.auth.user.info in schema-registry.properties";

  private ClusterSettings() {}

  static KafkaConfig kafka(Section kafka) {
    Value servers = kafka.required("bootstrap-servers");
    for (String server : parts(servers)) {
      if (!BOOTSTRAP_SERVER.matcher(server).matches() || !hasPort(server)) {
        servers.problem("must be host:port, or several of them with commas between");
        break;
      }
    }
    if (parts(servers).stream().distinct().count() < parts(servers).size()) {
      servers.warning("names a server twice");
    }
    return new KafkaConfig(
        String.join(",", parts(servers)),
        kafka.properties("properties", ClientPropertyRules.KAFKA));
  }

  /** Of digits already; there are 65535 ports. */
  private static boolean hasPort(String server) {
    return Integer.parseInt(server.substring(server.lastIndexOf(':') + 1)) <= 65535;
  }

  static SchemaRegistryConfig schemaRegistry(Section registry, boolean required) {
    Value url = required ? registry.required("url") : registry.value("url");
    for (String part : parts(url)) {
      String complaint =
          complaintAboutUrl(part, REGISTRY_CREDENTIALS, ", or several of them with commas between");
      if (complaint != null) {
        url.problem(complaint);
        break;
      }
    }
    return new SchemaRegistryConfig(
        String.join(",", parts(url)),
        registry.value("auto-register").bool(false),
        registry.properties("properties", ClientPropertyRules.SCHEMA_REGISTRY));
  }

  /**
   * Why a text is not an address that this service can use.
   *
   * @param instead where a password belongs, for one that contains a password
   * @param others what else it may be
   */
  static @Nullable String complaintAboutUrl(String text, String instead, String others) {
    try {
      URI url = new URI(text);
      if (url.getRawUserInfo() != null) {
        return "must not contain a password" + instead;
      }
      boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
      if (http && url.getHost() != null && url.getPort() <= 65535 && url.getRawFragment() == null) {
        return null;
      }
    } catch (URISyntaxException e) {
      // Reported below: its message would repeat the text.
    }
    return "must be an http or https address" + others;
  }

  /** The parts of a text with commas between; none where it is absent. */
  private static List<String> parts(Value value) {
    return value.isPresent()
        ? Arrays.stream(value.text("").split(",", -1)).map(String::strip).toList()
        : List.of();
  }

  static TopicsConfig topics(Section topics) {
    return new TopicsConfig(
        topics
            .value("prefix")
            .matching(
                TOPIC_PREFIX,
                "must be 1 to 200 of the characters that Kafka allows: A-Z a-z 0-9 . _ -",
                "webhooks"),
        topics.value("create").bool(false),
        topics.value("partitions").integer(1, 10_000, 12),
        topics.value("replication-factor").integer(1, 100, 3));
  }
}
