package io.penstock.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.penstock.localstack.Broker;
import io.penstock.localstack.LocalStack;
import io.penstock.localstack.ServiceProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Two ingresses, each with a spool, and deliveries of each entity to both in turn. Nothing is lost
 * or doubled. The order of an entity may be lost while one of them spools (see {@code
 * docs/guarantees.md}), is reported then, and holds at all other times. The table is {@code
 * target/ledger/two-spools.md}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // set before all tests
class TwoSpoolsFaultsIT {

  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final String SPOOL =
      "{kafka-deadline: 1s, spool: {directory: '${directory}/spool', max-size: 2GiB}}";

  private final Form form = Form.chosen();
  private final Report report = new Report(Path.of("target", "ledger", "two-spools.md"));
  private LocalStack stack;
  private Fleet fleet;
  private ServiceProcess first;
  private ServiceProcess second;
  private List<KafkaProxy> proxies;

  @BeforeAll
  void start() {
    stack = LocalStack.builder().brokers(3).withRelays().start();
    proxies =
        stack.kafka().brokers().stream()
            .map(broker -> KafkaProxy.start(broker.relay().port(), broker.relay().target()))
            .toList();
    fleet = new Fleet(form, stack, report, Sender.all(), stack.kafka().relayedBootstrapServers());
    first = fleet.add("ingress-1", "ingress", SPOOL);
    second = fleet.add("ingress-2", "ingress", SPOOL);
    fleet.add("pipeline", "pipeline");
    fleet.start();
  }

  @AfterAll
  void stop() {
    fleet.close();
    proxies.forEach(KafkaProxy::close);
    stack.close();
  }

  private void some(Run run) {
    run.awaitAcknowledged(form.some(), PATIENCE);
  }

  private void awaitEmptySpools() {
    for (ServiceProcess ingress : List.of(first, second)) {
      await("the spool is empty")
          .atMost(PATIENCE)
          .until(() -> ingress.metric("penstock_spool_depth") == 0);
    }
  }

  /** What was spooled since the instances were started, of both. */
  private double spooled() {
    return Stream.of(first, second)
        .mapToDouble(each -> each.metric("penstock_spool_appends_total"))
        .sum();
  }

  /** Reorderings are explained by the spool alone: where nothing was spooled there are none. */
  private void check(String name, Consumer<Run> faults) {
    Result result = fleet.checkWithoutOrder(name, form.load(), faults, this::awaitEmptySpools);
    System.out.printf(
        "TwoSpoolsFaultsIT: %s: %d reordered of %d%n",
        name, result.findings().reordered().size(), result.acknowledged());
    double before = spooled();
    Result afterwards =
        fleet.checkWithoutOrder("after: " + name, form.load(), this::some, () -> {});
    if (spooled() == before) {
      assertThat(afterwards.findings().reordered()).as("nothing was spooled").isEmpty();
    }
  }

  @Test
  void allBrokersAreGone() {
    form.isInTheGateBy("`SuccessiveFaultsIT`, with one spool");
    fleet.start();
    check(
        "two spools, all brokers gone for " + form.outage().toSeconds() + " s",
        run -> {
          some(run);
          stack.kafka().kill();
          Fleet.last(form.outage());
          assertThat(spooled()).isPositive();
          stack.kafka().start();
          awaitEmptySpools();
          some(run);
        });
  }

  @Test
  void theNetworkIsGone() {
    assumeThat(form.isLong()).as("long: SpoolFaultsIT has it in short").isTrue();
    fleet.start();
    check(
        "two spools, the network gone for " + form.networkOutage().toSeconds() + " s",
        run -> {
          some(run);
          proxies.forEach(proxy -> proxy.unreachable(true));
          Fleet.last(form.networkOutage());
          proxies.forEach(proxy -> proxy.unreachable(false));
          awaitEmptySpools();
          some(run);
        });
  }

  @Test
  void aBrokerDoesNotAnswer() {
    assumeThat(form.isLong()).as("long: FaultsIT has it in short").isTrue();
    fleet.start();
    check(
        "two spools, a broker paused for " + form.pause().toSeconds() + " s",
        run -> {
          some(run);
          Broker broker = fleet.leaderOfLandingLog();
          broker.pause();
          Fleet.last(form.pause());
          broker.resume();
          broker.start();
          awaitEmptySpools();
          some(run);
        });
  }

  @Test
  void anIngressIsKilledWhileBothSpool() {
    assumeThat(form.isLong()).as("long: SpoolFaultsIT has it with one").isTrue();
    fleet.start();
    check(
        "two spools, kill -9 of one while all brokers are gone",
        run -> {
          some(run);
          stack.kafka().kill();
          run.awaitAcknowledged(2 * form.some(), PATIENCE);
          first.kill();
          run.awaitAcknowledged(form.some(), PATIENCE);
          stack.kafka().start();
          first.launch().awaitReady();
          some(run);
        });
  }

  /** The spool takes over at the deadline and not before. */
  @Test
  void aBusyKafkaThatAnswersInTimeCausesNoDisorder() {
    fleet.start();
    proxies.forEach(proxy -> proxy.latency(Duration.ofMillis(150)));
    double before = spooled();
    Result result =
        fleet.checkWithoutOrder(
            "two spools, a slow network that is in time",
            form.load(),
            run -> {
              some(run);
              proxies.forEach(proxy -> proxy.latency(Duration.ZERO));
            },
            this::awaitEmptySpools);
    if (spooled() == before) {
      assertThat(result.findings().reordered()).isEmpty();
    }
  }
}
