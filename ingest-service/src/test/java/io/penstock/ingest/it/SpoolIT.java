package io.penstock.ingest.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.ingest.Thorough;
import io.penstock.ingest.Timed;
import io.penstock.ingest.spool.OldSpoolFixture;
import io.penstock.localstack.LocalStack;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kafka goes, and deliveries are acknowledged all the same; it comes back, and each is there once,
 * in its entity's order.
 */
@ExtendWith(Stack.Shared.class)
class SpoolIT {

  private static final int ENTITIES = 8;

  private static LocalStack stack;

  @BeforeAll
  static void start(LocalStack given) {
    stack = given;
  }

  private static Settings settings() throws Exception {
    Path temporary = Files.createDirectories(Path.of("target", "it").toAbsolutePath());
    Path directory = Files.createTempDirectory(temporary, "spool-");
    return Settings.of(stack)
        .with("PENSTOCK_DELIVERY_SPOOL_DIRECTORY", directory.resolve("spool").toString())
        .with("PENSTOCK_DELIVERY_SPOOL_MAX_SIZE", "64MiB");
  }

  /** Senders, one for each entity, that wait for each answer before they send on. */
  private static final class Load implements AutoCloseable {

    private record Answer(String uuid, int status, Duration time) {}

    private final Map<String, List<String>> acknowledged = new HashMap<>();
    private final ConcurrentLinkedQueue<Answer> answers = new ConcurrentLinkedQueue<>();
    private final CountDownLatch end = new CountDownLatch(1);
    private final List<Thread> threads = new ArrayList<>();

    Load(Instance instance, Sender sender, Duration pause) {
      for (int i = 0; i < ENTITIES; i++) {
        String entity = "e" + i;
        List<String> mine = new ArrayList<>();
        acknowledged.put(entity, mine);
        threads.add(Thread.ofPlatform().start(() -> send(instance, sender, pause, entity, mine)));
      }
    }

    private void send(
        Instance instance, Sender sender, Duration pause, String entity, List<String> mine) {
      for (int n = 0; ; n++) {
        String uuid = entity + "-" + n;
        long start = System.nanoTime();
        try {
          HttpResponse<String> answer =
              sender.send(Sender.shapes(instance, Sender.shape(entity, uuid)));
          answers.add(
              new Answer(uuid, answer.statusCode(), Duration.ofNanos(System.nanoTime() - start)));
          if (answer.statusCode() == 200) {
            mine.add(uuid);
          }
          if (end.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
            return;
          }
        } catch (InterruptedException | RuntimeException e) {
          return; // the instance was killed: whether this one is there, nobody knows
        }
      }
    }

