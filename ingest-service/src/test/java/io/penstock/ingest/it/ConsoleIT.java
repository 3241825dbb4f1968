package io.penstock.ingest.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.penstock.localstack.ServiceProgram;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The console's pages beside a running ingress and pipeline, by HTTP. */
@ExtendWith(Stack.Shared.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConsoleIT {

  private static final String OPERATOR = "operator-token-of-a-test";
  private static final String VIEWER = "viewer-token-of-a-test-too";
  private static final Pattern PORT = Pattern.compile("console_port\\W+(\\d+)");
  private static final Pattern READY = Pattern.compile("(?m)^READY console=(\\S+)$");

  @TempDir private Path directory;

  private final HttpClient http = HttpClient.newHttpClient();
  private Settings settings;
  private Instance instance;
  private String console = "";

  @BeforeAll
  void start(Stack stack) {
    settings =
        Settings.of(stack)
            .withText(
                "pipeline: {threads: 1}",
                """
                pipeline: {threads: 1}
                roles: [ingress, pipeline, console]
                console:
                  port: 0
                  ingress-url: "https://hooks.example.com"
                  samples: allow
                  access:
                    - {type: token, name: olga, right: operator, secrets: [{env: CONSOLE_OPERATOR}]}
                    - {type: token, name: vera, right: read-only, secrets: [{env: CONSOLE_VIEWER}]}
                """
                    .stripTrailing())
            .with("CONSOLE_OPERATOR", OPERATOR)
            .with("CONSOLE_VIEWER", VIEWER);
    instance = Instance.ready(settings);
    Matcher port = PORT.matcher(instance.log());
    assertThat(port.find()).as(instance.log()).isTrue();
    console = "http://127.0.0.1:" + port.group(1);
  }

  @AfterAll
  void stop() {
    http.shutdownNow();
    if (instance != null) {
      instance.close();
    }
  }

  private HttpResponse<String> get(String address, String token) {
    return send(
        HttpRequest.newBuilder(URI.create(address))
            .header("accept", "text/html")
            .header("authorization", "Bearer " + token));
  }

  private HttpResponse<String> post(String path, String form, String token) {
    return send(
        HttpRequest.newBuilder(URI.create(console + path))
            .header("accept", "text/html")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("authorization", "Bearer " + token)
            .POST(HttpRequest.BodyPublishers.ofString(form)));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return http.send(
          request.timeout(Duration.ofMinutes(2)).build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private String page(String path) {
    HttpResponse<String> response = get(console + path, VIEWER);
    assertThat(response.statusCode()).as("%s: %s", path, response.body()).isEqualTo(200);
    assertThat(response.body())
        .doesNotContain(
            Settings.CSM_TOKEN, Settings.SHAPES_SECRET, OPERATOR, VIEWER, "<script>alert");
    return response.body();
  }

  @Test
  void aSampleIsSentByAnOperatorAloneAndItsSourceTellsOfIt() {
    assertThat(post("/sources/generations/sample", "", VIEWER).statusCode()).isEqualTo(403);
    HttpResponse<String> sent = post("/sources/generations/sample", "", OPERATOR);
    assertThat(sent.statusCode()).as(sent.body()).isEqualTo(200);
    assertThat(sent.body()).contains("was sent and acknowledged");
    assertThat(post("/sources/shapes/sample", "", OPERATOR).statusCode()).isEqualTo(200);
    assertThat(post("/sources/none/sample", "", OPERATOR).statusCode()).isEqualTo(404);

    await()
        .atMost(Duration.ofMinutes(2))
        .untilAsserted(
            () ->
                assertThat(page("/sources"))
                    .contains("1 delivery")
                    .contains("https://hooks.example.com/webhooks/generations/&lt;the value of")
                    .contains("environment variable CSM_URL_TOKEN")
                    .contains("Open CSM&#39;s dashboard")
                    .doesNotContain("Send a sample"));
    assertThat(get(console + "/sources", OPERATOR).body()).contains("Send a sample");
    assertThat(instance.log())
        .contains("A user of the console changed something")
        .contains("olga")
        .contains("send-sample")
        .doesNotContain(Settings.CSM_TOKEN, OPERATOR);
  }

  @Test
  void refusalsAreToldWithWhatToDo() {
    try (Sender sender = new Sender()) {
      sender.send(
          Sender.request(instance.url() + "/webhooks/shapes", "{}".getBytes(UTF_8))
              .header("X-Smartshape-Token", "<script>alert(1)</script>")
              .build());
      sender.send(
          Sender.request(instance.url() + "/webhooks/%3Cscript%3E", "{}".getBytes(UTF_8)).build());
    }

    await()
        .atMost(Duration.ofMinutes(2))
        .untilAsserted(
            () ->
                assertThat(page("/sources"))
                    .contains(
                        "authentication-failed", "What to do:", "Requests that name no source"));
    await()
        .atMost(Duration.ofMinutes(2))
        .untilAsserted(
            () ->
                assertThat(page("/?outcome=refused"))
                    .contains("✕ refused", "authentication-failed:", "href=\"/sources/shapes\"")
                    .contains("unknown-source:", "href=\"/sources#unknown\""));
    assertThat(page("/?outcome=refused&source=unknown"))
        .contains("unknown-source:")
        .doesNotContain("authentication-failed:");
    assertThat(page("/?outcome=spool")).contains("only its number is known");
  }

  @Test
  void requestsThatAreNoHttpAreCounted() throws Exception {
    try (Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), URI.create(instance.url()).getPort())) {
      socket.setSoTimeout(120_000);
      socket.getOutputStream().write("POST /webhooks/shapes HTTP/1.1\r\n\r\n".getBytes(UTF_8));
      assertThat(new String(socket.getInputStream().readAllBytes(), UTF_8))
          .startsWith("HTTP/1.1 400");
    }
    await()
        .atMost(Duration.ofMinutes(2))
        .untilAsserted(() -> assertThat(page("/sources")).contains("× no valid HTTP"));
  }

  @Test
  void consumersShowsTopicsGroupsAndPrograms() {
    await()
        .atMost(Duration.ofMinutes(2))
        .untilAsserted(
            () ->
                assertThat(page("/consumers"))
                    .contains(settings.prefix() + "-pipeline", "the pipeline")
                    .contains(settings.csm(), settings.smartshape(), settings.deadLetter())
                    .contains("version 1")
                    .contains("kcat -C -b " + settings.bootstrapServers()));
    assertThat(page("/consumers?topic=" + settings.smartshape()))
        .contains(
            "node consume.js "
                + settings.bootstrapServers()
                + " "
                + settings.registryUrl()
                + " "
                + settings.smartshape());
    HttpResponse<String> schema =
        get(console + "/consumers/schema/" + settings.csm() + "/1", VIEWER);
    assertThat(schema.headers().firstValue("content-type"))
        .hasValue("application/json; charset=utf-8");
    assertThat(schema.body()).contains("CsmEvent");
    assertThat(get(console + "/consumers/schema/other/1", VIEWER).statusCode()).isEqualTo(404);
  }

  @Test
  void healthSaysASentenceAndThenTheParts() {
    await()
        .atMost(Duration.ofMinutes(2))
        .untilAsserted(
            () ->
                assertThat(page("/health"))
                    .contains("The instance is ready: deliveries are taken and published.")
                    .contains("breaker", "closed", "behind in the landing log"));
    assertThat(page("/health/mark")).contains("\"style\":", "\"letters\":");
  }

  @Test
  void aStrangerGetsTheLoginFormAndNothingElse() {
    for (String path : List.of("/", "/sources", "/consumers", "/health", "/assets/console.js")) {
      HttpResponse<String> response =
          send(HttpRequest.newBuilder(URI.create(console + path)).header("accept", "text/html"));
      assertThat(response.statusCode()).as(path).isEqualTo(401);
      assertThat(response.body()).contains("Log in").doesNotContain("generations", "webhooks");
    }
    assertThat(get(console + "/sources", OPERATOR + "x").statusCode()).isEqualTo(401);
  }

  /** What stands for an instance in whose spool deliveries wait. */
  private static HttpServer spooling() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
    server.createContext(
        "/metrics",
        exchange -> {
          byte[] metrics = "penstock_spool_depth 1204\n".getBytes(UTF_8);
          exchange.sendResponseHeaders(200, metrics.length);
          exchange.getResponseBody().write(metrics);
          exchange.close();
        });
    server.start();
    return server;
  }

  /** A console of its own, on a machine from which Kafka cannot be reached. */
  @Test
  void theCommandShowsAnInstanceAndSaysWhatItCannotRead() throws Exception {
    HttpServer spooling = spooling();
    Path file =
        Files.writeString(
            directory.resolve("console.yaml"),
            """
            roles: [console]
            kafka: {bootstrap-servers: "127.0.0.1:1"}
            console: {instances: ["http://127.0.0.1:%d", "http://127.0.0.1:1", "http://127.0.0.1:%d"]}
            sources:
              - name: generations
                provider: csm
                auth: [{type: url-token, tokens: [{env: NOT_SET_HERE}]}]
            """
                .formatted(instance.managementPort(), spooling.getAddress().getPort()));
    Path out = directory.resolve("out");
    List<String> options = new ArrayList<>(ServiceProgram.STARTS_SOON);
    Process process =
        new ProcessBuilder(
                ServiceProgram.command(
                    options, List.of("console", "--config", file.toString(), "--port", "0")))
            .redirectOutput(out.toFile())
            .redirectError(directory.resolve("err").toFile())
            .start();
    try {
      await()
          .atMost(Duration.ofMinutes(2))
          .until(() -> !process.isAlive() || READY.matcher(Files.readString(out)).find());
      Matcher ready = READY.matcher(Files.readString(out));
      assertThat(ready.find()).as(Files.readString(directory.resolve("err"))).isTrue();
      String alone = ready.group(1);

      assertThat(get(alone + "/sources", "").body())
          .contains("https://&lt;your ingress&gt;/webhooks/generations")
          .doesNotContain("Send a sample");
      assertThat(get(alone + "/health", "").body())
          .contains("An instance does not answer")
          .contains("● ready");
      await()
          .atMost(Duration.ofMinutes(2))
          .untilAsserted(
              () ->
                  assertThat(get(alone + "/", "").body())
                      .contains("▮ 1\u202f204 deliveries wait in the spool of 127.0.0.1:")
                      .contains("The instance 127.0.0.1:1 does not answer: refusals and spools"));
      assertThat(get(alone + "/consumers", "").body())
          .contains("Kafka")
          .contains("schema-registry.url is not configured")
          .contains("node consume.js");
    } finally {
      spooling.stop(0);
      process.destroy();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("it ends by a signal").isTrue();
    }
    assertThat(process.exitValue()).isZero();
  }
}
