package io.penstock.ingest.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.base.Splitter;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.penstock.ingest.config.Configuration;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The part of a schema registry that {@link SchemaIds} needs: it gives an id to every subject that
 * a client registers, and fails as the test demands.
 */
public final class FakeRegistry implements AutoCloseable {

  private final HttpServer server;
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final Map<String, Integer> ids = new HashMap<>();
  private final Map<String, Integer> failures = new HashMap<>();
  private boolean configuresOnlyKnownSubjects;

  /** Starts it on a free port. */
  public FakeRegistry() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/", this::handle);
    server.start();
  }

  /** The configuration with its address. */
  public Configuration.SchemaRegistryConfig configuration(boolean autoRegister) {
    return new Configuration.SchemaRegistryConfig(
        "http://127.0.0.1:" + server.getAddress().getPort(),
        autoRegister,
        Map.of("http.connect.timeout.ms", "2000"));
  }

  /** Gives a subject's schema an id, whatever the schema is. */
  public synchronized void knows(String subject, int id) {
    ids.put(subject, id);
  }

  /** Answers all requests about a subject with this status from now on; 0 ends that. */
  synchronized void fails(String subject, int status) {
    failures.put(subject, status);
  }

  /** Behaves as registries that answer 404 to the configuration of a subject without a version. */
  synchronized void configuresOnlyKnownSubjects() {
    configuresOnlyKnownSubjects = true;
  }

  /** The requests: the method, the path, and the new value of a configuration. */
  List<String> requests() {
    return List.copyOf(requests);
  }

  private synchronized void handle(HttpExchange exchange) throws IOException {
    String path = URLDecoder.decode(exchange.getRequestURI().getRawPath(), UTF_8);
    JsonObject body = json(exchange);
    List<String> parts = Splitter.on('/').splitToList(path.substring(1));
    String subject = parts.get(1);
    requests.add(
        exchange.getRequestMethod()
            + " "
            + path
            + (parts.get(0).equals("config") ? " " + body.getString("compatibility") : ""));
    int failure = failures.getOrDefault(subject, 0);
    if (failure != 0) {
      answer(exchange, failure, error(failure * 100 + 1));
    } else if (parts.get(0).equals("config")) {
      if (configuresOnlyKnownSubjects && !ids.containsKey(subject)) {
        answer(exchange, 404, error(40401));
      } else {
        answer(exchange, 200, body);
      }
    } else if (exchange.getRequestMethod().equals("GET")) { // versions
      answer(exchange, 404, error(40401));
    } else if (parts.size() == 3) {
      int id = ids.computeIfAbsent(subject, s -> 100 + ids.size());
      answer(exchange, 200, new JsonObject().put("id", id));
    } else if (ids.containsKey(subject)) {
      answer(
          exchange,
          200,
          new JsonObject()
              .put("subject", subject)
              .put("version", 1)
              .put("id", ids.get(subject))
              .put("schema", body.getString("schema")));
    } else {
      answer(exchange, 404, error(40401));
    }
  }

  private static JsonObject json(HttpExchange exchange) throws IOException {
    String text = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
    return text.isEmpty() ? new JsonObject() : new JsonObject(text);
  }

  private static JsonObject error(int code) {
    return new JsonObject().put("error_code", code).put("message", "as the test wants it");
  }

  private static void answer(HttpExchange exchange, int status, JsonObject body)
      throws IOException {
    byte[] bytes = body.encode().getBytes(UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/vnd.schemaregistry.v1+json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  /** Refuses connections from now on. */
  @Override
  public void close() {
    server.stop(0);
  }
}
