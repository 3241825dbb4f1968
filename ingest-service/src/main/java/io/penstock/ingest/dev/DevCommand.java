package io.penstock.ingest.dev;

import io.penstock.ingest.Console;
import io.penstock.ingest.Penstock;
import io.penstock.ingest.Service;
import io.penstock.ingest.StartException;
import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.ConfigurationReader;
import io.penstock.ingest.config.Problem;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.Providers;
import io.penstock.localstack.LocalStack;
import io.penstock.localstack.LocalStackException;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Starts Kafka, the registry and the service on this machine, and shows samples pass through them.
 */
@Command(
    name = "dev",
    mixinStandardHelpOptions = true,
    versionProvider = Penstock.Version.class,
    description =
        "Starts everything on this machine, sends samples and prints the events as JSON lines.")
public final class DevCommand implements Callable<Integer> {

  private static final Duration START_TIMEOUT = Duration.ofSeconds(90);
  private static final Duration ONCE_TIMEOUT = Duration.ofSeconds(60);
  private static final int FIRST_KAFKA_PORT = 9092;
  private static final int FIRST_REGISTRY_PORT = 8081;

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
      names = "--config",
      paramLabel = "FILE",
      description = "Sources and settings; Kafka and the registry are the local ones all the same.")
  private @Nullable Path file;

  @Option(
      names = "--once",
      description = "End when the samples have passed: status 0 if each came out exactly once.")
  private boolean once;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter err = spec.commandLine().getErr();
    try {
      Plan plan = plan(err);
      // Closed after the service, which drains into it; what is left when this process dies is
      // killed by the stack's
      // own watchdog.
      try (LocalStack stack =
              LocalStack.builder().kafkaPort(FIRST_KAFKA_PORT).withoutShutdownHook().start();
          RegistryFront registry =
              new RegistryFront(stack.schemaRegistry().url(), freePort(FIRST_REGISTRY_PORT))) {
        return run(plan, stack, registry.url(), err);
      }
    } catch (LocalStackException e) {
      err.println("error: " + e.getMessage());
    } catch (StartException e) {
      Console.report(err, e);
    } catch (ExecutionException e) {
      Console.report(err, e.getCause());
    } catch (IOException e) {
      err.println("error: the samples could not be sent: " + e.getMessage());
    }
    err.flush();
    return 1;
  }

  /**
   * What is to be started.
   *
   * @param environment where its secrets are
   */
  private record Plan(
      Configuration configuration, int port, int managementPort, Map<String, String> environment) {}

  private Plan plan(PrintWriter err) throws StartException {
    Map<String, String> environment = new HashMap<>(System.getenv());
    if (file == null) {
      DevConfiguration dev = DevConfiguration.of(Providers.all(), new SecureRandom());
      environment.putAll(dev.secrets());
      Configuration.Http http = dev.configuration().http();
      return new Plan(
          dev.configuration(),
          port != null ? port : freePort(http.port()),
          managementPort != null ? managementPort : freePort(http.managementPort()),
          environment);
    }
    // The local addresses stand in for the file's, which may be missing or wrong here.
    Map<String, String> overridden = new HashMap<>(environment);
    overridden.put("PENSTOCK_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:" + FIRST_KAFKA_PORT);
    overridden.put("PENSTOCK_SCHEMA_REGISTRY_URL", "http://127.0.0.1:" + FIRST_REGISTRY_PORT);
    return switch (Console.configurationReader(overridden).check(file)) {
      case ConfigurationReader.Result.Invalid invalid ->
          throw new StartException(invalid.problems().stream().map(Problem::toString).toList());
      case ConfigurationReader.Result.Valid valid -> {
        Console.print(err, "warning", valid.warnings());
        Configuration.Http http = valid.configuration().http();
        yield new Plan(
            valid.configuration(),
            port != null ? port : http.port(),
            managementPort != null ? managementPort : http.managementPort(),
            environment);
      }
    };
  }

  private int run(Plan plan, LocalStack stack, String registryUrl, PrintWriter err)
      throws StartException, InterruptedException, ExecutionException, IOException {
    Configuration local =
        DevConfiguration.local(
            plan.configuration(),
            plan.port(),
            plan.managementPort(),
            stack.kafka().bootstrapServers(),
            registryUrl,
            stack.dataDirectory().resolve("pipeline-state"));
    try (Service service = Service.start(local, Providers.all(), plan.environment())) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(service, stack), "shutdown"));
      awaitRunning(service);
      return showSamples(service, local, plan.environment(), err);
    }
  }

  private static void stop(Service service, LocalStack stack) {
    service.close();
    stack.close();
  }

  private static void awaitRunning(Service service)
      throws InterruptedException, ExecutionException, StartException {
    long start = System.nanoTime();
    while (!service.isRunning()) {
      if (System.nanoTime() - start > START_TIMEOUT.toNanos()) {
        throw new StartException(
            List.of("the service did not come up within " + START_TIMEOUT.toSeconds() + " s"));
      }
      try {
        service.failure().get(50, TimeUnit.MILLISECONDS);
        throw new StartException(List.of("the service was stopped"));
      } catch (TimeoutException e) {
        // Neither failed nor stopped: look again.
      }
    }
  }

  private int showSamples(
      Service service,
      Configuration configuration,
      Map<String, String> environment,
      PrintWriter err)
      throws InterruptedException, IOException, ExecutionException {
    PrintWriter out = spec.commandLine().getOut();
    Topics topics = new Topics(configuration.topics().prefix());
    List<String> published = new ArrayList<>();
    for (Provider provider : Providers.all()) {
      published.add(topics.events(provider));
    }
    published.add(topics.deadLetter());
    String ingress = "http://127.0.0.1:" + service.ingressPort();
    SampleSender sender =
        new SampleSender(ingress, configuration, environment, InstantSource.system());
    sender.printSources(out);
    String registryUrl = configuration.schemaRegistry().url();
    String bootstrapServers = configuration.kafka().bootstrapServers();
    out.println(
        "READY ingress="
            + ingress
            + " management=http://127.0.0.1:"
            + service.managementPort()
            + " kafka="
            + bootstrapServers
            + " registry="
            + registryUrl);
    out.flush();
    try (EventReader reader = new EventReader(bootstrapServers, registryUrl, published)) {
      Map<String, Integer> expected = sender.send(out);
      OnceCheck check =
          new OnceCheck(
              expected, bootstrapServers, topics.inbound(), topics.prefix() + "-pipeline");
      long start = System.nanoTime();
      while (!service.failure().isDone()) {
        for (EventReader.Event event : reader.poll(Duration.ofMillis(200))) {
          out.println(event.json());
          check.seen(event);
        }
        out.flush();
        if (once) {
          // Asked in this order: what was processed by then has been read by then.
          if (check.isEverythingProcessed() && reader.isAtEnd()) {
            return check.report(err);
          }
          if (System.nanoTime() - start > ONCE_TIMEOUT.toNanos()) {
            err.println(
                "error: the samples did not come out within " + ONCE_TIMEOUT.toSeconds() + " s");
            return 1;
          }
        }
      }
      service.failure().get();
      return 0;
    }
  }

  /** The preferred port, or a free one if it is taken. */
  private static int freePort(int preferred) {
    try (ServerSocket socket = new ServerSocket(preferred, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      return 0;
    }
  }
}
