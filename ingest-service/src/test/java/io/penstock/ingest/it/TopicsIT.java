package io.penstock.ingest.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.Thorough;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Missing topics are created if configured. Otherwise a start reports what is wrong with them. */
@ExtendWith(Stack.Shared.class)
class TopicsIT {

  @Test
  void missingTopicsAreAnErrorAtStartThatNamesEachOfThem(Stack stack) {
    Settings settings = Settings.of(stack).with("PENSTOCK_TOPICS_CREATE", "false");
    try (Instance instance = Instance.launch(settings)) {
      assertThat(instance.waitForEnd()).isEqualTo(1);
      assertThat(instance.log())
          .contains("error: topic " + settings.inbound() + " does not exist")
          .contains("error: topic " + settings.smartshape() + " does not exist")
          .contains("error: topic " + settings.csm() + " does not exist")
          .contains("error: topic " + settings.deadLetter() + " does not exist")
          .contains("message.timestamp.type=LogAppendTime")
          .contains("topics.create");
    }
  }

  @Test
  void anIngressAloneNeedsTheLandingLogAlone(Stack stack) throws Exception {
    Settings settings =
        Settings.of(stack)
            .with("PENSTOCK_TOPICS_CREATE", "false")
            .with("PENSTOCK_ROLES", "ingress");
    create(
        stack,
        new NewTopic(settings.inbound(), 2, (short) 1)
            .configs(
                Map.of("message.timestamp.type", "LogAppendTime", "max.message.bytes", "2000000")));
    try (Instance instance = Instance.start(settings).awaitReady();
        Sender sender = new Sender()) {
      assertThat(sender.send(Sender.shapes(instance, Sender.shape("f", "u"))).statusCode())
          .isEqualTo(200);
      assertThat(instance.health("ready").body()).doesNotContain("pipeline");
    }
  }

  @Test
  @Thorough("`TopicRulesTest`")
  void topicsThatAreTooSmallOrKeepTheSendersTimeAreAnErrorAtStart(Stack stack) throws Exception {
    Settings settings = Settings.of(stack).with("PENSTOCK_TOPICS_CREATE", "false");
    create(
        stack,
        new NewTopic(settings.inbound(), 1, (short) 1),
        new NewTopic(settings.smartshape(), 1, (short) 1),
        new NewTopic(settings.csm(), 1, (short) 1).configs(Map.of("max.message.bytes", "3000000")),
        new NewTopic(settings.deadLetter(), 1, (short) 1)
            .configs(Map.of("max.message.bytes", "3000000")));
    try (Instance instance = Instance.launch(settings)) {
      assertThat(instance.waitForEnd()).isEqualTo(1);
      assertThat(instance.log())
          .contains("error: topic " + settings.inbound() + " takes records of up to")
          .contains("error: topic " + settings.inbound() + " has message.timestamp.type=CreateTime")
          .contains("error: topic " + settings.smartshape() + " takes records of up to")
          .doesNotContain("topic " + settings.csm())
          .doesNotContain("topic " + settings.deadLetter());
    }
  }

  @Test
  void largeBodiesFitWhereTheyAreAllowed(Stack stack) {
    Settings settings =
        Settings.of(stack)
            .with("PENSTOCK_SOURCES_0_MAX_BODY_SIZE", "24MiB")
            .with("PENSTOCK_SOURCES_0_ACKNOWLEDGEMENT_DEADLINE", "12s")
            .with("PENSTOCK_SOURCES_1_ACKNOWLEDGEMENT_DEADLINE", "12s")
            .with("PENSTOCK_DELIVERY_KAFKA_DEADLINE", "4s");
    String uuid = UUID.randomUUID().toString();
    byte[] body = large(uuid, 20 * 1024 * 1024);
    try (Instance instance = Instance.ready(settings, "-Xmx1g");
        Sender sender = new Sender();
        Outsider outsider = new Outsider(settings)) {
      assertThat(sender.send(Sender.shapes(instance, body)).statusCode()).isEqualTo(200);
      assertThat(sender.send(Sender.shapes(instance, body)).statusCode()).isEqualTo(200);

      assertThat(outsider.readAll(settings.smartshape()))
          .singleElement()
          .satisfies(
              read -> {
                assertThat(read.value().get("uuid")).hasToString(uuid);
                assertThat(read.value().get("json").toString().equals(new String(body, UTF_8)))
                    .isTrue();
              });
    }
  }

