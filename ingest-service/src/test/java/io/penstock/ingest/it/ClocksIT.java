package io.penstock.ingest.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.ingest.Thorough;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Landing records with timestamps of a leader with a wrong clock, on a broker that refuses
 * timestamps of more than an hour ahead, which is Kafka's default: all are published, none twice,
 * and no thread of the pipeline ends.
 */
@ExtendWith(Stack.Shared.class)
@Thorough("`ClocksTest`; `SuccessiveFaultsIT`: the clock of a broker")
class ClocksIT {

  private static final List<Duration> WRONG =
      List.of(
          Duration.ofHours(2),
          Duration.ofDays(4),
          Duration.ofHours(-3),
          Duration.ofDays(-30),
          Duration.ofDays(365));

  @Test
  void aLeaderWithAWrongClockCostsNoEventAndNoThread(Stack stack) throws Exception {
    Settings settings = Settings.of(stack).with("PENSTOCK_TOPICS_PARTITIONS", "1");
    List<String> sent = new ArrayList<>();
    Map<String, ConsumerRecord<byte[], byte[]>> landed = landedElsewhere(stack, 10);
    List<String> wrong = new ArrayList<>(landed.keySet());
    try (Instance instance = Instance.ready(settings);
        Sender sender = new Sender();
        Outsider outsider = new Outsider(settings);
        Leader leader = new Leader(stack, settings)) {
      for (String topic : List.of(settings.smartshape(), settings.deadLetter())) {
        leader.set(topic, "message.timestamp.after.max.ms", "3600000");
      }
      leader.set(
          settings.prefix() + "-pipeline-deduplication-changelog",
          "message.timestamp.after.max.ms",
          "3600000");
      // The test sets the timestamps as a leader would.
      leader.set(settings.inbound(), "message.timestamp.type", "CreateTime");
      leader.set(settings.inbound(), "message.timestamp.after.max.ms", "9223372036854775807");

      for (int i = 0; i < 100; i++) {
        String uuid = i % 10 == 5 ? wrong.get(i / 10) : UUID.randomUUID().toString();
        sent.add(uuid);
        if (i % 10 == 5) {
          leader.lands(
              Objects.requireNonNull(landed.get(uuid)),
              System.currentTimeMillis() + WRONG.get(i / 10 % 5).toMillis());
        } else {
          send(sender, instance, uuid);
        }
        // each one's copies, of which some come from such a leader too
        for (int copy = 0; copy < 2; copy++) {
          send(sender, instance, uuid);
        }
        if (i % 7 == 0) {
          leader.refused(System.currentTimeMillis() + WRONG.get(i % 5).toMillis());
        }
      }

      List<Outsider.Read> events = outsider.readAll(settings.smartshape());
      assertThat(events.stream().map(event -> event.value().get("uuid").toString()))
          .containsExactlyElementsOf(sent);
      assertThat(outsider.readAll(settings.deadLetter()))
          .hasSize(15)
          .allSatisfy(
              letter -> assertThat(letter.value().get("reason")).hasToString("undecodable"));
      assertThat(instance.log()).doesNotContain("A stream thread stopped");
      assertThat(instance.metric("penstock_landing_timestamps_corrected_total", "ahead"))
          .isPositive();
      assertThat(instance.metric("penstock_landing_timestamps_corrected_total", "behind"))
          .isPositive();

      // Memory of what was seen survives a restart, and the copies after it.
      instance.terminate();
    }
    try (Instance instance = Instance.start(settings);
        Leader leader = new Leader(stack, settings)) {
      assertThat(instance.waitForEnd()).isEqualTo(1);
      assertThat(instance.log()).contains("message.timestamp.type=CreateTime");
      leader.set(settings.inbound(), "message.timestamp.type", "LogAppendTime");
    }
    try (Instance instance = Instance.ready(settings);
        Sender sender = new Sender();
        Outsider outsider = new Outsider(settings)) {
      for (String uuid : sent) {
        send(sender, instance, uuid);
      }
      assertThat(outsider.readAll(settings.smartshape())).hasSize(sent.size());
    }
  }

  /** The landing records that an ingress makes of deliveries, by their uuids. */
  private static Map<String, ConsumerRecord<byte[], byte[]>> landedElsewhere(
      Stack stack, int number) {
    Settings settings =
        Settings.of(stack)
            .with("PENSTOCK_ROLES", "ingress")
            .with("PENSTOCK_TOPICS_PARTITIONS", "1");
    List<String> uuids = new ArrayList<>();
    try (Instance instance = Instance.start(settings).awaitServing();
        Sender sender = new Sender()) {
      for (int i = 0; i < number; i++) {
        uuids.add(UUID.randomUUID().toString());
        send(sender, instance, uuids.get(i));
      }
    }
    Map<String, ConsumerRecord<byte[], byte[]>> landed = new LinkedHashMap<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", stack.bootstrapServers()),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      TopicPartition partition = new TopicPartition(settings.inbound(), 0);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      await()
          .atMost(Duration.ofMinutes(2))
          .until(
              () -> {
                consumer
                    .poll(Duration.ofMillis(100))
                    .forEach(record -> landed.put(uuids.get(landed.size()), record));
                return landed.size() == number;
              });
    }
    return landed;
  }

  private static void send(Sender sender, Instance instance, String uuid) {
    assertThat(sender.send(Sender.shapes(instance, Sender.shape("f", uuid))).statusCode())
        .isEqualTo(200);
  }

  /** Writes landing records as an ingress does, with a time of its own. */
  private static final class Leader implements AutoCloseable {

    private final Settings settings;
    private final Admin admin;
    private final KafkaProducer<byte[], byte[]> producer;

    Leader(Stack stack, Settings settings) {
      this.settings = settings;
      admin = Admin.create(Map.of("bootstrap.servers", stack.bootstrapServers()));
      producer =
          new KafkaProducer<>(
              Map.of("bootstrap.servers", stack.bootstrapServers()),
              new ByteArraySerializer(),
              new ByteArraySerializer());
    }

    void set(String topic, String name, String value) throws Exception {
      admin
          .incrementalAlterConfigs(
              Map.of(
                  new ConfigResource(ConfigResource.Type.TOPIC, topic),
                  List.of(
                      new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET))))
          .all()
          .get(120, TimeUnit.SECONDS);
    }

    /** Writes a landing record that an ingress has written to another topic. */
    void lands(ConsumerRecord<byte[], byte[]> landed, long stamp) throws Exception {
      producer
          .send(
              new ProducerRecord<>(
                  settings.inbound(), 0, stamp, landed.key(), landed.value(), landed.headers()))
          .get(120, TimeUnit.SECONDS);
    }

    /** A record that no ingress wrote, so that it becomes a dead letter. */
    void refused(long stamp) throws Exception {
      producer
          .send(new ProducerRecord<>(settings.inbound(), 0, stamp, new byte[] {'k'}, new byte[0]))
          .get(120, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
      producer.close(Duration.ofSeconds(5));
      admin.close(Duration.ofSeconds(5));
    }
  }
}
