package io.penstock.ingest.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.auth.Place;
import io.penstock.ingest.auth.SharedSecret;
import io.penstock.ingest.auth.bcrypt.Bcrypt;
import io.penstock.ingest.auth.standardwebhooks.StandardWebhooks;
import io.penstock.ingest.config.Configuration.Role;
import io.penstock.ingest.config.ConfigurationReader.Result;
import io.penstock.ingest.source.AuthKinds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationReaderTest {

  private static final Map<String, Duration> PROVIDERS =
      Map.of(
          "csm", Duration.ofSeconds(4),
          "matterport", Duration.ofSeconds(5),
          "smartshape", Duration.ofSeconds(6));
  private static final long HEAP = 2L << 30;
  private static final long MIB = 1 << 20;

  private static final String SMALLEST =
      """
      kafka: {bootstrap-servers: "kafka:9092"}
      schema-registry: {url: "http://registry:8081"}
      sources:
        - {name: a, provider: csm, auth: [{type: url-token, tokens: [{env: TOKEN}]}]}
      """;

  private static final String LARGEST =
      """
      roles: [pipeline, ingress]
      http:
        {host: 127.0.0.1, port: 8000, management-port: 9000, refusals-kept: 0, max-in-flight-bytes: 64MiB,
         max-in-flight-requests: 500, max-connections: 1000, request-timeout: 3s, idle-timeout: 20s,
         max-connection-age: 1h, shutdown-delay: 1500ms, tls: {certificate: tls.crt, key: /run/tls.key}}
      kafka:
        bootstrap-servers: "a:9092, b:9093"
        properties: {compression.type: zstd, ssl.key.password: {env: KEY_PASSWORD}, linger.ms: 3}
      schema-registry:
        url: "http://r:8081/apis/ccompat/v7,https://s"
        auto-register: true
        properties: {basic.auth.user.info: {file: secrets/registry}}
      topics: {prefix: hooks.eu, create: true, partitions: 24, replication-factor: 1}
      delivery: {kafka-deadline: 1500ms, spool: {directory: spool, max-size: 512MiB}}
      deduplication: {window: 7d}
      pipeline: {state-directory: state, threads: 3, event-source-base: https://hooks.example.com/}
      tracing: {endpoint: "http://collector:4318/v1/traces", sample-one-in: 10}
      sources:
        - name: shapes
          provider: smartshape
          max-body-size: 50MB
          deduplicate-equal-within: 10s
          acknowledgement-deadline: 2500ms
          max-in-flight-bytes: 60MiB
          max-in-flight-requests: 50
          rate-limit: {per-second: 20, burst: 100}
          auth:
            - {type: bcrypt-token, header: X-Token, secrets: [{env: A}, {file: /run/b}], max-cost: 10}
            - {type: url-token, tokens: [{file: secrets/t}]}
        - name: generations
          provider: csm
          allow-unauthenticated: true
          auth: [{type: none}]
      """;

  private static final Configuration.LimitsConfig LIMITS =
      new Configuration.LimitsConfig(60 * MIB, 50, new Configuration.RateLimit(20, 100));

  @TempDir Path directory;

  private Configuration.HttpConfig http(String host, int port, int managementPort, long bytes) {
    return new Configuration.HttpConfig(
        host,
        port,
        managementPort,
        bytes,
        500,
        new Configuration.ConnectionsConfig(
            1000, Duration.ofSeconds(3), Duration.ofSeconds(20), Duration.ofHours(1)),
        Duration.ofMillis(1500),
        0,
        new Configuration.TlsConfig(directory.resolve("tls.crt"), Path.of("/run/tls.key")));
  }

  private Result read(String yaml, Map<String, String> environment) {
    return new ConfigurationReader(environment, PROVIDERS, AuthKinds.ALL, SecretCheck.NONE, HEAP)
        .read(yaml, directory);
  }

  private Configuration valid(String yaml, Map<String, String> environment) {
    Result result = read(yaml, environment);
    assertThat(result).isInstanceOf(Result.Valid.class);
    return ((Result.Valid) result).configuration();
  }

  private static List<String> problems(Result result) {
    return switch (result) {
      case Result.Valid valid -> List.of();
      case Result.Invalid invalid -> invalid.problems().stream().map(Problem::toString).toList();
    };
  }

  private static List<String> warnings(Result result) {
    return switch (result) {
      case Result.Valid valid -> valid.warnings().stream().map(Problem::toString).toList();
      case Result.Invalid invalid -> throw new AssertionError(invalid);
    };
  }

  @Test
  void whatIsNotGivenHasItsDefault() {
    Configuration configuration = valid(SMALLEST, Map.of());

    assertThat(configuration)
        .isEqualTo(
            new Configuration(
                Role.all(),
                new Configuration.HttpConfig(
                    "0.0.0.0",
                    8080,
                    9090,
                    256 * MIB,
                    16_384,
                    Configuration.ConnectionsConfig.DEFAULT,
                    Duration.ofSeconds(5),
                    20,
                    null),
                new Configuration.KafkaConfig("kafka:9092", Map.of()),
                new Configuration.SchemaRegistryConfig("http://registry:8081", false, Map.of()),
                new Configuration.TopicsConfig("webhooks", false, 12, 3),
                new Configuration.DeliveryConfig(Duration.ofSeconds(1), null),
                new Configuration.DeduplicationConfig(Duration.ofDays(3)),
                new Configuration.PipelineConfig(
                    null, Math.min(12, Runtime.getRuntime().availableProcessors()), null),
                new Configuration.TracingConfig(null, 1),
                List.of(
                    new Configuration.SourceConfig(
                        "a",
                        "csm",
                        1024 * 1024,
                        List.of(
                            new SharedSecret(
                                Place.URL_TOKEN, List.of(new SecretRef.Env("TOKEN"))))))));
  }

  /** A node with many processors does not run threads that have nothing to do. */
  @Test
  void aPipelineHasNoMoreThreadsThanPartitions() throws IOException {
    Configuration one = valid(SMALLEST + "topics: {partitions: 1}\n", Map.of());
    Configuration given =
        valid(SMALLEST + "topics: {partitions: 1}\npipeline: {threads: 7}\n", Map.of());

    assertThat(one.pipeline().threads()).isEqualTo(1);
    assertThat(given.pipeline().threads()).isEqualTo(7);
  }

  @Test
  void everythingThatIsGivenIsBound() throws IOException {
    Files.createDirectory(directory.resolve("secrets"));
    Files.writeString(directory.resolve("secrets/registry"), "user:s3cr3t\n");

    Configuration configuration = valid(LARGEST, Map.of("KEY_PASSWORD", "hunter2"));

    assertThat(configuration)
        .isEqualTo(
            new Configuration(
                Role.all(),
                http("127.0.0.1", 8000, 9000, 64 * MIB),
                new Configuration.KafkaConfig(
                    "a:9092,b:9093",
                    Map.of(
                        "compression.type",
                        "zstd",
                        "ssl.key.password",
                        "hunter2",
                        "linger.ms",
                        "3")),
                new Configuration.SchemaRegistryConfig(
                    "http://r:8081/apis/ccompat/v7,https://s",
                    true,
                    Map.of("basic.auth.user.info", "user:s3cr3t")),
                new Configuration.TopicsConfig("hooks.eu", true, 24, 1),
                new Configuration.DeliveryConfig(
                    Duration.ofMillis(1500),
                    new Configuration.SpoolConfig(directory.resolve("spool"), 512 * MIB)),
                new Configuration.DeduplicationConfig(Duration.ofDays(7)),
                new Configuration.PipelineConfig(
                    directory.resolve("state"), 3, "https://hooks.example.com"),
                new Configuration.TracingConfig("http://collector:4318/v1/traces", 10),
                List.of(
                    new Configuration.SourceConfig(
                        "shapes",
                        "smartshape",
                        50_000_000,
                        List.of(
                            new Bcrypt(
                                "x-token",
                                List.of(
                                    new SecretRef.Env("A"), new SecretRef.File(Path.of("/run/b"))),
                                10),
                            new SharedSecret(
                                Place.URL_TOKEN,
                                List.of(new SecretRef.File(directory.resolve("secrets/t"))))),
                        Duration.ofSeconds(10),
                        Duration.ofMillis(2500),
                        LIMITS),
                    new Configuration.SourceConfig("generations", "csm", (int) MIB, List.of()))));
  }

  @Test
  void noRecordPrintsWhatAReferenceLedTo() throws IOException {
    Files.createDirectory(directory.resolve("secrets"));
    Files.writeString(directory.resolve("secrets/registry"), "user:s3cr3t\n");

    Configuration configuration = valid(LARGEST, Map.of("KEY_PASSWORD", "hunter2"));

    assertThat(configuration.toString())
        .contains("ssl.key.password", "basic.auth.user.info")
        .doesNotContain("hunter2", "s3cr3t", "zstd");
  }

  @Test
  void everyScalarHasAVariableThatOverridesIt() {
    Map<String, String> environment =
        Map.ofEntries(
            Map.entry("PENSTOCK_ROLES", "pipeline, ingress"),
            Map.entry("PENSTOCK_HTTP_HOST", "::1"),
            Map.entry("PENSTOCK_HTTP_PORT", "1"),
            Map.entry("PENSTOCK_HTTP_MANAGEMENT_PORT", "2"),
            Map.entry("PENSTOCK_HTTP_MAX_IN_FLIGHT_BYTES", "128MiB"),
            Map.entry("PENSTOCK_KAFKA_BOOTSTRAP_SERVERS", "[::1]:9092"),
            Map.entry("PENSTOCK_KAFKA_PROPERTIES_SASL_JAAS_CONFIG", "Login password=\"x\";"),
            Map.entry("PENSTOCK_KAFKA_PROPERTIES_LINGER_MS", "4"),
            Map.entry("PENSTOCK_SCHEMA_REGISTRY_URL", "http://elsewhere"),
            Map.entry("PENSTOCK_SCHEMA_REGISTRY_AUTO_REGISTER", "false"),
            Map.entry("PENSTOCK_SCHEMA_REGISTRY_PROPERTIES_BASIC_AUTH_USER_INFO", "u:p"),
            Map.entry("PENSTOCK_TOPICS_PREFIX", "p"),
            Map.entry("PENSTOCK_TOPICS_CREATE", "false"),
            Map.entry("PENSTOCK_TOPICS_PARTITIONS", "5"),
            Map.entry("PENSTOCK_TOPICS_REPLICATION_FACTOR", "2"),
            Map.entry("PENSTOCK_DELIVERY_KAFKA_DEADLINE", "2s"),
            Map.entry("PENSTOCK_DELIVERY_SPOOL_DIRECTORY", "/spool"),
            Map.entry("PENSTOCK_DELIVERY_SPOOL_MAX_SIZE", "1GiB"),
            Map.entry("PENSTOCK_SOURCES_0_ACKNOWLEDGEMENT_DEADLINE", "3s"),
            Map.entry("PENSTOCK_DEDUPLICATION_WINDOW", "1h"),
            Map.entry("PENSTOCK_PIPELINE_STATE_DIRECTORY", "/state"),
            Map.entry("PENSTOCK_PIPELINE_THREADS", "7"),
            Map.entry("PENSTOCK_PIPELINE_EVENT_SOURCE_BASE", "urn:example:hooks"),
            Map.entry("PENSTOCK_TRACING_ENDPOINT", "https://c/v1/traces"),
            Map.entry("PENSTOCK_TRACING_SAMPLE_ONE_IN", "100"),
            Map.entry("PENSTOCK_SOURCES_0_NAME", "n"),
            Map.entry("PENSTOCK_SOURCES_0_PROVIDER", "matterport"),
            Map.entry("PENSTOCK_SOURCES_0_MAX_BODY_SIZE", "2MiB"),
            Map.entry("PENSTOCK_SOURCES_0_AUTH_0_HEADER", "h"),
            Map.entry("PENSTOCK_SOURCES_0_AUTH_0_MAX_COST", "4"),
            Map.entry("PENSTOCK_SOURCES_1_ALLOW_UNAUTHENTICATED", "true"),
            Map.entry("KEY_PASSWORD", "k"));

    Result result = read(LARGEST, environment);

    assertThat(warnings(result)).isEmpty();
    assertThat(((Result.Valid) result).configuration())
        .isEqualTo(
            new Configuration(
                Role.all(),
                http("::1", 1, 2, 128 * MIB),
                new Configuration.KafkaConfig(
                    "[::1]:9092",
                    Map.of(
                        "compression.type", "zstd",
                        "ssl.key.password", "k",
                        "sasl.jaas.config", "Login password=\"x\";",
                        "linger.ms", "4")),
                new Configuration.SchemaRegistryConfig(
                    "http://elsewhere", false, Map.of("basic.auth.user.info", "u:p")),
                new Configuration.TopicsConfig("p", false, 5, 2),
                new Configuration.DeliveryConfig(
                    Duration.ofSeconds(2),
                    new Configuration.SpoolConfig(Path.of("/spool"), 1024 * MIB)),
                new Configuration.DeduplicationConfig(Duration.ofHours(1)),
                new Configuration.PipelineConfig(Path.of("/state"), 7, "urn:example:hooks"),
                new Configuration.TracingConfig("https://c/v1/traces", 100),
                List.of(
                    new Configuration.SourceConfig(
                        "n",
                        "matterport",
                        (int) (2 * MIB),
                        List.of(
                            new Bcrypt(
                                "h",
                                List.of(
                                    new SecretRef.Env("A"), new SecretRef.File(Path.of("/run/b"))),
                                4),
                            new SharedSecret(
                                Place.URL_TOKEN,
                                List.of(new SecretRef.File(directory.resolve("secrets/t"))))),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(3),
                        LIMITS),
                    new Configuration.SourceConfig("generations", "csm", (int) MIB, List.of()))));
  }

  @Test
  void variablesAlsoFillInSectionsThatTheFileLacks() {
    Configuration configuration =
        valid(
            """
            sources: [{name: a, provider: csm, auth: [{type: url-token, tokens: [{env: T}]}]}]
            """,
            Map.of(
                "PENSTOCK_KAFKA_BOOTSTRAP_SERVERS", "kafka:9092",
                "PENSTOCK_KAFKA_PROPERTIES_SECURITY_PROTOCOL", "SSL",
                "PENSTOCK_SCHEMA_REGISTRY_URL", "http://registry",
                "PENSTOCK_ROLES", "ingress"));

    assertThat(configuration.roles()).containsExactly(Role.INGRESS);
    assertThat(configuration.kafka())
        .isEqualTo(new Configuration.KafkaConfig("kafka:9092", Map.of("security.protocol", "SSL")));
  }

  @Test
  void anEmptyVariableCountsAsNotSet() {
    assertThat(valid(SMALLEST, Map.of("PENSTOCK_HTTP_PORT", "")).http().port()).isEqualTo(8080);
  }

  @Test
  void aProblemOfAnOverriddenValueNamesTheVariable() {
    Result result =
        read(
            SMALLEST,
            Map.of(
                "PENSTOCK_HTTP_PORT", "tcp://10.0.0.7:80",
                "PENSTOCK_TOPICS_PARTITIONS", "many",
                "PENSTOCK_DELIVERY_SPOOL_MAX_SIZE", "1MiB",
                "PENSTOCK_KAFKA_PROPERTIES_ACKS", "0",
                "PENSTOCK_ROLES", "ingress,ingres"));

    assertThat(problems(result))
        .containsExactlyInAnyOrder(
            "http.port: must be a whole number from 0 to 65535 (given by PENSTOCK_HTTP_PORT, which"
                + " Kubernetes sets for a Service: rename that or set enableServiceLinks: false)",
            "topics.partitions: must be a whole number from 1 to 10000 (given by"
                + " PENSTOCK_TOPICS_PARTITIONS)",
            "delivery.spool.max-size: must be a size from 16MiB to 16384GiB: a number and a unit of"
                + " B, kB, MB, GB, KiB, MiB, GiB (given by PENSTOCK_DELIVERY_SPOOL_MAX_SIZE)",
            "delivery.spool.directory: is required for a spool",
            "kafka.properties.acks: belongs to Penstock: an acknowledged delivery is on every"
                + " in-sync replica (given by PENSTOCK_KAFKA_PROPERTIES_ACKS)",
            "roles: unknown role 'ingres'; did you mean 'ingress'?; known: console, ingress, pipeline"
                + " (given by PENSTOCK_ROLES)");
  }

  @Test
  void aVariableThatOverridesNothingIsAWarning() {
    Result result =
        read(
            SMALLEST.replace("TOKEN", "PENSTOCK_TOKEN"),
            Map.of(
                "PENSTOCK_HTTP_PROT", "80",
                "PENSTOCK_SOURCES_1_NAME", "there is no second source",
                "PENSTOCK_TOKEN", "a reference leads to it",
                "PENSTOCK_JAVA_OPTS", "-Xmx1g",
                "PENSTOCK_LOG_LEVEL", "debug",
                "PENSTOCK_SERVICE_HOST", "10.0.0.7",
                "PENSTOCK_PORT_8080_TCP_ADDR", "10.0.0.7",
                "PENSTOCK_PORT", "tcp://10.0.0.7:8080"));

    assertThat(warnings(result))
        .containsExactly(
            "the environment variable PENSTOCK_HTTP_PROT overrides no setting; did you mean"
                + " 'PENSTOCK_HTTP_PORT'?",
            "the environment variable PENSTOCK_SOURCES_1_NAME overrides no setting; did you mean"
                + " 'PENSTOCK_SOURCES_0_NAME'?");
  }

  @Test
  void aCheckWarnsOfReferencesThatLeadNowhere() throws IOException {
    Files.writeString(directory.resolve("config.yaml"), LARGEST);
    Files.createDirectory(directory.resolve("secrets"));
    Files.writeString(directory.resolve("secrets/t"), "\n");
    ConfigurationReader reader =
        new ConfigurationReader(
            Map.of("A", "set"), PROVIDERS, AuthKinds.ALL, SecretCheck.NONE, HEAP);

    Result result = reader.check(directory.resolve("config.yaml"));

    assertThat(warnings(result))
        .containsExactly(
            "kafka.properties.ssl.key.password: the environment variable KEY_PASSWORD is not set"
                + " (line 8)",
            "schema-registry.properties.basic.auth.user.info: the file "
                + directory.resolve("secrets/registry")
                + " cannot be read: there is no such file (line 12)",
            "sources[0].auth[0].secrets[1]: the file /run/b cannot be read: there is no such file"
                + " (line 28)",
            "sources[0].auth[1].tokens[0]: the file "
                + directory.resolve("secrets/t")
                + " is empty (line 29)");
    assertThat(((Result.Valid) result).configuration().kafka().properties())
        .doesNotContainKey("ssl.key.password");
  }

  @Test
  void toRunPropertiesMustResolveButSecretsOfSourcesAreNotLookedUp() {
    Result result = read(LARGEST, Map.of());

    assertThat(problems(result))
        .containsExactly(
            "kafka.properties.ssl.key.password: the environment variable KEY_PASSWORD is not set"
                + " (line 8)",
            "schema-registry.properties.basic.auth.user.info: the file "
                + directory.resolve("secrets/registry")
                + " cannot be read: there is no such file (line 12)");
  }

  @Test
  void pathsStartAtTheFilesDirectory() throws IOException {
    Path file = Files.createDirectory(directory.resolve("etc")).resolve("penstock.yaml");
    Files.writeString(file, SMALLEST + "pipeline: {state-directory: ../state}\n");

    Result result =
        new ConfigurationReader(Map.of(), PROVIDERS, AuthKinds.ALL, SecretCheck.NONE).read(file);

    assertThat(result)
        .isInstanceOfSatisfying(
            Result.Valid.class,
            valid ->
                assertThat(valid.configuration().pipeline().stateDirectory())
                    .isEqualTo(directory.resolve("state")));
  }

  @Test
  void bytesInFlightDefaultToAQuarterOfASmallHeap() {
    ConfigurationReader reader =
        new ConfigurationReader(Map.of(), PROVIDERS, AuthKinds.ALL, SecretCheck.NONE, 100 * MIB);

    Result result = reader.read(SMALLEST, directory);

    assertThat(((Result.Valid) result).configuration().http().maxInFlightBytes())
        .isEqualTo(25 * MIB);
  }

  @Test
  void bytesInFlightAlwaysHoldTheLargestBody() {
    ConfigurationReader reader =
        new ConfigurationReader(Map.of(), PROVIDERS, AuthKinds.ALL, SecretCheck.NONE, 100 * MIB);

    Result result =
        reader.read(SMALLEST.replace("auth:", "max-body-size: 50MiB, auth:"), directory);

    assertThat(((Result.Valid) result).configuration().http().maxInFlightBytes())
        .isEqualTo(50 * MIB);
    assertThat(warnings(result))
        .containsExactly(
            "http.max-in-flight-bytes: 50MiB is more than a quarter of the 100MiB heap");
  }

  @Test
  void aliasesMayShareWhatIsTheSame() {
    Configuration configuration =
        valid(
            """
            kafka: {bootstrap-servers: "kafka:9092"}
            schema-registry: {url: "http://registry:8081"}
            sources:
              - {name: a, provider: csm, auth: &auth [{type: url-token, tokens: [{env: TOKEN}]}]}
              - {name: b, provider: csm, auth: *auth}
            """,
            Map.of());

    assertThat(configuration.sources().get(1).auth())
        .isEqualTo(configuration.sources().get(0).auth());
  }

  @Test
  void aFileThatCannotBeReadIsOneProblem() throws IOException {
    ConfigurationReader reader =
        new ConfigurationReader(Map.of(), PROVIDERS, AuthKinds.ALL, SecretCheck.NONE);
    Path latin1 = Files.write(directory.resolve("latin1.yaml"), new byte[] {'a', (byte) 0xe9});
    Path huge = Files.write(directory.resolve("huge.yaml"), new byte[1024 * 1024 + 1]);
    Path none = directory.resolve("none.yaml");

    assertThat(problems(reader.read(none)))
        .containsExactly(none + " cannot be read: there is no such file");
    assertThat(problems(reader.read(latin1)))
        .containsExactly(latin1 + " cannot be read: it is not UTF-8 text");
    assertThat(problems(reader.read(huge))).containsExactly(huge + " is larger than 1MiB");
    assertThat(problems(reader.read(directory))).hasSize(1);
  }

  @Test
  void signaturesHaveATolerance() {
    List<SecretRef> secrets = List.of(new SecretRef.Env("A"), new SecretRef.Env("B"));
    String yaml =
        SMALLEST.replace(
            "{type: url-token, tokens: [{env: TOKEN}]}",
            "{type: standard-webhooks, secrets: [{env: A}, {env: B}]}, "
                + "{type: standard-webhooks, secrets: [{env: A}, {env: B}], tolerance: 90s}");

    assertThat(valid(yaml, Map.of()).sources().getFirst().auth())
        .containsExactly(
            new StandardWebhooks(secrets, Duration.ofMinutes(5)),
            new StandardWebhooks(secrets, Duration.ofSeconds(90)));
  }
}
