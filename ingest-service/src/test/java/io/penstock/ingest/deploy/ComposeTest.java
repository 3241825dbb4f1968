package io.penstock.ingest.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.ingest.cli.ConfigFile;
import io.penstock.ingest.config.AuthSpec;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.ConfigurationReader;
import io.penstock.ingest.config.SecretRef;
import io.penstock.ingest.management.ManagementServer;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.Providers;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Reads {@code docker-compose.yml} into strict types, and compares it with the files that it
 * mounts.
 */
class ComposeTest {

  private static final String FILE = "docker-compose.yml";
  private static final String PENSTOCK_YAML = "deploy/compose/penstock.yaml";

  /** The part of the Compose specification that the file uses; anything else is an error. */
  record Compose(Map<String, Service> services) {}

  record Service(
      String image,
      @Nullable String build,
      @JsonProperty("depends_on") @Nullable Map<String, Dependency> dependsOn,
      @Nullable Map<String, String> environment,
      @JsonProperty("env_file") @Nullable String envFile,
      @Nullable List<String> volumes,
      @JsonProperty("read_only") boolean readOnly,
      @Nullable List<String> tmpfs,
      @JsonProperty("cap_drop") @Nullable List<String> capDrop,
      @JsonProperty("security_opt") @Nullable List<String> securityOpt,
      @JsonProperty("mem_limit") @Nullable String memoryLimit,
      @JsonProperty("stop_grace_period") @Nullable String stopGracePeriod,
      List<String> ports,
      Healthcheck healthcheck) {

    /** The mount points, by the mounted path below the root of the source tree. */
    Map<String, String> mounts() {
      Map<String, String> mounts = new TreeMap<>();
      for (String volume : volumes == null ? List.<String>of() : volumes) {
        String[] parts = volume.split(":", -1);
        assertThat(parts).as("%s is mounted read-only", volume).hasSize(3).endsWith("ro");
        assertThat(parts[0]).startsWith("./");
        mounts.put(parts[0].substring(2), parts[1]);
      }
      return mounts;
    }

    /** The ports in the container, by the ports of this machine. */
    Map<Integer, Integer> published() {
      Map<Integer, Integer> published = new TreeMap<>();
      for (String port : ports) {
        String[] parts = port.split(":", -1);
        assertThat(parts).as("%s is open to this machine alone", port).hasSize(3);
        assertThat(parts[0]).as("the address of %s", port).isEqualTo("127.0.0.1");
        published.put(Integer.valueOf(parts[1]), Integer.valueOf(parts[2]));
      }
      return published;
    }
  }

  record Dependency(String condition) {}

  record Healthcheck(List<String> test, String interval, String timeout, int retries) {}

  private final Compose compose = read(Repository.yaml(FILE));

  private static Compose read(JsonNode yaml) {
    try {
      return Repository.YAML.treeToValue(yaml, Compose.class);
    } catch (JsonProcessingException e) {
      throw new AssertionError(FILE + ": " + e.getMessage(), e);
    }
  }

  private Service service(String name) {
    return Repository.present(compose.services().get(name), "service " + name);
  }

  @Test
  void whatNobodyKnowsIsAnError() {
    JsonNode yaml =
        Repository.documents(Repository.text(FILE).replace("healthcheck:", "healthchecks:")).get(0);
    assertThatThrownBy(() -> read(yaml))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("healthchecks");
  }

  @Test
  void everyImageIsPinnedAndEveryServiceIsWatched() {
    assertThat(compose.services())
        .containsOnlyKeys("kafka", "schema-registry", "penstock", "prometheus", "grafana");
    compose
        .services()
        .forEach(
            (name, service) -> {
              assertThat(service.image()).as("image of %s", name).matches("[a-z/-]+:[\\w.-]+");
              assertThat(service.image()).as("image of %s", name).doesNotEndWith(":latest");
              assertThat(service.healthcheck().test()).as(name).startsWith("CMD");
              if (service.dependsOn() != null) {
                assertThat(compose.services().keySet()).containsAll(service.dependsOn().keySet());
                assertThat(service.dependsOn().values())
                    .extracting(Dependency::condition)
                    .containsOnly("service_healthy");
              }
            });
    List<Integer> published =
        compose.services().values().stream()
            .flatMap(service -> service.published().keySet().stream())
            .toList();
    assertThat(published).as("ports of this machine").doesNotHaveDuplicates();
  }

