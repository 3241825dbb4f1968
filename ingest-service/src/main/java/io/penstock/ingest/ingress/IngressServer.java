package io.penstock.ingest.ingress;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelOption;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.ingress.Connection.Cause;
import io.penstock.ingest.source.Source;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.Http1ServerConfig;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.impl.ConnectionBase;
import java.time.Duration;
import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The public port: one of these on each event loop, all listening on the same address. */
public final class IngressServer extends VerticleBase {

  private static final int MAX_REQUEST_LINE = 8 * 1024;
  private static final int MAX_HEADERS_SIZE = 16 * 1024;

  /** In bytes: a hundred answers, for a client that does not take them. */
  private static final int SEND_BUFFER = 32 * 1024;

  /** In bytes: as much as one read takes, and so as much as an unfinished line can keep. */
  private static final int LARGEST_READ = 16 * 1024;

  private static final int FIRST_READ = 2 * 1024;
  private static final int SMALLEST_READ = 512;

  private static final Duration DELAY_CHECK = Duration.ofMillis(100);

  private final HttpServerOptions options;
  private final SocketAddress address;
  private final IngressContext ingress;
  private final Configuration.ConnectionsConfig limits;
  private final OpenConnections connections;
  private HttpServer server;

  /**
   * Opens nothing yet: see {@link #start}.
   *
   * @param servers how many of these share the connections
   * @param certificate null for plain HTTP
   */
  @SuppressWarnings("NullAway.Init") // the server is there once it is started
  public IngressServer(
      Configuration.HttpConfig http,
      IngressContext ingress,
      int servers,
      @Nullable ServerSSLOptions certificate) {
    this.ingress = ingress;
    this.limits = http.connections();
    this.connections =
        new OpenConnections(
            limits,
            Math.max(1, limits.most() / servers),
            System::nanoTime,
            () -> ThreadLocalRandom.current().nextDouble(),
            longestAnswer(ingress).plus(limits.requestTimeout()),
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
            .setSendBufferSize(SEND_BUFFER)
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

  private static Duration longestAnswer(IngressContext ingress) {
    return ingress.sources().all().stream()
        .map(Source::acknowledgementDeadline)
        .max(Comparator.naturalOrder())
        .orElse(Duration.ZERO);
  }

  @Override
  public Future<?> start() {
    Troubles troubles = ingress.troubles();
    // For what escapes a handler: Vert.x would write a line for each.
    vertx
        .getOrCreateContext()
        .exceptionHandler(
            cause ->
                troubles.report("An event loop met a fault", SourceMeters.UNKNOWN, null, cause));
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
            .exceptionHandler(troubles::memory) // before a connection is there
            .connectionHandler(this::connected)
            .invalidRequestHandler(this::invalid)
            .requestHandler(this::requested);
    return server.listen(address);
  }

  /** Called as soon as a connection is there, before anything is read from it. */
  private void connected(HttpConnection http) {
    Channel channel = ((ConnectionBase) http).channel();
    StrictRequestDecoder decoder =
        new StrictRequestDecoder(
            new Http1ServerConfig()
                .setMaxInitialLineLength(MAX_REQUEST_LINE)
                .setMaxHeaderSize(MAX_HEADERS_SIZE),
            connections,
            ingress.troubles());
    channel.pipeline().replace("httpDecoder", "httpDecoder", decoder);
    Connection connection = connections.opened(http, decoder);
    if (connection == null) {
      return;
    }
    decoder.belongsTo(connection);
    // Not when its end begins: what it holds is held until then.
    channel.closeFuture().addListener(closed -> connections.closed(http));
    http.exceptionHandler(ingress.troubles()::memory);
    ChannelConfig config = channel.config();
    config.setRecvByteBufAllocator(
        new AdaptiveRecvByteBufAllocator(SMALLEST_READ, FIRST_READ, LARGEST_READ));
    // A client that has ended its output is answered all the same.
    config.setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
  }

  private void requested(HttpServerRequest request) {
    Connection connection = connections.of(request.connection());
    if (connection == null || connection.isClosing()) {
      return;
    }
    try {
      new Exchange(ingress, connections, connection, request).begin();
    } catch (Throwable e) {
      ingress.troubles().report("A request could not be taken", SourceMeters.UNKNOWN, null, e);
      connections.close(connection, Cause.FAILED);
    }
  }

  /** Its answer is its connection's last, and has as much time to be taken as any. */
  private void invalid(HttpServerRequest request) {
    ingress.connectionMeters().closed(Cause.INVALID_REQUEST);
    Connection connection = connections.of(request.connection());
    if (connection == null || connection.isClosing()) {
      return;
    }
    connection.headEnded(connections.now(), () -> {});
    connection.bodyEnded(connections.now());
    connection.answering(connections.now());
    request
        .response()
        .setStatusCode(HeadRules.status(request.decoderResult().cause()))
        .putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE)
        .end()
        .onComplete(done -> connections.end(connection));
  }

  /** New connections get this certificate; those that are open keep theirs. */
  public Future<?> use(ServerSSLOptions certificate) {
    return server.updateSSLOptions(certificate, true);
  }

  @Override
  public Future<?> stop() {
    connections.closeAll();
    return server.close();
  }

  /** The port that is bound. */
  public int port() {
    return server.actualPort();
  }
}
