package io.penstock.ingest.console;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.penstock.ingest.auth.SecretException;
import io.penstock.ingest.auth.SecretFiles;
import io.penstock.ingest.config.ConsoleConfig;
import io.penstock.ingest.config.ConsoleConfig.Access;
import io.penstock.ingest.config.ConsoleConfig.Right;
import io.penstock.ingest.config.SecretRef;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A console's port with routes of a test's own, spoken to byte by byte. */
final class ConsoleFixture implements AutoCloseable {

  static final String OPERATOR_TOKEN = "operator-token-0123456789";
  static final String VIEWER_TOKEN = "viewer-token-0123456789ab";
  static final String PASSWORD = "a password of sixteen";

  static final Map<String, String> ENVIRONMENT =
      Map.of("OPERATOR", OPERATOR_TOKEN, "VIEWER", VIEWER_TOKEN, "PASSWORD", PASSWORD);

  /** Users of every kind. */
  static final List<Access> ACCESS =
      List.of(
          new Access.Token("olga", Right.OPERATOR, List.of(new SecretRef.Env("OPERATOR"))),
          new Access.Token("vera", Right.READ_ONLY, List.of(new SecretRef.Env("VIEWER"))),
          new Access.Basic("bert", Right.READ_ONLY, List.of(new SecretRef.Env("PASSWORD"))));

  /** One that trusts this machine to be a proxy. */
  static final List<Access> PROXY =
      List.of(
          new Access.Proxy(
              "x-forwarded-user",
              Set.of("127.0.0.1"),
              Right.READ_ONLY,
              Set.of("olga@example.com")));

  private final Vertx vertx = Vertx.vertx();
  private final ConsoleServer server;
  private final ConsoleUsers users;
  private final Requests requests;
  final MeterRegistry registry = new SimpleMeterRegistry();

  ConsoleFixture(List<Access> access, @Nullable String url, ConsoleRoutes routes) {
    ConsoleConfig config = new ConsoleConfig("127.0.0.1", 0, url, null, true, List.of(), access);
    try {
      users =
          ConsoleUsers.open(
              config,
              new SecretFiles(ENVIRONMENT, Duration.ofMinutes(1), SecretFiles.Listener.NONE));
    } catch (SecretException e) {
      throw new AssertionError(e);
    }
    Gatekeeper gatekeeper =
        new Gatekeeper(
            config, users, new Sessions(new SecureRandom(), Instant::now), new SecureRandom());
    requests = new Requests(vertx, new Templates(Instant::now), gatekeeper, registry, "test");
    server = new ConsoleServer(config, gatekeeper, users, routes, requests);
    vertx.deployVerticle(server).await();
  }

  /** What came back. */
  record Reply(int status, Map<String, String> headers, String body) {
    String header(String name) {
      return headers.getOrDefault(name, "");
    }
  }

  int port() {
    return server.port();
  }

  String host() {
    return "127.0.0.1:" + port();
  }

  Reply get(String path, String... headers) {
    return send("GET", path, "", headers);
  }

  /** A form as a browser sends it from one of the console's own pages, unless headers differ. */
  Reply post(String path, String form, String... headers) {
    List<String> all = new ArrayList<>(List.of(headers));
    all.add("content-type: application/x-www-form-urlencoded");
    return send("POST", path, form, all.toArray(String[]::new));
  }

  Reply send(String method, String path, String body, String... headers) {
    StringBuilder head = new StringBuilder(method + " " + path + " HTTP/1.1\r\n");
    boolean host = false;
    for (String header : headers) {
      head.append(header).append("\r\n");
      host |= header.toLowerCase(Locale.ROOT).startsWith("host:");
    }
    if (!host) {
      head.append("host: ").append(host()).append("\r\n");
    }
    head.append("content-length: ").append(body.length()).append("\r\nconnection: close\r\n\r\n");
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port())) {
      socket.setSoTimeout(60_000);
      socket.getOutputStream().write((head + body).getBytes(StandardCharsets.ISO_8859_1));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int end = answer.indexOf("\r\n\r\n");
      String[] lines = answer.substring(0, end).split("\r\n", -1);
      Map<String, String> found = new LinkedHashMap<>();
      for (int i = 1; i < lines.length; i++) {
        int colon = lines[i].indexOf(':');
        found.merge(
            lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
            lines[i].substring(colon + 1).strip(),
            (a, b) -> a + ", " + b);
      }
      return new Reply(
          Integer.parseInt(lines[0].split(" ", -1)[1]), found, answer.substring(end + 4));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    requests.close();
    vertx.close().await();
    users.close();
  }
}
