package io.penstock.benchmarks.jmh;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.penstock.benchmarks.CsmDelivery;
import io.penstock.ingest.auth.Place;
import io.penstock.ingest.auth.SecretException;
import io.penstock.ingest.auth.SecretFiles;
import io.penstock.ingest.auth.SharedSecret;
import io.penstock.ingest.auth.bcrypt.BcryptPool;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.SecretRef;
import io.penstock.ingest.delivery.ReceiptIds;
import io.penstock.ingest.ingress.Admission;
import io.penstock.ingest.ingress.IngressContext;
import io.penstock.ingest.ingress.IngressServer;
import io.penstock.ingest.ingress.Refusals;
import io.penstock.ingest.landing.AppendOutcome;
import io.penstock.ingest.landing.LandingLog;
import io.penstock.ingest.provider.Providers;
import io.penstock.ingest.source.Sources;
import io.penstock.ingest.tracing.Tracing;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A delivery's whole way through the ingress in one process: a real connection, authentication,
 * identification, limits, metrics, the line of each delivery, and a landing log that acknowledges
 * at once. One request after the other, so its time is that of two threads that wake each other;
 * what it is for are the bytes that a delivery allocates, with {@code -prof gc}, which do not
 * depend on the machine's load.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(value = 1, jvmArgsAppend = "-Dlog4j2.configurationFile=benchmark-log4j2.xml")
public class IngressBenchmark {

  private static final String TOKEN = "an-unguessable-token-of-a-benchmark";
  private static final int BODY_BYTES = 780;
  private static final long IN_FLIGHT_BYTES = 64L * 1024 * 1024;
  private static final int REFUSALS_KEPT = 20;
  private static final int IN_FLIGHT_REQUESTS = 8192;
  private static final byte[] ACCEPTED = "HTTP/1.1 200 ".getBytes(US_ASCII);

  private final ByteBuffer answer = ByteBuffer.allocateDirect(4096);
  private Vertx vertx;
  private Sources sources;
  private SocketChannel client;
  private CsmDelivery delivery;
  private ByteBuffer request;
  private long number;

  /** Has no state yet: see {@link #open}. */
  @SuppressWarnings("NullAway.Init") // JMH calls the set-up
  public IngressBenchmark() {}

  /** A landing log that has every delivery at once. */
  private static final class InstantLog implements LandingLog {
    @Override
    public Future<AppendOutcome> append(
        io.penstock.ingest.landing.LandingRecord record, Duration within, Runnable settled) {
      settled.run();
      return Future.succeededFuture(AppendOutcome.BY_KAFKA);
    }
  }

  /** Opens the port and connects to it. */
  @Setup(Level.Trial)
  public void open() throws IOException, SecretException {
    vertx = Vertx.vertx();
    sources =
        Sources.open(
            List.of(
                new Configuration.SourceConfig(
                    "generations",
                    "csm",
                    1024 * 1024,
                    List.of(
                        new SharedSecret(
                            Place.URL_TOKEN, List.of(new SecretRef.Env("CSM_URL_TOKEN")))))),
            Providers::byName,
            new SecretFiles(
                Map.of("CSM_URL_TOKEN", TOKEN), Duration.ofHours(1), SecretFiles.Listener.NONE),
            new BcryptPool(BcryptPool.Limits.forProcessors(1), System::nanoTime),
            Sources.MatchListeners.NONE,
            InstantSource.system());
    IngressServer server =
        new IngressServer(
            new Configuration.HttpConfig(
                "127.0.0.1",
                0,
                0,
                IN_FLIGHT_BYTES,
                IN_FLIGHT_REQUESTS,
                Configuration.ConnectionsConfig.DEFAULT,
                Duration.ZERO,
                REFUSALS_KEPT,
                null),
            new IngressContext(
                vertx,
                sources,
                new InstantLog(),
                new Admission(IN_FLIGHT_BYTES, IN_FLIGHT_REQUESTS, sources.all()),
                new ReceiptIds(InstantSource.system(), new SecureRandom()),
                InstantSource.system(),
                new PrometheusMeterRegistry(PrometheusConfig.DEFAULT),
                Tracing.off(),
                new Refusals(REFUSALS_KEPT, sources, InstantSource.system())),
            1,
            null);
    vertx.deployVerticle(server).await();
    delivery = new CsmDelivery("/webhooks/generations/" + TOKEN, BODY_BYTES);
    request = delivery.request();
    connect(server.port());
  }

  private void connect(int port) throws IOException {
    client = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    client.setOption(StandardSocketOptions.TCP_NODELAY, true);
  }

  /** Ends all of it. */
  @TearDown(Level.Trial)
  public void close() throws IOException {
    client.close();
    vertx.close().await();
    sources.close();
  }

  /** Sends a delivery with an id of its own, and waits for its answer. */
  @Benchmark
  public int deliver() throws IOException {
    delivery.number(request, number++);
    request.rewind();
    while (request.hasRemaining()) {
      client.write(request);
    }
    answer.clear();
    // An answer is small, and the only one: its body ends with its object.
    do {
      if (client.read(answer) < 0) {
        throw new IOException("The connection was closed");
      }
    } while (answer.get(answer.position() - 1) != '}');
    for (int i = 0; i < ACCEPTED.length; i++) {
      if (answer.get(i) != ACCEPTED[i]) {
        throw new IOException(text());
      }
    }
    return answer.position();
  }

  private String text() {
    byte[] bytes = new byte[answer.position()];
    answer.get(0, bytes);
    return new String(bytes, ISO_8859_1);
  }
}