    @Override
    public void close() {
      end.countDown();
      for (Thread thread : threads) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }
    }
  }

  private static Map<String, List<String>> published(Settings settings) {
    Map<String, List<String>> published = new HashMap<>();
    try (Outsider outsider = new Outsider(settings)) {
      for (Outsider.Read read : outsider.readAll(settings.smartshape())) {
        published
            .computeIfAbsent(read.key(), key -> new ArrayList<>())
            .add(read.value().get("uuid").toString());
      }
    }
    return published;
  }

  private static void assertEachOnceAndInOrder(Settings settings, Load load) {
    Map<String, List<String>> published = published(settings);
    load.acknowledged.forEach(
        (entity, uuids) -> {
          List<String> found = published.getOrDefault(entity, List.of());
          assertThat(found).as(entity).doesNotHaveDuplicates();
          assertThat(found.stream().filter(uuids::contains).toList())
              .as(entity)
              .containsExactlyElementsOf(uuids);
        });
  }

  private static void awaitEmpty(Instance instance) {
    await()
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofMillis(50))
        .untilAsserted(() -> assertThat(instance.metric("penstock_spool_depth")).isEqualTo(0));
  }

  @Test
  @Thorough("`SuccessiveFaultsIT#withASpoolNothingIsRefusedEither`")
  void whileKafkaIsGoneEveryDeliveryIsAcknowledgedInTimeAndIsThereAfterwards() throws Exception {
    Settings settings = settings();
    try (Instance instance = Instance.ready(settings);
        Sender sender = new Sender()) {
      sender.send(Sender.shapes(instance, Sender.shape("warm", "warm"))); // hashes the token
      Load load = new Load(instance, sender, Duration.ofMillis(20));
      List<Load.Answer> during;
      try (load) {
        await().until(() -> load.answers.size() > 100);
        load.answers.clear();
        stack.kafka().broker(0).kill();
        await()
            .atMost(Duration.ofMinutes(2))
            .until(() -> instance.metric("penstock_spool_depth") > 1000);
        during = List.copyOf(load.answers);
        assertThat(instance.health("ready").statusCode()).isEqualTo(200);
        assertThat(instance.metric("penstock_kafka_breaker_open")).isEqualTo(1);
        stack.kafka().broker(0).start();
        await()
            .atMost(Duration.ofMinutes(2))
            .until(() -> instance.metric("penstock_kafka_breaker_open") == 0);
      }
      awaitEmpty(instance);
      assertThat(load.answers).extracting(Load.Answer::status).containsOnly(200);
      List<Duration> times = during.stream().map(Load.Answer::time).sorted().toList();
      assertThat(times).hasSizeGreaterThan(500);
      System.out.printf(
          "SpoolIT: while Kafka is gone, p99 %d ms, max %d ms%n",
          times.get(times.size() * 99 / 100).toMillis(), times.getLast().toMillis());
      if (Timed.Run.isTimed()) {
        assertThat(times.get(times.size() * 99 / 100)).isLessThan(Duration.ofMillis(250));
        assertThat(times.getLast()).isLessThan(Duration.ofSeconds(1));
      }
      assertThat(instance.metric("penstock_deliveries_total", "durable=\"spool\""))
          .isGreaterThan(500);
      assertEachOnceAndInOrder(settings, load);
      // It stops well also without Kafka.
      stack.kafka().broker(0).kill();
      assertThat(sender.send(Sender.shapes(instance, Sender.shape("x", "last"))).statusCode())
          .isEqualTo(200);
      assertThat(instance.terminate()).isZero();
    }
    stack.kafka().broker(0).start();
    try (Instance again = Instance.ready(settings)) {
      awaitEmpty(again);
      assertThat(published(settings).get("x")).containsExactly("last");
    }
  }

  @Test
  @Thorough("`SuccessiveFaultsIT#withASpoolNothingIsRefusedEither`")
  void killedWhileItDrainsItLosesNothingAndRepeatsNothing() throws Exception {
    Settings settings = settings();
    stack.kafka().broker(0).kill();
    Load load;
    try (Sender sender = new Sender()) {
      // Kafka is absent from the start.
      try (Instance instance = Instance.start(settings)) {
        assertThat(instance.health("ready").statusCode()).isEqualTo(200);
        sender.send(Sender.shapes(instance, Sender.shape("warm", "warm")));
        load = new Load(instance, sender, Duration.ofMillis(1));
        try (load) {
          await()
              .atMost(Duration.ofMinutes(2))
              .until(() -> instance.metric("penstock_spool_depth") > 800);
          instance.kill();
        }
      }
      assertThat(load.answers).extracting(Load.Answer::status).containsOnly(200);
      stack.kafka().broker(0).start();
      for (int life = 0; life < 2; life++) {
        settings.with("PENSTOCK_ROLES", "ingress");
        try (Instance instance = Instance.start(settings)) {
          await()
              .atMost(Duration.ofMinutes(2))
              .pollDelay(Duration.ZERO)
              .pollInterval(Duration.ofMillis(5))
              .until(() -> instance.metric("penstock_spool_drained_total") > 0);
          instance.kill();
        }
      }
      settings.with("PENSTOCK_ROLES", "ingress,pipeline");
      try (Instance last = Instance.ready(settings)) {
        awaitEmpty(last);
        CompletableFuture<HttpResponse<String>> live =
            sender.sendAsync(Sender.shapes(last, Sender.shape("live", "live")));
        assertThat(live.join().statusCode()).isEqualTo(200);
        assertEachOnceAndInOrder(settings, load);
        assertThat(last.metric("penstock_spool_lost_total")).isEqualTo(0);
      }
    }
  }

  @Thorough("`OldSpoolTest`")
  @Test
  void theSpoolOfTheVersionBeforeIsDrained() throws Exception {
    Settings settings = settings();
    Path spool = Path.of(settings.environment().get("PENSTOCK_DELIVERY_SPOOL_DIRECTORY"));
    stack.kafka().broker(0).kill();
    Load load;
    try (Sender sender = new Sender()) {
      try (Instance instance = Instance.start(settings)) {
        sender.send(Sender.shapes(instance, Sender.shape("warm", "warm")));
        load = new Load(instance, sender, Duration.ofMillis(1));
        try (load) {
          await()
              .atMost(Duration.ofMinutes(2))
              .until(() -> instance.metric("penstock_spool_depth") > 300);
        }
        instance.kill();
      }
      assertThat(OldSpoolFixture.makeOld(spool)).isGreaterThan(300);
      try (Instance instance = Instance.start(settings)) {
        assertThat(instance.metric("penstock_spool_depth")).isGreaterThan(300);
        // What comes now is behind what the old one has of its entity.
        HttpResponse<String> after =
            sender.send(Sender.shapes(instance, Sender.shape("e0", "after")));
        assertThat(after.statusCode()).isEqualTo(200);
        load.acknowledged.computeIfAbsent("e0", entity -> new ArrayList<>()).add("after");
        stack.kafka().broker(0).start();
        awaitEmpty(instance);
        await()
            .atMost(Duration.ofMinutes(2))
            .untilAsserted(() -> assertEachOnceAndInOrder(settings, load));
        assertThat(instance.metric("penstock_spool_lost_total")).isZero();
        assertThat(spool.resolve("db")).doesNotExist();
      }
    }
  }

  /** As the volume of a replica that was scaled in: nothing starts on it again. */
  @Test
  void theSpoolOfAnInstanceThatDoesNotComeBackIsDrainedByTheCommand(@TempDir Path directory)
      throws Exception {
    Settings settings = settings();
    Path spool = Path.of(settings.environment().get("PENSTOCK_DELIVERY_SPOOL_DIRECTORY"));
    List<String> drain = List.of("spool", "drain", "--directory", spool.toString());
    List<String> uuids = new ArrayList<>();
    try (Instance instance = Instance.ready(settings);
        Sender sender = new Sender()) {
      Command.Ended inUse = Command.run(settings, directory, drain);
      assertThat(inUse.status()).isEqualTo(1);
      assertThat(inUse.err()).contains("in use by another process");
      stack.kafka().kill();
      for (int i = 0; i < 20; i++) {
        uuids.add("stranded-" + i);
        byte[] body = Sender.shape("stranded", uuids.getLast());
        assertThat(sender.send(Sender.shapes(instance, body)).statusCode()).isEqualTo(200);
      }
      instance.kill();
    }
    stack.kafka().start();

    Command.Ended drained = Command.run(settings, directory, drain);
    assertThat(drained.status()).as(drained.err()).isZero();
    assertThat(drained.out()).contains("drained 20 of 20 deliveries");
    assertThat(drained.err()).contains("deliveries wait");
    assertThat(Command.run(settings, directory, drain).out()).contains("drained 0 of 0");
    Command.Ended none =
        Command.run(
            settings, directory, List.of("spool", "drain", "--directory", directory.toString()));
    assertThat(none.status()).isEqualTo(1);
    assertThat(none.err()).contains("error: --directory: there is no spool");

    try (Instance pipeline = Instance.ready(settings.with("PENSTOCK_ROLES", "pipeline"));
        Outsider outsider = new Outsider(settings)) {
      pipeline.awaitReady();
      outsider.awaitPipeline();
      assertThat(published(settings).get("stranded")).containsExactlyElementsOf(uuids);
      assertThat(Command.run(settings, directory, List.of("trace", "stranded-7")).out())
          .contains("from the spool, which had kept it until then", "published");
    }
  }
}
