package io.penstock.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.penstock.localstack.Broker;
import io.penstock.localstack.EventLoopWatch;
import io.penstock.localstack.LocalStack;
import io.penstock.localstack.ServiceProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * What the service promises while things break, with a spool: what {@link FaultsIT} expects, and
 * that Kafka's absence is nobody's business. One ingress: an entity's order holds within a replica
 * (see docs/guarantees.md). The table of all cases is {@code target/ledger/spool-faults.md}.
 */
@EnabledIf(
    value = "io.penstock.ledger.Form#isThorough",
    disabledReason =
        "thorough or long; the gate has `SuccessiveFaultsIT`, `SpoolCrashTest` and `SpoolDiskFaultsTest`")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // set before all tests
class SpoolFaultsIT {

  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final String SPOOL =
      "{kafka-deadline: 1s, spool: {directory: '${directory}/spool', max-size: %s}}";

  private final Form form = Form.chosen();
  private final Report report = new Report(Path.of("target", "ledger", "spool-faults.md"));
  private LocalStack stack;
  private Fleet fleet;
  private ServiceProcess ingress;
  private @Nullable Fleet roomy;
  private ServiceProcess roomyIngress;
  private List<KafkaProxy> proxies;

  @BeforeAll
  void startStack() {
    stack = LocalStack.builder().brokers(3).withRelays().start();
    proxies =
        stack.kafka().brokers().stream()
            .map(broker -> KafkaProxy.start(broker.relay().port(), broker.relay().target()))
            .toList();
  }

  @AfterAll
  void stopStack() {
    if (roomy != null) {
      roomy.close();
    }
    proxies.forEach(KafkaProxy::close);
    stack.close();
  }

  /** One installation for all cases whose spool has room. */
  private void startWithRoom() {
    if (roomy == null) {
      start(SPOOL.formatted("2GiB"));
      roomy = fleet;
      roomyIngress = ingress;
    }
    fleet = roomy;
    ingress = roomyIngress;
    fleet.start();
  }

  private void start(String delivery) {
    fleet = new Fleet(form, stack, report, Sender.all(), stack.kafka().relayedBootstrapServers());
    ingress = fleet.add("ingress", "ingress", delivery);
    fleet.add("pipeline", "pipeline");
    fleet.start();
  }

  private void some(Run run) {
    run.awaitAcknowledged(form.some(), PATIENCE);
  }

  private void awaitEmptySpool() {
    await("the spool is empty")
        .atMost(PATIENCE)
        .until(() -> ingress.metric("penstock_spool_depth") == 0);
  }

  @Test
  void nobodyNoticesThatAllBrokersAreGone() {
    startWithRoom();
    Result result =
        fleet.check(
            "all brokers gone for " + form.outage().toSeconds() + " s",
            form.load(),
            run -> {
              some(run);
              stack.kafka().kill();
              Fleet.last(form.outage());
              stack.kafka().start();
              awaitEmptySpool();
              some(run);
            });

    assertThat(result.refusals()).isEmpty();
    if (form.isLong() && EventLoopWatch.isJudge()) {
      // Those that had to wait for Kafka's deadline, at the beginning, are too many of a short run.
      assertThat(result.latency(99)).isLessThan(Duration.ofMillis(250));
    }
  }

  @Test
  void theNetworkIsGoneAgainAndAgain() {
    startWithRoom();
    Result result =
        fleet.check(
            form.networkOutages() + " network outages",
            form.load(),
            run -> {
              for (int i = 0; i < form.networkOutages(); i++) {
                some(run);
                proxies.forEach(proxy -> proxy.unreachable(true));
                Fleet.last(form.networkOutage());
                proxies.forEach(proxy -> proxy.unreachable(false));
              }
              awaitEmptySpool();
              some(run);
            });
    assertThat(result.refusals()).isEmpty();
  }

