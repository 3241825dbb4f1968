package io.penstock.ingest.it;

import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.ConfigurationReader;
import io.penstock.ingest.config.SecretCheck;
import io.penstock.ingest.provider.Providers;
import io.penstock.ingest.source.AuthKinds;
import io.penstock.localstack.LocalStack;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A configuration file for a test: two sources, {@code shapes} of SmartShape and {@code
 * generations} of CSM, with topics of their own. Changed by {@link #with}; secrets go by
 * environment variables.
 */
final class Settings {

  static final String SHAPES_SECRET = "shapes-secret-" + random();
  static final String CSM_TOKEN = "csm-token-" + random();

  private final String prefix = "it-" + random();
  private final String bootstrapServers;
  private final String registryUrl;
  private String template;
  private final Map<String, String> replacements = new LinkedHashMap<>();
  private final Map<String, String> environment = new LinkedHashMap<>();

  private Settings(String bootstrapServers, String registryUrl) {
    this.bootstrapServers = bootstrapServers;
    this.registryUrl = registryUrl;
    template =
        """
          http: {host: 127.0.0.1, port: 0, management-port: 0}
          kafka: {bootstrap-servers: "%s"}
          schema-registry: {url: "%s", auto-register: true}
          topics: {prefix: %s, create: true, partitions: 4, replication-factor: 1}
          pipeline: {threads: 1}
          sources:
            - name: shapes
              provider: smartshape
              auth: [{type: bcrypt-token, header: x-smartshape-token, secrets: [{env: SHAPES_SECRET}], max-cost: 12}]
            - name: generations
              provider: csm
              auth: [{type: url-token, tokens: [{env: CSM_URL_TOKEN}]}]
          """
            .formatted(bootstrapServers, registryUrl, prefix);
    environment.put("SHAPES_SECRET", SHAPES_SECRET);
    environment.put("CSM_URL_TOKEN", CSM_TOKEN);
    // The least that a broker allows: tests that kill an instance wait for its partitions to be
    // taken over.
    environment.put("PENSTOCK_KAFKA_PROPERTIES_SESSION_TIMEOUT_MS", "6000");
    environment.put("PENSTOCK_KAFKA_PROPERTIES_HEARTBEAT_INTERVAL_MS", "1500");
    // No load balancer has to notice anything here.
    environment.put("PENSTOCK_HTTP_SHUTDOWN_DELAY", "0s");
  }

  /** With a Kafka that nothing happens to: on a busy machine it may be slow, and is waited for. */
  static Settings of(Stack stack) {
    return of(stack.bootstrapServers(), stack.registryUrl())
        .with("PENSTOCK_DELIVERY_KAFKA_DEADLINE", "3s");
  }

  /** With a Kafka that the test takes away. */
  static Settings of(LocalStack stack) {
    return of(stack.kafka().bootstrapServers(), stack.schemaRegistry().url());
  }

  /**
   * Has no delivery refused because the machine is busy: for tests that count refusals.
   *
   * @param sources how many sources the file has
   */
  Settings patient(int sources) {
    environment.put("PENSTOCK_DELIVERY_KAFKA_DEADLINE", "30s");
    for (int i = 0; i < sources; i++) {
      environment.put("PENSTOCK_SOURCES_" + i + "_ACKNOWLEDGEMENT_DEADLINE", "1m");
    }
    return this;
  }

  static Settings of(String bootstrapServers, String registryUrl) {
    return new Settings(bootstrapServers, registryUrl);
  }

  /** Sets an environment variable of the process: a secret, or a setting by its variable. */
  Settings with(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  /** Begins with another file's text. */
  Settings withFile(Path other) {
    try {
      template = Files.readString(other);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  /** Replaces a text in the file. */
  Settings withText(String text, String replacement) {
    replacements.put(text, replacement);
    return this;
  }

  String prefix() {
    return prefix;
  }

  Map<String, String> environment() {
    return environment;
  }

  String inbound() {
    return prefix + ".inbound";
  }

  String smartshape() {
    return prefix + ".smartshape";
  }

  String csm() {
    return prefix + ".csm";
  }

  String deadLetter() {
    return prefix + ".dead-letter";
  }

  String bootstrapServers() {
    return bootstrapServers;
  }

  String registryUrl() {
    return registryUrl;
  }

  Path write(Path directory) {
    String text = template;
    for (Map.Entry<String, String> replacement : replacements.entrySet()) {
      text = text.replace(replacement.getKey(), replacement.getValue());
    }
    try {
      return Files.writeString(directory.resolve("penstock.yaml"), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * What a program with this file and these variables runs with.
   *
   * @param directory of the file
   */
  Configuration configuration(Path directory) {
    Map<String, Duration> providers = new HashMap<>();
    Providers.all().forEach(known -> providers.put(known.name(), Duration.ofSeconds(4)));
    ConfigurationReader reader =
        new ConfigurationReader(environment, providers, AuthKinds.ALL, SecretCheck.NONE);
    return switch (reader.read(write(directory))) {
      case ConfigurationReader.Result.Valid valid -> valid.configuration();
      case ConfigurationReader.Result.Invalid invalid ->
          throw new AssertionError(invalid.problems());
    };
  }

  private static String random() {
    byte[] bytes = new byte[6];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
