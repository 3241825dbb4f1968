package io.penstock.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.localstack.Broker;
import io.penstock.localstack.LocalStack;
import io.penstock.localstack.ServiceProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * What the service promises while things break, without a spool: whatever the fault, 0 lost, 0
 * duplicated, 0 reordered, 0 altered, and nobody gets a wrong status; where the clock is to judge,
 * nobody is answered late either. The table of all cases is {@code target/ledger/faults.md}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@SuppressWarnings("NullAway.Init") // set before all tests
class FaultsIT {

  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private static final int IN_FLIGHT_MIB = 8;
  private static final double MIB = 1 << 20;

  /** These have instances of their own, and would make the others start theirs again. */
  private static final int OWN = Order.DEFAULT + 1;

  /** These share instances that reach Kafka through proxies. */
  private static final int RELAYED = OWN + 1;

  private final Form form = Form.chosen();
  private final Report report = new Report(Path.of("target", "ledger", "faults.md"));
  private LocalStack stack;
  private Fleet fleet;
  private ServiceProcess ingressA;
  private ServiceProcess ingressB;
  private ServiceProcess pipelineA;
  private ServiceProcess pipelineB;
  private final List<KafkaProxy> proxies = new ArrayList<>();
  private @Nullable Fleet relayed;

  @BeforeAll
  void start() {
    stack =
        LocalStack.builder().brokers(3).withRelays().brokerClasses(BrokerClock.classes()).start();
    fleet = new Fleet(form, stack, report, Sender.all());
    ingressA = fleet.add("ingress-a", "ingress");
    ingressB = fleet.add("ingress-b", "ingress");
    pipelineA = fleet.add("pipeline-a", "pipeline");
    pipelineB = fleet.add("pipeline-b", "pipeline");
  }

  @AfterAll
  void stop() {
    if (relayed != null) {
      relayed.close();
    }
    proxies.forEach(KafkaProxy::close);
    fleet.close();
    stack.close();
  }

  private Fleet startRelayed() {
    fleet.stop();
    if (relayed == null) {
      stack.kafka().brokers().stream()
          .map(broker -> KafkaProxy.start(broker.relay().port(), broker.relay().target()))
          .forEach(proxies::add);
      relayed =
          new Fleet(form, stack, report, Sender.all(), stack.kafka().relayedBootstrapServers());
      relayed.add("a", "ingress, pipeline");
      relayed.add("b", "ingress, pipeline");
    }
    relayed.start();
    return relayed;
  }

  private void some(Run run) {
    run.awaitAcknowledged(form.some(), PATIENCE);
  }

  private void killedUnderLoad(Run run, ServiceProcess... killed) {
    for (int i = 0; i < form.repetitions(); i++) {
      some(run);
      List.of(killed).forEach(ServiceProcess::kill);
      List.of(killed).forEach(ServiceProcess::launch);
      List.of(killed).forEach(ServiceProcess::awaitReady);
    }
    some(run);
  }

  @Test
  void anIngressIsKilled() {
    form.isInTheGateBy("`SuccessiveFaultsIT`");
    fleet.start();
    fleet.check("kill -9 of an ingress", form.load(), run -> killedUnderLoad(run, ingressA));
  }

  @Test
  void aPipelineIsKilledAndComesBackAndAnotherDoesNot() {
    form.isInTheGateBy("`SuccessiveFaultsIT`");
    fleet.start();
    fleet.check(
        "kill -9 of a pipeline, and of another for good",
        form.load(),
        run -> {
          killedUnderLoad(run, pipelineA);
          pipelineB.kill();
          some(run);
        });
  }

  @Test
  void everyInstanceIsKilled() {
    form.isInTheGateBy("`SuccessiveFaultsIT`");
    fleet.start();
    fleet.check(
        "kill -9 of all ingresses and pipelines",
        form.load(),
        run -> killedUnderLoad(run, ingressA, pipelineA, ingressB, pipelineB));
  }

  @Test
  void oneOfThreeBrokersIsKilled() {
    form.isInTheGateBy("`SuccessiveFaultsIT`");
    fleet.start();
    fleet.check(
        "kill -9 of one of three brokers",
        form.load(),
        run -> {
          for (int i = 0; i < form.repetitions(); i++) {
            Broker broker = stack.kafka().broker(i % 3);
            some(run);
            broker.kill();
            some(run);
            broker.start();
          }
          some(run);
        });
  }

  @Test
  void allBrokersAreGoneForAWhile() {
    form.isInTheGateBy("`SuccessiveFaultsIT`");
    fleet.start();
    fleet.check(
        "all brokers gone for " + form.outage().toSeconds() + " s",
        form.load(),
        run -> {
          some(run);
          stack.kafka().kill();
          Fleet.last(form.outage());
          stack.kafka().start();
          some(run);
        });
  }

  @Test
  void aBrokerDoesNotAnswerForAWhile() {
    form.isInTheGateBy("`SuccessiveFaultsIT`");
    fleet.start();
    fleet.check(
        "a broker paused for " + form.pause().toSeconds() + " s",
        form.load(),
        run -> {
          Broker broker = stack.kafka().broker(1);
          some(run);
          broker.pause();
          Fleet.last(form.pause());
          broker.resume();
          broker.start();
          some(run);
        });
  }

