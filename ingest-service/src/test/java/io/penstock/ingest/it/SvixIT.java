package io.penstock.ingest.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Locale.ROOT;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.penstock.ingest.it.Outsider.Read;
import io.penstock.ingest.provider.move.Move;
import io.penstock.localstack.ServiceProgram;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Deliveries that the provider's own library signs and sends: Svix's library and that of Standard
 * Webhooks, in Node. Skipped, with the reason, without Node or if the packages cannot be
 * downloaded. The packages stay in {@code target} for the next run.
 */
@ExtendWith(Stack.Shared.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SvixIT {

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final Path DIRECTORY = Path.of("target", "svix-it").toAbsolutePath();
  private static final List<String> PACKAGES = List.of("svix@2.5.0", "standardwebhooks@1.1.1");

  private static final int FLIPS = 60;

  private Settings settings;
  private Instance instance;
  private Sender sender;
  private Outsider outsider;

  /** The output and the status of a process that has ended. */
  private record Ended(int status, String out, String err) {}

  @BeforeAll
  @SuppressWarnings("NullAway.Init") // what is set here is there in all tests
  void start(Stack stack) throws Exception {
    installPackages();
    settings = MoveSettings.of(stack);
    instance = Instance.ready(settings);
    sender = new Sender();
    outsider = new Outsider(settings);
  }

  @AfterAll
  void stop() {
    if (outsider != null) {
      outsider.close();
      sender.close();
      instance.close();
    }
  }

  private static void installPackages() throws IOException, InterruptedException {
    Files.createDirectories(DIRECTORY);
    Ended node = run(List.of("node", "--version"), "");
    Assumptions.assumeTrue(node.status() == 0, "needs Node on the path: " + node.err());
    for (String name : List.of("svix.mjs", "verify.mjs")) {
      try (InputStream script = SvixIT.class.getResourceAsStream(name)) {
        Files.copy(
            java.util.Objects.requireNonNull(script),
            DIRECTORY.resolve(name),
            StandardCopyOption.REPLACE_EXISTING);
      }
    }
    Path installed = DIRECTORY.resolve("installed");
    if (Files.exists(installed) && Files.readString(installed).equals(PACKAGES.toString())) {
      return;
    }
    List<String> install =
        new ArrayList<>(
            List.of(
                "npm",
                "install",
                "--prefix",
                DIRECTORY.toString(),
                "--ignore-scripts",
                "--no-audit",
                "--no-fund"));
    install.addAll(PACKAGES);
    Ended npm = run(install, "");
    Assumptions.assumeTrue(npm.status() == 0, "npm cannot install " + PACKAGES + ": " + npm.err());
    Files.writeString(installed, PACKAGES.toString());
  }

  private static Ended run(List<String> command, String in)
      throws IOException, InterruptedException {
    return run(command, in, Map.of());
  }

  private static Ended run(List<String> command, String in, Map<String, String> environment)
      throws IOException, InterruptedException {
    Path out = DIRECTORY.resolve("out");
    Path err = DIRECTORY.resolve("err");
    Process process;
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(DIRECTORY.toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile());
      builder.environment().putAll(environment);
      process = builder.start();
    } catch (IOException notThere) {
      return new Ended(127, "", String.valueOf(notThere.getMessage()));
    }
    try (var stdin = process.getOutputStream()) {
      stdin.write(in.getBytes(UTF_8));
    }
    if (!process.waitFor(120, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      return new Ended(-1, "", command.getFirst() + " did not end within 120 s");
    }
    return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  /** A request that Node sent, and its answer. */
  private List<JsonNode> postByNode(Map<String, String> bodies) throws Exception {
    List<Map<String, String>> messages = new ArrayList<>();
    bodies.forEach((id, body) -> messages.add(Map.of("id", id, "body", body)));
    String in =
        JSON.writeValueAsString(
            Map.of("url", url(), "secret", MoveSettings.SECRET, "messages", messages));
    Ended node = run(List.of("node", "svix.mjs"), in);
    assertThat(node.status()).as(node.err()).isZero();
    List<JsonNode> sent = new ArrayList<>();
    for (String line : node.out().lines().toList()) {
      sent.add(JSON.readTree(line));
    }
    assertThat(sent).hasSize(2 * bodies.size());
    return sent;
  }

  private String url() {
    return instance.url() + "/webhooks/captures";
  }

  @Test
  void whatTheProvidersLibrariesSignIsAcceptedAndComesOutTyped() throws Exception {
    Map<String, String> bodies = new HashMap<>();
    new Move()
        .samples()
        .forEach(sample -> bodies.put("msg_" + bodies.size(), new String(sample.body(), UTF_8)));
    bodies.put(
        "msg_unicode",
        "{\"event_name\":\"ugc.job.state.completed\",\"timestamp\":\"2026-11-21T00:00:00Z\",\"detail\":"
            + "{\"event_attributes\":{\"job\":{\"id\":\"jøb-日本\",\"created\":\"\",\"metadata\":"
            + "{\"näme\":\"😀 \u2028\u00a0\uFEFF \\ud83d\\ude00\"}}}}}");
    bodies.put(
        "msg_spaced", "\n { \"event_name\" :\t\"volume.state.new\" , \"detail\": null }\r\n");

    List<JsonNode> sent = postByNode(bodies);
    postByNode(bodies); // Each again, as a retry is: the same id, and a new signature.

    List<Read> events = outsider.readAll(MoveSettings.topic(settings));
    for (JsonNode message : sent) {
      assertThat(message.path("status").asInt()).as("%s", message).isEqualTo(200);
      assertThat(message.path("text").asText()).isEqualTo("{\"success\": true}");
      assertThat(events)
          .filteredOn(event -> message.path("id").asText().equals(text(event, "messageId")))
          .as("%s", message)
          .singleElement()
          .satisfies(
              event -> {
                assertThat(text(event, "json")).isEqualTo(message.path("body").asText());
                assertThat(event.metadata().get("type"))
                    .hasToString(
                        JSON.readTree(message.path("body").asText()).path("event_name").asText());
              });
    }
    assertThat(events)
        .filteredOn(event -> "msg_unicode_svix".equals(text(event, "messageId")))
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.key()).isEqualTo("jøb-日本");
              GenericRecord detail = (GenericRecord) event.value().get("ugcJobStateCompleted");
              assertThat(detail.toString()).contains("näme", "😀");
            });
  }

  /** A developer's own handler, which verifies the signature, gets what was forwarded. */
  @Test
  void whatTailForwardsIsAcceptedByTheReceivingSideOfTheLibraries() throws Exception {
    String body =
        "{ \"event_name\":\"job.state.started\",\n\t\"detail\":{\"job_id\":\"forwarded 😀\"}}";
    postByNode(Map.of("msg_forwarded", body));
    outsider.awaitPipeline();
    List<Map<String, Object>> got = new CopyOnWriteArrayList<>();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
    server.createContext(
        "/hook",
        exchange -> {
          Map<String, String> headers = new HashMap<>();
          exchange
              .getRequestHeaders()
              .forEach((name, values) -> headers.put(name.toLowerCase(ROOT), values.getFirst()));
          byte[] bytes = exchange.getRequestBody().readAllBytes();
          got.add(Map.of("headers", headers, "body", new String(bytes, UTF_8)));
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    server.start();
    Ended tail;
    try {
      tail =
          run(
              ServiceProgram.command(
                  ServiceProgram.STARTS_SOON,
                  List.of(
                      "tail",
                      "--config",
                      settings.write(DIRECTORY).toString(),
                      "--provider",
                      "move",
                      "--entity",
                      "forwarded 😀",
                      "--no-follow",
                      "--forward",
                      "http://127.0.0.1:" + server.getAddress().getPort() + "/hook")),
              "",
              settings.environment());
    } finally {
      server.stop(0);
    }
    assertThat(tail.status()).as(tail.err()).isZero();
    assertThat(tail.err()).contains("204 x 2");
    assertThat(got)
        .hasSize(2)
        .allSatisfy(delivery -> assertThat(delivery).containsEntry("body", body));
    String in = JSON.writeValueAsString(Map.of("secret", MoveSettings.SECRET, "deliveries", got));
    Ended node = run(List.of("node", "verify.mjs"), in);
    assertThat(node.out().lines())
        .as(node.err())
        .hasSize(2)
        .allSatisfy(line -> assertThat(line).isEqualTo("{\"accepted\":true,\"text\":\"\"}"));
  }

  private static String text(Read event, String field) {
    return String.valueOf(event.value().get(field));
  }

  @Test
  void oneBitChangedAnywhereIsRefusedWithTheOneAnswer() throws Exception {
    String body = "{\"event_name\":\"job.state.started\",\"detail\":{\"job_id\":\"flipped 😀\"}}";
    Random random = new Random(20261121);
    Set<String> answers = new HashSet<>();
    for (JsonNode message : postByNode(Map.of("msg_flip", body))) {
      assertThat(message.path("status").asInt()).isEqualTo(200);
      Map<String, String> headers = new HashMap<>();
      message
          .path("headers")
          .properties()
          .forEach(header -> headers.put(header.getKey(), header.getValue().asText()));
      for (String name : List.copyOf(headers.keySet())) {
        for (int i = 0; i < FLIPS; i++) {
          Map<String, String> changed = new HashMap<>(headers);
          changed.put(name, flipped(headers.getOrDefault(name, ""), random));
          answers.add(refusal(body.getBytes(UTF_8), changed));
        }
      }
      for (int i = 0; i < FLIPS; i++) {
        byte[] changed = body.getBytes(UTF_8);
        changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
        answers.add(refusal(changed, headers));
      }
      answers.add(refusal(body.getBytes(UTF_8), Map.of()));
      assertThat(send(body.getBytes(UTF_8), headers).statusCode())
          .as("what was changed is still right as it was")
          .isEqualTo(200);
    }
    assertThat(answers).hasSize(1);
  }

  /** Changes one bit of one character, so that it can still be sent in a header. */
  private static String flipped(String text, Random random) {
    char[] chars = text.toCharArray();
    while (true) {
      int at = random.nextInt(chars.length);
      char flipped = (char) (chars[at] ^ (1 << random.nextInt(7)));
      if (flipped > ' ' && flipped < 0x7f) {
        chars[at] = flipped;
        return new String(chars);
      }
    }
  }

  /** All of a refusal except its date. */
  private String refusal(byte[] body, Map<String, String> headers) {
    HttpResponse<String> answer = send(body, headers);
    assertThat(answer.statusCode()).as("%s", headers).isEqualTo(401);
    return answer.headers().map() + " " + answer.body();
  }

  private HttpResponse<String> send(byte[] body, Map<String, String> headers) {
    HttpRequest.Builder request = Sender.request(url(), body);
    headers.forEach(request::header);
    return sender.send(request.build());
  }
}
