package io.penstock.ingest.ingress;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.penstock.ingest.auth.MatchListener;
import io.penstock.ingest.auth.SecretException;
import io.penstock.ingest.auth.SecretFiles;
import io.penstock.ingest.config.AuthSpec;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.SecretRef;
import io.penstock.ingest.delivery.ReceiptIds;
import io.penstock.ingest.provider.smartshape.BcryptPool;
import io.penstock.ingest.source.Sources;
import io.penstock.ingest.tracing.Tracing;
import io.vertx.core.Vertx;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The public port on the loopback interface, before a {@link FakeLandingLog}. Its sources: {@code
 * open} asks for nothing, {@code small} neither and takes 1000 bytes, {@code token} wants the URL
 * token, {@code bcrypt} a bcrypt token.
 */
final class Ingress implements AutoCloseable {

  static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
  static final String TOKEN = "the-url-token-of-the-tests";
  static final String SHARED_SECRET = "the-shared-secret-of-the-tests";
  static final int LARGEST = 1024 * 1024;
  static final int SMALL = 1000;

  final FakeLandingLog log = new FakeLandingLog();
  final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  final Admission admission;
  final IngressContext context;
  final CountDownLatch bcryptMatched = new CountDownLatch(1);

  private final Vertx vertx;
  private final Sources sources;
  private final String deployment;
  private final IngressServer server;

  /**
   * @param limit of the bytes in flight
   */
  Ingress(Vertx vertx, long limit) throws Exception {
    this.vertx = vertx;
    this.admission = new Admission(limit);
    this.sources = sources();
    this.context =
        new IngressContext(
            vertx,
            sources,
            log,
            admission,
            new ReceiptIds(InstantSource.fixed(NOW), new SecureRandom()),
            InstantSource.fixed(NOW),
            meters,
            Tracing.off());
    this.server = new IngressServer(new Configuration.Http("127.0.0.1", 0, 0, limit), context);
    this.deployment = vertx.deployVerticle(server).await(5, TimeUnit.SECONDS);
  }

  private Sources sources() throws SecretException {
    AuthSpec url = new AuthSpec.UrlToken(List.of(new SecretRef.Env("TOKEN")));
    AuthSpec bcrypt = new AuthSpec.BcryptToken("x-token", List.of(new SecretRef.Env("SHARED")), 6);
    return Sources.open(
        List.of(
            new Configuration.Source("open", "scripted", LARGEST, List.of()),
            new Configuration.Source("small", "scripted", SMALL, List.of()),
            new Configuration.Source("token", "scripted", LARGEST, List.of(url)),
            new Configuration.Source("bcrypt", "scripted", LARGEST, List.of(bcrypt))),
        name -> Optional.of(new ScriptedIdentity()),
        new SecretFiles(
            Map.of("TOKEN", TOKEN, "SHARED", SHARED_SECRET),
            Duration.ofHours(1),
            SecretFiles.Listener.NONE),
        new BcryptPool(BcryptPool.Limits.forProcessors(1), System::nanoTime),
        (source, spec) ->
            spec instanceof AuthSpec.BcryptToken
                ? entry -> bcryptMatched.countDown()
                : MatchListener.NONE,
        InstantSource.fixed(NOW));
  }

  RawClient connect() throws java.io.IOException {
    return new RawClient(server.port());
  }

  /** How many requests of a source ended so; 0 where there is no such counter. */
  double count(String source, String outcome, String reason) {
    return meters
        .find("penstock.deliveries")
        .tags("source", source, "outcome", outcome, "reason", reason)
        .counters()
        .stream()
        .mapToDouble(Counter::count)
        .sum();
  }

  @Override
  public void close() throws TimeoutException {
    vertx.undeploy(deployment).await(5, TimeUnit.SECONDS);
    sources.close();
  }
}
