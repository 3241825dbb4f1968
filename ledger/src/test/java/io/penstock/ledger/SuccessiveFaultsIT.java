package io.penstock.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.localstack.Broker;
import io.penstock.localstack.LocalStack;
import io.penstock.localstack.ServiceProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * The faults of {@link FaultsIT} and {@link SpoolFaultsIT} one after the other, in one run each:
 * what the gate has of most of them, since most of a short case's time goes into its start and its
 * end. Where this fails, the case of the single fault shows which one it was. The table is {@code
 * target/ledger/successive-faults.md}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // set before all tests
class SuccessiveFaultsIT {

  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final String SPOOL =
      "{kafka-deadline: 1s, spool: {directory: '${directory}/spool', max-size: 2GiB}}";

  private final Form form = Form.chosen();
  private final Report report = new Report(Path.of("target", "ledger", "successive-faults.md"));
  private LocalStack stack;
  private List<KafkaProxy> proxies;

  @BeforeAll
  void start() {
    stack =
        LocalStack.builder().brokers(3).withRelays().brokerClasses(BrokerClock.classes()).start();
    proxies =
        stack.kafka().brokers().stream()
            .map(broker -> KafkaProxy.start(broker.relay().port(), broker.relay().target()))
            .toList();
  }

  @AfterAll
  void stop() {
    proxies.forEach(KafkaProxy::close);
    stack.close();
  }

  private Fleet fleet() {
    return new Fleet(form, stack, report, Sender.all(), stack.kafka().relayedBootstrapServers());
  }

  private void some(Run run) {
    run.awaitAcknowledged(form.some(), PATIENCE);
  }

  @Test
  void nothingIsLostWhateverBreaksAfterWhateverElse() {
    try (Fleet fleet = fleet()) {
      ServiceProcess a = fleet.add("a", "ingress, pipeline");
      ServiceProcess b = fleet.add("b", "ingress, pipeline");
      fleet.start();
      ServiceProcess third = fleet.add("c", "pipeline");
      fleet.check(
          "one fault after the other",
          form.load().withCopies(0.2, 2),
          run -> {
            some(run);
            everyInstanceIsKilled(a, b);
            some(run);
            third.launch().awaitReady();
            aBrokerIsKilled(run);
            assertThat(third.terminate()).isZero();
            some(run);
            anInstanceIsReplaced(b);
            some(run);
            aBrokerDoesNotAnswer();
            some(run);
            kafkaIsSlowAndItsConnectionsAreCut(run);
            theNetworkIsGone();
            some(run);
            allBrokersAreGone();
            some(run);
            // The last: what a broker has stamped stays.
            theClockOfALeaderIsAhead(fleet);
            some(run);
          });
    }
  }

  private static void everyInstanceIsKilled(ServiceProcess... instances) {
    List.of(instances).forEach(ServiceProcess::kill);
    List.of(instances).forEach(ServiceProcess::launch);
    List.of(instances).forEach(ServiceProcess::awaitReady);
  }

  private void aBrokerIsKilled(Run run) {
    Broker broker = stack.kafka().broker(0);
    broker.kill();
    some(run);
    broker.start();
  }

  private static void anInstanceIsReplaced(ServiceProcess instance) {
    assertThat(instance.terminate()).isZero();
    instance.launch().awaitReady();
  }

  private void aBrokerDoesNotAnswer() {
    Broker broker = stack.kafka().broker(1);
    broker.pause();
    Fleet.last(form.pause());
    broker.resume();
    broker.start();
  }

  private void kafkaIsSlowAndItsConnectionsAreCut(Run run) {
    proxies.forEach(proxy -> proxy.latency(Duration.ofMillis(40)));
    int cut = 0;
    for (int i = 0; i < 3 * form.repetitions(); i++) {
      some(run);
      cut += proxies.stream().mapToInt(KafkaProxy::cutMidRequest).sum();
    }
    proxies.forEach(proxy -> proxy.latency(Duration.ZERO));
    assertThat(cut).as("connections cut").isPositive();
  }

  private void theNetworkIsGone() {
    proxies.forEach(proxy -> proxy.unreachable(true));
    Fleet.last(form.networkOutage());
    proxies.forEach(proxy -> proxy.unreachable(false));
  }

  private void allBrokersAreGone() {
    stack.kafka().kill();
    Fleet.last(form.outage());
    stack.kafka().start();
  }

  private void theClockOfALeaderIsAhead(Fleet fleet) {
    Broker leader = fleet.leaderOfLandingLog();
    BrokerClock.set(leader, Duration.ofHours(2));
    try {
      await("a delivery is stamped ahead")
          .atMost(PATIENCE)
          .until(() -> fleet.latestLandingTime().isAfter(Instant.now().plus(Duration.ofHours(1))));
    } finally {
      BrokerClock.set(leader, Duration.ZERO);
    }
  }

  @Test
  void withASpoolNothingIsRefusedEither() {
    try (Fleet fleet = fleet()) {
      ServiceProcess ingress = fleet.add("ingress", "ingress", SPOOL);
      fleet.add("pipeline", "pipeline");
      fleet.start();
      int[] killedAmidIt = new int[1];
      Result result =
          fleet.check(
              "one fault after the other, with a spool",
              form.load().withText(8_000),
              run -> {
                some(run);
                theNetworkIsGone();
                some(run);
                stack.kafka().kill();
                Fleet.last(form.outage());
                run.awaitAcknowledged(2 * form.some(), PATIENCE);
                ingress.kill(); // while it spools
                // A slow network makes the draining last.
                proxies.forEach(proxy -> proxy.latency(Duration.ofMillis(150)));
                stack.kafka().start();
                ingress.launch().awaitPorts();
                for (int i = 0; i < 1 + form.repetitions(); i++) {
                  awaitDraining(ingress);
                  killedAmidIt[0] += ingress.metric("penstock_spool_depth") > 0 ? 1 : 0;
                  ingress.kill();
                  ingress.launch().awaitPorts();
                }
                proxies.forEach(proxy -> proxy.latency(Duration.ZERO));
                ingress.awaitReady();
                some(run);
              },
              () -> awaitEmptySpool(ingress));
      assertThat(killedAmidIt[0]).as("kills while it drained").isPositive();
      assertThat(result.refusals().keySet()).noneMatch(reason -> reason.matches("\\d{3} .*"));
    }
  }

  private static void awaitDraining(ServiceProcess ingress) {
    await("the spool drains")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(5))
        .until(
            () ->
                ingress.metric("penstock_spool_drained_total") > 0
                    || ingress.metric("penstock_spool_depth") == 0);
  }

  private static void awaitEmptySpool(ServiceProcess ingress) {
    await("the spool is empty")
        .atMost(PATIENCE)
        .until(() -> ingress.metric("penstock_spool_depth") == 0);
  }
}
