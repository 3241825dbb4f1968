package io.penstock.ingest.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.ingest.Thorough;
import io.penstock.ingest.Timed;
import io.penstock.localstack.LocalStack;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Without Kafka and without a spool: refused in time, alive but not ready, and well again by
 * itself.
 */
@ExtendWith(Stack.Shared.class)
class KafkaGoneIT {

  @Test
  void whileKafkaIsGoneDeliveriesAreRefusedInTimeAndLivenessDoesNotCare(LocalStack stack) {
    Settings settings = Settings.of(stack);
    try (Instance instance = Instance.ready(settings);
        Sender sender = new Sender();
        Outsider outsider = new Outsider(settings)) {
      List<String> acknowledged = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        acknowledged.add(post(instance, sender));
      }
      assertThat(acknowledged).doesNotContain("");

      stack.kafka().broker(0).kill();

      double owed = -1;
      for (int i = 0; i < 200; i++) {
        long start = System.nanoTime();
        HttpResponse<String> answer =
            sender.send(Sender.shapes(instance, Sender.shape("f", "gone-" + i)));
        if (Timed.Run.isTimed()) {
          assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
        }
        if (i == 20) {
          owed = instance.metric("penstock_in_flight_bytes");
        }
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).contains("\"kafka-unavailable\"");
        assertThat(answer.headers().firstValue("retry-after")).isPresent();
      }
      assertThat(instance.metric("penstock_in_flight_bytes"))
          .as("what is refused is not held")
          .isEqualTo(owed);
      await()
          .atMost(Duration.ofMinutes(2))
          .untilAsserted(() -> assertThat(instance.health("ready").statusCode()).isEqualTo(503));
      assertThat(instance.health("live").statusCode()).isEqualTo(200);
      assertThat(instance.health("startup").statusCode()).isEqualTo(200);

      stack.kafka().broker(0).start();

      instance.awaitReady();
      await()
          .atMost(Duration.ofMinutes(2))
          .until(() -> !post(instance, sender, acknowledged).isEmpty());
      List<String> published =
          outsider.readAll(settings.smartshape()).stream()
              .map(read -> read.value().get("uuid").toString())
              .toList();
      assertThat(published).doesNotHaveDuplicates().containsAll(acknowledged);

      // Each change has its line, and no other; a busy machine may have more changes than these.
      await()
          .atMost(Duration.ofMinutes(2))
          .untilAsserted(
              () ->
                  assertThat(lines(instance, "Kafka counts as gone"))
                      .isPositive()
                      .isEqualTo(lines(instance, "Kafka is back")));
      awaitReadyLastAndInTurns(instance);
    }
  }

  /** Between two lines of one kind is one of the other, and the last says that it is ready. */
  private static void awaitReadyLastAndInTurns(Instance instance) {
    await()
        .atMost(Duration.ofMinutes(2))
        .untilAsserted(
            () ->
                assertThat(lines(instance, "This instance is ready"))
                    .isEqualTo(1 + lines(instance, "This instance is not ready any more")));
  }

  private static long lines(Instance instance, String text) {
    return instance.log().lines().filter(line -> line.contains(text)).count();
  }

  @Test
  @Thorough(
      "`whileKafkaIsGoneDeliveriesAreRefusedInTimeAndLivenessDoesNotCare`; Compose starts all at once: `ComposeIT`")
  void aServiceThatStartsBeforeKafkaWaitsForIt(LocalStack stack) {
    Settings settings = Settings.of(stack);
    stack.kafka().broker(0).kill();
    try (Instance instance = Instance.start(settings);
        Sender sender = new Sender();
        Outsider outsider = new Outsider(settings)) {
      HttpResponse<String> early = sender.send(Sender.shapes(instance, Sender.shape("f", "early")));
      assertThat(early.statusCode()).isEqualTo(503);
      assertThat(instance.health("ready").statusCode()).isEqualTo(503);
      assertThat(instance.health("startup").statusCode()).isEqualTo(503);
      assertThat(instance.health("live").statusCode()).isEqualTo(200);
      await()
          .atMost(Duration.ofMinutes(2))
          .untilAsserted(
              () ->
                  assertThat(instance.health("ready").body())
                      .contains("waiting for Kafka: ")
                      .contains("Kafka has not been reached yet"));

      stack.kafka().broker(0).start();
      instance.awaitReady();

      List<String> acknowledged = new ArrayList<>();
      await()
          .atMost(Duration.ofMinutes(2))
          .until(() -> !post(instance, sender, acknowledged).isEmpty());
      assertThat(
              outsider.readAll(settings.smartshape()).stream()
                  .map(read -> read.value().get("uuid").toString()))
          .doesNotHaveDuplicates()
          .containsAll(acknowledged);
      // One line for each cause: the brokers' answer may come before all of them know the topics.
      assertThat(instance.log().lines().filter(line -> line.contains("Waiting for Kafka")))
          .extracting(line -> line.replaceAll(".*\"cause\":|[0-9]+", ""))
          .isNotEmpty()
          .doesNotHaveDuplicates();
      assertThat(lines(instance, "\"Kafka answered\"")).isEqualTo(1);
      awaitReadyLastAndInTurns(instance);
    }
  }

  private static String post(Instance instance, Sender sender, List<String> acknowledged) {
    String uuid = post(instance, sender);
    if (!uuid.isEmpty()) {
      acknowledged.add(uuid);
    }
    return uuid;
  }

  private static String post(Instance instance, Sender sender) {
    String uuid = UUID.randomUUID().toString();
    return sender.send(Sender.shapes(instance, Sender.shape("f", uuid))).statusCode() == 200
        ? uuid
        : "";
  }
}
