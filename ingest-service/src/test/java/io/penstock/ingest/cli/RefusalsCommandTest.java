package io.penstock.ingest.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The command against a port that shows what it is told to. */
class RefusalsCommandTest {

  private final List<String> asked = Collections.synchronizedList(new ArrayList<>());
  private volatile int status = 200;
  private volatile String body = "{}";
  private HttpServer server;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void open() throws Exception {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          asked.add(exchange.getRequestURI().toString());
          byte[] bytes = body.getBytes(UTF_8);
          exchange.sendResponseHeaders(status, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void close() {
    server.stop(0);
  }

  private String address() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private int run(String... more) {
    List<String> arguments = new ArrayList<>(List.of("refusals", "--management", address()));
    arguments.addAll(List.of(more));
    CommandContext context =
        new CommandContext(
            Map.of(),
            new PrintWriter(out, true),
            OutputStream.nullOutputStream(),
            new PrintWriter(err, true));
    return PenstockCommand.run(context, arguments.toArray(new String[0]));
  }

  private static JsonObject refusal(String last, String why) {
    return new JsonObject()
        .put("source", "captures")
        .put("outcome", "refused")
        .put("reason", "authentication-failed")
        .put("status", 401)
        .put("authenticator", "standard-webhooks")
        .put("why", why)
        .put("count", 3)
        .put("first", "2026-11-26T12:31:02.010Z")
        .put("last", last)
        .put("receipt-id", "01KB")
        .put("address", "203.0.113.7")
        .put("method", "POST")
        .put("content-type", "application/json")
        .put("received", 812)
        .put("headers", new JsonArray().add("host").add("svix-id"));
  }

  private static String page(JsonObject... refusals) {
    return new JsonObject()
        .put("keeps", 20)
        .put("refusals", new JsonArray(List.of(refusals)))
        .encode();
  }

  @Test
  void printsWhatIsShownTheOldestFirst() {
    body =
        page(
            refusal("2026-11-26T12:39:58.700Z", "the newer"),
            refusal("2026-11-26T12:39:00.000Z", "the older"));

    assertThat(run("--source", "captures", "--reason", "authentication-failed")).isZero();

    assertThat(asked).containsExactly("/refusals?source=captures&reason=authentication-failed");
    assertThat(out.toString().lines())
        .containsExactly(
            "2026-11-26T12:39:00.000Z  captures  401 authentication-failed  from 203.0.113.7  3"
                + " times since 2026-11-26T12:31:02.010Z",
            "    standard-webhooks: the older",
            "    POST of application/json, 812 bytes; receipt id 01KB; headers: host, svix-id",
            "2026-11-26T12:39:58.700Z  captures  401 authentication-failed  from 203.0.113.7  3"
                + " times since 2026-11-26T12:31:02.010Z",
            "    standard-webhooks: the newer",
            "    POST of application/json, 812 bytes; receipt id 01KB; headers: host, svix-id");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void printsJsonLines() {
    JsonObject refusal = refusal("2026-11-26T12:39:58.700Z", "why");
    body = page(refusal);

    assertThat(run("--json")).isZero();

    assertThat(new JsonObject(out.toString().strip()))
        .isEqualTo(refusal.copy().put("management", address()));
  }

  @Test
  void nothingIsSentToTheTerminalThatItObeys() {
    body = page(refusal("2026-11-26T12:39:58.700Z", "a\u001b[31mb\u202ec\u2066d"));

    run();

    assertThat(out.toString())
        .contains("a\\u001b[31mb\\u202ec\\u2066d")
        .doesNotContain("\u001b", "\u202e");
  }

  @Test
  void saysWhatIsWrongWithThePortOrTheFilter() {
    status = 404;
    assertThat(run()).isEqualTo(1);
    assertThat(err.toString()).contains("error: " + address() + ": it has no refusals");

    status = 400;
    body = "{\"detail\": \"the values of the filter source are a, b\"}";
    assertThat(run("--source", "c")).isEqualTo(1);
    assertThat(err.toString()).contains("the values of the filter source are a, b");

    status = 200;
    body = "{\"keeps\": 0, \"refusals\": []}";
    assertThat(run()).isEqualTo(1);
    assertThat(err.toString()).contains("it keeps none (http.refusals-kept: 0)");

    server.stop(0);
    assertThat(run()).isEqualTo(1);
    assertThat(err.toString()).contains("nothing listens there, or it cannot be reached");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void anAddressThatIsNoneIsRefusedAndNotRepeated() {
    assertThat(run("--management", "http://user:hunter2marker@host")).isEqualTo(2);
    assertThat(err.toString()).contains("--management").doesNotContain("hunter2marker");
  }
}
