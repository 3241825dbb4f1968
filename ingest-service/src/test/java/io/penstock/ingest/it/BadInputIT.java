package io.penstock.ingest.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.ingest.Timed;
import io.penstock.ingest.it.Outsider.Read;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The HTTP table of the design, row by row, and promises 6 and 7: what is authentic is kept, and
 * nobody else gets in.
 */
@ExtendWith(Stack.Shared.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // set before all tests
class BadInputIT {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LIMIT = 1024 * 1024;

  private Settings settings;
  private Instance instance;
  private Sender sender;
  private Outsider outsider;

  @BeforeAll
  void start(Stack stack) {
    settings = Settings.of(stack);
    instance = Instance.ready(settings);
    sender = new Sender();
    outsider = new Outsider(settings);
  }

  @AfterAll
  void stop() {
    outsider.close();
    sender.close();
    instance.close();
  }

  // Authentic, but no event: 400, and kept.

  private static byte[] shape(String member) {
    return ("{\"file\":\"f\",\"event\":\"file_uploaded\",\"data\":{},\"owner\":\"o\",\"runTimestamp\":1550824748604,\"uuid\":\""
            + UUID.randomUUID()
            + "\","
            + member
            + "}")
        .getBytes(UTF_8);
  }

  private static byte[] withByte(int b) {
    byte[] body = shape("\"x\":\"@\"");
    for (int i = 0; i < body.length; i++) {
      if (body[i] == '@') {
        body[i] = (byte) b;
      }
    }
    return body;
  }

  static Stream<Arguments> malformed() {
    byte[] whole = Sender.shape("f", UUID.randomUUID().toString());
    return Stream.of(
        Arguments.of("not JSON", "file=f&event=file_uploaded".getBytes(UTF_8)),
        Arguments.of("empty", new byte[0]),
        Arguments.of("truncated", Arrays.copyOf(whole, whole.length / 2)),
        Arguments.of("two values", (new String(whole, UTF_8) + "{}").getBytes(UTF_8)),
        Arguments.of("trailing comma", shape("\"x\":1,")),
        Arguments.of("NaN", shape("\"x\":NaN")),
        Arguments.of("comment", shape("\"x\":/**/1")),
        Arguments.of("deep nesting", shape("\"x\":" + "[".repeat(100_000) + "]".repeat(100_000))),
        Arguments.of("deep nesting, unclosed", "[".repeat(500_000).getBytes(UTF_8)),
        Arguments.of("duplicate keys", shape("\"uuid\":\"other\"")),
        Arguments.of("duplicate keys, nested", shape("\"x\":{\"y\":[{\"z\":1,\"z\":1}]}")),
        Arguments.of("invalid UTF-8", withByte(0xFF)),
        Arguments.of("truncated UTF-8", withByte(0xC3)),
        Arguments.of("overlong UTF-8", withBytes(new byte[] {(byte) 0xC0, (byte) 0xAF})),
        Arguments.of(
            "surrogate in UTF-8", withBytes(new byte[] {(byte) 0xED, (byte) 0xA0, (byte) 0x80})),
        Arguments.of(
            "UTF-16",
            new String(whole, UTF_8).getBytes(java.nio.charset.StandardCharsets.UTF_16LE)),
        Arguments.of("raw NUL character", withByte(0)),
        Arguments.of("only NUL characters", new byte[1000]));
  }

  private static byte[] withBytes(byte[] bytes) {
    String text = new String(shape("\"x\":\"@\""), ISO_8859_1);
    return text.replace("@", new String(bytes, ISO_8859_1)).getBytes(ISO_8859_1);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void malformed(String name, byte[] body) {
    HttpResponse<String> answer = sender.send(Sender.shapes(instance, body));

    assertProblem(answer, 400, "malformed-json");
    assertDeadLetter("malformed-json", body);
  }

  static Stream<Arguments> unidentified() {
    return Stream.of(
        Arguments.of(
            "missing uuid", "{\"file\":\"f\",\"event\":\"file_uploaded\",\"data\":{\"n\":1}}"),
        Arguments.of("null uuid", "{\"file\":\"f\",\"event\":\"file_uploaded\",\"uuid\":null}"),
        Arguments.of("empty uuid", "{\"file\":\"f\",\"event\":\"file_uploaded\",\"uuid\":\"\"}"),
        Arguments.of(
            "uuid of another kind",
            "{\"file\":\"f\",\"event\":\"file_uploaded\",\"uuid\":{\"a\":1}}"),
        Arguments.of(
            "uuid only below", "{\"file\":\"f\",\"event\":\"e\",\"data\":{\"uuid\":\"u\"}}"),
        Arguments.of("array", "[{\"file\":\"f\",\"event\":\"e\",\"uuid\":\"in-an-array\"}]"),
        Arguments.of("text", "\"just a text\""),
        Arguments.of("number", "12"),
        Arguments.of("null", "null"),
        Arguments.of("empty object", "{}"),
        Arguments.of(
            "another provider's",
            "{\"type\":\"session_status_changed\",\"payload\":{\"session_id\":\"s\"}}"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void unidentified(String name, String body) {
    HttpResponse<String> answer = sender.send(Sender.shapes(instance, body.getBytes(UTF_8)));

    assertProblem(answer, 400, "missing-identity");
    assertDeadLetter("missing-identity", body.getBytes(UTF_8));
  }

  @Test
  void aSessionWithoutItsTimestampIsRefusedAndKept() {
    byte[] body =
        "{\"type\":\"session_status_changed\",\"payload\":{\"session_id\":\"s-1\",\"new_status\":\"complete\"}}"
            .getBytes(UTF_8);

    assertProblem(sender.send(Sender.generations(instance, body)), 400, "missing-identity");
    assertDeadLetter("missing-identity", body);
  }

  // Odd, but an event: 200, and published with its JSON untouched.

  static Stream<Arguments> odd() {
    return Stream.of(
        Arguments.of("number of many digits", shape("\"x\":" + "9".repeat(100_000))),
        Arguments.of("number of large exponent", shape("\"x\":1e999999999")),
        Arguments.of(
            "number beyond 64 bits in a typed field",
            data("\"size\":123456789012345678901234567890")),
        Arguments.of("number of large exponent in a typed field", data("\"size\":1e400")),
        Arguments.of("escaped NUL", shape("\"x\":\"a\\u0000b\"")),
        Arguments.of("lone surrogate, escaped", shape("\"x\":\"\\ud800\"")),
        Arguments.of("typed field of another kind", data("\"size\":{\"bytes\":1}")),
        Arguments.of("nesting of 900", shape("\"x\":" + "[".repeat(900) + "]".repeat(900))),
        Arguments.of("characters beyond the first plane", shape("\"x\":\"\uD83D\uDE00 \u00e4\"")),
        Arguments.of("unknown fields", shape("\"brand_new\":{\"a\":[1,2]}")));
  }

  private static byte[] data(String dataMember) {
    return new String(shape("\"x\":1"), UTF_8)
        .replace("\"data\":{}", "\"data\":{" + dataMember + "}")
        .getBytes(UTF_8);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void odd(String name, byte[] body) {
    HttpResponse<String> answer = sender.send(Sender.shapes(instance, body));

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(outsider.readAll(settings.smartshape()))
        .filteredOn(read -> read.value().get("json").toString().equals(new String(body, UTF_8)))
        .hasSize(1);
  }

  @Test
  void anEventTypeThatNobodyDocumentsIsPublishedAndCounted() {
    byte[] body =
        new String(shape("\"x\":1"), UTF_8)
            .replace("file_uploaded", "file_teleported")
            .getBytes(UTF_8);

    assertThat(sender.send(Sender.shapes(instance, body)).statusCode()).isEqualTo(200);

    List<Read> events =
        outsider.readAll(
            settings.smartshape(), read -> read.header("ce_type").endsWith(".file_teleported"));
    assertThat(events).hasSize(1);
    assertThat(events.getFirst().value().get("fileUploaded")).isNull();
    assertThat(instance.metric("penstock_events_unknown_type_total", "source=\"shapes\""))
        .isPositive();
  }

  // Not authentic: one answer for all, and nothing of it anywhere.

  static Stream<Arguments> unauthentic() {
    String cost31 = "$2b$31$" + Sender.SHAPES_TOKEN.substring(7);
    Function<Map<String, String>, Function<HttpRequest.Builder, HttpRequest.Builder>> headers =
        map ->
            builder -> {
              map.forEach(builder::header);
              return builder;
            };
    String header = "x-smartshape-token";
    return Stream.of(
        Arguments.of("no token", headers.apply(Map.of())),
        Arguments.of("empty token", headers.apply(Map.of(header, ""))),
        Arguments.of("the secret itself", headers.apply(Map.of(header, Settings.SHAPES_SECRET))),
        Arguments.of(
            "hash of another secret", headers.apply(Map.of(header, Sender.hash("another")))),
        Arguments.of("cost of 31", headers.apply(Map.of(header, cost31))),
        Arguments.of("cost of 13", headers.apply(Map.of(header, cost31.replace("$31$", "$13$")))),
        Arguments.of(
            "unknown version",
            headers.apply(Map.of(header, Sender.SHAPES_TOKEN.replace("$2a$", "$2x$")))),
        Arguments.of(
            "cut token", headers.apply(Map.of(header, Sender.SHAPES_TOKEN.substring(0, 59)))),
        Arguments.of("long token", headers.apply(Map.of(header, Sender.SHAPES_TOKEN + "x"))),
        Arguments.of(
            "token of 4000 characters",
            headers.apply(Map.of(header, "$2b$10$" + "a".repeat(4000)))),
        Arguments.of(
            "basic credentials", headers.apply(Map.of("authorization", "Basic cGVuc3RvY2s6eA=="))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void unauthentic(String name, Function<HttpRequest.Builder, HttpRequest.Builder> credentials) {
    String uuid = UUID.randomUUID().toString();
    HttpResponse<String> answer =
        sender.send(
            credentials
                .apply(Sender.request(instance.url() + "/webhooks/shapes", Sender.shape("f", uuid)))
                .build());

    assertProblem(answer, 401, "authentication-failed");
    assertThat(answer.body())
        .isEqualTo(
            "{\"type\":\"authentication-failed\",\"title\":\"The sender did not prove who it"
                + " is\",\"status\":401}");
    assertNowhere(uuid);
  }

  /** A hash of that cost takes more than a day. */
  @Test
  void aTokenOfCost31IsRefusedWithoutAHash() {
    double hashes = instance.metric("penstock_bcrypt_hashes_total");
    for (int i = 0; i < 20; i++) {
      assertThat(sender.send(ofCost31()).statusCode()).isEqualTo(401);
    }
    assertThat(instance.metric("penstock_bcrypt_hashes_total")).isEqualTo(hashes);
  }

  private HttpRequest ofCost31() {
    return Sender.request(instance.url() + "/webhooks/shapes", Sender.shape("f", "u"))
        .header("x-smartshape-token", "$2b$31$" + Sender.SHAPES_TOKEN.substring(7))
        .build();
  }

  @Test
  @Timed
  void aTokenOfCost31IsAnsweredWithinMilliseconds() {
    HttpRequest request = ofCost31();
    sender.send(request); // connected and warm
    long best = Long.MAX_VALUE;
    for (int i = 0; i < 20; i++) {
      long start = System.nanoTime();
      assertThat(sender.send(request).statusCode()).isEqualTo(401);
      best = Math.min(best, System.nanoTime() - start);
    }
    // A hash of the lowest cost takes more than a millisecond, one of cost 31 more than a day.
    assertThat(Duration.ofNanos(best)).isLessThan(Duration.ofMillis(50));
  }

  @Test
  void aWrongUrlTokenIsRefusedAsAMissingOneIs() {
    String uuid = UUID.randomUUID().toString();
    byte[] body =
        ("{\"type\":\"session_status_changed\",\"payload\":{\"session_id\":\""
                + uuid
                + "\",\"timestamp\":\"2025-09-01T07:26:51.484Z\"}}")
            .getBytes(UTF_8);
    String address = instance.url() + "/webhooks/generations";

    for (String path : List.of("", "/", "/wrong", "/" + Settings.CSM_TOKEN + "x", "/%zz", "/%00")) {
      assertRaw(401, "POST /webhooks/generations" + path + " HTTP/1.1", body);
    }
    assertProblem(
        sender.send(Sender.request(address + "/wrong", body).build()),
        401,
        "authentication-failed");
    assertNowhere(uuid);
  }

  @Test
  void malformedBodiesOfStrangersAreRefusedAsStrangersAndKeptNowhere() {
    byte[] body = ("not json " + UUID.randomUUID()).getBytes(UTF_8);

    assertProblem(
        sender.send(Sender.request(instance.url() + "/webhooks/shapes", body).build()),
        401,
        "authentication-failed");
    assertThat(outsider.readAll(settings.deadLetter(), read -> Arrays.equals(bytes(read), body)))
        .isEmpty();
  }

  // Limits.

  @Test
  void aBodyOf50MegabytesIsRefusedBeforeAuthentication() {
    byte[] body = new byte[50 * 1024 * 1024];
    Arrays.fill(body, (byte) ' ');

    assertProblem(sender.send(Sender.shapes(instance, body)), 413, "payload-too-large");
    assertProblem(
        sender.send(Sender.request(instance.url() + "/webhooks/shapes", body).build()),
        413,
        "payload-too-large");
  }

  @Test
  void aChunkedBodyOverTheLimitIsRefusedBeforeAuthentication() {
    byte[] body = new byte[LIMIT + 1];
    Arrays.fill(body, (byte) ' ');
    for (String token : List.of(Sender.SHAPES_TOKEN, "wrong")) {
      HttpRequest chunked =
          HttpRequest.newBuilder(URI.create(instance.url() + "/webhooks/shapes"))
              .header("content-type", "application/json")
              .header("x-smartshape-token", token)
              .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)))
              .build();

      assertProblem(sender.send(chunked), 413, "payload-too-large");
    }
  }

  @Test
  void aBodyOfExactlyTheLimitIsAnEvent() {
    String uuid = UUID.randomUUID().toString();
    String start = "{\"file\":\"f\",\"event\":\"e\",\"uuid\":\"" + uuid + "\",\"x\":\"";
    byte[] body = (start + "a".repeat(LIMIT - start.length() - 2) + "\"}").getBytes(UTF_8);

    assertThat(body).hasSize(LIMIT);
    assertThat(sender.send(Sender.shapes(instance, body)).statusCode()).isEqualTo(200);
    assertThat(
            outsider.readAll(
                settings.smartshape(),
                read -> uuid.equals(String.valueOf(read.value().get("uuid")))))
        .singleElement()
        .satisfies(read -> assertThat(read.value().get("json").toString()).hasSize(LIMIT));
  }

  @Test
  void aConnectionThatSentTooMuchCanBeUsedAgain() throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), instance.port())) {
      socket.setSoTimeout(120_000);
      OutputStream out = socket.getOutputStream();
      byte[] body = new byte[LIMIT + 10];
      out.write(
          head("POST /webhooks/shapes HTTP/1.1", body.length, "application/json").getBytes(UTF_8));
      out.write(body);
      out.write(head("POST /webhooks/nobody HTTP/1.1", 2, "application/json").getBytes(UTF_8));
      out.write("{}".getBytes(UTF_8));
      out.flush();

      String answers = readUntil(socket, "unknown-source");
      assertThat(answers).contains("HTTP/1.1 413").contains("HTTP/1.1 404");
    }
  }

  // The rest of the table.

  @Test
  void otherMethodsAreNotAllowed() {
    for (String method : List.of("GET", "PUT", "DELETE", "PATCH", "OPTIONS")) {
      HttpResponse<String> answer =
          sender.send(
              HttpRequest.newBuilder(URI.create(instance.url() + "/webhooks/shapes"))
                  .method(method, HttpRequest.BodyPublishers.noBody())
                  .build());

      assertProblem(answer, 405, "method-not-allowed");
      assertThat(answer.headers().firstValue("allow")).contains("POST");
    }
  }

  @Test
  void unknownSourcesAreNotFound() {
    byte[] body = Sender.shape("f", "u");
    for (String path :
        List.of(
            "/webhooks/nobody",
            "/webhooks/",
            "/",
            "/webhooks",
            "/webhooks/shapes/extra",
            "/webhooks/Shapes",
            "/webhooks/shapes/a/b",
            "/metrics",
            "/health/live")) {
      assertProblem(
          sender.send(Sender.request(instance.url() + path, body).build()), 404, "unknown-source");
    }
    assertRaw(404, "POST /webhooks/../webhooks/shapes HTTP/1.1", body);
    assertRaw(404, "POST /webhooks/%73hapes HTTP/1.1", body);
    assertRaw(404, "POST //webhooks/shapes HTTP/1.1", body);
  }

  @Test
  void whatAnAuthenticBodyIsCalledDecidesNothing() {
    for (String type :
        List.of(
            "text/plain",
            "application/json charset=utf-8",
            "application/json; charset=utf-16",
            "application/x-www-form-urlencoded",
            "application/xml",
            "multipart/form-data; boundary=x",
            "application/jsonx",
            "rubbish")) {
      String uuid = UUID.randomUUID().toString();
      assertThat(send("/webhooks/shapes", type, Sender.shape("f", uuid)).statusCode())
          .as(type)
          .isEqualTo(200);
      assertThat(
              outsider.readAll(
                  settings.smartshape(),
                  read -> uuid.equals(String.valueOf(read.value().get("uuid")))))
          .as(type)
          .hasSize(1);
      assertThat(
              send(
                      "/webhooks/generations/" + Settings.CSM_TOKEN,
                      type,
                      ("{\"type\":\"session_status_changed\",\"payload\":{\"session_id\":\""
                              + uuid
                              + "\",\"timestamp\":\"2025-09-01T07:26:51.484Z\"}}")
                          .getBytes(UTF_8))
                  .statusCode())
          .as(type)
          .isEqualTo(200);
      assertThat(send("/webhooks/generations/wrong", type, new byte[0]).statusCode())
          .isEqualTo(401);
    }
  }

  private HttpResponse<String> send(String path, String type, byte[] body) {
    return sender.send(
        HttpRequest.newBuilder(URI.create(instance.url() + path))
            .header("content-type", type)
            .header("x-smartshape-token", Sender.SHAPES_TOKEN)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build());
  }

  @Test
  void whatIsNoJsonIsKeptWhateverItIsCalled() {
    byte[] form = ("payload=" + UUID.randomUUID()).getBytes(UTF_8);

    assertThat(send("/webhooks/shapes", "application/x-www-form-urlencoded", form).statusCode())
        .isEqualTo(400);
    assertDeadLetter("malformed-json", form);
  }

  @Test
  void aCompressedBodyIsRefusedAndKeptAsItCame() throws IOException {
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(compressed)) {
      gzip.write(Sender.shape("f", UUID.randomUUID().toString()));
    }
    byte[] body = compressed.toByteArray();

    assertProblem(
        sender.send(
            Sender.request(instance.url() + "/webhooks/shapes", body)
                .header("x-smartshape-token", Sender.SHAPES_TOKEN)
                .header("content-encoding", "gzip")
                .build()),
        415,
        "unsupported-content-type");
    assertDeadLetter("unsupported-content-type", body);
    assertProblem(
        sender.send(
            Sender.request(instance.url() + "/webhooks/shapes", body)
                .header("content-encoding", "gzip")
                .build()),
        401,
        "authentication-failed");
  }

  @Test
  void jsonContentTypesAreAccepted() {
    for (String type :
        List.of(
            "application/json; charset=utf-8",
            "Application/JSON",
            "application/cloudevents+json")) {
      assertThat(
              sender
                  .send(
                      HttpRequest.newBuilder(URI.create(instance.url() + "/webhooks/shapes"))
                          .header("content-type", type)
                          .header("X-SMARTSHAPE-TOKEN", Sender.SHAPES_TOKEN)
                          .POST(
                              HttpRequest.BodyPublishers.ofByteArray(
                                  Sender.shape("f", UUID.randomUUID().toString())))
                          .build())
                  .statusCode())
          .isEqualTo(200);
    }
  }

  // Checks.

  private static void assertProblem(HttpResponse<String> answer, int status, String reason) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.headers().firstValue("content-type")).contains("application/problem+json");
    try {
      JsonNode problem = JSON.readTree(answer.body());
      assertThat(problem.path("type").asText()).isEqualTo(reason);
      assertThat(problem.path("status").asInt()).isEqualTo(status);
      assertThat(problem.path("title").asText()).isNotEmpty();
    } catch (IOException e) {
      throw new AssertionError(answer.body(), e);
    }
  }

  private void assertDeadLetter(String reason, byte[] body) {
    List<Read> letters =
        outsider.readAll(settings.deadLetter(), read -> Arrays.equals(bytes(read), body));

    assertThat(letters).isNotEmpty();
    Read letter = letters.getLast();
    assertThat(letter.value().get("reason")).hasToString(reason);
    assertThat(letter.value().get("detail")).isNotNull();
    assertThat(letter.header("ce_specversion")).isEqualTo("1.0");
    assertThat(letter.header("ce_id")).as("an id of its own").matches("[0-9a-f]{32}");
    assertThat(letter.key()).isEqualTo(letter.value().get("receiptId").toString());
  }

  private void assertNowhere(String text) {
    assertThat(
            outsider.readAll(settings.smartshape(), read -> read.value().toString().contains(text)))
        .isEmpty();
    assertThat(outsider.readAll(settings.csm(), read -> read.value().toString().contains(text)))
        .isEmpty();
    assertThat(
            outsider.readAll(
                settings.deadLetter(), read -> new String(bytes(read), UTF_8).contains(text)))
        .isEmpty();
  }

  private static byte[] bytes(Read letter) {
    ByteBuffer body = ((ByteBuffer) letter.value().get("body")).duplicate();
    byte[] bytes = new byte[body.remaining()];
    body.get(bytes);
    return bytes;
  }

  /** A request line that Java's client would not send. */
  private void assertRaw(int status, String requestLine, byte[] body) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), instance.port())) {
      socket.setSoTimeout(120_000);
      OutputStream out = socket.getOutputStream();
      out.write(head(requestLine, body.length, "application/json").getBytes(UTF_8));
      out.write(body);
      out.flush();
      assertThat(readUntil(socket, "}")).as(requestLine).startsWith("HTTP/1.1 " + status);
    } catch (IOException e) {
      throw new AssertionError(requestLine, e);
    }
  }

  private static String head(String requestLine, int length, String type) {
    return requestLine
        + "\r\nHost: localhost\r\nContent-Type: "
        + type
        + "\r\nContent-Length: "
        + length
        + "\r\n\r\n";
  }

  private static String readUntil(Socket socket, String end) throws IOException {
    StringBuilder answer = new StringBuilder();
    byte[] buffer = new byte[4096];
    while (answer.indexOf(end) < 0) {
      int read = socket.getInputStream().read(buffer);
      if (read < 0) {
        break;
      }
      answer.append(new String(buffer, 0, read, UTF_8));
    }
    return answer.toString();
  }
}
