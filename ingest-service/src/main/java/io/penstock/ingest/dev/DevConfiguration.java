package io.penstock.ingest.dev;

import io.penstock.ingest.auth.Place;
import io.penstock.ingest.auth.SharedSecret;
import io.penstock.ingest.auth.bcrypt.Bcrypt;
import io.penstock.ingest.auth.standardwebhooks.StandardWebhooks;
import io.penstock.ingest.config.AuthSpec;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.ConsoleConfig;
import io.penstock.ingest.config.SecretRef;
import io.penstock.ingest.provider.Provider;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The development configuration: one source for each provider, named after it, with secrets made up
 * at each start.
 *
 * @param configuration with ports and addresses still to be set
 * @param secrets the made-up secrets, by the environment variables that they are looked up as
 */
public record DevConfiguration(Configuration configuration, Map<String, String> secrets) {

  /** What the variables of made-up secrets begin with. */
  static final String SECRET_PREFIX = "PENSTOCK_DEV_";

  private static final int SECRET_BYTES = 24;

  public DevConfiguration {
    secrets = Map.copyOf(secrets);
  }

  /** One source for each of the given providers. */
  public static DevConfiguration of(List<Provider> providers, SecureRandom random) {
    List<Configuration.SourceConfig> sources = new ArrayList<>();
    Map<String, String> secrets = new HashMap<>();
    for (Provider provider : providers) {
      String variable = SECRET_PREFIX + provider.name().toUpperCase(Locale.ROOT) + "_SECRET";
      byte[] secret = new byte[SECRET_BYTES];
      random.nextBytes(secret);
      secrets.put(variable, text(provider, secret));
      sources.add(
          new Configuration.SourceConfig(
              provider.name(),
              provider.name(),
              1024 * 1024,
              auth(provider, new SecretRef.Env(variable))));
    }
    return new DevConfiguration(
        new Configuration(
            Configuration.Role.all(),
            new Configuration.HttpConfig("127.0.0.1", 8080, 9090, 64L * 1024 * 1024),
            new Configuration.KafkaConfig("", Map.of()),
            new Configuration.SchemaRegistryConfig("", true, Map.of()),
            new Configuration.TopicsConfig("webhooks", true, 3, 1),
            new Configuration.DeliveryConfig(Duration.ofSeconds(1), null),
            new Configuration.DeduplicationConfig(Duration.ofDays(3)),
            new Configuration.PipelineConfig(null, 1, null),
            new Configuration.TracingConfig(null, 1),
            sources),
        secrets);
  }

  /**
   * The way to prove who sends that suits a provider; an unguessable address suits those that know
   * none.
   */
  private static List<AuthSpec> auth(Provider provider, SecretRef secret) {
    return switch (provider.name()) {
      case "smartshape" -> List.of(new Bcrypt("x-smartshape-token", List.of(secret), 12));
      case "move" -> List.of(new StandardWebhooks(List.of(secret), Duration.ofMinutes(5)));
      case "matterport" -> List.of(new SharedSecret(Place.BASIC, "penstock", List.of(secret)));
      default -> List.of(new SharedSecret(Place.URL_TOKEN, List.of(secret)));
    };
  }

  /** A made-up secret as its kind is written. */
  private static String text(Provider provider, byte[] secret) {
    return provider.name().equals("move")
        ? "whsec_" + Base64.getEncoder().encodeToString(secret)
        : Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
  }

  /**
   * A configuration with Kafka and the registry of this machine in place of its own, topics made
   * for one broker, no spool, and a console on this machine that may send samples.
   *
   * @param stateDirectory goes when the local Kafka goes
   */
  static Configuration local(
      Configuration configuration,
      int port,
      int managementPort,
      int consolePort,
      String bootstrapServers,
      String registryUrl,
      Path stateDirectory) {
    Configuration.HttpConfig http = configuration.http();
    Configuration.TopicsConfig topics = configuration.topics();
    return new Configuration(
        EnumSet.allOf(Configuration.Role.class),
        // The samples come by plain HTTP, and there is no load balancer to wait for.
        new Configuration.HttpConfig(
            http.host(),
            port,
            managementPort,
            http.maxInFlightBytes(),
            http.maxInFlightRequests(),
            http.connections(),
            Duration.ZERO,
            http.refusalsKept(),
            null),
        new Configuration.KafkaConfig(
            bootstrapServers, withoutSecurity(configuration.kafka().properties())),
        new Configuration.SchemaRegistryConfig(registryUrl, true, Map.of()),
        new Configuration.TopicsConfig(topics.prefix(), true, topics.partitions(), 1),
        // Whatever is in the file's spool belongs to the file's Kafka.
        new Configuration.DeliveryConfig(configuration.delivery().kafkaDeadline(), null),
        configuration.deduplication(),
        new Configuration.PipelineConfig(
            stateDirectory,
            configuration.pipeline().threads(),
            configuration.pipeline().eventSourceBase(),
            configuration.pipeline().modelReady()),
        configuration.tracing(),
        configuration.sources(),
        new ConsoleConfig(
            "127.0.0.1",
            consolePort,
            null,
            configuration.console().ingressUrl(),
            true,
            List.of(),
            List.of()));
  }

  /** The local broker speaks plain text. */
  private static Map<String, String> withoutSecurity(Map<String, String> properties) {
    return properties.entrySet().stream()
        .filter(property -> !property.getKey().matches(".*(security|sasl|ssl)\\..*"))
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }
}