  @Test
  void anEventThatHasBecomeTooLargeForItsTopicIsADeadLetterAndHoldsUpNothing(Stack stack)
      throws Exception {
    Settings settings = Settings.of(stack);
    String large = UUID.randomUUID().toString();
    try (Instance instance = Instance.ready(settings);
        Sender sender = new Sender();
        Outsider outsider = new Outsider(settings)) {
      sender.send(Sender.shapes(instance, Sender.shape("f", "before")));
      outsider.awaitPipeline();
      limit(stack, settings.smartshape(), 100_000);

      assertThat(sender.send(Sender.shapes(instance, large(large, 500_000))).statusCode())
          .isEqualTo(200);
      assertThat(sender.send(Sender.shapes(instance, Sender.shape("f", "after"))).statusCode())
          .isEqualTo(200);

      assertThat(
              outsider.readAll(settings.smartshape()).stream()
                  .map(read -> read.value().get("uuid").toString()))
          .containsExactly("before", "after");
      assertThat(outsider.readAll(settings.deadLetter()))
          .singleElement()
          .satisfies(
              letter -> {
                assertThat(letter.value().get("reason")).hasToString("payload-too-large");
                assertThat(letter.value().get("detail").toString()).contains("100000");
              });
    }
  }

  @Test
  void whatSomebodyElseWroteIntoTheLandingLogIsADeadLetter(Stack stack) throws Exception {
    Settings settings = Settings.of(stack);
    try (Instance instance = Instance.ready(settings);
        Outsider outsider = new Outsider(settings)) {
      assertThat(instance.metric("penstock_pipeline_running")).isEqualTo(1);
      try (var producer =
          new org.apache.kafka.clients.producer.KafkaProducer<>(
              Map.<String, Object>of("bootstrap.servers", stack.bootstrapServers()),
              new org.apache.kafka.common.serialization.StringSerializer(),
              new org.apache.kafka.common.serialization.StringSerializer())) {
        List<org.apache.kafka.clients.producer.ProducerRecord<String, String>> records =
            new ArrayList<>();
        records.add(
            new org.apache.kafka.clients.producer.ProducerRecord<>(
                settings.inbound(), "k", "no headers"));
        records.add(
            new org.apache.kafka.clients.producer.ProducerRecord<>(settings.inbound(), "k", null));
        records.add(
            new org.apache.kafka.clients.producer.ProducerRecord<>(
                settings.inbound(), null, "no key"));
        for (var record : records) {
          producer.send(record).get(120, TimeUnit.SECONDS);
        }
      }

      assertThat(outsider.readAll(settings.deadLetter()))
          .hasSize(3)
          .allSatisfy(
              letter -> assertThat(letter.value().get("reason")).hasToString("undecodable"));
    }
  }

  @Test
  @Thorough("`TopicRulesTest`")
  void compactedTopicsAreAnErrorAtStart(Stack stack) throws Exception {
    Settings settings = Settings.of(stack);
    Map<String, String> compacted =
        Map.of("max.message.bytes", "3000000", "cleanup.policy", "compact");
    create(
        stack,
        new NewTopic(settings.inbound(), 1, (short) 1)
            .configs(
                Map.of(
                    "max.message.bytes", "3000000",
                    "message.timestamp.type", "LogAppendTime",
                    "cleanup.policy", "compact,delete")),
        new NewTopic(settings.smartshape(), 1, (short) 1).configs(compacted),
        new NewTopic(settings.deadLetter(), 1, (short) 1).configs(compacted));
    try (Instance instance = Instance.launch(settings)) {
      assertThat(instance.waitForEnd()).isEqualTo(1);
      assertThat(instance.log())
          .contains("error: topic " + settings.inbound() + " has cleanup.policy=compact,delete")
          .contains("error: topic " + settings.smartshape() + " has cleanup.policy=compact:")
          .contains("error: topic " + settings.deadLetter() + " has cleanup.policy=compact:")
          .contains("set it to delete");
    }
  }

  @Test
  @Thorough("`TopicRulesTest`")
  void topicsThatRefuseTheTimeOfEventsAreAnErrorAtStart(Stack stack) throws Exception {
    Settings settings = Settings.of(stack);
    create(
        stack,
        new NewTopic(settings.smartshape(), 1, (short) 1)
            .configs(
                Map.of("max.message.bytes", "3000000", "message.timestamp.after.max.ms", "600000")),
        new NewTopic(settings.deadLetter(), 1, (short) 1)
            .configs(
                Map.of(
                    "max.message.bytes", "3000000", "message.timestamp.before.max.ms", "600000")));
    try (Instance instance = Instance.launch(settings)) {
      assertThat(instance.waitForEnd()).isEqualTo(1);
      assertThat(instance.log())
          .contains(
              "error: topic "
                  + settings.smartshape()
                  + " has message.timestamp.after.max.ms=600000")
          .contains(
              "error: topic "
                  + settings.deadLetter()
                  + " has message.timestamp.before.max.ms=600000");
    }
  }

