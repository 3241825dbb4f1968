package io.penstock.ingest.it;

import io.penstock.localstack.LocalStack;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.kafka.KafkaContainer;

/**
 * Kafka and a schema registry, shared by all test classes of a run: child processes, or containers
 * with {@code -Dpenstock.stack=containers}. Test classes keep apart by their topics' prefix. Tests
 * that kill a broker start a {@link LocalStack} of their own.
 */
interface Stack extends AutoCloseable {

  String bootstrapServers();

  String registryUrl();

  @Override
  void close();

  /** Injects the shared stack into tests. */
  final class Shared implements ParameterResolver {

    private record Held(Stack stack) implements AutoCloseable {
      @Override
      public void close() {
        stack.close();
      }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == Stack.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
      return context
          .getRoot()
          .getStore(ExtensionContext.Namespace.create(Stack.class))
          .getOrComputeIfAbsent(Held.class, key -> new Held(started()), Held.class)
          .stack();
    }

    private static Stack started() {
      Stack stack = start();
      Instance.archive()
          .ensure(
              options -> {
                Settings settings = Settings.of(stack);
                try (Instance instance = Instance.ready(settings, options.toArray(String[]::new));
                    Sender sender = new Sender()) {
                  sender.send(Sender.shapes(instance, Sender.shape("a", "b")));
                  instance.terminate();
                }
              });
      return stack;
    }

    private static Stack start() {
      String kind = System.getProperty("penstock.stack", "processes");
      return switch (kind) {
        case "processes" ->
            new Processes(
                LocalStack.builder()
                    // Nobody kills it: a busy machine is no reason to fence it.
                    .brokerProperty("broker.session.timeout.ms", "60000")
                    .start());
        case "containers" -> Containers.start();
        default ->
            throw new IllegalArgumentException(
                "penstock.stack is processes or containers, not " + kind);
      };
    }
  }

  /** Child processes. */
  record Processes(LocalStack stack) implements Stack {
    @Override
    public String bootstrapServers() {
      return stack.kafka().bootstrapServers();
    }

    @Override
    public String registryUrl() {
      return stack.schemaRegistry().url();
    }

    @Override
    public void close() {
      stack.close();
    }
  }

  /** Containers, where Docker answers. */
  record Containers(Network network, KafkaContainer kafka, GenericContainer<?> registry)
      implements Stack {

    private static final int REGISTRY_PORT = 8081;

    static Stack start() {
      Network network = Network.newNetwork();
      KafkaContainer kafka =
          new KafkaContainer("apache/kafka:4.1.0").withNetwork(network).withListener("kafka:19092");
      kafka.start();
      GenericContainer<?> registry =
          new GenericContainer<>("confluentinc/cp-schema-registry:8.0.0")
              .withNetwork(network)
              .withExposedPorts(REGISTRY_PORT)
              .withEnv("SCHEMA_REGISTRY_HOST_NAME", "registry")
              .withEnv("SCHEMA_REGISTRY_LISTENERS", "http://0.0.0.0:" + REGISTRY_PORT)
              .withEnv("SCHEMA_REGISTRY_KAFKASTORE_BOOTSTRAP_SERVERS", "PLAINTEXT://kafka:19092")
              .waitingFor(Wait.forHttp("/subjects"));
      registry.start();
      return new Containers(network, kafka, registry);
    }

    @Override
    public String bootstrapServers() {
      return kafka.getBootstrapServers();
    }

    @Override
    public String registryUrl() {
      return "http://" + registry.getHost() + ":" + registry.getMappedPort(REGISTRY_PORT);
    }

    @Override
    public void close() {
      registry.stop();
      kafka.stop();
      network.close();
    }
  }
}
