package io.penstock.benchmarks;

import io.penstock.localstack.ServiceProcess;
import io.penstock.localstack.ServiceProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
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

  /** What the packaged service does. */
  enum Role {
    INGRESS,
    PIPELINE;

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Where and how a process runs.
   *
   * @param prefix of its topics, or its topic
   * @param home its directory
   * @param java the options of Java
   * @param registry where an ingress needs none, any address
   */
  record Setting(
      String prefix, Path home, List<String> java, String brokers, String registry, Role role) {

    Setting {
      java = List.copyOf(java);
    }
  }

  /** The options of the image, and those that each process needs for itself. */
  static List<String> java(Path home, Options options, Path root) throws IOException {
    Files.createDirectories(home.resolve("tmp"));
    return List.of(
        "@" + root.resolve("deploy/image/java.options"),
        "-Xmx" + options.heapMebibytes() + "m",
        "-Djava.io.tmpdir=" + home.resolve("tmp"));
  }

  /** Starts the one of this name, and waits until it takes deliveries. */
  static Contender start(String name, Options options, Path directory, String brokers, Path root)
      throws IOException {
    String prefix = name + "-" + options.sources() + "-" + options.partitions();
    Path home = directory.resolve(prefix).toAbsolutePath();
    Setting setting =
        new Setting(
            prefix, home, java(home, options, root), brokers, "http://127.0.0.1:1", Role.INGRESS);
    return name.equals(Options.CEILING)
        ? ceiling(setting, options)
        : service(name, setting, options);
  }

  private static Contender ceiling(Setting setting, Options options) {
    Kafka.create(setting.brokers(), setting.prefix(), options.partitions());
    List<String> arguments = new ArrayList<>(setting.java());
    arguments.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            BareIngress.class.getName(),
            setting.brokers(),
            setting.prefix()));
    ServiceProcess process =
        new ServiceProcess(
            setting.prefix(), setting.home(), ServiceProgram.java(arguments), Map.of());
    return new Contender(
        Options.CEILING, process.launch().awaitPorts(), List.of("/"), setting.prefix());
  }

  /** Starts the packaged service in one role. */
  static Contender service(String name, Setting setting, Options options) throws IOException {
    Path file = setting.home().resolve("penstock.yaml");
    StringBuilder yaml =
        new StringBuilder(
            """
            roles: [%s]
            http: {host: 127.0.0.1, port: 0, management-port: 0}
            kafka: {bootstrap-servers: "%s"}
            schema-registry: {url: "%s", auto-register: true}
            topics: {prefix: %s, create: true, partitions: %d, replication-factor: 1}
            pipeline: {threads: 1}
            sources:
            """
                .formatted(
                    setting.role().label(),
                    setting.brokers(),
                    setting.registry(),
                    setting.prefix(),
                    options.partitions()));
    for (int i = 0; i < options.sources(); i++) {
      yaml.append("  - {name: generations-")
          .append(i)
          .append(", provider: csm, auth: [{type: url-token, tokens: [{env: CSM_URL_TOKEN}]}]}\n");
    }
    Files.writeString(file, yaml);
    Map<String, String> environment = new HashMap<>();
    environment.put("CSM_URL_TOKEN", TOKEN);
    environment.put("PENSTOCK_LOG_FORMAT", "json");
    environment.put("PENSTOCK_LOG_LEVEL_DELIVERIES", name.equals(Options.QUIET) ? "warn" : "info");
    List<String> arguments =
        Stream.concat(
                setting.java().stream(),
                Stream.of(
                    "-jar", ServiceProgram.jar().toString(), "serve", "--config", file.toString()))
            .toList();
    ServiceProcess process =
        new ServiceProcess(
            setting.prefix(), setting.home(), ServiceProgram.java(arguments), environment);
    return new Contender(
        name,
        process.launch().awaitServing(),
        IntStream.range(0, options.sources())
            .mapToObj(i -> "/webhooks/generations-" + i + "/" + TOKEN)
            .toList(),
        setting.prefix() + ".inbound");
  }

  @Override
  public void close() {
    process.close();
  }
}