  @Test
  @Thorough("`TopicRulesTest`")
  void aLandingLogThatOutlivesTheGroupsOffsetsIsAnErrorAtStart(Stack stack) throws Exception {
    Settings settings = Settings.of(stack);
    create(
        stack,
        new NewTopic(settings.inbound(), 1, (short) 1)
            .configs(
                Map.of(
                    "max.message.bytes", "3000000",
                    "message.timestamp.type", "LogAppendTime",
                    "retention.ms", Long.toString(TimeUnit.DAYS.toMillis(8)))));
    try (Instance instance = Instance.launch(settings)) {
      assertThat(instance.waitForEnd()).isEqualTo(1);
      assertThat(instance.log())
          .contains("error: topic " + settings.inbound() + " has retention.ms=691200000")
          .contains("offsets.retention.minutes=10080")
          .contains("lower the first to 604800000");
    }
    set(stack, settings.inbound(), "retention.ms", "-1");
    try (Instance instance = Instance.launch(settings)) {
      assertThat(instance.waitForEnd()).isEqualTo(1);
      assertThat(instance.log()).contains("has retention.ms=-1, and the brokers forget");
    }
    // an ingress has no group
    try (Instance instance =
        Instance.start(settings.with("PENSTOCK_ROLES", "ingress")).awaitReady()) {
      assertThat(instance.health("ready").statusCode()).isEqualTo(200);
    }
  }

  @Thorough("`TopicRulesTest`; `ContentWindowTest`")
  @Test
  void aLongerWindowReachesTheChangelogAndForgetsNothingThatWasSeen(Stack stack) throws Exception {
    Settings settings = Settings.of(stack).with("PENSTOCK_DEDUPLICATION_WINDOW", "1h");
    String changelog = settings.prefix() + "-pipeline-deduplication-changelog";
    byte[] body = Sender.shape("f", UUID.randomUUID().toString());
    try (Sender sender = new Sender();
        Outsider outsider = new Outsider(settings)) {
      try (Instance instance = Instance.ready(settings)) {
        sender.send(Sender.shapes(instance, body));
        assertThat(outsider.readAll(settings.smartshape())).hasSize(1);
        instance.terminate();
      }
      assertThat(Long.parseLong(setting(stack, changelog, "retention.ms")))
          .isEqualTo(Duration.ofMinutes(70).plusDays(7).toMillis());
      assertThat(setting(stack, changelog, "message.timestamp.after.max.ms"))
          .isEqualTo(Long.toString(Long.MAX_VALUE));
      // as an older version made it
      set(stack, changelog, "message.timestamp.after.max.ms", "1000");

      try (Instance instance =
          Instance.ready(settings.with("PENSTOCK_DEDUPLICATION_WINDOW", "100h"))) {
        assertThat(Long.parseLong(setting(stack, changelog, "retention.ms")))
            .isEqualTo(Duration.ofHours(100).plusMinutes(10).plusDays(7).toMillis());
        assertThat(setting(stack, changelog, "message.timestamp.after.max.ms"))
            .isEqualTo(Long.toString(Long.MAX_VALUE));
        sender.send(Sender.shapes(instance, body));
        sender.send(Sender.shapes(instance, Sender.shape("f", "next")));
        assertThat(outsider.readAll(settings.smartshape())).hasSize(2);
        instance.terminate();
      }
    }
  }

  @Thorough("`TopicRulesTest`")
  @Test
  void partitionsThatWereAddedToTheLandingLogAreAnErrorAtStart(Stack stack) throws Exception {
    Settings settings = Settings.of(stack);
    try (Instance instance = Instance.ready(settings)) {
      instance.terminate();
    }
    try (Admin admin = admin(stack)) {
      admin
          .createPartitions(Map.of(settings.inbound(), NewPartitions.increaseTo(6)))
          .all()
          .get(120, TimeUnit.SECONDS);
    }
    try (Instance instance = Instance.launch(settings)) {
      assertThat(instance.waitForEnd()).isEqualTo(1);
      assertThat(instance.log())
          .contains(
              "error: topic "
                  + settings.inbound()
                  + " has 6 partitions, and the pipeline's store was made for 4");
    }
  }

  private static byte[] large(String uuid, int size) {
    String start = "{\"file\":\"f\",\"event\":\"e\",\"uuid\":\"" + uuid + "\",\"x\":\"";
    return (start + "a".repeat(size - start.length() - 2) + "\"}").getBytes(UTF_8);
  }

  private static void create(Stack stack, NewTopic... created) throws Exception {
    try (TopicSettings topics = new TopicSettings(stack.bootstrapServers())) {
      topics.create(created);
    }
  }

  private static void limit(Stack stack, String topic, int bytes) throws Exception {
    set(stack, topic, "max.message.bytes", Integer.toString(bytes));
  }

  private static String setting(Stack stack, String topic, String name) throws Exception {
    try (TopicSettings topics = new TopicSettings(stack.bootstrapServers())) {
      return topics.get(topic, name);
    }
  }

  private static void set(Stack stack, String topic, String name, String value) throws Exception {
    try (TopicSettings topics = new TopicSettings(stack.bootstrapServers())) {
      topics.set(topic, name, value);
    }
  }

  private static Admin admin(Stack stack) {
    return Admin.create(Map.of("bootstrap.servers", stack.bootstrapServers()));
  }
}
