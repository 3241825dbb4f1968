package io.penstock.ingest.ingress;

import io.netty.channel.ChannelPipeline;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.ingress.Connection.Cause;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.Http1ServerConfig;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.impl.ConnectionBase;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The public port: one of these on each event loop, all listening on the same address. */
public final class IngressServer extends VerticleBase {

  private static final int MAX_REQUEST_LINE = 8 * 1024;
  private static final int MAX_HEADERS_SIZE = 16 * 1024;
  private static final Duration DELAY_CHECK = Duration.ofMillis(100);

  private final HttpServerOptions options;
  private final SocketAddress address;
  private final IngressContext ingress;
  private final Configuration.Connections limits;
  private final Connections connections;
  private HttpServer server;

  /**
   * Opens nothing yet: see {@link #start}.
   *
   * @param servers how many of these share the connections
   * @param certificate null for plain HTTP
   */
  @SuppressWarnings("NullAway.Init") // the server is there once it is started
  public IngressServer(
      Configuration.Http http,
      IngressContext ingress,
      int servers,
      @Nullable ServerSSLOptions certificate) {
    this.ingress = ingress;
    this.limits = http.connections();
    this.connections =
        new Connections(
            limits,
            Math.max(1, limits.most() / servers),
            System::nanoTime,
            () -> ThreadLocalRandom.current().nextDouble(),
            ingress.connectionMeters());
    this.address =
        http.port() == 0
            ? SocketAddress.sharedRandomPort(1, http.host())
            : SocketAddress.inetSocketAddress(http.port(), http.host());
    this.options =
        new HttpServerOptions()
            // A webhook is one plain HTTP/1.1 request; an upgrade would only be another way in.
            .setHttp2ClearTextEnabled(false)
            .setUseAlpn(false)
            .setTcpNoDelay(true)
            .setMaxInitialLineLength(MAX_REQUEST_LINE)
            .setMaxHeaderSize(MAX_HEADERS_SIZE);
    if (certificate != null) {
      options
          .setSsl(true)
          .setKeyCertOptions(certificate.getKeyCertOptions())
          .setEnabledSecureTransportProtocols(Set.of("TLSv1.2", "TLSv1.3"))
          .setSslHandshakeTimeout(limits.requestTimeout().toMillis())
          .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS);
    }
  }

  @Override
  public Future<?> start() {
    Duration least =
        limits.requestTimeout().compareTo(limits.idleTimeout()) < 0
            ? limits.requestTimeout()
            : limits.idleTimeout();
    vertx.setPeriodic(Math.clamp(least.toMillis() / 4, 20, 1000), timer -> connections.sweep());
    EventLoopDelay delay =
        new EventLoopDelay(System::nanoTime, DELAY_CHECK, ingress.eventLoopDelay());
    vertx.setPeriodic(DELAY_CHECK.toMillis(), timer -> delay.tick());
    server =
        vertx
            .createHttpServer(options)
            .connectionHandler(this::connected)
            .invalidRequestHandler(this::invalid)
            .requestHandler(this::requested);
    return server.listen(address);
  }

  /** Called as soon as a connection is there, before anything is read from it. */
  private void connected(HttpConnection http) {
    Connection connection = connections.opened(http);
    if (connection == null) {
      http.close();
      return;
    }
    http.closeHandler(closed -> connections.closed(http));
    ChannelPipeline pipeline = ((ConnectionBase) http).channel().pipeline();
    pipeline.replace(
        "httpDecoder",
        "httpDecoder",
        new StrictRequestDecoder(
            new Http1ServerConfig()
                .setMaxInitialLineLength(MAX_REQUEST_LINE)
                .setMaxHeaderSize(MAX_HEADERS_SIZE),
            connections,
            connection));
  }

  private void requested(HttpServerRequest request) {
    Connection connection = connections.of(request.connection());
    if (connection != null) {
      new Exchange(ingress, connections, connection, request).begin();
    }
  }

  private void invalid(HttpServerRequest request) {
    ingress.connectionMeters().closed(Cause.INVALID_REQUEST);
    HttpServerRequest.DEFAULT_INVALID_REQUEST_HANDLER.handle(request);
  }

  /** New connections get this certificate; those that are open keep theirs. */
  public Future<?> use(ServerSSLOptions certificate) {
    return server.updateSSLOptions(certificate, true);
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
