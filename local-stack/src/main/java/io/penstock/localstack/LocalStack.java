package io.penstock.localstack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A real Kafka cluster and a real schema registry, each node a process of its own on 127.0.0.1.
 *
 * <p>The processes never outlive this one, however it ends: each watches a pipe that this process
 * holds, and a watchdog kills those that are paused and therefore cannot watch anything. Every
 * record, offset and schema is on disk in {@link #dataDirectory()}, so a node that was killed comes
 * back with what it had.
 *
 * <p>Safe for use by several threads: a node may be killed while another thread waits for its
 * start, which then fails with {@link LocalStackException}. Needs a POSIX system.
 */
public final class LocalStack implements AutoCloseable {

  private final StackDirectory directory;
  private final Watchdog watchdog;
  private final KafkaCluster kafka;
  private final @Nullable SchemaRegistry schemaRegistry;
  private @Nullable Thread shutdownHook;

  private LocalStack(
      StackDirectory directory,
      Watchdog watchdog,
      KafkaCluster kafka,
      @Nullable SchemaRegistry schemaRegistry) {
    this.directory = directory;
    this.watchdog = watchdog;
    this.kafka = kafka;
    this.schemaRegistry = schemaRegistry;
  }

  /** A stack of one broker and a schema registry, unless told otherwise. */
  public static Builder builder() {
    return new Builder();
  }

  /** The brokers of this stack. */
  public KafkaCluster kafka() {
    return kafka;
  }

  /**
   * The schema registry of this stack.
   *
   * @throws IllegalStateException if the stack was built without one
   */
  public SchemaRegistry schemaRegistry() {
    if (schemaRegistry == null) {
      throw new IllegalStateException("The stack was built without a schema registry");
    }
    return schemaRegistry;
  }

  /**
   * Where the data and the logs are: {@code broker-0/log}, {@code schema-registry/log} and so on.
   */
  public Path dataDirectory() {
    return directory.path();
  }

  /**
   * Kills all processes with SIGKILL, waits until they are gone, then deletes the data directory if
   * the stack made it itself. Does nothing the second time.
   */
  @Override
  public void close() {
    closeProcesses();
    synchronized (this) {
      if (shutdownHook != null) {
        try {
          Runtime.getRuntime().removeShutdownHook(shutdownHook);
        } catch (IllegalStateException alreadyShuttingDown) {
          // The hook runs, or has run: it does the same as this method.
        }
        shutdownHook = null;
      }
    }
  }

  private void closeProcesses() {
    try {
      kafka.close();
      if (schemaRegistry != null) {
        schemaRegistry.close();
      }
    } finally {
      watchdog.close();
      directory.close();
    }
  }

  private synchronized void closeAtShutdown() {
    Thread hook = new Thread(this::closeProcesses, "local-stack-shutdown");
    Runtime.getRuntime().addShutdownHook(hook);
    shutdownHook = hook;
  }

  private void launchAndAwait(Duration timeout) {
    Deadline deadline = Deadline.in(timeout);
    if (schemaRegistry != null) {
      schemaRegistry.launch();
    }
    kafka.start(deadline);
    if (schemaRegistry != null) {
      schemaRegistry.awaitHealthy(deadline);
    }
  }

  /** Collects what a stack shall be. Not safe for use by several threads. */
  public static final class Builder {

    private static final int ANY_PORT = 0;

    private final Map<String, String> brokerProperties = new LinkedHashMap<>();
    private final List<String> brokerJvmOptions = new ArrayList<>();
    private final Map<String, String> registryProperties = new LinkedHashMap<>();
    private final List<String> registryJvmOptions = new ArrayList<>();
    private int brokers = 1;
    private boolean withSchemaRegistry = true;
    private boolean withRelays;
    private boolean withShutdownHook = true;
    private @Nullable Path dataDirectory;
    private @Nullable Path brokerClasses;
    private int kafkaPort = ANY_PORT;
    private int schemaRegistryPort = ANY_PORT;
    private Duration startTimeout = Duration.ofMinutes(3);

    private Builder() {}

    /**
     * How many brokers, 1 to 3; default 1. Each is a controller, too. A data directory keeps the
     * number with which it was made.
     */
    public Builder brokers(int n) {
      if (n < 1 || n > 3) {
        throw new IllegalArgumentException("1 to 3 brokers, not " + n);
      }
      brokers = n;
      return this;
    }

    /**
     * Gives every broker a second listener, which it advertises under another port: see {@link
     * Broker#relay()}. Nobody listens on that port until the caller does.
     */
    public Builder withRelays() {
      withRelays = true;
      return this;
    }

    /** Kafka alone. */
    public Builder withoutSchemaRegistry() {
      withSchemaRegistry = false;
      return this;
    }

    /**
     * Where to keep data, logs and the chosen ports; made if absent. A stack that is built on the
     * directory of an earlier one has its data and, unless somebody else took them, its ports.
     * Default: a temporary directory that goes when the stack does.
     */
    public Builder dataDirectory(Path directory) {
      dataDirectory = directory;
      return this;
    }

    /** The port that broker 0 gets if it is free; default any free one. */
    public Builder kafkaPort(int port) {
      kafkaPort = Ports.validated(port);
      return this;
    }

    /** The port that the schema registry gets if it is free; default any free one. */
    public Builder schemaRegistryPort(int port) {
      schemaRegistryPort = Ports.validated(port);
      return this;
    }

    /** A setting for {@code server.properties} of every broker; wins over the stack's own. */
    public Builder brokerProperty(String key, String value) {
      brokerProperties.put(key, value);
      return this;
    }

    /**
     * A JVM option for every broker, after the stack's own and thus winning over them, which are
     * for a fast start in little memory: {@code -XX:TieredStopAtLevel=4} or {@code -Xmx1g} suit a
     * throughput measurement better.
     */
    public Builder brokerJvmOption(String option) {
      brokerJvmOptions.add(option);
      return this;
    }

    /**
     * Classes that every broker finds before Kafka's own: for a test that has it do something
     * differently.
     */
    public Builder brokerClasses(Path directory) {
      brokerClasses = directory;
      return this;
    }

    /** A system property for the schema registry; wins over the stack's own. */
    public Builder schemaRegistryProperty(String key, String value) {
      registryProperties.put(key, value);
      return this;
    }

    /** Bounds {@link #start()} and each later start of a node; default 3 min. */
    public Builder startTimeout(Duration timeout) {
      startTimeout = timeout;
      return this;
    }

    /**
     * Leaves an orderly end of this JVM to the caller: without the hook, SIGTERM does not close the
     * stack while the caller still drains into it. The processes die with this one in any case.
     */
    public Builder withoutShutdownHook() {
      withShutdownHook = false;
      return this;
    }

    /**
     * Starts everything in parallel and waits until all of it is healthy: every broker knows every
     * other one as alive, and the registry answers.
     *
     * @throws LocalStackException if that fails or takes longer than the start timeout, with the
     *     end of the log of the process that failed; nothing is left running then
     * @throws IllegalStateException if this module has not been built, or the data directory is in
     *     use or belongs to a stack of another size
     */
    public LocalStack start() {
      RuntimeHome located = RuntimeHome.locate();
      RuntimeHome home = brokerClasses == null ? located : located.withKafkaClasses(brokerClasses);
      ensureArchives(home);
      return start(home);
    }

    private static void ensureArchives(RuntimeHome home) {
      home.kafkaArchive()
          .ensure(
              options -> {
                Builder builder = builder().withoutSchemaRegistry();
                builder.brokerJvmOptions.addAll(options);
                try (LocalStack stack = builder.start(home)) {
                  stack.kafka().broker(0).end();
                }
              });
      home.registryArchive()
          .ensure(
              options -> {
                Builder builder = builder();
                builder.registryJvmOptions.addAll(options);
                try (LocalStack stack = builder.start(home)) {
                  stack.schemaRegistry().end();
                }
              });
    }

    private LocalStack start(RuntimeHome home) {
      StackDirectory directory = openDirectory();
      try {
        LocalStack stack = assemble(home, directory);
        try {
          stack.launchAndAwait(startTimeout);
          if (withShutdownHook) {
            stack.closeAtShutdown();
          }
          return stack;
        } catch (RuntimeException | Error e) {
          stack.close();
          throw e;
        }
      } catch (RuntimeException | Error e) {
        directory.close();
        throw e;
      }
    }

    private StackDirectory openDirectory() {
      try {
        return dataDirectory == null
            ? StackDirectory.temporary()
            : StackDirectory.open(dataDirectory);
      } catch (IOException e) {
        throw new UncheckedIOException("Cannot open the data directory " + dataDirectory, e);
      }
    }

    private LocalStack assemble(RuntimeHome home, StackDirectory directory) {
      Ports ports = new Ports(RandomGenerator.getDefault());
      StackLayout layout =
          StackLayout.of(directory.file("stack.properties"))
              .resolve(brokers, kafkaPort, schemaRegistryPort, ports);
      Watchdog watchdog = Watchdog.start(directory);
      try {
        List<Broker> nodes = new ArrayList<>();
        for (int id = 0; id < brokers; id++) {
          Relay relay = withRelays ? new Relay(ports.take(ANY_PORT), ports.take(ANY_PORT)) : null;
          BrokerSetup setup =
              new BrokerSetup(id, layout, relay, brokerProperties, brokerJvmOptions, startTimeout);
          nodes.add(setup.create(home, directory, watchdog));
        }
        SchemaRegistry registry =
            withSchemaRegistry
                ? new RegistrySetup(
                        layout.registryPort(), registryProperties, registryJvmOptions, startTimeout)
                    .create(home, directory, watchdog)
                : null;
        return new LocalStack(directory, watchdog, new KafkaCluster(nodes, startTimeout), registry);
      } catch (IOException e) {
        watchdog.close();
        throw new UncheckedIOException("Cannot prepare " + directory.path(), e);
      } catch (RuntimeException | Error e) {
        watchdog.close();
        throw e;
      }
    }
  }
}
