package io.penstock.ingest.cli;

import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.Configuration.HttpConfig;
import io.penstock.ingest.config.Configuration.Role;
import io.penstock.ingest.config.ConfigurationReader.Result;
import io.penstock.ingest.config.ConsoleConfig;
import io.penstock.ingest.provider.Providers;
import io.penstock.ingest.service.Service;
import io.penstock.ingest.service.StartException;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs the console alone, until a signal stops the process. */
@Command(
    name = "console",
    description = "Opens a web page that shows deliveries, sources, dead letters and health.")
final class ConsoleCommand extends Subcommand {

  @Mixin
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private ConfigFile config;

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "The console's port; otherwise console.port, 9095 unless given.")
  private @Nullable Integer port;

  @Override
  public Integer call() throws StartException {
    Result.Valid valid = config.read();
    CommandProblems.print(err(), "warning", valid.warnings());
    Configuration alone = alone(valid.configuration(), port);
    return new ProcessLife(err(), () -> {})
        .live(
            () -> {
              Service service =
                  Service.start(alone, Providers.all(), environment(), InstantSource.system());
              out().println("READY console=" + address(alone.console(), service.consolePort()));
              out().flush();
              return service;
            });
  }

  private static String address(ConsoleConfig console, int port) {
    String host = console.host();
    return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  /**
   * The role console alone. The configuration is perhaps that of an instance on the same machine,
   * so no port but the console's is taken from it, and that instance is the one that is shown.
   */
  static Configuration alone(Configuration configuration, @Nullable Integer port) {
    HttpConfig http = configuration.http();
    ConsoleConfig console = configuration.console();
    List<String> instances =
        console.instances().isEmpty()
            ? List.of("http://127.0.0.1:" + http.managementPort())
            : console.instances();
    return configuration.with(
        Set.of(Role.CONSOLE),
        new HttpConfig("127.0.0.1", 0, 0, http.maxInFlightBytes()),
        new ConsoleConfig(
            console.host(),
            port == null ? console.port() : port,
            console.url(),
            console.ingressUrl(),
            console.samples(),
            instances,
            console.access()));
  }
}
