package io.penstock.benchmarks;

import io.penstock.localstack.ServiceProcess;
import io.penstock.localstack.ServiceProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A running process that takes deliveries, with the options of Java of the image.
 *
 * @param paths to send to, with the tokens
 * @param topic where its deliveries are
 */
record Contender(String name, ServiceProcess process, List<String> paths, String topic)
    implements AutoCloseable {

  private static final String TOKEN = "an-unguessable-token-of-a-benchmark";

  Contender {
    paths = List.copyOf(paths);
  }

  /** Starts the one of this name, and waits until it takes deliveries. */
  static Contender start(String name, Options options, Path directory, String brokers, Path root)
      throws IOException {
    String prefix = name + "-" + options.sources() + "-" + options.partitions();
    Path home = directory.resolve(prefix).toAbsolutePath();
    Files.createDirectories(home.resolve("tmp"));
    List<String> java =
        List.of(
            "@" + root.resolve("deploy/image/java.options"),
            "-Xmx" + options.heapMebibytes() + "m",
            "-Djava.io.tmpdir=" + home.resolve("tmp"));
    return name.equals(Options.CEILING)
        ? ceiling(prefix, home, java, brokers, options)
        : service(name, prefix, home, java, brokers, options);
  }

  private static Contender ceiling(
      String prefix, Path home, List<String> java, String brokers, Options options) {
    Kafka.create(brokers, prefix, options.partitions());
    List<String> arguments = new ArrayList<>(java);
    arguments.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            BareIngress.class.getName(),
            brokers,
            prefix));
    ServiceProcess process =
        new ServiceProcess(prefix, home, ServiceProgram.java(arguments), Map.of());
    return new Contender(
        Options.CEILING, process.launch().awaitPorts(), List.of("/"), prefix);
  }

  private static Contender service(
      String name, String prefix, Path home, List<String> java, String brokers, Options options)
      throws IOException {
    Path file = home.resolve("penstock.yaml");
    StringBuilder yaml =
        new StringBuilder(
            """
            roles: [ingress]
            http: {host: 127.0.0.1, port: 0, management-port: 0}
            kafka: {bootstrap-servers: "%s"}
            schema-registry: {url: "http://127.0.0.1:1"}
            topics: {prefix: %s, create: true, partitions: %d, replication-factor: 1}
            sources:
            """
                .formatted(brokers, prefix, options.partitions()));
    for (int i = 0; i < options.sources(); i++) {
      yaml.append("  - {name: generations-")
          .append(i)
          .append(
              ", provider: csm, auth: [{type: url-token, tokens: [{env: CSM_URL_TOKEN}]}]}\n");
    }
    Files.writeString(file, yaml);
    Map<String, String> environment = new HashMap<>();
    environment.put("CSM_URL_TOKEN", TOKEN);
    environment.put("PENSTOCK_LOG_FORMAT", "json");
    environment.put(
        "PENSTOCK_LOG_LEVEL_DELIVERIES", name.equals(Options.QUIET) ? "warn" : "info");
    List<String> arguments =
        Stream.concat(
                java.stream(),
                Stream.of(
                    "-jar",
                    ServiceProgram.jar().toString(),
                    "serve",
                    "--config",
                    file.toString()))
            .toList();
    ServiceProcess process =
        new ServiceProcess(prefix, home, ServiceProgram.java(arguments), environment);
    return new Contender(
        name,
        process.launch().awaitServing(),
        IntStream.range(0, options.sources())
            .mapToObj(i -> "/webhooks/generations-" + i + "/" + TOKEN)
            .toList(),
        prefix + ".inbound");
  }

  @Override
  public void close() {
    process.close();
  }
}
