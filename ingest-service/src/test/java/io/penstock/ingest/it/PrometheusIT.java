package io.penstock.ingest.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.standardwebhooks.Webhook;
import io.penstock.ingest.deploy.Dashboards;
import io.penstock.ingest.deploy.Monitoring;
import io.penstock.ingest.deploy.Monitoring.Metric;
import io.penstock.ingest.deploy.Monitoring.Query;
import io.penstock.ingest.deploy.Monitoring.Rule;
import io.penstock.ingest.deploy.PrometheusTools;
import io.penstock.ingest.deploy.Promql;
import io.penstock.ingest.deploy.Repository;
import io.penstock.ingest.ingress.Pem;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.Providers;
import io.penstock.localstack.LocalStack;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A real Prometheus scrapes the real service while deliveries of every kind arrive and Kafka is
 * unavailable for some seconds. Then every expression of dashboards and rules has data.
 */
@ExtendWith(Stack.Shared.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // set before all tests
class PrometheusIT {

  private static final InstantSource CLOCK = InstantSource.system();

  private static final String SOURCES =
      """
      sources:
        - name: twins
          provider: matterport
          auth: [{type: url-token, tokens: [{env: CSM_URL_TOKEN}]}]
          subscription:
            callback-url: https://hooks.example.com/webhooks/twins
            api: {url: "http://127.0.0.1:1", credentials: [{env: CSM_URL_TOKEN}, {env: CSM_URL_TOKEN}]}
            reconcile: 5s
        - name: assets
          provider: echo3d
          auth: [{type: url-token, tokens: [{env: CSM_URL_TOKEN}]}]
        - name: captures
          provider: move
          auth: [{type: standard-webhooks, secrets: [{env: MOVE_SECRET}]}]
      """;

  /** The providers of the sources that all tests have. */
  private static final String USUAL = "provider: smartshape\nprovider: csm\n";

  private LocalStack stack;
  private Instance instance;
  private Instance withTls;
  private Sender sender;
  private Load load;
  private Prometheus prometheus;

  @BeforeAll
  void start(LocalStack given) throws Exception {
    stack = given;
    Path program = PrometheusTools.find("prometheus");
    Path temporary = Files.createDirectories(Path.of("target", "it").toAbsolutePath());
    Path directory = Files.createTempDirectory(temporary, "prometheus-");
    Settings settings =
        Settings.of(stack)
            .withText("sources:\n", SOURCES + OtherProviders.sourcesBeside(SOURCES + USUAL))
            .with("MOVE_SECRET", MoveSettings.SECRET)
            .with("PENSTOCK_PIPELINE_MODEL_READY_ENABLED", "true")
            .with("PENSTOCK_DELIVERY_SPOOL_DIRECTORY", directory.resolve("spool").toString())
            .with("PENSTOCK_DELIVERY_SPOOL_MAX_SIZE", "64MiB");
    instance = Instance.ready(settings);
    sender = new Sender();
    load = new Load(instance, sender);
    Pem.ec(directory.resolve("tls"), "ingress", 90);
    withTls =
        Instance.start(
            Settings.of(stack)
                .with("PENSTOCK_ROLES", "ingress,console")
                .with("PENSTOCK_CONSOLE_PORT", "0")
                .with("PENSTOCK_HTTP_TLS_CERTIFICATE", directory.resolve("tls/tls.crt").toString())
                .with("PENSTOCK_HTTP_TLS_KEY", directory.resolve("tls/tls.key").toString()));
    prometheus = Prometheus.start(program, directory, instance, withTls);
    // An increase shows between two scrapes: some before, some while Kafka is away, some after.
    awaitScraped("min(count_over_time(penstock_events_published_total[5m])) > 2");
    stack.kafka().broker(0).kill();
    awaitScraped("penstock_spool_depth > 20");
    stack.kafka().broker(0).start();
    awaitScraped("penstock_spool_depth == 0");
  }

  private void awaitScraped(String condition) {
    await().atMost(Duration.ofMinutes(2)).until(() -> !prometheus.query(condition).isEmpty());
  }

  @AfterAll
  void stop() {
    List<Throwable> failures = new ArrayList<>();
    for (AutoCloseable one : new AutoCloseable[] {prometheus, load, sender, withTls, instance}) {
      try {
        if (one != null) {
          one.close();
        }
      } catch (Exception | AssertionError e) {
        failures.add(e);
      }
    }
    assertThat(failures).isEmpty();
  }

  /** Deliveries of every provider: new ones, copies, and requests that are refused. */
  private static final class Load implements AutoCloseable {

    private final Instance instance;
    private final Sender sender;
    private final Thread thread;
    private final CountDownLatch end = new CountDownLatch(1);

    /** Deliveries of samples that met no source, or not the right secret. */
    private final Set<String> refused = ConcurrentHashMap.newKeySet();

    Load(Instance instance, Sender sender) {
      this.instance = instance;
      this.sender = sender;
      this.thread = Thread.ofPlatform().name("load").start(this::run);
    }

    private void run() {
      try {
        do {
          round(); // at a rate, since deliveries without a pause would measure the machine
        } while (!end.await(100, TimeUnit.MILLISECONDS));
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    private void round() {
      for (Provider provider : Providers.all()) {
        deliver(provider, provider.samples().getFirst().body());
      }
      String id = UUID.randomUUID().toString();
      sender.send(Sender.shapes(instance, Sender.shape("f", id)));
      sender.send(Sender.shapes(instance, "{".getBytes(UTF_8)));
      sender.send(Sender.shapes(instance, "{\"file\":\"f\"}".getBytes(UTF_8)));
      generation(id, "session_status_changed", "\"session_type\":[\"of another form\"],\"new\":1");
      generation(id, "session_melted", "\"session_type\":\"image_to_3d\"");
      byte[] body = Sender.shape("f", id);
      sender.send(Sender.request(instance.url() + "/webhooks/shapes", body).build());
      sender.send(Sender.request(instance.url() + "/webhooks/nobody", body).build());
    }

    private void generation(String id, String type, String members) {
      sender.send(
          Sender.generations(
              instance,
              """
              {"type":"%s","payload":{"session_id":"%s","timestamp":"%s",%s}}"""
                  .formatted(type, id, CLOCK.instant(), members)
                  .getBytes(UTF_8)));
    }

    private void deliver(Provider provider, byte[] body) {
      String url = instance.url() + "/webhooks/";
      HttpRequest request =
          switch (provider.name()) {
            case "smartshape" -> Sender.shapes(instance, body);
            case "csm" -> Sender.generations(instance, body);
            case "move" -> signed(url + "captures", body);
            case "matterport" -> OtherProviders.request(instance, "twins", body);
            case "echo3d" -> OtherProviders.request(instance, "assets", body);
            default -> OtherProviders.request(instance, provider.name(), body);
          };
      HttpResponse<String> answer = sender.send(request);
      if (answer.statusCode() == 401 || answer.statusCode() == 404) {
        refused.add(provider.name() + ": " + answer.statusCode() + " " + answer.body());
      }
    }

    private static HttpRequest signed(String url, byte[] body) {
      try {
        long now = CLOCK.instant().getEpochSecond();
        return Sender.request(url, body)
            .header("svix-id", "msg_1")
            .header("svix-timestamp", Long.toString(now))
            .header(
                "svix-signature",
                new Webhook(MoveSettings.SECRET).sign("msg_1", now, new String(body, UTF_8)))
            .build();
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public void close() {
      end.countDown();
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** A Prometheus with the configuration and the rules of {@code deploy}, but much faster. */
  private static final class Prometheus implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final Pattern LISTENS =
        Pattern.compile("msg=\"Listening on\" address=(127\\.0\\.0\\.1:\\d+)");

    private final Process process;
    private final Path log;
    private String address = "";

    private Prometheus(Process process, Path log) {
      this.process = process;
      this.log = log;
    }

    static Prometheus start(Path program, Path directory, Instance... instances)
        throws IOException {
      String targets =
          List.of(instances).stream()
              .map(instance -> "\"127.0.0.1:" + instance.managementPort() + "\"")
              .collect(Collectors.joining(", "));
      String configuration =
          Files.readString(Monitoring.PROMETHEUS.resolve("prometheus.yml"))
              .replaceAll("_interval: 15s", "_interval: 1s")
              .replace("\"penstock:9090\"", targets);
      assertThat(configuration).contains("scrape_interval: 1s", "evaluation_interval: 1s", targets);
      Path file = Files.writeString(directory.resolve("prometheus.yml"), configuration);
      Path rules = Files.createDirectories(directory.resolve("rules"));
      for (Path rule : Monitoring.ruleFiles()) {
        Files.writeString(
            rules.resolve(rule.getFileName()),
            Files.readString(rule).replaceAll("interval: \\d+s", "interval: 1s"));
      }
      Path log = directory.resolve("prometheus.log");
      Process process =
          new ProcessBuilder(
                  program.toString(),
                  "--config.file=" + file,
                  "--storage.tsdb.path=" + directory.resolve("data"),
                  "--web.listen-address=127.0.0.1:0")
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
      Prometheus prometheus = new Prometheus(process, log);
      await()
          .atMost(Duration.ofMinutes(2))
          .pollInterval(Duration.ofMillis(50))
          .until(() -> prometheus.isReady() || !process.isAlive());
      assertThat(process.isAlive()).as(prometheus.log()).isTrue();
      return prometheus;
    }

    /** It listens before it can answer queries: until then it says "Service Unavailable". */
    private boolean isReady() throws IOException, InterruptedException {
      Matcher listens = LISTENS.matcher(log());
      if (!listens.find()) {
        return false;
      }
      address = listens.group(1);
      HttpRequest ready =
          HttpRequest.newBuilder(URI.create("http://" + address + "/-/ready"))
              .timeout(Duration.ofMinutes(2))
              .build();
      return HTTP.send(ready, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    }

    private String log() throws IOException {
      return Files.readString(log);
    }

    /** The values that an expression has now. */
    List<Double> query(String expression) {
      try {
        HttpResponse<String> answer =
            HTTP.send(
                HttpRequest.newBuilder(
                        URI.create(
                            "http://"
                                + address
                                + "/api/v1/query?query="
                                + URLEncoder.encode(expression, UTF_8)))
                    .timeout(Duration.ofMinutes(2))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
        JsonNode json = JSON.readTree(answer.body());
        if (answer.statusCode() != 200) {
          throw new AssertionError(expression + ": " + json.path("error").asText());
        }
        List<Double> values = new ArrayList<>();
        for (JsonNode series : json.at("/data/result")) {
          // Prometheus writes infinities as Go does.
          String value = series.at("/value/1").asText().replace("Inf", "Infinity");
          values.add(Double.valueOf(value));
        }
        return values;
      } catch (IOException e) {
        throw new AssertionError(expression, e);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void close() {
      try {
        process.destroyForcibly().waitFor();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** A panel needs at least one number; a panel with only NaN is empty. */
  private boolean hasNumbers(String expression) {
    return prometheus.query(expression).stream().anyMatch(Double::isFinite);
  }

  private boolean haveData(List<String> operands) {
    return operands.stream()
        .filter(operand -> !isOfOtherTools(operand))
        .noneMatch(operand -> prometheus.query(operand).isEmpty());
  }

  /** Whether it reads what kube-state-metrics or the blackbox exporter has. */
  private static boolean isOfOtherTools(String operand) {
    return Promql.seriesNames(operand).stream()
        .anyMatch(name -> name.startsWith("kube_") || name.startsWith("probe_"));
  }

  /** Waits for more scrapes where needed; then names the expressions without data. */
  private static void assertNone(java.util.function.Supplier<? extends List<?>> lacking) {
    await()
        .atMost(Duration.ofMinutes(2))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofSeconds(1))
        .untilAsserted(() -> assertThat(lacking.get()).as("without data").isEmpty());
  }

  /**
   * For the provider dashboard, data of one provider is enough: only one of them uses bcrypt, and
   * one sends no time.
   */
  private boolean isShown(Query query) {
    Set<String> providers =
        query.expression().contains("$provider")
            ? Providers.all().stream().map(Provider::name).collect(Collectors.toSet())
            : Set.of("");
    return providers.stream()
        .map(provider -> Dashboards.filledIn(query.expression(), provider))
        .anyMatch(
            expression ->
                // What is compared with the past has none here.
                (expression.contains(" offset ")
                        || hasNumbers(expression)
                        || Promql.operands(expression).stream()
                            .allMatch(PrometheusIT::isOfOtherTools))
                    && haveData(Promql.operands(expression)));
  }

  @Test
  void everyProvidersSamplesAreTakenIn() {
    assertThat(load.refused).isEmpty();
  }

  @Test
  void everyPanelShowsSomething() {
    assertThat(Monitoring.queries()).hasSizeGreaterThan(150);
    assertNone(() -> Monitoring.queries().stream().filter(query -> !isShown(query)).toList());
  }

  @Test
  void everyVariableAndAnnotationHasValues() {
    assertThat(Monitoring.sideQueries()).hasSizeGreaterThan(10);
    assertNone(
        () ->
            Monitoring.sideQueries().stream()
                .filter(
                    query ->
                        !haveData(
                            Promql.operands(Dashboards.filledIn(query.expression(), "smartshape"))))
                .toList());
  }

  @Test
  void everyQueryOfTheRunbookHasAnAnswer() {
    assertThat(Monitoring.runbookQueries()).hasSizeGreaterThan(30);
    assertNone(
        () ->
            Monitoring.runbookQueries().stream()
                .filter(query -> !haveData(Promql.operands(query.expression())))
                .toList());
  }

  @Test
  void everyRuleHasSomethingToGoBy() {
    assertThat(Monitoring.rules()).hasSizeGreaterThan(50);
    assertNone(() -> Monitoring.rules().stream().filter(rule -> !hasSomething(rule)).toList());
  }

  private boolean hasSomething(Rule rule) {
    prometheus.query(rule.expression()); // fails if it cannot be evaluated
    return haveData(Promql.operands(rule.expression()))
        && (rule.isAlert() || (hasNumbers(rule.expression()) && hasNumbers(rule.name())));
  }

  /** A pod has a series for each source; the autoscaler takes any one of several. */
  @Test
  void theAutoscalersHaveOneValueForEachInstance() {
    String adapter =
        Repository.yaml("deploy/k8s/examples/prometheus-adapter.yaml")
            .at("/rules/custom/0/metricsQuery")
            .asText()
            .replace("<<.GroupBy>>", "instance")
            .replace("<<.LabelMatchers>>", "job=\"penstock\"");
    String keda =
        Repository.yaml("deploy/k8s/examples/keda.yaml")
            .at("/spec/triggers/1/metadata/query")
            .asText()
            .replace("namespace=\"penstock\"", "job=\"penstock\"");

    double instances =
        prometheus.query("count(count by (instance) (penstock_in_flight_bytes))").getFirst();
    assertThat(prometheus.query("count(penstock_in_flight_bytes)").getFirst())
        .as("series")
        .isGreaterThan(instances);
    assertThat(prometheus.query(adapter)).hasSize((int) instances);
    assertThat(prometheus.query(keda)).hasSize(1);
  }

  /**
   * A healthy service under this load has only the alerts that the test caused on purpose. Latency
   * alerts are ignored, since other programs use this machine.
   */
  @Test
  void onlyTheAlertsFireThatShould() {
    await()
        .atMost(Duration.ofMinutes(2))
        .untilAsserted(
            () ->
                assertThat(
                        prometheus.query(
                            "ALERTS{alertname=\"PenstockDeadLetters\",alertstate=\"firing\"}"))
                    .isNotEmpty());
    assertThat(
            prometheus.query(
                "ALERTS{alertstate=\"firing\",alertname!~\"PenstockWatchdog|PenstockDeadLetters|PenstockUnknownEventTypes|PenstockDeviatingFields|PenstockLatencyBudget.*\"}"))
        .isEmpty();
  }

  private record Sample(String name, Map<String, String> labels) {}

  private static @Nullable Sample sample(String line) {
    Matcher matcher = Pattern.compile("(penstock_\\w+)(?:\\{(.*)})? \\S+").matcher(line);
    if (!matcher.matches()) {
      return null;
    }
    Map<String, String> labels = new TreeMap<>();
    String text = matcher.group(2) == null ? "" : matcher.group(2);
    Pattern.compile("(\\w+)=\"([^\"]*)\"")
        .matcher(text)
        .results()
        .forEach(label -> labels.put(label.group(1), label.group(2)));
    return new Sample(matcher.group(1), labels);
  }

  @Test
  void everyMetricIsExposedAsDocumentedAndNoOther() {
    Map<String, Metric> exposed = new TreeMap<>();
    Map<String, Set<String>> values = new TreeMap<>();
    for (String page : List.of(instance.metrics(), withTls.metrics())) {
      String family = "";
      String type = "";
      for (String line : page.lines().toList()) {
        String[] words = line.split(" ", -1);
        Sample sample = sample(line);
        if (line.startsWith("# TYPE penstock_")) {
          family = words[2];
          type = words[3];
        } else if (sample != null) {
          Set<String> labels = new TreeSet<>(sample.labels().keySet());
          labels.remove("le");
          boolean isMaximum =
              family.endsWith("_max")
                  && exposed.containsKey(family.substring(0, family.length() - 4));
          if (!isMaximum) {
            Metric metric = new Metric(type, labels);
            assertThat(exposed.getOrDefault(family, metric)).as(line).isEqualTo(metric);
            exposed.put(family, metric);
          }
          sample
              .labels()
              .forEach(
                  (label, value) ->
                      values.computeIfAbsent(label, name -> new TreeSet<>()).add(value));
        }
      }
    }
    values.remove("le");
    assertThat(exposed).isEqualTo(Monitoring.documentedMetrics());
    Map<String, Set<String>> documented = Monitoring.documentedLabels();
    assertThat(documented.keySet()).containsExactlyInAnyOrderElementsOf(values.keySet());
    documented.forEach(
        (label, bounded) -> {
          if (!bounded.isEmpty()) {
            assertThat(bounded).as(label).containsAll(values.getOrDefault(label, Set.of()));
          }
        });
  }
}