  @Test
  void kafkaIsOfTheClientsVersion() {
    assertThat(Repository.text("pom.xml"))
        .contains(
            "<kafka.version>"
                + service("kafka").image().replace("apache/kafka:", "")
                + "</kafka.version>");
  }

  /** The images are those of the tests, so that the tests use what users run. */
  @Test
  void kafkaAndTheRegistryAreThoseOfTheTests() {
    String stack = Repository.text("ingest-service/src/test/java/io/penstock/ingest/it/Stack.java");
    assertThat(stack)
        .contains('"' + service("kafka").image() + '"')
        .contains('"' + service("schema-registry").image() + '"');
  }

  @Test
  void whatIsMountedIsThere() {
    compose
        .services()
        .values()
        .forEach(
            service ->
                service
                    .mounts()
                    .keySet()
                    .forEach(path -> assertThat(Repository.ROOT.resolve(path)).exists()));
  }

  @Test
  void theServiceRunsAsInProductionAndIsWhatItsConfigurationSays() {
    Service penstock = service("penstock");
    assertThat(penstock.build()).isEqualTo(".");
    assertThat(penstock.readOnly()).isTrue();
    assertThat(penstock.tmpfs()).containsExactly("/tmp");
    assertThat(penstock.capDrop()).containsExactly("ALL");
    assertThat(penstock.securityOpt()).containsExactly("no-new-privileges:true");
    assertThat(penstock.mounts())
        .as("where the image looks for it")
        .containsEntry(PENSTOCK_YAML, "/etc/penstock/penstock.yaml");
    assertThat(Repository.text("Dockerfile"))
        .contains("CMD [\"serve\", \"--config\", \"/etc/penstock/penstock.yaml\"]");

    Configuration configuration = configuration();
    assertThat(configuration.roles()).isEqualTo(Configuration.Role.all());
    assertThat(penstock.published())
        .isEqualTo(
            Map.of(
                configuration.http().port(),
                configuration.http().port(),
                configuration.http().managementPort(),
                configuration.http().managementPort()));
    assertThat(String.join(" ", penstock.healthcheck().test()))
        .contains("GET " + ManagementServer.READY + " HTTP/1.1")
        .contains("/dev/tcp/127.0.0.1/" + configuration.http().managementPort());
    assertThat(Integer.parseInt(String.valueOf(penstock.stopGracePeriod()).replace("s", "")))
        .as("seconds that the drain may take")
        .isGreaterThan(20 + (int) configuration.http().shutdownDelay().toSeconds());

    Map<String, String> kafka = service("kafka").environment();
    assertThat(kafka)
        .extractingByKey("KAFKA_ADVERTISED_LISTENERS")
        .asString()
        .contains("://" + configuration.kafka().bootstrapServers());
    URI registry = URI.create(configuration.schemaRegistry().url());
    assertThat(service(registry.getHost()).environment())
        .containsEntry("SCHEMA_REGISTRY_LISTENERS", "http://0.0.0.0:" + registry.getPort());
    assertThat(configuration.sources().stream().map(Configuration.SourceConfig::provider))
        .containsExactlyInAnyOrderElementsOf(Providers.all().stream().map(Provider::name).toList());
  }

  @Test
  void everySecretIsMarkedAsAnExample() {
    assertThat(Repository.text(secretsFile())).startsWith("# EXAMPLES");
    List<String> named =
        configuration().sources().stream()
            .flatMap(source -> source.auth().stream())
            .flatMap(spec -> spec.references().stream())
            .map(reference -> ((SecretRef.Env) reference).name())
            .toList();
    assertThat(secrets()).containsOnlyKeys(named);
    assertThat(secrets().values())
        .allSatisfy(value -> assertThat(value).matches("example-only|whsec_ZXhhbXBsZS1vbmx5.*"));
  }

