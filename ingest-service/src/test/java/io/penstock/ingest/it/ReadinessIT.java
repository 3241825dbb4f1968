package io.penstock.ingest.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.ingest.Thorough;
import io.penstock.localstack.LocalStack;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Readiness is what deliveries meet, whatever settings and single partitions look like. */
@ExtendWith(Stack.Shared.class)
class ReadinessIT {

  private static final Duration LONG = Duration.ofSeconds(60);

  private static TopicSettings topics(LocalStack stack) {
    return new TopicSettings(stack.kafka().bootstrapServers());
  }

  private static long lines(Instance instance, String... texts) {
    return instance.log().lines().filter(line -> Stream.of(texts).allMatch(line::contains)).count();
  }

  private static void awaitHealth(Instance instance, String text) {
    await()
        .atMost(LONG)
        .untilAsserted(() -> assertThat(instance.health("ready").body()).contains(text));
  }

  @Test
  void moreReplicasInSyncThanThereAreTakeNobodyAway(LocalStack stack) throws Exception {
    try (TopicSettings topics = topics(stack)) {
      Settings settings = Settings.of(stack);
      try (Instance instance = Instance.ready(settings);
          Sender sender = new Sender();
          Outsider outsider = new Outsider(settings)) {
        topics.set(settings.inbound(), "min.insync.replicas", "2");
        awaitHealth(instance, "min.insync.replicas=2");

        List<String> acknowledged = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
          String uuid = UUID.randomUUID().toString();
          assertThat(sender.send(Sender.shapes(instance, Sender.shape("f" + i, uuid))).statusCode())
              .isEqualTo(200);
          acknowledged.add(uuid);
          assertThat(instance.health("ready").statusCode()).isEqualTo(200);
        }

        assertThat(
                outsider.readAll(settings.smartshape()).stream()
                    .map(read -> read.value().get("uuid").toString()))
            .containsExactlyInAnyOrderElementsOf(acknowledged);
        assertThat(instance.health("ready").statusCode()).isEqualTo(200);
        assertThat(instance.metric("penstock_ready", "role=\"ingress\"")).isEqualTo(1);
        assertThat(instance.health("ready").body()).contains("of " + settings.inbound());
        assertThat(lines(instance, "The landing log is not well")).isEqualTo(1);
        assertThat(instance.log()).doesNotContain("not ready");

        topics.set(settings.inbound(), "min.insync.replicas", "1");
        await()
            .atMost(LONG)
            .untilAsserted(
                () -> assertThat(lines(instance, "partitions are well again")).isEqualTo(1));
      }
    }
  }

  @Thorough("`LandingReadinessTest`; `KafkaGoneIT`")
  @Test
  void anIdleOneKnowsThatItsClusterIsGoneAndThatItIsBack(LocalStack stack) {
    Settings settings = Settings.of(stack).with("PENSTOCK_ROLES", "ingress");
    try (Instance instance = Instance.ready(settings)) {
      stack.kafka().broker(0).kill();
      await()
          .atMost(LONG)
          .untilAsserted(() -> assertThat(instance.health("ready").statusCode()).isEqualTo(503));
      assertThat(instance.health("ready").body())
          .contains("deliveries are answered 503: Kafka does not answer");

      stack.kafka().broker(0).start();
      instance.awaitReady();

      // One line for each change, however often anybody has asked.
      await()
          .atMost(LONG)
          .untilAsserted(
              () ->
                  assertThat(
                          lines(
                              instance,
                              "This instance is not ready any more",
                              "\"reason\":\"landing-log"))
                      .isPositive()
                      .isEqualTo(lines(instance, "This instance is ready") - 1));
    }
  }

  @Test
  @Thorough("`FaultsIT#partitionsAreDead`, and `LandingReadinessTest` for the words")
  void onePartitionWithoutALeaderIsNamedAndTheOthersAreTaken() throws Exception {
    try (LocalStack stack =
            LocalStack.builder()
                .brokers(3)
                .withoutSchemaRegistry()
                // The one that is killed stays away, and a busy machine fences none of the others.
                .brokerProperty("broker.session.timeout.ms", "15000")
                .start();
        TopicSettings topics = topics(stack)) {
      Settings settings =
          Settings.of(stack.kafka().bootstrapServers(), "http://127.0.0.1:1")
              .with("PENSTOCK_ROLES", "ingress");
      topics.create(
          new NewTopic(settings.inbound(), Map.of(0, List.of(0), 1, List.of(2)))
              .configs(
                  Map.of(
                      "message.timestamp.type", "LogAppendTime", "max.message.bytes", "3000000")));
      try (Instance instance = Instance.ready(settings);
          Sender sender = new Sender()) {
        stack.kafka().broker(2).kill();
        awaitHealth(instance, "partition 1 of " + settings.inbound() + " has no leader");
        assertThat(instance.health("ready").statusCode()).isEqualTo(200);

        // One after the other, so that each that nobody takes waits alone.
        int taken = 0;
        int refused = 0;
        for (int i = 0; i < 16; i++) {
          int status =
              sender.send(Sender.shapes(instance, Sender.shape("f" + i, "u" + i))).statusCode();
          assertThat(status).isIn(200, 503);
          taken += status == 200 ? 1 : 0;
          refused += status == 503 ? 1 : 0;
          assertThat(instance.health("ready").statusCode()).isEqualTo(200);
        }
        assertThat(taken).as("of the partition that has a leader").isGreaterThan(2);
        assertThat(refused).as("of the one that has none").isGreaterThan(2);
        assertThat(instance.health("ready").body()).contains("has no leader");
        assertThat(instance.metric("penstock_kafka_breaker_openings_total")).isZero();
        assertThat(instance.log()).doesNotContain("not ready");
      }
    }
  }
}
