package io.penstock.ingest.console;

import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.ingest.auth.SecretException;
import io.penstock.ingest.auth.SecretFiles;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.ConsoleConfig;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** The console of one process: its users, its parts and its port. */
public final class Console implements AutoCloseable {

  private static final Duration SECRET_INTERVAL = Duration.ofSeconds(1);

  private final ConsoleServer server;
  private final ConsoleUsers users;
  private final Requests requests;
  private final List<ConsolePart> parts;
  private final AtomicReference<List<String>> instances;

  private Console(
      ConsoleServer server,
      ConsoleUsers users,
      Requests requests,
      List<ConsolePart> parts,
      AtomicReference<List<String>> instances) {
    this.server = server;
    this.users = users;
    this.requests = requests;
    this.parts = parts;
    this.instances = instances;
  }

  /**
   * What a console is made of.
   *
   * @param environment where secrets are looked up
   * @param clock by which sessions end, and ages are told
   * @param random makes the ids of sessions, and the like
   * @param registry counts what it does
   * @param ingress the address of the ingress in this process, as this machine reaches it; empty
   *     where there is none
   */
  public record Surroundings(
      Vertx vertx,
      Configuration configuration,
      Map<String, String> environment,
      InstantSource clock,
      SecureRandom random,
      MeterRegistry registry,
      Optional<String> ingress) {}

  /**
   * Makes a console; its port is opened by deploying {@link #server}.
   *
   * @throws SecretException if the secret of a user cannot be resolved
   */
  public static Console open(Surroundings surroundings) throws SecretException {
    ConsoleConfig config = surroundings.configuration().console();
    ConsoleUsers users =
        ConsoleUsers.open(
            config,
            new SecretFiles(
                surroundings.environment(), SECRET_INTERVAL, SecretFiles.Listener.NONE));
    AtomicReference<List<String>> instances = new AtomicReference<>(config.instances());
    List<ConsolePart> parts = ConsoleParts.all(surroundings, instances::get);
    ConsoleRoutes routes = new ConsoleRoutes();
    parts.forEach(part -> part.addTo(routes));
    Gatekeeper gatekeeper =
        new Gatekeeper(
            config,
            users,
            new Sessions(surroundings.random(), surroundings.clock()),
            surroundings.random());
    Requests requests =
        new Requests(
            surroundings.vertx(),
            new Templates(surroundings.clock()),
            gatekeeper,
            surroundings.registry(),
            version());
    return new Console(
        new ConsoleServer(config, gatekeeper, users, routes, requests),
        users,
        requests,
        parts,
        instances);
  }

  /** Of this program; words where it does not run from its jar. */
  static String version() {
    return Optional.ofNullable(Console.class.getPackage().getImplementationVersion())
        .orElse("development");
  }

  /** To be deployed, which opens the port. */
  public VerticleBase server() {
    return server;
  }

  /** The port that is bound, once {@link #server} is deployed. */
  public int port() {
    return server.port();
  }

  /**
   * Where a management port of this process listens: it is shown where no instance is configured.
   */
  public void ownManagementPort(int port) {
    instances.compareAndSet(List.of(), List.of("http://127.0.0.1:" + port));
  }

  /** Ends what runs behind the port; the port closes with Vert.x. */
  @Override
  public void close() {
    requests.close();
    parts.forEach(ConsolePart::close);
    users.close();
  }
}
