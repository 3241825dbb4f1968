package io.penstock.ingest.it;

import io.penstock.localstack.LocalStack;
import io.penstock.localstack.ServiceProgram;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.kafka.KafkaContainer;

/**
 * Kafka and a schema registry, shared by all test classes of a run: child processes, or containers
 * with {@code -Dpenstock.stack=containers}. Test classes keep apart by their topics' prefix. A test
 * that takes nodes away has a {@link LocalStack} as its parameter instead.
 */
interface Stack extends AutoCloseable {

  String bootstrapServers();

  String registryUrl();

  @Override
  void close();

  /**
   * Injects stacks into tests: as a {@link Stack} the one that all share and nobody harms, as a
   * {@link LocalStack} one that the test class has for itself until its end, with everything
   * running before each test. The next class gets it afterwards.
   */
  final class Shared implements ParameterResolver, BeforeEachCallback, AfterAllCallback {

    private static final ExtensionContext.Namespace NAMESPACE =
        ExtensionContext.Namespace.create(Stack.class);

    private record Held(Stack stack) implements AutoCloseable {
      @Override
      public void close() {
        stack.close();
      }
    }

    /**
     * Stacks that tests may harm: those that are in nobody's hands, and by test class the others.
     */
    private record Harmed(Deque<LocalStack> free, Map<Class<?>, LocalStack> taken)
        implements AutoCloseable {

      static Harmed of(ExtensionContext context) {
        return context
            .getRoot()
            .getStore(NAMESPACE)
            .getOrComputeIfAbsent(
                Harmed.class,
                key -> new Harmed(new ConcurrentLinkedDeque<>(), new ConcurrentHashMap<>()),
                Harmed.class);
      }

      LocalStack take(Class<?> test) {
        return taken.computeIfAbsent(
            test,
            key -> {
              LocalStack stack = free.poll();
              return stack == null ? LocalStack.builder().start() : repaired(stack);
            });
      }

      void giveBack(Class<?> test) {
        LocalStack stack = taken.remove(test);
        if (stack != null) {
          free.add(stack);
        }
      }

      static LocalStack repaired(LocalStack stack) {
        stack.kafka().start();
        stack.schemaRegistry().start();
        return stack;
      }

      @Override
      public void close() {
        free.forEach(LocalStack::close);
        taken.values().forEach(LocalStack::close);
      }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      Class<?> type = parameter.getParameter().getType();
      return type == Stack.class || type == LocalStack.class;
    }

    @Override
    public void beforeEach(ExtensionContext context) {
      LocalStack stack = Harmed.of(context).taken().get(context.getRequiredTestClass());
      if (stack != null) {
        Harmed.repaired(stack);
      }
    }

    @Override
    public void afterAll(ExtensionContext context) {
      Harmed.of(context).giveBack(context.getRequiredTestClass());
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
      if (parameter.getParameter().getType() == LocalStack.class) {
        return Harmed.of(context).take(context.getRequiredTestClass());
      }
      return context
          .getRoot()
          .getStore(NAMESPACE)
          .getOrComputeIfAbsent(Held.class, key -> new Held(started()), Held.class)
          .stack();
    }

    private static Stack started() {
      Stack stack = start();
      ServiceProgram.archive()
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
          new KafkaContainer("apache/kafka:4.3.1").withNetwork(network).withListener("kafka:19092");
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
