package io.penstock.ingest.ingress;

import io.penstock.ingest.config.Configuration;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.Router;
import java.util.concurrent.TimeUnit;

/** The public port: one of these on each event loop, all listening on the same address. */
public final class IngressServer extends VerticleBase {

  private final HttpServerOptions options;
  private final SocketAddress address;
  private final IngressContext ingress;
  private HttpServer server;

  /** Opens nothing yet: see {@link #start}. */
  @SuppressWarnings("NullAway.Init") // the server is there once it is started
  public IngressServer(Configuration.Http http, IngressContext ingress) {
    this.ingress = ingress;
    this.address =
        http.port() == 0
            ? SocketAddress.sharedRandomPort(1, http.host())
            : SocketAddress.inetSocketAddress(http.port(), http.host());
    this.options =
        new HttpServerOptions()
            // A webhook is one plain HTTP/1.1 request; an upgrade would only be another way in.
            .setHttp2ClearTextEnabled(false)
            .setIdleTimeout(75)
            .setIdleTimeoutUnit(TimeUnit.SECONDS)
            .setTcpNoDelay(true)
            .setMaxInitialLineLength(8 * 1024)
            .setMaxHeaderSize(16 * 1024);
  }

  @Override
  public Future<?> start() {
    Router router = Router.router(vertx);
    router.route().handler(routing -> new Exchange(ingress, routing.request()).begin());
    server = vertx.createHttpServer(options).requestHandler(router);
    return server.listen(address);
  }

  @Override
  public Future<?> stop() {
    return server.close();
  }

  /** The port that is bound. */
  public int port() {
    return server.actualPort();
  }
}
