package io.penstock.ingest.dev;

import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.lookup.PlainText;
import io.penstock.ingest.observability.FailureText;
import io.penstock.ingest.provider.ProviderCatalog;
import io.penstock.ingest.provider.Providers;
import io.penstock.ingest.service.Service;
import io.penstock.ingest.service.StartException;
import io.penstock.ingest.warmup.WarmVertx;
import io.penstock.localstack.LocalStack;
import io.penstock.localstack.LocalStackException;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * One run of everything on this machine: Kafka, the registry and the service; samples go in, and
 * their events are printed as they come out.
 *
 * @param configuration sources and settings; addresses and ports are those of {@code ports}
 * @param environment where the sources' secrets are looked up
 * @param once whether to end when the samples have passed
 */
public record DevRun(
    Configuration configuration,
    Ports ports,
    Map<String, String> environment,
    boolean once,
    PrintWriter out,
    PrintWriter err) {

  private static final Duration START_TIMEOUT = Duration.ofSeconds(90);
  private static final Duration ONCE_TIMEOUT = Duration.ofSeconds(60);
  private static final Duration LOOK_INTERVAL = Duration.ofMillis(200);

  /**
   * The ports to open; 0 stands for any free one.
   *
   * @param kafka if it is taken, another is used
   */
  public record Ports(int ingress, int management, int console, int kafka, int registry) {}

  /**
   * Runs until it is stopped or, with {@code once}, until the samples have passed.
   *
   * @return the exit status
   * @throws StartException if something cannot be started, or fails later
   */
  public int run() throws StartException, InterruptedException {
    Vertx vertx = WarmVertx.create();
    // The service closes first, since it drains into Kafka. If this process is killed, the stack's
    // own watchdog kills what is left.
    try (LocalStack stack =
            LocalStack.builder().kafkaPort(ports.kafka()).withoutShutdownHook().start();
        RegistryFront registry =
            new RegistryFront(vertx, stack.schemaRegistry().url(), ports.registry())) {
      return run(vertx, stack, registry.url());
    } catch (LocalStackException e) {
      throw new StartException(List.of(String.valueOf(e.getMessage())));
    } catch (IOException e) {
      throw new StartException(List.of("the samples could not be sent: " + e.getMessage()));
    } catch (ExecutionException e) {
      throw e.getCause() instanceof StartException start
          ? start
          : new StartException(List.of(FailureText.of(e)));
    } finally {
      vertx.close().await();
    }
  }

  private int run(Vertx vertx, LocalStack stack, String registryUrl)
      throws StartException, InterruptedException, ExecutionException, IOException {
    Configuration local =
        DevConfiguration.local(
            configuration,
            ports.ingress(),
            ports.management(),
            ports.console(),
            stack.kafka().bootstrapServers(),
            registryUrl,
            stack.dataDirectory().resolve("pipeline-state"));
    try (Service service =
        Service.start(local, Providers.all(), environment, InstantSource.system())) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(service, stack), "shutdown"));
      awaitRunning(service);
      return showSamples(vertx, service, local);
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
      if (ends(service.failure())) {
        throw new StartException(List.of("the service was stopped"));
      }
    }
  }

  /** Waits a little for the end; whether it has come. */
  private static boolean ends(CompletableFuture<?> end)
      throws InterruptedException, ExecutionException {
    try {
      end.get(LOOK_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    }
  }

  private int showSamples(Vertx vertx, Service service, Configuration local)
      throws InterruptedException, IOException, ExecutionException {
    String ingress = "http://127.0.0.1:" + service.ingressPort();
    String kafka = local.kafka().bootstrapServers();
    String registry = local.schemaRegistry().url();
    SampleSender sender = new SampleSender(ingress, local, environment, InstantSource.system());
    sender.printSources(out);
    out.println(
        "READY ingress="
            + ingress
            + " management=http://127.0.0.1:"
            + service.managementPort()
            + " kafka="
            + kafka
            + " registry="
            + registry
            + " console=http://127.0.0.1:"
            + service.consolePort());
    out.flush();
    Topics topics = new Topics(local.topics().prefix());
    OnceCheck check = new OnceCheck(sender.send(out), kafka, topics.inbound(), topics.group());
    List<String> published =
        Stream.concat(
                ProviderCatalog.of(local).all().stream().map(topics::events),
                Stream.of(topics.deadLetter()))
            .toList();
    try (LiveEvents events =
        new LiveEvents(
            vertx,
            kafka,
            registry,
            published,
            event -> {
              out.println(PlainText.line(event.json()));
              out.flush();
              check.seen(event);
            })) {
      CompletableFuture<Object> end = CompletableFuture.anyOf(service.failure(), events.failure());
      long start = System.nanoTime();
      while (!ends(end)) {
        // In this order: what was processed by then has been read by then.
        if (once && check.isEverythingProcessed() && events.isAtEnd()) {
          return check.report(err);
        }
        if (once && System.nanoTime() - start > ONCE_TIMEOUT.toNanos()) {
          err.println(
              "error: the samples did not come out within " + ONCE_TIMEOUT.toSeconds() + " s");
          err.flush();
          return 1;
        }
      }
      return 0;
    }
  }
}