  @Test
  void theDocumentedDeliveryIsOneThatTheServiceTakes() {
    DocumentedDelivery delivery = DocumentedDelivery.ofReadme();
    URI origin = URI.create(delivery.origin());
    assertThat(service("penstock").published())
        .containsEntry(origin.getPort(), configuration().http().port());
    String[] path = delivery.path().split("/", -1);
    Configuration.SourceConfig source =
        configuration().sources().stream()
            .filter(s -> s.name().equals(path[2]))
            .findFirst()
            .orElseThrow();
    AuthSpec auth = source.auth().get(0);
    assertThat(auth.type()).isEqualTo("url-token");
    assertThat(path[3])
        .as("the token of the documented command")
        .isEqualTo(secrets().get(((SecretRef.Env) auth.references().get(0)).name()));
    Path sample = Repository.ROOT.resolve(delivery.file());
    assertThat(sample).exists();
    assertThat(
            Providers.byName(source.provider()).orElseThrow().samples().stream()
                .map(s -> new String(s.body(), java.nio.charset.StandardCharsets.UTF_8)))
        .as("samples of %s", source.provider())
        .contains(Repository.text(delivery.file()));
  }

  @Test
  void prometheusScrapesTheServiceAndGrafanaReadsPrometheus() throws Exception {
    Map<String, String> mounts = service("prometheus").mounts();
    String file = "deploy/prometheus/prometheus.yml";
    assertThat(mounts).containsEntry(file, "/etc/prometheus/prometheus.yml");
    JsonNode prometheus = Repository.yaml(file);
    assertThat(prometheus.path("rule_files"))
        .extracting(JsonNode::asText)
        .as("rules, where they are mounted")
        .containsExactly("rules/*.rules.yml");
    assertThat(mounts).containsEntry("deploy/prometheus/rules", "/etc/prometheus/rules");
    assertThat(prometheus.at("/scrape_configs/0/static_configs/0/targets"))
        .extracting(JsonNode::asText)
        .containsExactly("penstock:" + configuration().http().managementPort());

    Map<String, String> grafana = service("grafana").mounts();
    assertThat(grafana)
        .containsEntry("deploy/grafana/provisioning", "/etc/grafana/provisioning")
        .containsKey("deploy/grafana/dashboards");
    String home =
        Repository.present(service("grafana").environment(), "environment of grafana")
            .get("GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH");
    assertThat(home).startsWith(grafana.get("deploy/grafana/dashboards") + "/");
    assertThat(Repository.ROOT.resolve("deploy/grafana/dashboards"))
        .as("dashboards, among them the first that is seen")
        .isDirectoryContaining("glob:**/" + Path.of(String.valueOf(home)).getFileName());
    assertThat(provisioned("datasources").at("/datasources/0/url").asText())
        .isEqualTo("http://prometheus:9090");
    assertThat(service("prometheus").published()).containsValue(9090);
    assertThat(provisioned("dashboards").at("/providers/0/options/path").asText())
        .isEqualTo(grafana.get("deploy/grafana/dashboards"));
  }

  private static JsonNode provisioned(String kind) throws Exception {
    String directory = "deploy/grafana/provisioning/" + kind;
    try (var files = Files.list(Repository.ROOT.resolve(directory))) {
      Path only = files.collect(Collectors.collectingAndThen(Collectors.toList(), List::getFirst));
      return Repository.yaml(Repository.ROOT.relativize(only).toString());
    }
  }

  private String secretsFile() {
    return String.valueOf(service("penstock").envFile());
  }

  private Map<String, String> secrets() {
    return Arrays.stream(Repository.text(secretsFile()).split("\n"))
        .filter(line -> !line.startsWith("#"))
        .map(line -> line.split("=", 2))
        .collect(Collectors.toMap(parts -> parts[0], parts -> parts[1]));
  }

  private Configuration configuration() {
    Path file = Repository.ROOT.resolve(PENSTOCK_YAML);
    return switch (ConfigFile.reader(secrets())
        .check(Repository.text(PENSTOCK_YAML), file.resolveSibling(".").normalize())) {
      case ConfigurationReader.Result.Invalid invalid ->
          throw new AssertionError(PENSTOCK_YAML + ": " + invalid.problems());
      case ConfigurationReader.Result.Valid valid -> {
        assertThat(valid.warnings()).isEmpty();
        yield valid.configuration();
      }
    };
  }
}
