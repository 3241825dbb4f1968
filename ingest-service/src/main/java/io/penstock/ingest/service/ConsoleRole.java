package io.penstock.ingest.service;

import io.penstock.ingest.auth.SecretException;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.console.Console;
import io.penstock.ingest.management.Health;
import java.security.SecureRandom;
import java.util.Map;
import java.util.Optional;

/** Shows what happens to deliveries, by a web page on a port of its own. */
final class ConsoleRole implements RunningRole {

  private final Console console;
  private final int port;

  private ConsoleRole(Console console, int port) {
    this.console = console;
    this.port = port;
  }

  /**
   * Opens the console's port.
   *
   * @param ingressPort of this process; 0 where it has none
   * @param parts ends what runs behind it
   */
  static ConsoleRole open(
      RoleContext context, Map<String, String> environment, int ingressPort, Parts parts)
      throws StartException, InterruptedException {
    try {
      Console console =
          parts.add(
              Console.open(
                  new Console.Surroundings(
                      context.vertx(),
                      context.configuration(),
                      environment,
                      context.clock(),
                      new SecureRandom(),
                      context.registry(),
                      ingress(context.configuration().http(), ingressPort))),
              Console::close);
      context.deploy(console.server(), "console port " + context.configuration().console().port());
      return new ConsoleRole(console, console.port());
    } catch (SecretException e) {
      throw new StartException(e.problems());
    }
  }

  /** By plain HTTP alone: the name in a certificate is none that this machine knows itself by. */
  private static Optional<String> ingress(Configuration.HttpConfig http, int port) {
    boolean everywhere = http.host().equals("0.0.0.0") || http.host().equals("::");
    String host = everywhere ? "127.0.0.1" : http.host();
    return port == 0 || http.tls() != null
        ? Optional.empty()
        : Optional.of("http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port);
  }

  /** The port that is bound. */
  int port() {
    return port;
  }

  /** The management port of this process is open. */
  void found(int managementPort) {
    console.ownManagementPort(managementPort);
  }

  @Override
  public Configuration.Role kind() {
    return Configuration.Role.CONSOLE;
  }

  /** A console answers as long as its port is open, and says itself what it cannot read. */
  @Override
  public Health.Check check(boolean alone) {
    return new Health.Check("console", alone, () -> new Health.State(true, "answers"));
  }

  /** What it shows of Kafka it reads when it is asked to; where it cannot, the page says so. */
  @Override
  public boolean needsTopics() {
    return false;
  }

  @Override
  public boolean worksWithoutKafka() {
    return true;
  }
}