  @Test
  void theRegistryIsGoneForTheWholeRun() {
    form.isInTheGateBy("`RegistryIT`");
    fleet.start();
    stack.schemaRegistry().kill();
    fleet.check(
        "the registry gone, and a pipeline restarted meanwhile",
        form.load(),
        run -> {
          some(run);
          pipelineA.kill();
          pipelineA.launch().awaitPorts();
          some(run);
        },
        () -> {
          stack.schemaRegistry().start();
          pipelineA.awaitReady();
        });
  }

  @Test
  void instancesAreRestartedOneAfterTheOther() {
    form.isInTheGateBy("`SuccessiveFaultsIT`");
    fleet.start();
    fleet.check(
        "rolling restart",
        form.load(),
        run -> {
          restart(run, ingressA, pipelineA);
          restart(run, ingressB, pipelineB);
          some(run);
        });
  }

  private void restart(Run run, ServiceProcess ingress, ServiceProcess pipeline) {
    some(run);
    assertThat(ingress.terminate()).isZero();
    assertThat(pipeline.terminate()).isZero();
    ingress.launch();
    pipeline.launch();
    ingress.awaitReady();
    pipeline.awaitReady();
  }

  @Test
  void thePipelineRebalancesDuringABurstOfDuplicates() {
    form.isInTheGateBy("`SuccessiveFaultsIT`");
    fleet.start();
    ServiceProcess third = fleet.add("pipeline-c", "pipeline");
    fleet.check(
        "a third pipeline comes and goes amid copies",
        form.load().withCopies(1, 4),
        run -> {
          for (int i = 0; i < form.repetitions(); i++) {
            some(run);
            third.launch().awaitReady();
            some(run);
            assertThat(third.terminate()).isZero();
          }
          some(run);
        });
    fleet.remove(third);
  }

  /** Killed while events wait, and while they come out. */
  @Test
  void twoSourcesArePausedAndAPipelineIsKilledMeanwhile() {
    form.isInTheGateBy("`PauseIT`");
    fleet.start();
    List<String> sources = List.of("shapes", "generations");
    fleet.check(
        "two of the sources paused, and kill -9 of a pipeline before and after they are resumed",
        form.load(),
        run -> {
          for (int i = 0; i < form.repetitions(); i++) {
            some(run);
            sources.forEach(source -> fleet.decide(source, "paused"));
            await("something waits")
                .atMost(PATIENCE)
                .until(
                    () -> fleet.sum("penstock_parked_events", pipelineA, pipelineB) > form.some());
            pipelineA.kill();
            some(run);
            pipelineA.launch().awaitReady();
            some(run);
            sources.forEach(source -> fleet.decide(source, "running"));
            pipelineB.kill();
            pipelineB.launch().awaitReady();
            await("nothing waits any more")
                .atMost(PATIENCE)
                .until(() -> fleet.sum("penstock_parked_events", pipelineA, pipelineB) == 0);
          }
          some(run);
        });
  }

  @Test
  @Order(RELAYED)
  void kafkaIsSlowAndItsConnectionsAreCut() {
    form.isInTheGateBy("`SuccessiveFaultsIT`");
    int[] cut = new int[1];
    startRelayed()
        .check(
            "Kafka slow, its connections cut mid-request",
            form.load(),
            run -> {
              proxies.forEach(proxy -> proxy.latency(Duration.ofMillis(40)));
              for (int i = 0; i < 3 * form.repetitions(); i++) {
                some(run);
                proxies.forEach(proxy -> cut[0] += proxy.cutMidRequest());
              }
              some(run);
              proxies.forEach(proxy -> proxy.latency(Duration.ZERO));
            });
    assertThat(cut[0]).isPositive();
  }

  /** The landing log has no replicas: with a broker, a third of its partitions are gone. */
  @Test
  @Order(OWN)
  void partitionsAreDead() {
    fleet.stop();
    try (Fleet single =
        new Fleet(
            form,
            stack,
            report,
            Sender.all(),
            Map.of("PENSTOCK_HTTP_MAX_IN_FLIGHT_BYTES", IN_FLIGHT_MIB + "MiB"))) {
      ServiceProcess ingress = single.add("ingress", "ingress");
      single.add("pipeline", "pipeline");
      single.createLandingLogWithoutReplicas();
      single.start();
      single.check(
          "a broker without replicas gone for " + form.outage().toSeconds() + " s",
          form.load().withText(20_000),
          run -> {
            some(run);
            Broker dead = single.leaderOfLandingLog();
            dead.kill();
            Fleet.last(form.outage());
            some(run); // those of the other partitions
            assertThat(ingress.metric("penstock_kafka_partitions_silent")).isPositive();
            // Some of the largest bodies may be refused when they come at once. What the dead
            // partitions hold is given back: else the bytes in flight only grow.
            await("the dead partitions hold nothing")
                .atMost(PATIENCE)
                .until(() -> ingress.metric("penstock_in_flight_bytes") < IN_FLIGHT_MIB * MIB / 4);
            assertThat(run.refused("overloaded"))
                .as("refused for want of room")
                .isLessThan(run.acknowledged() / 10);
            dead.start();
            some(run);
          });
    }
  }

