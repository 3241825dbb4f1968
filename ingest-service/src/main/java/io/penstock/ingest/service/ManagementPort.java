package io.penstock.ingest.service;

import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.management.Health;
import io.penstock.ingest.management.ManagementServer;
import io.penstock.ingest.management.Readiness;
import io.penstock.ingest.observability.Meters;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;

/** Shows health and metrics by HTTP; it stays open until everything else is closed. */
final class ManagementPort implements Parts.Part {

  private final Readiness readiness;
  private final Shutdown shutdown;
  private final int port;

  /** Whether the end of the instance has been announced. */
  private static final class Shutdown {
    private volatile boolean announced;

    Health.State state() {
      return new Health.State(!announced, announced ? "draining" : "none");
    }
  }

  private ManagementPort(Readiness readiness, Shutdown shutdown, int port) {
    this.readiness = readiness;
    this.shutdown = shutdown;
    this.port = port;
  }

  /** Opens the port. */
  static ManagementPort open(RoleContext context, List<RunningRole> roles, ClusterWatcher watcher)
      throws StartException, InterruptedException {
    BooleanSupplier started =
        () -> watcher.isReady() || roles.stream().anyMatch(RunningRole::worksWithoutKafka);
    Shutdown shutdown = new Shutdown();
    List<Health.Check> checks = new ArrayList<>();
    checks.add(new Health.Check(Readiness.SHUTDOWN, true, shutdown::state));
    checks.add(
        new Health.Check(
            "start",
            true,
            () -> new Health.State(started.getAsBoolean(), watcher.state().detail())));
    roles.forEach(role -> checks.add(role.check(roles.size() == 1)));
    Readiness readiness = new Readiness(new Health(checks), started, System::nanoTime);
    for (RunningRole role : roles) {
      Meters.READY.gauge(
          context.registry(),
          null,
          readiness,
          asked -> asked.isReady() ? 1 : 0,
          "role",
          role.kind().name().toLowerCase(Locale.ROOT));
    }
    Meters.VERSION.gauge(context.registry(), null, readiness, any -> 1, "version", version());
    Configuration.HttpConfig http = context.configuration().http();
    ManagementServer server =
        new ManagementServer(
            http.host(),
            http.managementPort(),
            context.registry(),
            readiness,
            ApiDocument.describing(
                roles.stream().flatMap(role -> role.pages().stream()).toList(),
                roles.stream().flatMap(role -> role.api().stream()).findFirst(),
                version()));
    context.deploy(server, "management port " + http.managementPort());
    context.vertx().setPeriodic(RoleContext.LOOK_INTERVAL.toMillis(), timer -> readiness.look());
    return new ManagementPort(readiness, shutdown, server.port());
  }

  private static String version() {
    String version = ManagementPort.class.getPackage().getImplementationVersion();
    return version == null ? "not-packaged" : version;
  }

  /** The port that is bound. */
  int port() {
    return port;
  }

  boolean isReady() {
    return readiness.isReady();
  }

  /** Readiness fails from now on, and the log says so at once. */
  @Override
  public void announceEnd() {
    shutdown.announced = true;
    readiness.look();
  }

  /** The port closes with Vert.x, last of all. */
  @Override
  public void close(Parts.Ending ending) {}
}
