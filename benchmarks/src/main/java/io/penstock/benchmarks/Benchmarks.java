package io.penstock.benchmarks;

import io.penstock.localstack.LocalStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/** The command of this module: see {@link Options#HELP}. */
public final class Benchmarks {

  /** Before each measured load, so that the generator is compiled and the last load is over. */
  private static final int LEAD_IN_SECONDS = 4;

  private final Options options;
  private final Path root;
  private final Path directory;
  private final Clock clock;

  private Benchmarks(Options options, Path root, Clock clock) {
    this.options = options;
    this.root = root;
    this.directory = options.output().resolve(Long.toString(clock.millis()));
    this.clock = clock;
  }

  /** Runs the command; the system property {@code penstock.root} is the repository's directory. */
  public static void main(String[] arguments) throws IOException {
    List<String> words = List.of(arguments);
    String command = words.isEmpty() ? "help" : words.getFirst();
    Path root = Path.of(System.getProperty("penstock.root", "."));
    Clock clock = Clock.systemUTC();
    try {
      switch (command) {
        case "compare" ->
            new Benchmarks(Options.of(words.subList(1, words.size())), root, clock).compare();
        case "growth" ->
            new Benchmarks(Options.of(words.subList(1, words.size())), root, clock).growth();
        case "pipeline" ->
            new Benchmarks(Options.of(words.subList(1, words.size())), root, clock).pipeline();
        case "allocations" -> System.exit(Allocations.check(root) ? 0 : 1);
        default -> {
          System.out.print(Options.HELP);
          System.exit(command.equals("help") ? 0 : 2);
        }
      }
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
    }
  }

  private void compare() throws IOException {
    List<Load> loads =
        Stream.concat(
                options.rates().stream()
                    .map(
                        rate ->
                            new Load(
                                rate + "/s", options.connections(), rate, options.bodyBytes())),
                Stream.of(new Load("no pause", options.connections(), 0, options.bodyBytes())))
            .toList();
    Results results = new Results();
    try (LocalStack stack = broker()) {
      measure(stack, options, loads, results);
    }
    report("compare", results);
    Files.writeString(directory.resolve("compare.svg"), Chart.draw(results, machine()));
  }

  /** One dimension after the other; all others stay as the options say. */
  private void growth() throws IOException {
    List<Load> connectionsAndBodies = new ArrayList<>();
    for (int connections : List.of(1, 8, 64, 512)) {
      connectionsAndBodies.add(
          new Load(connections + " connections", connections, 0, options.bodyBytes()));
    }
    for (int bytes : List.of(200, 2_000, 50_000)) {
      connectionsAndBodies.add(new Load(bytes + " B", options.connections(), 0, bytes));
    }
    // More at once may be refused: for the bytes in flight, or since Kafka takes too long.
    connectionsAndBodies.add(new Load("1 MB, 4 connections", 4, 0, 1_000_000));
    Results results = new Results();
    try (LocalStack stack = broker()) {
      measure(stack, options, connectionsAndBodies, results);
      for (int sources : List.of(5, 50)) {
        Load load = new Load(sources + " sources", options.connections(), 0, options.bodyBytes());
        measure(stack, options.with(sources, options.partitions()), List.of(load), results);
      }
      for (int partitions : List.of(1, 48)) {
        Load load =
            new Load(partitions + " partitions", options.connections(), 0, options.bodyBytes());
        measure(stack, options.with(options.sources(), partitions), List.of(load), results);
      }
    } finally {
      // Also where a load has failed: what was measured before took half an hour.
      report("growth", results);
    }
  }

  private void pipeline() throws IOException {
    String table;
    try (LocalStack stack = brokerSettings().start()) {
      table = new PipelineComparison(options, directory, root, stack).run();
    }
    write(
        "pipeline",
        "One thread, a backlog of %d records or more with bodies of %d bytes, %d partitions, one broker; the last two thirds are measured."
            .formatted(options.backlog(), options.bodyBytes(), options.partitions()),
        table);
  }

  /** With the compiler of a server, and with small segments, which are deleted at once. */
  private static LocalStack broker() {
    return brokerSettings().withoutSchemaRegistry().start();
  }

  private static LocalStack.Builder brokerSettings() {
    return LocalStack.builder()
        .brokerJvmOption("-XX:TieredStopAtLevel=4")
        .brokerJvmOption("-Xmx1g")
        .brokerProperty("log.segment.bytes", Integer.toString(64 * 1024 * 1024))
        .brokerProperty("log.retention.check.interval.ms", "2000")
        .brokerProperty("log.segment.delete.delay.ms", "1000")
        .brokerProperty("message.max.bytes", Integer.toString(8 * 1024 * 1024))
        .brokerProperty("num.network.threads", "2");
  }

  /** Starts the contenders, warms each, then alternates them: each load of each round on each. */
  private void measure(LocalStack stack, Options with, List<Load> loads, Results results)
      throws IOException {
    String brokers = stack.kafka().bootstrapServers();
    ProcessHandle broker = ProcessHandle.of(stack.kafka().broker(0).pid()).orElseThrow();
    List<Contender> contenders = new ArrayList<>();
    try {
      for (String name : with.only()) {
        contenders.add(Contender.start(name, with, directory, brokers, root));
      }
      Load warmUp = new Load("warm-up", with.connections(), 0, with.bodyBytes());
      for (Contender contender : contenders) {
        say("warms %s", contender.name());
        LoadProcess.run(contender, warmUp, with.warmUpSeconds(), 1, broker);
        Kafka.empty(brokers, contender.topic());
      }
      for (int round = 1; round <= with.rounds(); round++) {
        for (Load load : loads) {
          for (Contender contender : contenders) {
            Figures figures =
                LoadProcess.run(contender, load, LEAD_IN_SECONDS, with.seconds(), broker);
            Kafka.empty(brokers, contender.topic());
            results.add(load, contender.name(), figures);
            say(
                "round %d, %s, %s: %.0f/s, p50 %.2f ms, p99 %.2f ms, %.1f µs",
                round,
                load.name(),
                contender.name(),
                figures.perSecond(),
                figures.p50Millis(),
                figures.p99Millis(),
                figures.micros());
          }
        }
        // The next round has another first: what comes after another may find the broker busy.
        Collections.rotate(contenders, 1);
      }
    } finally {
      contenders.forEach(Contender::close);
    }
  }

  private void report(String command, Results results) throws IOException {
    String conditions =
        "Medians of %d rounds of %d s; %d connections, bodies of %d bytes, %d sources, %d partitions, one broker, acks=all, %d MiB of heap. In brackets: the ratio to the ceiling of the same round."
            .formatted(
                options.rounds(),
                options.seconds(),
                options.connections(),
                options.bodyBytes(),
                options.sources(),
                options.partitions(),
                options.heapMebibytes());
    write(command, conditions, results.table());
  }

  private String machine() throws IOException {
    return Machine.describe(root, clock.instant());
  }

  private void write(String command, String conditions, String table) throws IOException {
    String page = machine() + "\n\n" + conditions + "\n\n" + table;
    Files.createDirectories(directory);
    Files.writeString(directory.resolve(command + ".md"), page);
    System.out.println(page);
    System.out.println("Written to " + directory);
  }

  @SuppressWarnings("AnnotateFormatMethod") // its few callers are above
  private static void say(String format, Object... arguments) {
    System.err.println(String.format(java.util.Locale.ROOT, format, arguments));
  }
}
