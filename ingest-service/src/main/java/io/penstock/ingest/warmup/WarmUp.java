package io.penstock.ingest.warmup;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.penstock.ingest.auth.SecretException;
import io.penstock.ingest.auth.SecretFiles;
import io.penstock.ingest.auth.bcrypt.BcryptPool;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.delivery.ReceiptIds;
import io.penstock.ingest.ingress.Admission;
import io.penstock.ingest.ingress.IngressContext;
import io.penstock.ingest.ingress.IngressServer;
import io.penstock.ingest.ingress.Refusals;
import io.penstock.ingest.landing.LandingClasses;
import io.penstock.ingest.management.Health;
import io.penstock.ingest.management.ManagementServer;
import io.penstock.ingest.management.Readiness;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.Sample;
import io.penstock.ingest.source.Sources;
import io.penstock.ingest.tracing.Tracing;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.helpers.NOPLogger;

/**
 * Sends a sample of every provider by HTTP, and rehearses every fault ({@link FaultRehearsal}),
 * before there are real deliveries. An event loop that loads the classes for its first request, or
 * for its first fault, delays all others by tenths of a second. The warm-up has event loops and
 * ports of its own, on the loopback interface, and keeps nothing.
 */
public final class WarmUp {

  private static final Logger log = LoggerFactory.getLogger(WarmUp.class);

  private static final int ROUNDS = 3;
  private static final String HOST = "127.0.0.1";

  private WarmUp() {}

  /** Requests that are sent to servers on event loops of the warm-up's own. */
  private interface Rounds {
    void run(Vertx vertx, PrometheusMeterRegistry registry)
        throws SecretException, TimeoutException;
  }

  /**
   * Warms up an instance that takes deliveries. Blocks for some tenths of a second. A failure is
   * logged and does not prevent the start.
   *
   * @param certificate null for plain HTTP
   */
  public static void ofIngress(
      Configuration.HttpConfig http,
      List<Provider> providers,
      @Nullable ServerSSLOptions certificate,
      InstantSource clock) {
    run(
        (vertx, registry) -> {
          ingress(vertx, registry, http, providers, certificate, clock);
          management(vertx, registry);
        });
  }

  /** Warms up an instance that only has a management port. */
  public static void ofManagement() {
    run(WarmUp::management);
  }

  private static void run(Rounds rounds) {
    long start = System.nanoTime();
    Vertx vertx = Vertx.vertx(WarmVertx.options());
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    try {
      rounds.run(vertx, registry);
    } catch (Exception | LinkageError e) {
      log.atWarn().addKeyValue("cause", e.toString()).log("The first deliveries will be slow");
    } finally {
      vertx.close();
      registry.close();
      // This line has a field, as those of deliveries have: it loads the classes that write them.
      log.atInfo()
          .addKeyValue("milliseconds", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start))
          .log("The event loops are warm");
    }
  }

  private static void ingress(
      Vertx vertx,
      PrometheusMeterRegistry registry,
      Configuration.HttpConfig http,
      List<Provider> providers,
      @Nullable ServerSSLOptions certificate,
      InstantSource clock)
      throws SecretException, TimeoutException {
    LandingClasses.load();
    FaultRehearsal.Log log = new FaultRehearsal.Log(vertx);
    try (Sources sources = sources(providers, clock)) {
      Configuration.HttpConfig local =
          new Configuration.HttpConfig(HOST, 0, 0, http.maxInFlightBytes());
      IngressServer ingress =
          new IngressServer(
              local,
              new IngressContext(
                  vertx,
                  sources,
                  log,
                  new Admission(
                      local.maxInFlightBytes(), local.maxInFlightRequests(), sources.all()),
                  new ReceiptIds(clock, new SecureRandom()),
                  clock,
                  registry,
                  Tracing.off(),
                  new Refusals(http.refusalsKept(), sources, clock),
                  NOPLogger.NOP_LOGGER),
              1,
              certificate);
      await(vertx.deployVerticle(ingress));
      deliver(vertx, ingress.port(), providers, certificate != null, log);
    } finally {
      log.stop();
    }
  }

  private static void deliver(
      Vertx vertx, int port, List<Provider> providers, boolean isTls, FaultRehearsal.Log log)
      throws TimeoutException {
    HttpClient client =
        vertx.createHttpClient(
            new HttpClientOptions().setSsl(isTls).setTrustAll(true).setVerifyHost(false));
    NetClient connections =
        vertx.createNetClient(
            new NetClientOptions()
                .setSsl(isTls)
                .setTrustAll(true)
                .setHostnameVerificationAlgorithm(""));
    try {
      for (int i = 0; i < ROUNDS; i++) {
        for (Provider provider : providers) {
          for (Sample sample : provider.samples()) {
            ask(client, HttpMethod.POST, port, "/webhooks/" + provider.name(), sample);
          }
        }
      }
      Provider provider = providers.getFirst();
      byte[] body = provider.samples().getFirst().body();
      FaultRehearsal.run(connections, HOST, port, provider.name(), body, log);
    } finally { // also keeps them reachable: Vert.x closes a client that nothing refers to
      client.close();
      connections.close();
    }
  }

  private static void management(Vertx vertx, PrometheusMeterRegistry registry)
      throws TimeoutException {
    Health health =
        new Health(
            List.of(new Health.Check("warm-up", true, () -> new Health.State(true, "none"))));
    ManagementServer management =
        new ManagementServer(
            HOST,
            0,
            registry,
            new Readiness(health, () -> true, System::nanoTime, NOPLogger.NOP_LOGGER),
            List.of());
    await(vertx.deployVerticle(management));
    HttpClient client = vertx.createHttpClient();
    try {
      for (String path : List.of("/health/live", "/health/ready", "/health/startup", "/metrics")) {
        ask(client, HttpMethod.GET, management.port(), path, new Sample("none", new byte[0]));
      }
    } finally {
      client.close();
    }
  }

  private static Sources sources(List<Provider> providers, InstantSource clock)
      throws SecretException {
    return Sources.open(
        Stream.concat(
                providers.stream()
                    .map(
                        each ->
                            new Configuration.SourceConfig(
                                each.name(), each.name(), 1024 * 1024, List.of())),
                FaultRehearsal.sources(providers.getFirst()).stream())
            .toList(),
        name -> providers.stream().filter(each -> each.name().equals(name)).findFirst(),
        new SecretFiles(
            FaultRehearsal.environment(), Duration.ofHours(1), SecretFiles.Listener.NONE),
        new BcryptPool(BcryptPool.Limits.forProcessors(1), System::nanoTime),
        Sources.MatchListeners.NONE,
        clock);
  }

  private static void ask(
      HttpClient client, HttpMethod method, int port, String path, Sample sample)
      throws TimeoutException {
    await(
        client
            .request(method, port, HOST, path)
            .compose(request -> request.send(Buffer.buffer(sample.body())))
            .compose(HttpClientResponse::body));
  }

  private static <T> T await(Future<T> future) throws TimeoutException {
    return future.await(5, TimeUnit.SECONDS);
  }
}
