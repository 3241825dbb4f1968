package io.penstock.ingest.dev;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The local registry at the address at which clients expect one: its Confluent interface answers at
 * the root, and at its own path as well.
 */
final class RegistryFront implements AutoCloseable {

  /** The resources of Confluent's interface. */
  private static final List<String> RESOURCES =
      List.of("/schemas", "/subjects", "/config", "/compatibility", "/mode", "/contexts");

  /** Headers that belong to one connection and are not passed on (RFC 9110, section 7.6.1). */
  private static final Set<String> OF_A_CONNECTION =
      Set.of("connection", "content-length", "host", "keep-alive", "transfer-encoding", "upgrade");

  private final HttpClient client;
  private final URI registry;
  private final HttpServer server;

  /**
   * Opens it.
   *
   * @param registryUrl the registry's Confluent interface
   * @param port 0 for any free one
   */
  RegistryFront(Vertx vertx, String registryUrl, int port) {
    registry = URI.create(registryUrl);
    client = vertx.createHttpClient();
    server = vertx.createHttpServer().requestHandler(this::forward);
    server.listen(port, "127.0.0.1").await();
  }

  /** The address at which it answers. */
  String url() {
    return "http://127.0.0.1:" + server.actualPort();
  }

  private void forward(HttpServerRequest request) {
    String path = request.path();
    boolean atRoot = path.equals("/") || RESOURCES.stream().anyMatch(path::startsWith);
    RequestOptions options =
        new RequestOptions()
            .setHost(registry.getHost())
            .setPort(registry.getPort())
            .setMethod(request.method())
            .setURI((atRoot ? registry.getPath() : "") + request.uri());
    request
        .body()
        .compose(
            body ->
                client
                    .request(options)
                    .compose(
                        forwarded -> {
                          copy(request.headers(), forwarded.headers());
                          return forwarded.send(body);
                        }))
        .compose(answer -> answer.body().compose(body -> pass(answer, body, request)))
        .recover(
            failure ->
                request
                    .response()
                    .setStatusCode(502)
                    .end(Buffer.buffer("the registry does not answer")))
        .onFailure(failure -> request.connection().close());
  }

  private static Future<Void> pass(
      HttpClientResponse answer, Buffer body, HttpServerRequest request) {
    copy(answer.headers(), request.response().setStatusCode(answer.statusCode()).headers());
    return request.response().end(body);
  }

  private static void copy(MultiMap from, MultiMap to) {
    from.forEach(
        (name, value) -> {
          if (!OF_A_CONNECTION.contains(name.toLowerCase(Locale.ROOT))) {
            to.add(name, value);
          }
        });
  }

  @Override
  public void close() {
    Future.all(server.close(), client.close()).await();
  }
}
