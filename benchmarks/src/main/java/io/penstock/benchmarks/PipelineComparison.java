package io.penstock.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.localstack.LocalStack;
import io.penstock.localstack.ServiceProgram;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * One pipeline thread on a backlog, beside a bare copier of the same records. Each round has a
 * backlog of its own, which the ingress has taken; the last two thirds of it are measured.
 */
final class PipelineComparison {

  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
  private static final Duration PATIENCE = Duration.ofMinutes(30);
  private static final int FILL_SECONDS = 10;

  private final Options options;
  private final Path directory;
  private final Path root;
  private final LocalStack stack;

  PipelineComparison(Options options, Path directory, Path root, LocalStack stack) {
    this.options = options;
    this.directory = directory;
    this.root = root;
    this.stack = stack;
  }

  /** One contender's figures of one round. */
  private record Copied(double perSecond, double micros) {}

  /** A Markdown table with a row for each round. */
  String run() throws IOException {
    StringBuilder table =
        new StringBuilder(
            """
            | round | copier: records/s | µs of a processor for each | pipeline: events/s | µs of a processor for each | ratio |
            |---|---|---|---|---|---|
            """);
    for (int round = 1; round <= options.rounds(); round++) {
      Path place = directory.resolve("pipeline-" + round);
      String topic = fill(place);
      Copied copier = copier(topic);
      Copied pipeline = pipeline(place);
      table.append(
          String.format(
              Locale.ROOT,
              "| %d | %.0f | %.1f | %.0f | %.1f | %.2f |%n",
              round,
              copier.perSecond(),
              copier.micros(),
              pipeline.perSecond(),
              pipeline.micros(),
              pipeline.perSecond() / copier.perSecond()));
    }
    return table.toString();
  }

  private Contender start(Path place, Contender.Role role) throws IOException {
    return Contender.service(
        Options.QUIET,
        new Contender.Setting(
            place.getFileName() + "",
            place.toAbsolutePath().resolve(role.label()),
            Contender.java(place.toAbsolutePath().resolve(role.label()), options, root),
            stack.kafka().bootstrapServers(),
            stack.schemaRegistry().url().toString(),
            role),
        options);
  }

  /** Has the ingress take the backlog; the landing log's topic. */
  private String fill(Path place) throws IOException {
    String brokers = stack.kafka().bootstrapServers();
    ProcessHandle broker = ProcessHandle.of(stack.kafka().broker(0).pid()).orElseThrow();
    Load load = new Load("fill", options.connections(), 0, options.bodyBytes());
    try (Contender ingress = start(place, Contender.Role.INGRESS)) {
      while (Kafka.count(brokers, ingress.topic()) < options.backlog()) {
        LoadProcess.run(ingress, load, 1, FILL_SECONDS, broker);
      }
      return ingress.topic();
    }
  }

  private Copied copier(String topic) throws IOException {
    String brokers = stack.kafka().bootstrapServers();
    String copies = topic + ".copies";
    Kafka.create(brokers, copies, options.partitions());
    List<String> arguments =
        new ArrayList<>(Contender.java(directory.toAbsolutePath().resolve(topic), options, root));
    arguments.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            BareCopier.class.getName(),
            brokers,
            topic,
            copies,
            Long.toString(Kafka.count(brokers, topic))));
    ProcessBuilder builder =
        new ProcessBuilder(ServiceProgram.java(arguments))
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    // A transaction that begins while the last one ends is tried again, with a warning for each.
    builder.environment().put("PENSTOCK_LOG_LEVEL_KAFKA", "error");
    Process process = builder.start();
    Thread hook = new Thread(process::destroyForcibly);
    Runtime.getRuntime().addShutdownHook(hook);
    try (BufferedReader out = process.inputReader(UTF_8)) {
      String line = out.readLine();
      if (line == null || !line.startsWith("DONE ")) {
        throw new IOException("The copier failed: " + line);
      }
      String[] words = line.split(" ", -1);
      return new Copied(Double.parseDouble(words[1]), Double.parseDouble(words[2]));
    } finally {
      process.destroyForcibly();
      Runtime.getRuntime().removeShutdownHook(hook);
      Kafka.empty(brokers, copies);
    }
  }

  private Copied pipeline(Path place) throws IOException {
    try (Contender pipeline = start(place, Contender.Role.PIPELINE)) {
      long backlog = Kafka.count(stack.kafka().bootstrapServers(), pipeline.topic());
      double first = await(pipeline, backlog / 3.0);
      long since = System.nanoTime();
      Duration processor = pipeline.process().processorTime();
      double last = await(pipeline, (double) backlog);
      double seconds = (System.nanoTime() - since) / 1e9;
      double busy = pipeline.process().processorTime().minus(processor).toNanos() / 1e3;
      return new Copied((last - first) / seconds, busy / (last - first));
    }
  }

  private static double await(Contender pipeline, double events) throws IOException {
    long start = System.nanoTime();
    while (true) {
      double published = pipeline.process().metric("penstock_events_published_total");
      if (published >= events) {
        return published;
      }
      if (System.nanoTime() - start > PATIENCE.toNanos()) {
        throw new IOException("The pipeline has published only " + published);
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }
}