  /** The landing log has no replicas: with a broker, a third of its partitions are gone. */
  @Test
  void partitionsAreDead() {
    fleet =
        new Fleet(
            form, stack, report, Sender.all(), Map.of("PENSTOCK_HTTP_MAX_IN_FLIGHT_BYTES", "8MiB"));
    try (Fleet single = fleet) {
      ingress = single.add("ingress", "ingress", SPOOL.formatted("2GiB"));
      single.add("pipeline", "pipeline");
      single.createLandingLogWithoutReplicas();
      single.start();
      Result result =
          single.check(
              "a broker without replicas gone for " + form.outage().toSeconds() + " s",
              form.load().withText(20_000),
              run -> {
                some(run);
                Broker dead = single.leaderOfLandingLog();
                dead.kill();
                Fleet.last(form.outage());
                some(run);
                assertThat(ingress.metric("penstock_kafka_partitions_silent")).isPositive();
                assertThat(ingress.metric("penstock_kafka_breaker_open")).isZero();
                dead.start();
                awaitEmptySpool();
                some(run);
              });
      assertThat(result.refusals()).isEmpty();
    }
  }

  @Test
  void theIngressIsKilledWhileItSpools() {
    startWithRoom();
    fleet.check(
        "kill -9 of the ingress while all brokers are gone",
        form.load(),
        run -> {
          some(run);
          stack.kafka().kill();
          run.awaitAcknowledged(2 * form.some(), PATIENCE);
          ingress.kill();
          stack.kafka().start();
          ingress.launch().awaitReady();
          some(run);
        },
        this::awaitEmptySpool);
  }

  @Test
  void theIngressIsKilledAgainAndAgainWhileItDrainsItsSpool() {
    startWithRoom();
    int[] killedAmidIt = new int[1];
    fleet.check(
        "kill -9 while the spool drains, again and again",
        form.load().withText(8_000),
        run -> {
          some(run);
          stack.kafka().kill();
          run.awaitAcknowledged(4 * form.some(), PATIENCE);
          // A slow network makes the draining last.
          proxies.forEach(proxy -> proxy.latency(Duration.ofMillis(150)));
          stack.kafka().start();
          for (int i = 0; i < 2 + form.repetitions(); i++) {
            await("the spool drains")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(5))
                .until(
                    () ->
                        ingress.metric("penstock_spool_drained_total") > 0
                            || ingress.metric("penstock_spool_depth") == 0);
            killedAmidIt[0] += ingress.metric("penstock_spool_depth") > 0 ? 1 : 0;
            ingress.kill();
            ingress.launch().awaitPorts();
          }
          proxies.forEach(proxy -> proxy.latency(Duration.ZERO));
          ingress.awaitReady();
          some(run);
        },
        this::awaitEmptySpool);
    assertThat(killedAmidIt[0]).isPositive();
  }

  @Test
  void theSpoolIsFull() {
    assumeThat(form.isLong()).as("long: in short, a full disk has to do").isTrue();
    start(SPOOL.formatted("16MiB"));
    try (Fleet small = fleet) {
      Result result =
          small.check(
              "the spool is full",
              form.load().withText(40_000),
              this::fillTheSpoolAndBringKafkaBack,
              this::awaitEmptySpool);
      assertThat(result.refusals()).containsKey("503 spool-full");
    }
  }

  @Test
  void theSpoolsDiskIsFull() throws IOException, InterruptedException {
    Path disk = Files.createDirectories(Path.of("target", "ledger", "disk").toAbsolutePath());
    assumeThat(run("mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", disk.toString()))
        .as("a small file system can be mounted")
        .isZero();
    start("{kafka-deadline: 1s, spool: {directory: '%s/spool', max-size: 2GiB}}".formatted(disk));
    try (Fleet small = fleet) {
      Result result =
          small.check(
              "the spool's disk is full",
              form.load().withText(40_000),
              this::fillTheSpoolAndBringKafkaBack,
              this::awaitEmptySpool);
      assertThat(result.refusals()).containsKey("503 spool-full");
    } finally {
      assertThat(run("umount", disk.toString())).isZero();
    }
  }

  private void fillTheSpoolAndBringKafkaBack(Run run) {
    some(run);
    stack.kafka().kill();
    await("a delivery is refused for want of space")
        .atMost(PATIENCE)
        .until(() -> run.refused("spool-full") > 0);
    Fleet.last(form.pause());
    assertThat(ingress.isRunning()).isTrue();
    stack.kafka().start();
    some(run);
  }

  private static int run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }
}
