package io.penstock.ledger;

import io.penstock.localstack.EventLoopWatch;
import io.penstock.localstack.ServiceProcess;
import io.penstock.localstack.ServiceProgram;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What all instances of one installation of the service share.
 *
 * @param prefix of its topics
 * @param bootstrapServers where the ledger reaches Kafka
 * @param registryUrl of Confluent's interface
 * @param senders who may send to it
 * @param environment further settings, by their variables
 */
public record Installation(
    String prefix,
    String bootstrapServers,
    String registryUrl,
    List<Sender> senders,
    Map<String, String> environment) {

  public Installation {
    senders = List.copyOf(senders);
    environment = Map.copyOf(environment);
  }

  /**
   * The configuration of an instance. Topics have as many replicas as a stack of three brokers
   * allows.
   *
   * @param roles with commas between
   * @param delivery the section {@code delivery}, as a YAML flow mapping
   */
  String yaml(String roles, String delivery) {
    return """
    roles: [%s]
    http: {host: 127.0.0.1, port: 0, management-port: 0}
    kafka: {bootstrap-servers: "%s"}
    schema-registry: {url: "%s", auto-register: true}
    topics: {prefix: %s, create: true, partitions: 4, replication-factor: 3}
    delivery: %s
    pipeline: {threads: 1}
    sources:
    """
            .formatted(roles, bootstrapServers, registryUrl, prefix, delivery)
        + senders.stream()
            .map(sender -> "  - " + sender.sourceYaml() + "\n")
            .collect(Collectors.joining());
  }

  /**
   * An instance of the packaged service, not started yet. Its directory stays with it, so it finds
   * its state and its spool again.
   *
   * @param name of its directory
   * @param parent of its directory
   * @param roles with commas between
   * @param delivery the section {@code delivery}, as a YAML flow mapping, in which <code>
   *     ${directory}</code> is its directory
   */
  public ServiceProcess instance(String name, Path parent, String roles, String delivery) {
    return instance(
        name,
        parent,
        roles,
        delivery,
        ServiceProgram.command(
            Stream.concat(javaOptions(parent.resolve(name)), ServiceProgram.STARTS_SOON.stream())
                .toList(),
            List.of("serve")));
  }

  /**
   * An instance that is started in another way.
   *
   * @param command what precedes {@code --config}
   */
  public ServiceProcess instance(
      String name, Path parent, String roles, String delivery, List<String> command) {
    Path directory = parent.toAbsolutePath().resolve(name);
    Path file = directory.resolve("penstock.yaml");
    try {
      Files.createDirectories(directory.resolve("tmp"));
      Files.writeString(file, yaml(roles, delivery).replace("${directory}", directory.toString()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new ServiceProcess(
        name,
        directory,
        Stream.concat(command.stream(), Stream.of("--config", file.toString())).toList(),
        variables());
  }

  /** What every instance needs whose directory this is. */
  public static Stream<String> javaOptions(Path directory) {
    return Stream.of(
        "-Djava.io.tmpdir=" + directory.toAbsolutePath().resolve("tmp"), EventLoopWatch.OPTION);
  }

  Map<String, String> variables() {
    Map<String, String> all = new HashMap<>(environment);
    senders.forEach(sender -> all.putAll(sender.environment()));
    return all;
  }

  /** The same with one more setting, by its variable. */
  public Installation with(String variable, String value) {
    Map<String, String> more = new HashMap<>(environment);
    more.put(variable, value);
    return new Installation(prefix, bootstrapServers, registryUrl, senders, more);
  }
}
