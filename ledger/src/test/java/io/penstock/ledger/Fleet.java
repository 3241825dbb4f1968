package io.penstock.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.localstack.Broker;
import io.penstock.localstack.EventLoopWatch;
import io.penstock.localstack.LocalStack;
import io.penstock.localstack.ServiceProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.avro.generic.GenericRecord;

/** An installation on a local stack, its instances, and all that was ever sent to it. */
final class Fleet implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private final Form form;
  private final LocalStack stack;
  private final Report report;
  private final Installation installation;
  private final Path directory;
  private final Ledger ledger = new Ledger();
  private final Rotation rotation = new Rotation();
  private final TopicReader reader;
  private final List<ServiceProcess> instances = new ArrayList<>();
  private Findings known = Findings.NONE;

  /** Without instances yet. */
  Fleet(Form form, LocalStack stack, Report report, List<Sender> senders) {
    this(form, stack, report, senders, stack.kafka().bootstrapServers());
  }

  /**
   * @param bootstrapServers by which the instances reach Kafka; the ledger reaches it directly
   */
  Fleet(Form form, LocalStack stack, Report report, List<Sender> senders, String bootstrapServers) {
    this(
        form, stack, report, senders, Map.of("PENSTOCK_KAFKA_BOOTSTRAP_SERVERS", bootstrapServers));
  }

  /**
   * @param settings of all instances, by their variables
   */
  Fleet(
      Form form,
      LocalStack stack,
      Report report,
      List<Sender> senders,
      Map<String, String> settings) {
    this.form = form;
    this.stack = stack;
    this.report = report;
    String prefix = "faults-" + HexFormat.of().toHexDigits(new Random().nextInt());
    this.directory = Path.of("target", "ledger", prefix);
    Installation plain =
        new Installation(
            prefix,
            stack.kafka().bootstrapServers(),
            stack.schemaRegistry().url(),
            senders,
            settings);
    this.installation =
        form.isLong()
            ? plain
            : plain
                // The least that a broker allows: a dead instance's partitions move on soon.
                .with("PENSTOCK_KAFKA_PROPERTIES_SESSION_TIMEOUT_MS", "6000")
                .with("PENSTOCK_KAFKA_PROPERTIES_HEARTBEAT_INTERVAL_MS", "1500")
                // Senders choose another instance by themselves: no load balancer has to notice.
                .with("PENSTOCK_HTTP_SHUTDOWN_DELAY", "1s");
    this.reader = new TopicReader(installation);
  }

  /** An instance without a spool, not started yet. */
  ServiceProcess add(String name, String roles) {
    return add(name, roles, "{kafka-deadline: 1s}");
  }

  ServiceProcess add(String name, String roles, String delivery) {
    return add(installation.instance(name, directory, roles, delivery));
  }

  /** An instance whose clock is ahead, not started yet. */
  ServiceProcess addWithClock(String name, String roles, Duration ahead) {
    return add(
        installation.instance(
            name,
            directory,
            roles,
            "{kafka-deadline: 1s}",
            ShiftedClock.command(directory.resolve(name), ahead)));
  }

  private ServiceProcess add(ServiceProcess instance) {
    instances.add(instance);
    rotation.add(instance::address);
    return instance;
  }

  /** Takes an instance out that will not be needed again. */
  void remove(ServiceProcess instance) {
    instance.kill();
    instances.remove(instance);
  }

  /** To be called before anything is started: each broker has partitions that no other has. */
  void createLandingLogWithoutReplicas() {
    reader.createLandingLogWithoutReplicas();
  }

  /**
   * Pauses or resumes a source, as the command does.
   *
   * @param state {@code paused} or {@code running}
   */
  void decide(String source, String state) {
    reader.write(
        "control",
        source,
        "{\"state\":\"%s\",\"since\":\"2026-11-26T12:00:00Z\",\"by\":\"the ledger\"}"
            .formatted(state));
  }

  /** All records of a topic whose name has this behind the prefix: {@link TopicReader#values}. */
  List<GenericRecord> values(String topic) {
    return reader.values(topic);
  }

  /** A metric's sum over instances. */
  double sum(String metric, ServiceProcess... from) {
    return Stream.of(from).mapToDouble(instance -> instance.metric(metric)).sum();
  }

  /** The broker that leads the first partition of the landing log now. */
  Broker leaderOfLandingLog() {
    return stack.kafka().broker(reader.leaderOfLandingLog());
  }

  /** The latest time that a broker has stamped a record of the landing log with. */
  Instant latestLandingTime() {
    return Instant.ofEpochMilli(reader.latestLandingTimestamp());
  }

  /** Kills all instances; {@link #start} brings them back. */
  void stop() {
    instances.forEach(ServiceProcess::kill);
  }

  /** Starts, all at once, whatever does not run: after a case that failed half-way too. */
  void start() {
    stack.kafka().start();
    stack.schemaRegistry().start();
    List<ServiceProcess> started = instances.stream().filter(i -> !i.isRunning()).toList();
    started.forEach(ServiceProcess::launch);
    started.forEach(ServiceProcess::awaitReady);
  }

  /** Sends while things break; then compares, reports, and checks that nothing is wrong. */
  Result check(String name, Load load, Consumer<Run> faults) {
    return check(name, load, faults, () -> {});
  }

  /**
   * The same.
   *
   * @param afterwards is done when the last delivery has its answer, before anything is compared
   */
  Result check(String name, Load load, Consumer<Run> faults, Runnable afterwards) {
    Result result = run(name, load, faults, afterwards);
    assertThat(EventLoopWatch.isJudge() ? result.findings() : result.findings().withoutLate())
        .as(name)
        .isEqualTo(Findings.NONE);
    return result;
  }

  /** The same where the order may be lost. It is reported all the same. */
  Result checkWithoutOrder(String name, Load load, Consumer<Run> faults, Runnable afterwards) {
    Result result = run(name, load, faults, afterwards);
    Findings found = result.findings().withoutReordered();
    assertThat(EventLoopWatch.isJudge() ? found : found.withoutLate())
        .as(name)
        .isEqualTo(Findings.NONE);
    return result;
  }

  private Result run(String name, Load load, Consumer<Run> faults, Runnable afterwards) {
    long start = System.nanoTime();
    List<Delivery> sent;
    try (Run run =
        Run.start(load, installation.senders(), ledger, rotation, InstantSource.system())) {
      faults.accept(run);
      sent = run.finish(PATIENCE);
    }
    afterwards.run();
    instances.forEach(Fleet::awaitNoRequest);
    List<Read> records = reader.readAll();
    Findings all = Checker.compare(ledger.deliveries(), records);
    Findings found = all.without(known);
    known = all;
    List<String> ids = sent.stream().map(Delivery::id).toList();
    Result result =
        new Result(
            name,
            sent,
            records.stream().map(Read::id).filter(new java.util.HashSet<>(ids)::contains).count(),
            found,
            Duration.ofNanos(System.nanoTime() - start));
    report.add(result);
    System.out.print(Report.table(List.of(result)));

    List<String> blocked =
        instances.stream().flatMap(i -> i.collectBlockedEventLoops(name).stream()).toList();
    assertThat(result.acknowledged()).as(name).isGreaterThanOrEqualTo(form.acknowledged());
    assertThat(blocked).as(name).isEmpty();
    return result;
  }

  /** An answer that never comes keeps its request in flight. */
  private static void awaitNoRequest(ServiceProcess instance) {
    if (instance.address().isPresent()) {
      await(instance.directory().getFileName() + " has answered every request")
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(instance.metric("penstock_in_flight_requests")).isZero());
    }
  }

  /** The length of a fault is part of the fault. */
  static void last(Duration time) {
    try {
      TimeUnit.NANOSECONDS.sleep(time.toNanos());
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    stop();
    reader.close();
  }
}
