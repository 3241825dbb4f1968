package io.penstock.ingest;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.penstock.ingest.auth.SecretException;
import io.penstock.ingest.auth.SecretFiles;
import io.penstock.ingest.cluster.ClusterLog;
import io.penstock.ingest.cluster.ClusterWatch;
import io.penstock.ingest.cluster.StoreRequirement;
import io.penstock.ingest.cluster.TopicRequirement;
import io.penstock.ingest.cluster.TopicSetup;
import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.Configuration.Role;
import io.penstock.ingest.delivery.ReceiptIds;
import io.penstock.ingest.ingress.Admission;
import io.penstock.ingest.ingress.Certificate;
import io.penstock.ingest.ingress.IngressContext;
import io.penstock.ingest.ingress.IngressServer;
import io.penstock.ingest.landing.Landing;
import io.penstock.ingest.landing.LandingReadiness;
import io.penstock.ingest.management.Health;
import io.penstock.ingest.management.ManagementServer;
import io.penstock.ingest.management.Readiness;
import io.penstock.ingest.observability.LastingWarning;
import io.penstock.ingest.observability.LogQueue;
import io.penstock.ingest.observability.Meters;
import io.penstock.ingest.pipeline.Pipeline;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.Providers;
import io.penstock.ingest.provider.smartshape.BcryptPool;
import io.penstock.ingest.source.SecretMeters;
import io.penstock.ingest.source.Sources;
import io.penstock.ingest.tracing.Tracing;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running instance, with the roles that its configuration gives it.
 *
 * <p>Its ports are open from the start: until the landing log has been found, deliveries are
 * answered 503 and the instance is not ready. What the operator must mend ends {@link #failure};
 * what passes by itself is waited for.
 */
public final class Service implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Service.class);

  private static final Duration RETRY = Duration.ofSeconds(2);
  private static final Duration ADMIN_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration SECRET_INTERVAL = Duration.ofSeconds(1);
  private static final Duration DRAIN = Duration.ofSeconds(8);
  private static final Duration CERTIFICATE_INTERVAL = Duration.ofSeconds(1);
  private static final Duration READINESS_INTERVAL = Duration.ofSeconds(1);

  /**
   * A Java property for tests, which no operator needs: the milliseconds that an event loop may be
   * busy before Vert.x complains, with a stack trace.
   */
  private static final String BLOCKED_THREAD_CHECK = "penstock.blocked-thread-check-millis";

  private final Configuration configuration;
  private final List<Provider> providers;
  private final InstantSource clock;
  private final PrometheusMeterRegistry registry;
  private final Vertx vertx;
  private final Sources sources;
  private final ClusterWatch watch;
  private final Tracing tracing;
  private final Thread watcher;
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final CompletableFuture<Void> failure = new CompletableFuture<>();
  private @Nullable Landing landing;
  private @Nullable Readiness readiness;
  private @Nullable IngressContext ingress;
  private @Nullable Certificate certificate;
  private @Nullable Pipeline pipeline;
  private final CompletableFuture<Void> closeDone = new CompletableFuture<>();
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile boolean topicsReady;
  private volatile String waitingFor = "Kafka";
  private final LastingWarning waiting = new LastingWarning(log, System::nanoTime);
  private final ClusterLog clusterLog = new ClusterLog(System::nanoTime);
  private final LastingWarning staleSecrets = new LastingWarning(log, System::nanoTime);
  private final LastingWarning staleCertificate = new LastingWarning(log, System::nanoTime);
  private volatile boolean draining;
  private int ingressPort;
  private int managementPort;

  private Service(
      Configuration configuration,
      List<Provider> providers,
      InstantSource clock,
      PrometheusMeterRegistry registry,
      Vertx vertx,
      Sources sources) {
    this.configuration = configuration;
    this.providers = providers;
    this.clock = clock;
    this.registry = registry;
    this.vertx = vertx;
    this.sources = sources;
    this.tracing = Tracing.of(configuration.tracing());
    this.watch =
        new ClusterWatch(
            configuration.kafka(), new Topics(configuration.topics().prefix()).inbound());
    this.watcher = new Thread(this::watch, "cluster-watch");
  }

  /**
   * Starts an instance by the machine's clock: when this returns its ports are open, and the rest
   * follows.
   *
   * @param environment where secrets are looked up
   * @throws StartException if it cannot run as configured
   */
  public static Service start(
      Configuration configuration, List<Provider> providers, Map<String, String> environment)
      throws StartException, InterruptedException {
    return start(configuration, providers, environment, InstantSource.system());
  }

  /**
   * Starts an instance as {@link #start(Configuration, List, Map)} does, by another clock.
   *
   * @param clock what it takes for the time: when deliveries are received, and whether a signature
   *     is recent
   */
  public static Service start(
      Configuration configuration,
      List<Provider> providers,
      Map<String, String> environment,
      InstantSource clock)
      throws StartException, InterruptedException {
    List<String> problems = HeapNeed.problems(configuration, Runtime.getRuntime().maxMemory());
    if (!problems.isEmpty()) {
      throw new StartException(problems);
    }
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    Vertx vertx = vertx();
    Service service = null;
    Sources sources = null;
    try {
      sources = sources(configuration, environment, clock, registry);
      service = new Service(configuration, providers, clock, registry, vertx, sources);
      service.open();
      return service;
    } catch (KafkaException e) {
      end(service, sources, vertx, e);
      throw new StartException(
          List.of("Kafka's client refuses its configuration: " + Console.describe(e)));
    } catch (Throwable e) { // errors too: what was opened would keep the process alive
      end(service, sources, vertx, e);
      throw e;
    }
  }

  /** Vert.x as all of the program uses it. */
  public static Vertx vertx() {
    VertxOptions options = options();
    Long blocked = Long.getLong(BLOCKED_THREAD_CHECK);
    if (blocked != null) {
      options
          .setBlockedThreadCheckInterval(blocked)
          .setBlockedThreadCheckIntervalUnit(TimeUnit.MILLISECONDS)
          .setMaxEventLoopExecuteTime(blocked)
          .setMaxEventLoopExecuteTimeUnit(TimeUnit.MILLISECONDS)
          .setWarningExceptionTime(blocked)
          .setWarningExceptionTimeUnit(TimeUnit.MILLISECONDS);
    }
    Vertx vertx = Vertx.vertx(options);
    // Its workers are started here: an event loop that starts a thread waits until that runs.
    for (int i = 0; i < options.getWorkerPoolSize(); i++) {
      vertx.executeBlocking(() -> true, false);
    }
    return vertx;
  }

  /** Vert.x without its directory of cached files: nothing is served from files. */
  static VertxOptions options() {
    return new VertxOptions()
        .setFileSystemOptions(
            new FileSystemOptions()
                .setFileCachingEnabled(false)
                .setClassPathResolvingEnabled(false));
  }

  /** Closes what a failed start has opened; nothing that goes wrong here hides the failure. */
  private static void end(
      @Nullable Service service, @Nullable Sources sources, Vertx vertx, Throwable failure) {
    boolean interrupted = Thread.interrupted(); // or nothing here would wait for anything
    try {
      if (service != null) {
        service.failure.completeExceptionally(failure);
        service.close();
      } else {
        if (sources != null) {
          sources.close();
        }
        vertx.close().await(3, TimeUnit.SECONDS);
      }
    } catch (Throwable e) {
      failure.addSuppressed(e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static Sources sources(
      Configuration configuration,
      Map<String, String> environment,
      InstantSource clock,
      MeterRegistry registry)
      throws StartException {
    SecretMeters meters = new SecretMeters(registry);
    BcryptPool pool =
        new BcryptPool(
            BcryptPool.Limits.forProcessors(Runtime.getRuntime().availableProcessors()),
            System::nanoTime);
    Meters.BCRYPT_WAITING.gauge(registry, null, pool, BcryptPool::waiting);
    try {
      Sources sources =
          Sources.open(
              configuration.sources(),
              Providers::byName,
              new SecretFiles(environment, SECRET_INTERVAL, meters),
              pool,
              meters,
              clock);
      meters.bind(sources);
      return sources;
    } catch (SecretException e) {
      throw new StartException(e.problems());
    }
  }

  private void open() throws StartException, InterruptedException {
    LogQueue.bindTo(registry);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ClassLoaderMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    gcMetrics.bindTo(registry);
    if (configuration.roles().contains(Role.PIPELINE)) {
      pipeline = new Pipeline(configuration, providers, registry, tracing, clock);
      pipeline.onDeath(failure::completeExceptionally);
    }
    if (configuration.roles().contains(Role.INGRESS)) {
      openIngress();
    } else {
      WarmUp.ofManagement();
    }
    Configuration.Http http = configuration.http();
    Readiness ready = new Readiness(health(), this::hasStarted, System::nanoTime);
    readiness = ready;
    for (Role role : configuration.roles()) {
      Meters.READY.gauge(
          registry,
          null,
          ready,
          asked -> asked.isReady() ? 1 : 0,
          "role",
          role.name().toLowerCase(Locale.ROOT));
    }
    ManagementServer management =
        new ManagementServer(http.host(), http.managementPort(), registry, ready);
    deploy(management, "management port " + http.managementPort());
    managementPort = management.port();
    vertx.setPeriodic(READINESS_INTERVAL.toMillis(), timer -> look(ready));
    watcher.start();
    log.info("Ports are open: ingress={} management={}", ingressPort, managementPort);
  }

  private final JvmGcMetrics gcMetrics = new JvmGcMetrics();

  private void openIngress() throws StartException, InterruptedException {
    Configuration.Http http = configuration.http();
    Admission admission =
        new Admission(http.maxInFlightBytes(), http.maxInFlightRequests(), sources.all());
    Landing opened = openLanding(admission);
    landing = opened;
    IngressContext context =
        new IngressContext(
            vertx,
            sources,
            opened.log(),
            admission,
            new ReceiptIds(clock, new SecureRandom()),
            clock,
            registry,
            tracing);
    ingress = context;
    context
        .failure()
        .exceptionally(
            cause -> {
              failure.completeExceptionally(cause);
              return null;
            });
    Certificate tls = certificate(http);
    certificate = tls;
    WarmUp.ofIngress(http, providers, tls == null ? null : tls.options(), InstantSource.system());
    List<IngressServer> servers = new ArrayList<>();
    int count = Runtime.getRuntime().availableProcessors();
    for (int i = 0; i < count; i++) {
      IngressServer server =
          new IngressServer(http, context, count, tls == null ? null : tls.options());
      deploy(server, "port " + http.port());
      ingressPort = server.port();
      servers.add(server);
    }
    if (tls != null) {
      tls.follow(options -> servers.forEach(server -> server.use(options).await()));
    }
  }

  private @Nullable Certificate certificate(Configuration.Http http) throws StartException {
    try {
      Configuration.Tls files = http.tls();
      return files == null ? null : new Certificate(vertx, files, CERTIFICATE_INTERVAL, registry);
    } catch (IllegalArgumentException e) {
      throw new StartException(List.of("http.tls: " + e.getMessage()));
    }
  }

  private Landing openLanding(Admission admission) throws StartException {
    try {
      Landing opened =
          Landing.open(vertx, configuration, admission::isFull, clock, System::nanoTime, registry);
      opened
          .failure()
          .exceptionally(
              cause -> {
                failure.completeExceptionally(cause);
                return null;
              });
      return opened;
    } catch (IOException e) {
      throw new StartException(List.of("delivery.spool: " + e.getMessage()));
    }
  }

  private void deploy(VerticleBase verticle, String what)
      throws StartException, InterruptedException {
    CompletableFuture<String> deployed =
        vertx.deployVerticle(verticle).toCompletionStage().toCompletableFuture();
    try {
      deployed.get();
    } catch (ExecutionException e) {
      throw new StartException(
          List.of(what + " cannot be opened: " + Console.describe(e.getCause())));
    } catch (InterruptedException e) {
      awaitHalfOpened(deployed);
      throw e;
    }
  }

  /** Told to stop: what is half open cannot be closed. */
  private static void awaitHalfOpened(CompletableFuture<?> deployed) throws InterruptedException {
    try {
      deployed.get(3, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      log.debug("A port was not opened before the shutdown", e);
    }
  }

  /** With a spool, deliveries are acknowledged before Kafka is there. */
  private boolean hasStarted() {
    Landing opened = landing;
    return topicsReady || (opened != null && opened.hasSpool());
  }

  private Health health() {
    List<Health.Check> checks = new ArrayList<>();
    Landing opened = landing;
    Pipeline stream = pipeline;
    checks.add(
        new Health.Check(
            Readiness.SHUTDOWN,
            true,
            () -> new Health.State(!draining, draining ? "draining" : "none")));
    checks.add(
        new Health.Check(
            "start",
            true,
            () ->
                new Health.State(
                    hasStarted(), topicsReady ? "done" : "waiting for " + waitingFor)));
    if (opened != null) {
      checks.add(
          new Health.Check(
              "landing-log",
              true,
              () -> {
                LandingReadiness.Verdict verdict = opened.verdict();
                return new Health.State(verdict.ready(), verdict.detail());
              }));
    }
    if (stream != null) {
      checks.add(
          new Health.Check(
              "pipeline",
              opened == null,
              () -> new Health.State(stream.isRunning(), stream.status())));
    }
    return new Health(checks);
  }

  /** What is looked at from time to time, whether anybody asks or not. */
  private void look(Readiness ready) {
    ready.look();
    int failing = sources.failingSecrets();
    if (failing > 0) {
      staleSecrets.holds(
          "Secret files cannot be read, and their last values stay in force: files=" + failing);
    } else {
      staleSecrets.ends("All secret files can be read again");
    }
    if (certificate != null && certificate.isFailing()) {
      staleCertificate.holds(
          "The certificate's files cannot be used, and the last good pair stays in force");
    } else {
      staleCertificate.ends("The certificate's files can be used again");
    }
  }

  // The watcher's thread.

  private void watch() {
    try {
      if (!findTopics()) {
        return;
      }
      Landing opened = landing;
      boolean again = false;
      // Its metadata are loaded off the event loops, once.
      while (opened != null && !opened.find() && !pause()) {
        if (again) {
          waiting("the landing log's partitions are not known to Kafka's client yet");
        }
        again = true;
      }
      waiting.ends("Kafka answered");
      topicsReady = true;
      if (pipeline != null && !isStopping()) {
        pipeline.start();
      }
      while (!pause()) {
        ClusterWatch.Sight sight = watch.look();
        clusterLog.saw(sight);
        if (opened != null) {
          opened.saw(sight);
        }
      }
    } catch (InterruptedException e) {
      log.debug("The watcher was interrupted", e);
    } catch (RuntimeException | Error e) {
      if (isStopping()) {
        log.debug("The watcher was interrupted", e);
      } else {
        failure.completeExceptionally(e);
      }
    }
  }

  private void waiting(String cause) {
    waitingFor = "Kafka: " + cause;
    waiting.holds("Waiting for Kafka: cause=" + cause);
  }

  private boolean isStopping() {
    return stopping.getCount() == 0;
  }

  private boolean pause() throws InterruptedException {
    return stopping.await(RETRY.toMillis(), TimeUnit.MILLISECONDS);
  }

  private boolean findTopics() throws InterruptedException {
    TopicSetup setup = new TopicSetup(watch.admin(), configuration.topics(), ADMIN_TIMEOUT);
    while (!isStopping()) {
      switch (setup.ensure(
          TopicRequirement.of(configuration, providers), StoreRequirement.of(configuration))) {
        case TopicSetup.Result.Ready ready -> {
          return true;
        }
        case TopicSetup.Result.Unsuitable unsuitable -> {
          failure.completeExceptionally(new StartException(unsuitable.problems()));
          return false;
        }
        case TopicSetup.Result.Unreachable unreachable -> {
          waiting(unreachable.cause());
          pause();
        }
      }
    }
    return false;
  }

  /** The public port; 0 without the role. */
  public int ingressPort() {
    return ingressPort;
  }

  /** The management port. */
  public int managementPort() {
    return managementPort;
  }

  /**
   * Whether everything that this instance was started for runs: its readiness, and its pipeline.
   */
  public boolean isRunning() {
    Readiness asked = readiness;
    return topicsReady
        && asked != null
        && asked.isReady()
        && (pipeline == null || pipeline.isRunning());
  }

  /** Fails when this instance cannot run as configured; completes when it is closed. */
  public CompletableFuture<Void> failure() {
    return failure;
  }

  /** The watcher starts the pipeline; once it has ended, the pipeline can be stopped for good. */
  private void endPipeline() {
    try {
      watcher.interrupt();
      watcher.join(TimeUnit.SECONDS.toMillis(2));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (pipeline != null) {
      pipeline.close();
    }
  }

  /**
   * Stops in the order that loses nothing: unready; still taking deliveries until load balancers
   * have noticed; no new ones; those inside answered; the producer flushed; the spool closed; the
   * ports closed. The pipeline, which nobody waits for, commits and leaves its group meanwhile.
   * Bounded in time: see {@code docs/architecture.md}.
   */
  @Override
  public void close() {
    if (closed.getAndSet(true)) {
      closeDone.join();
      return;
    }
    draining = true;
    Readiness asked = readiness;
    if (asked != null) {
      asked.look();
    }
    boolean hasFailed = failure.isDone();
    stopping.countDown();
    Thread pipelineEnd = Thread.ofPlatform().name("pipeline-end").start(this::endPipeline);
    try {
      IngressContext context = ingress;
      if (context != null) {
        context.announceLeave();
        if (!hasFailed) {
          new CountDownLatch(1)
              .await(configuration.http().shutdownDelay().toMillis(), TimeUnit.MILLISECONDS);
        }
        if (!context.drain(DRAIN)) {
          log.warn(
              "Some deliveries were not answered before the shutdown; their senders will retry");
        }
      }
      if (landing != null) {
        landing.close();
      }
      pipelineEnd.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (certificate != null) {
      certificate.close();
    }
    watch.close();
    tracing.close();
    sources.close();
    gcMetrics.close();
    try {
      vertx.close().await(3, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      log.warn("The ports did not close in time");
    }
    registry.close();
    log.info("Stopped");
    failure.complete(null);
    closeDone.complete(null);
  }
}
