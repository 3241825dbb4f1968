package io.penstock.ingest.dev;

import io.penstock.ingest.Service;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.util.List;

/**
 * The local registry at the address at which clients expect one: its Confluent interface answers at
 * the root, and at its own path as well.
 */
final class RegistryFront implements AutoCloseable {

  /** The resources of Confluent's interface. */
  private static final List<String> RESOURCES =
      List.of("/schemas", "/subjects", "/config", "/compatibility", "/mode", "/contexts");

  private final Vertx vertx;
  private final HttpClient client;
  private final URI registry;
  private final HttpServer server;

  /**
   * Opens it.
   *
   * @param registryUrl the registry's Confluent interface
   * @param port 0 for any free one
   */
  RegistryFront(String registryUrl, int port) {
    registry = URI.create(registryUrl);
    vertx = Service.vertx();
    client = vertx.createHttpClient();
    server = vertx.createHttpServer().requestHandler(this::forward);
    server.listen(port, "127.0.0.1").await();
  }

  /** Where it answers. */
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
                          request
                              .headers()
                              .forEach(
                                  header ->
                                      copy(
                                          header.getKey(),
                                          header.getValue(),
                                          forwarded.headers()::add));
                          return forwarded.send(body);
                        }))
        .compose(
            answer ->
                answer
                    .body()
                    .compose(
                        body -> {
                          request.response().setStatusCode(answer.statusCode());
                          answer
                              .headers()
                              .forEach(
                                  header ->
                                      copy(
                                          header.getKey(),
                                          header.getValue(),
                                          request.response().headers()::add));
                          return request.response().end(body);
                        }))
        .recover(
            failure ->
                request
                    .response()
                    .setStatusCode(502)
                    .end(Buffer.buffer("the registry does not answer")))
        .onFailure(failure -> request.connection().close());
  }

  private interface Header {
    Object add(String name, String value);
  }

  /** What belongs to one connection is not passed on (RFC 9110, section 7.6.1). */
  private static void copy(String name, String value, Header target) {
    switch (name.toLowerCase(java.util.Locale.ROOT)) {
      case "connection",
          "content-length",
          "host",
          "keep-alive",
          "transfer-encoding",
          "upgrade" -> {}
      default -> target.add(name, value);
    }
  }

  @Override
  public void close() {
    Future.all(server.close(), client.close()).transform(done -> vertx.close()).await();
  }
}
