package io.penstock.ingest.management;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManagementServerTest {

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient client = HttpClient.newHttpClient();
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private volatile boolean started = true;
  private volatile boolean deciding = true;
  private volatile boolean shown = true;
  private final ManagementServer server =
      new ManagementServer(
          "127.0.0.1",
          0,
          registry,
          new Readiness(
              new Health(
                  List.of(
                      new Health.Check("log", true, () -> new Health.State(deciding, "as it is")),
                      new Health.Check("pipeline", false, () -> new Health.State(shown, "so so")))),
              () -> started,
              System::nanoTime),
          List.of(
              new ManagementPage(
                  "/things",
                  Set.of("kind", "size"),
                  "Things",
                  new JsonObject().put("type", "object"),
                  filters -> {
                    if (filters.getOrDefault("kind", "").equals("none")) {
                      throw new ManagementPage.UnknownFilterException("the kinds are a, b");
                    }
                    return new JsonObject()
                        .put("thread", Thread.currentThread().getName())
                        .put("filters", new JsonObject(Map.copyOf(filters)));
                  })));

  @Test
  void whatItServesIsWhatIsDescribed() {
    assertThat(server.paths())
        .containsExactlyInAnyOrderElementsOf(
            ManagementApi.paths(
                    List.of(
                        new ManagementPage(
                            "/things", Set.of(), "", new JsonObject(), any -> new JsonObject())))
                .fieldNames());
  }

  @BeforeEach
  void open() throws Exception {
    vertx.deployVerticle(server).await(120, TimeUnit.SECONDS);
  }

  @AfterEach
  void close() throws Exception {
    client.close();
    vertx.close().await(120, TimeUnit.SECONDS);
  }

  private HttpResponse<String> get(String path, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> post(String path, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
            .POST(HttpRequest.BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  @Test
  void dumpsItsThreadsAndItsHeap() throws Exception {
    HttpResponse<String> threads = get("/debug/threads");
    assertThat(threads.statusCode()).isEqualTo(200);
    assertThat(threads.body()).contains("\"main\"", "java.lang.Thread.State", "vert.x-eventloop");
    HttpResponse<String> heap = get("/debug/heap");
    assertThat(heap.statusCode()).isEqualTo(200);
    assertThat(heap.body()).contains("java.lang.String", "Total");
    assertThat(heap.headers().firstValue("cache-control")).contains("no-store");
  }

  @Test
  void changesALogLevelAndSaysWhatItWas() throws Exception {
    String logger = "io.penstock.ingest.nothing";
    HttpResponse<String> first = post("/debug/log-level?logger=" + logger + "&level=ERROR");
    HttpResponse<String> second =
        post("/debug/log-level?logger=" + logger + "&level=WARN&minutes=1");
    assertThat(first.statusCode()).isEqualTo(200);
    JsonObject before = new JsonObject(first.body());
    assertThat(before.getInteger("minutes")).isEqualTo(15);
    assertThat(new JsonObject(second.body()).getString("before"))
        .isEqualTo(before.getString("before"));
    assertThat(org.apache.logging.log4j.LogManager.getLogger(logger).getLevel().name())
        .isEqualTo("WARN");
  }

  @ParameterizedTest
  @CsvSource({
    "logger=io.penstock&level=TRACE",
    "logger=io.penstock",
    "level=DEBUG",
    "logger=io.vertx&level=DEBUG",
    "logger=io.penstockish&level=DEBUG",
    "logger=org.apache.kafka.common.security.authenticator&level=DEBUG",
    "logger=io.penstock&level=DEBUG&minutes=61",
    "logger=io.penstock&level=DEBUG&minutes=0"
  })
  void refusesALevelThatMayNotBeSet(String query) throws Exception {
    HttpResponse<String> answer = post("/debug/log-level?" + query);
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("unknown-level", "DEBUG, INFO, WARN, ERROR");
  }

  /** A page in an operator's browser can send requests to this machine too. */
  @Test
  void refusesWhatAPageOfAnotherSiteSends() throws Exception {
    HttpResponse<String> answer =
        post("/debug/log-level?logger=io.penstock&level=DEBUG", "Origin", "https://example.com");
    assertThat(answer.statusCode()).isEqualTo(403);
    assertThat(answer.body()).contains("local-only");
  }

  /** A name that leads here, as a page of an attacker may have, or the address of a pod. */
  @Test
  void refusesAnotherHost() throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket
          .getOutputStream()
          .write(
              "GET /debug/threads HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
                  .getBytes(US_ASCII));
      assertThat(new String(socket.getInputStream().readAllBytes(), UTF_8))
          .startsWith("HTTP/1.1 403 ")
          .contains("local-only");
    }
  }

  @Test
  void isReadyWhereEverythingThatDecidesIsWell() throws Exception {
    // given
    shown = false;
    // when
    HttpResponse<String> answer = get("/health/ready");
    // then
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(new JsonObject(answer.body()))
        .isEqualTo(
            new JsonObject(
                """
                {"status": "UP", "checks": [
                  {"name": "log", "status": "UP", "decides-readiness": true, "detail": "as it is"},
                  {"name": "pipeline", "status": "DOWN", "decides-readiness": false,
                   "detail": "so so"}]}
                """));
  }

  @Test
  void isNotReadyWhereSomethingThatDecidesIsNotWell() throws Exception {
    // given
    deciding = false;
    // when
    HttpResponse<String> answer = get("/health/ready");
    // then
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(new JsonObject(answer.body()).getString("status")).isEqualTo("DOWN");
  }

  @Test
  void isNeitherReadyNorStartedBeforeTheStartHasEnded() throws Exception {
    // given
    started = false;
    // then
    assertThat(get("/health/ready").statusCode()).isEqualTo(503);
    assertThat(get("/health/startup").statusCode()).isEqualTo(503);
  }

  @Test
  void staysStartedWhenItIsNotReadyAnyMore() throws Exception {
    // given
    deciding = false;
    // then
    assertThat(get("/health/startup").statusCode()).isEqualTo(200);
  }

  @Test
  void livesWhateverIsWrongOutside() throws Exception {
    // given
    started = false;
    deciding = false;
    shown = false;
    // then
    assertThat(get("/health/live").statusCode()).isEqualTo(200);
  }

  @Test
  void showsMetricsInTheFormatThatIsAskedFor() throws Exception {
    // given
    registry.counter("test.things", "kind", "a").increment(3);
    // when
    HttpResponse<String> plain = get("/metrics");
    HttpResponse<String> open =
        get("/metrics", "Accept", "application/openmetrics-text; version=1.0.0, */*;q=0.1");
    // then
    assertThat(plain.headers().firstValue("content-type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain"));
    assertThat(plain.body()).contains("test_things_total{kind=\"a\"} 3.0");
    assertThat(open.headers().firstValue("content-type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("application/openmetrics-text"));
    assertThat(open.body()).contains("test_things_total{kind=\"a\"} 3.0").endsWith("# EOF\n");
  }

  @Test
  void showsAPageThatAWorkerThreadMakes() throws Exception {
    HttpResponse<String> answer = get("/things?kind=a%20b");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("content-type")).hasValue("application/json");
    assertThat(answer.headers().firstValue("cache-control")).hasValue("no-store");
    JsonObject page = new JsonObject(answer.body());
    assertThat(page.getString("thread")).contains("worker");
    assertThat(page.getJsonObject("filters")).isEqualTo(new JsonObject().put("kind", "a b"));
  }

  @ParameterizedTest
  @CsvSource({
    "/things?kind=none, 'the kinds are a, b'",
    "/things?kidn=a, 'the filters are kind, size, each once'",
    "/things?kind=a&kind=b, 'the filters are kind, size, each once'"
  })
  void saysWhichFiltersThereAre(String path, String detail) throws Exception {
    HttpResponse<String> answer = get(path);

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.headers().firstValue("content-type")).hasValue("application/problem+json");
    assertThat(new JsonObject(answer.body()).getString("detail")).isEqualTo(detail);
  }

  @Test
  void hasNothingElse() throws Exception {
    assertThat(get("/").statusCode()).isEqualTo(404);
    assertThat(get("/webhooks/some").statusCode()).isEqualTo(404);
  }
}
