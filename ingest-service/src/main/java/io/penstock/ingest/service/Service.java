package io.penstock.ingest.service;

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
import io.penstock.ingest.auth.bcrypt.BcryptPool;
import io.penstock.ingest.cluster.ClusterWatch;
import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.observability.FailureText;
import io.penstock.ingest.observability.KafkaSeries;
import io.penstock.ingest.observability.LogQueue;
import io.penstock.ingest.observability.Meters;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.ProviderCatalog;
import io.penstock.ingest.source.SecretMeters;
import io.penstock.ingest.source.Sources;
import io.penstock.ingest.subscription.SubscriptionWatch;
import io.penstock.ingest.tracing.Tracing;
import io.penstock.ingest.warmup.WarmUp;
import io.penstock.ingest.warmup.WarmVertx;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running instance, with the roles that its configuration gives it.
 *
 * <p>Its ports are open from the start: until the landing log has been found, deliveries are
 * answered 503 and the instance is not ready. What the operator must fix fails {@link #failure};
 * what passes by itself is waited for.
 */
public final class Service implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Service.class);

  private static final Duration SECRET_INTERVAL = Duration.ofSeconds(1);

  private final Parts parts;
  private final List<RunningRole> roles;
  private final ClusterWatcher watcher;
  private final ManagementPort management;
  private final Ports ports;
  private final CompletableFuture<Void> failure;
  private final AtomicBoolean closing = new AtomicBoolean();
  private final CompletableFuture<Void> closed = new CompletableFuture<>();

  /** The ports that are bound; 0 where the role is not there. */
  private record Ports(int ingress, int console) {}

  private Service(
      Parts parts,
      List<RunningRole> roles,
      ClusterWatcher watcher,
      ManagementPort management,
      Ports ports,
      CompletableFuture<Void> failure) {
    this.parts = parts;
    this.roles = roles;
    this.watcher = watcher;
    this.management = management;
    this.ports = ports;
    this.failure = failure;
  }

  /**
   * Starts an instance: when this returns its ports are open, and the rest follows.
   *
   * @param providers those that are known by code; those of generic sources come from the
   *     configuration
   * @param environment where secrets are looked up
   * @param clock tells when deliveries are received, and whether a signature is recent
   * @throws StartException if it cannot run as configured
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
    Parts parts = new Parts();
    ProviderCatalog catalog = ProviderCatalog.of(providers, configuration);
    try {
      return open(configuration, catalog, environment, clock, parts);
    } catch (KafkaException e) {
      abandon(parts, e);
      throw new StartException(
          List.of("Kafka's client refuses its configuration: " + FailureText.of(e)));
    } catch (Throwable e) { // errors too: what was opened would keep the process alive
      abandon(parts, e);
      throw e;
    }
  }

  /** Opens everything, in the order whose reverse closes it: see {@link #close}. */
  private static Service open(
      Configuration configuration,
      ProviderCatalog providers,
      Map<String, String> environment,
      InstantSource clock,
      Parts parts)
      throws StartException, InterruptedException {
    PrometheusMeterRegistry registry =
        parts.add(
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT), PrometheusMeterRegistry::close);
    registry.config().meterFilter(new KafkaSeries());
    Vertx vertx = parts.add(WarmVertx.create(), Service::closePorts);
    measureProcess(registry, parts);
    Set<Configuration.Role> configured = configuration.roles();
    // Only an ingress authenticates requests: the other roles need none of the sources' secrets.
    boolean receives = configured.contains(Configuration.Role.INGRESS);
    SecretMeters secrets = new SecretMeters(registry, clock);
    Sources sources =
        parts.add(
            sources(
                receives ? configuration.sources() : List.of(),
                providers,
                environment,
                clock,
                registry,
                secrets),
            Sources::close);
    Tracing tracing = parts.add(Tracing.of(configuration.tracing()), Tracing::close);
    RoleContext context =
        new RoleContext(
            configuration,
            providers.all(),
            clock,
            registry,
            vertx,
            sources,
            secrets,
            tracing,
            new CompletableFuture<>());
    context.warnWhile(
        () -> sources.failingSecrets() > 0,
        "Secret files cannot be read, and their last values stay in force",
        "All secret files can be read again");
    ClusterWatch cluster =
        parts.add(
            new ClusterWatch(
                configuration.kafka(), new Topics(configuration.topics().prefix()).inbound()),
            ClusterWatch::close);
    Background background = parts.add(new Background());
    if (configured.contains(Configuration.Role.INGRESS)) {
      background
          .parts()
          .add(
              SubscriptionWatch.start(
                  configuration, environment, registry, clock, System::nanoTime),
              SubscriptionWatch::close);
    }
    List<RunningRole> roles = new ArrayList<>();
    int ingressPort = 0;
    if (configured.contains(Configuration.Role.INGRESS)) {
      IngressRole ingress = IngressRole.open(context, parts);
      ingressPort = ingress.port();
      roles.add(ingress);
    } else {
      WarmUp.ofManagement();
    }
    if (configured.contains(Configuration.Role.PIPELINE)) {
      roles.add(PipelineRole.open(context, background.parts()));
    }
    Optional<ConsoleRole> console =
        configured.contains(Configuration.Role.CONSOLE)
            ? Optional.of(ConsoleRole.open(context, environment, ingressPort, parts))
            : Optional.empty();
    console.ifPresent(roles::add);
    Ports ports = new Ports(ingressPort, console.map(ConsoleRole::port).orElse(0));
    ClusterWatcher watcher = new ClusterWatcher(context, cluster, roles);
    ManagementPort management = parts.add(ManagementPort.open(context, roles, watcher));
    console.ifPresent(role -> role.found(management.port()));
    background.parts().add(watcher);
    watcher.start();
    log.atInfo()
        .addKeyValue("ingress_port", ingressPort)
        .addKeyValue("management_port", management.port())
        .addKeyValue("console_port", ports.console())
        .log("Ports are open");
    return new Service(parts, List.copyOf(roles), watcher, management, ports, context.failure());
  }

  private static void measureProcess(MeterRegistry registry, Parts parts) {
    LogQueue.bindTo(registry);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ClassLoaderMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    parts.add(new JvmGcMetrics(), JvmGcMetrics::close).bindTo(registry);
  }

  private static Sources sources(
      List<Configuration.SourceConfig> configured,
      ProviderCatalog providers,
      Map<String, String> environment,
      InstantSource clock,
      MeterRegistry registry,
      SecretMeters meters)
      throws StartException {
    BcryptPool pool =
        new BcryptPool(
            BcryptPool.Limits.forProcessors(Runtime.getRuntime().availableProcessors()),
            System::nanoTime);
    Meters.BCRYPT_WAITING.gauge(registry, null, pool, BcryptPool::waiting);
    try {
      Sources sources =
          Sources.open(
              configured,
              providers::byName,
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

  private static void closePorts(Vertx vertx) {
    try {
      vertx.close().await(3, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      log.warn("The ports did not close in time");
    }
  }

  /** Closes what a failed start has opened; nothing that goes wrong here hides the failure. */
  private static void abandon(Parts parts, Throwable failure) {
    try {
      parts.close(Parts.Ending.FAILED);
    } catch (RuntimeException | Error e) {
      failure.addSuppressed(e);
    }
    log.info("Stopped");
  }

  /** The public port; 0 without the role. */
  public int ingressPort() {
    return ports.ingress();
  }

  /** The console's port; 0 without the role. */
  public int consolePort() {
    return ports.console();
  }

  /** The management port. */
  public int managementPort() {
    return management.port();
  }

  /** Whether the instance is ready, and each of its roles works. */
  public boolean isRunning() {
    return watcher.isReady()
        && management.isReady()
        && roles.stream().allMatch(RunningRole::isRunning);
  }

  /** Fails when this instance cannot run as configured; completes when it is closed. */
  public CompletableFuture<Void> failure() {
    return failure;
  }

  /**
   * Stops in the order that loses nothing: unready; still taking deliveries until load balancers
   * have noticed; no new ones; those inside answered; the producer flushed; the spool closed; the
   * ports closed. The pipeline, which nothing waits for, commits and leaves its group meanwhile.
   * Bounded in time: see {@code docs/architecture.md}. A second call waits for the first.
   */
  @Override
  public void close() {
    if (closing.getAndSet(true)) {
      closed.join();
      return;
    }
    try {
      parts.close(failure.isDone() ? Parts.Ending.FAILED : Parts.Ending.ORDERLY);
      log.info("Stopped");
    } finally {
      failure.complete(null);
      closed.complete(null);
    }
  }
}
