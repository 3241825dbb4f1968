package io.penstock.ingest.cli;

import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.ConfigurationReader.Result;
import io.penstock.ingest.config.ConsoleConfig;
import io.penstock.ingest.dev.DevConfiguration;
import io.penstock.ingest.dev.DevRun;
import io.penstock.ingest.provider.Providers;
import io.penstock.ingest.service.StartException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Starts Kafka, the registry and the service on this machine, and shows samples pass through them.
 */
@Command(
    name = "dev",
    description =
        "Starts everything on this machine, sends samples and prints the events as JSON lines.")
final class DevCommand extends Subcommand {

  private static final int KAFKA_PORT = 9092;
  private static final int REGISTRY_PORT = 8081;

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "The ingress port; otherwise 8080 or a free one.")
  private @Nullable Integer port;

  @Option(
      names = "--management-port",
      paramLabel = "N",
      description = "The management port; otherwise 9090 or a free one.")
  private @Nullable Integer managementPort;

  @Option(
      names = "--console-port",
      paramLabel = "N",
      description = "The console's port; otherwise 9095 or a free one.")
  private @Nullable Integer consolePort;

  /** Unlike other commands, this one can do without. */
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Sources and settings; Kafka and the registry are the local ones all the same.")
  private @Nullable Path file;

  @Option(
      names = "--once",
      description = "End when the samples have passed: status 0 if each came out exactly once.")
  private boolean once;

  @Override
  public Integer call() throws StartException, InterruptedException {
    if (file != null) {
      Configuration configuration = configuration(file);
      Configuration.HttpConfig http = configuration.http();
      return run(configuration, http.port(), http.managementPort(), environment());
    }
    DevConfiguration samples = DevConfiguration.of(Providers.all(), new SecureRandom());
    Map<String, String> environment = new HashMap<>(environment());
    environment.putAll(samples.secrets());
    Configuration.HttpConfig http = samples.configuration().http();
    return run(
        samples.configuration(),
        freePort(http.port()),
        freePort(http.managementPort()),
        environment);
  }

  /** The local addresses replace those of the file, which may be missing or wrong here. */
  private Configuration configuration(Path given) throws StartException {
    Map<String, String> overridden = new HashMap<>(environment());
    overridden.put("PENSTOCK_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:" + KAFKA_PORT);
    overridden.put("PENSTOCK_SCHEMA_REGISTRY_URL", "http://127.0.0.1:" + REGISTRY_PORT);
    Result.Valid valid = ConfigFile.valid(ConfigFile.reader(overridden).check(given));
    CommandProblems.print(err(), "warning", valid.warnings());
    return valid.configuration();
  }

  private int run(
      Configuration configuration,
      int defaultPort,
      int defaultManagementPort,
      Map<String, String> environment)
      throws StartException, InterruptedException {
    return new DevRun(
            configuration,
            new DevRun.Ports(
                port != null ? port : defaultPort,
                managementPort != null ? managementPort : defaultManagementPort,
                consolePort != null ? consolePort : freePort(ConsoleConfig.DEFAULT_PORT),
                KAFKA_PORT,
                freePort(REGISTRY_PORT)),
            environment,
            once,
            out(),
            err())
        .run();
  }

  /** The preferred port, or 0 (any free one) if it is taken. */
  private static int freePort(int preferred) {
    try (ServerSocket socket = new ServerSocket(preferred, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      return 0;
    }
  }
}