  @Test
  @Order(RELAYED)
  void theNetworkIsGoneAgainAndAgain() {
    form.isInTheGateBy("`SuccessiveFaultsIT`");
    startRelayed()
        .check(
            form.networkOutages() + " network outages",
            form.load(),
            run -> {
              for (int i = 0; i < form.networkOutages(); i++) {
                some(run);
                proxies.forEach(proxy -> proxy.unreachable(true));
                Fleet.last(form.networkOutage());
                proxies.forEach(proxy -> proxy.unreachable(false));
              }
              some(run);
            });
  }

  /** The last of all: what a broker has stamped stays. */
  @Test
  @Order(RELAYED + 1)
  void theClockOfABrokerIsTwoHoursAheadForAWhile() {
    form.isInTheGateBy("`SuccessiveFaultsIT`");
    Fleet ahead = startRelayed();
    try {
      ahead.check(
          "a landing leader's clock two hours ahead for " + form.outage().toSeconds() + " s",
          form.load(),
          run -> {
            some(run);
            Broker leader = ahead.leaderOfLandingLog();
            BrokerClock.set(leader, Duration.ofHours(2));
            await("a delivery is stamped ahead")
                .atMost(PATIENCE)
                .until(
                    () ->
                        ahead.latestLandingTime().isAfter(Instant.now().plus(Duration.ofHours(1))));
            Fleet.last(form.outage());
            some(run);
            BrokerClock.set(leader, Duration.ZERO);
            some(run);
          });
    } finally {
      stack.kafka().brokers().forEach(broker -> BrokerClock.set(broker, Duration.ZERO));
    }
  }

  @Test
  @Order(OWN)
  void idsCollideOverEntitiesAndWithinASecond() {
    form.isInTheGateBy("`IdentityTest` and `IdentityIT`");
    fleet.stop();
    try (Fleet colliding = new Fleet(form, stack, report, Sender.colliding())) {
      colliding.add("ingress-a", "ingress");
      colliding.add("ingress-b", "ingress");
      ServiceProcess pipeline = colliding.add("pipeline", "pipeline");
      colliding.start();
      colliding.check(
          "ids that collide, and a pipeline killed amid them",
          form.load(),
          run -> killedUnderLoad(run, pipeline));
    }
  }

  /** What the ingress holds for them is gone again while they still hold their connections. */
  @Test
  @Order(OWN)
  void clientsThatNeverReadAskBesideAuthenticLoad() {
    fleet.stop();
    try (Fleet attacked =
        new Fleet(
            form,
            stack,
            report,
            Sender.all(),
            Map.of("PENSTOCK_HTTP_REQUEST_TIMEOUT", "5s", "PENSTOCK_HTTP_IDLE_TIMEOUT", "10s"))) {
      ServiceProcess ingress = attacked.add("ingress", "ingress");
      attacked.add("pipeline", "pipeline");
      attacked.start();
      SilentClients[] clients = new SilentClients[1];
      long[] before = new long[2];
      try {
        attacked.check(
            form.hostileConnections() + " clients that never read",
            form.load(),
            run -> {
              some(run);
              before[0] = ingress.openSockets();
              clients[0] = new SilentClients(ingress.address().orElseThrow(), 200);
              await("half of them")
                  .atMost(PATIENCE)
                  .until(() -> clients[0].opened() > form.hostileConnections() / 2);
              before[1] = ingress.residentKib();
              await("all of them")
                  .atMost(PATIENCE)
                  .until(() -> clients[0].opened() > form.hostileConnections());
              clients[0].rest();
              some(run);
            },
            () ->
                await("their connections are closed")
                    .atMost(Duration.ofMinutes(2))
                    .untilAsserted(
                        () ->
                            assertThat(ingress.openSockets())
                                .as("sockets, of which 200 are of clients that do not read")
                                .isLessThan(before[0] + 50)));
        long after = ingress.residentKib();
        System.out.printf(
            "FaultsIT: %d connections: %d MiB after half of them, %d MiB after all%n",
            clients[0].opened(), before[1] / 1024, after / 1024);
        if (form.isLong()) {
          assertThat(after).as("KiB of memory").isLessThan(before[1] * 5 / 4);
        }
      } finally {
        if (clients[0] != null) {
          clients[0].close();
        }
      }
    }
  }

  @Test
  @Order(OWN)
  void twoClocksAreTenMinutesApart() {
    form.isInTheGateBy("`ClocksTest`");
    fleet.stop();
    Duration apart = Duration.ofMinutes(10);
    // A signature is as old as the difference: see docs/guarantees.md.
    try (Fleet apartFleet = new Fleet(form, stack, report, Sender.all(apart.plusMinutes(1)))) {
      apartFleet.add("right", "ingress, pipeline");
      apartFleet.addWithClock("ahead", "ingress, pipeline", apart);
      apartFleet.start();
      apartFleet.check("two clocks ten minutes apart", form.load(), run -> some(run));
    }
  }
}
