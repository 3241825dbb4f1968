package io.penstock.ingest.ingress;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.penstock.ingest.auth.Place;
import io.penstock.ingest.auth.SecretException;
import io.penstock.ingest.auth.SecretFiles;
import io.penstock.ingest.auth.SharedSecret;
import io.penstock.ingest.auth.bcrypt.Bcrypt;
import io.penstock.ingest.auth.bcrypt.BcryptPool;
import io.penstock.ingest.config.AuthSpec;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.SecretRef;
import io.penstock.ingest.delivery.ReceiptIds;
import io.penstock.ingest.source.Source;
import io.penstock.ingest.source.Sources;
import io.penstock.ingest.tracing.Tracing;
import io.vertx.core.Vertx;
import io.vertx.core.net.ServerSSLOptions;
import java.lang.reflect.Proxy;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The public port on the loopback interface, before a {@link FakeLandingLog}. Its sources: {@code
 * open} asks for nothing, {@code small} neither and takes 1000 bytes, {@code token} wants the URL
 * token, {@code bcrypt} a bcrypt token, {@code basic} and {@code bearer} what they say, {@code
 * several} the URL token and Basic, {@code field} a member of the body, {@code limited} the URL
 * token, and no more deliveries than {@link #RATE}.
 */
final class Ingress implements AutoCloseable {

  static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
  static final String TOKEN = "the-url-token-of-the-tests";
  static final String USER = "someone";
  static final String SHARED_SECRET = "the-shared-secret-of-the-tests";
  static final int LARGEST = 1024 * 1024;
  static final int SMALL = 1000;
  static final int REQUESTS = 100;

  /** How much {@code limited} may send. */
  static final Configuration.RateLimit RATE = new Configuration.RateLimit(1, 2);

  final FakeLandingLog log = new FakeLandingLog();
  final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  final Admission admission;
  final Refusals refusals;
  final IngressContext context;

  /** What throws from now on, each time it is asked; see {@link #breaks}. */
  private final Set<Part> broken = ConcurrentHashMap.newKeySet();

  final CountDownLatch bcryptMatched = new CountDownLatch(1);

  /** What the ingress uses, and what may have a bug. */
  enum Part {
    CLOCK,
    LISTENER_OF_SECRETS,
    LOG_OF_DELIVERIES
  }

  private final Vertx vertx;
  private final Sources sources;
  private final String deployment;
  private final IngressServer server;

  /**
   * @param limit of the bytes in flight
   */
  Ingress(Vertx vertx, long limit) throws Exception {
    this(vertx, limit, Configuration.ConnectionsConfig.DEFAULT, null);
  }

  /**
   * @param certificate null for plain HTTP
   */
  Ingress(
      Vertx vertx,
      long limit,
      Configuration.ConnectionsConfig connections,
      @Nullable ServerSSLOptions certificate)
      throws Exception {
    this.vertx = vertx;
    this.sources = sources();
    this.admission = new Admission(limit, REQUESTS, sources.all());
    this.refusals = new Refusals(20, sources, this::now);
    this.context =
        new IngressContext(
            vertx,
            sources,
            log,
            admission,
            new ReceiptIds(this::now, new SecureRandom()),
            this::now,
            meters,
            Tracing.off(),
            refusals,
            breakable(LoggerFactory.getLogger(DeliveryLog.NAME)));
    this.server =
        new IngressServer(
            new Configuration.HttpConfig(
                "127.0.0.1", 0, 0, limit, REQUESTS, connections, Duration.ZERO, 20, null),
            context,
            1,
            certificate);
    this.deployment = vertx.deployVerticle(server).await(120, TimeUnit.SECONDS);
  }

  /** From now on, this part throws an error whenever it is used. */
  void breaks(Part part) {
    broken.add(part);
  }

  void isMended() {
    broken.clear();
  }

  private void use(Part part) {
    if (broken.contains(part)) {
      throw new NoClassDefFoundError("a test's " + part);
    }
  }

  private Instant now() {
    use(Part.CLOCK);
    return NOW;
  }

  private Logger breakable(Logger logger) {
    return (Logger)
        Proxy.newProxyInstance(
            Logger.class.getClassLoader(),
            new Class<?>[] {Logger.class},
            (proxy, method, arguments) -> {
              use(Part.LOG_OF_DELIVERIES);
              return method.invoke(logger, arguments);
            });
  }

  private Sources sources() throws SecretException {
    AuthSpec url = new SharedSecret(Place.URL_TOKEN, List.of(new SecretRef.Env("TOKEN")));
    AuthSpec bcrypt = new Bcrypt("x-token", List.of(new SecretRef.Env("SHARED")), 6);
    AuthSpec field = new SharedSecret(Place.BODY_FIELD, "key", List.of(new SecretRef.Env("TOKEN")));
    AuthSpec basic = new SharedSecret(Place.BASIC, USER, List.of(new SecretRef.Env("SHARED")));
    AuthSpec bearer = new SharedSecret(Place.BEARER, List.of(new SecretRef.Env("SHARED")));
    return Sources.open(
        List.of(
            new Configuration.SourceConfig("open", "scripted", LARGEST, List.of()),
            new Configuration.SourceConfig("small", "scripted", SMALL, List.of()),
            new Configuration.SourceConfig("token", "scripted", LARGEST, List.of(url)),
            new Configuration.SourceConfig("bcrypt", "scripted", LARGEST, List.of(bcrypt)),
            new Configuration.SourceConfig("basic", "scripted", LARGEST, List.of(basic)),
            new Configuration.SourceConfig("bearer", "scripted", LARGEST, List.of(bearer)),
            new Configuration.SourceConfig("several", "scripted", LARGEST, List.of(url, basic)),
            new Configuration.SourceConfig("field", "scripted", LARGEST, List.of(field)),
            new Configuration.SourceConfig(
                "limited",
                "scripted",
                LARGEST,
                List.of(url),
                null,
                Configuration.SourceConfig.SHORTEST_DEADLINE,
                new Configuration.LimitsConfig(null, null, RATE))),
        name -> Optional.of(new ScriptedIdentity()),
        new SecretFiles(
            Map.of("TOKEN", TOKEN, "SHARED", SHARED_SECRET),
            Duration.ofHours(1),
            SecretFiles.Listener.NONE),
        new BcryptPool(BcryptPool.Limits.forProcessors(1), System::nanoTime),
        (source, spec) ->
            entry -> {
              use(Part.LISTENER_OF_SECRETS);
              if (spec instanceof Bcrypt) {
                bcryptMatched.countDown();
              }
            },
        InstantSource.fixed(NOW));
  }

  Source source(String name) {
    return Objects.requireNonNull(sources.byName(name));
  }

  /** Another delivery to {@code open}, that holds what its source may hold, but for this. */
  Admission.Lease fill(long butFor) {
    Admission.Lease lease = Objects.requireNonNull(admission.authenticated(source("open"), 0));
    for (long step = admission.limit(); step > 0; step /= 2) {
      while (lease.resize(lease.bytes() + step)) {
        // more
      }
    }
    lease.resize(lease.bytes() - butFor);
    return lease;
  }

  int port() {
    return server.port();
  }

  /** How many connections were closed for this. */
  double closed(Connection.Cause cause) {
    return meters.get("penstock.connections.closed").tag("cause", cause.label()).counter().count();
  }

  void use(ServerSSLOptions certificate) throws TimeoutException {
    server.use(certificate).await(120, TimeUnit.SECONDS);
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
    vertx.undeploy(deployment).await(120, TimeUnit.SECONDS);
    sources.close();
  }
}
