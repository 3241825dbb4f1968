package io.penstock.ingest.lookup;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.delivery.DeduplicationId;
import io.penstock.ingest.landing.LandingRecord;
import io.penstock.ingest.lookup.WaitingEvents.Wait;
import io.penstock.ingest.pausing.ParkedKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WaitingEventsTest {

  private static final Topics TOPICS = new Topics("w");
  private static final TopicPartition PARTITION = new TopicPartition(TOPICS.parkedChangelog(), 0);
  private static final Duration TOLERANCE = Duration.ofMinutes(10);
  private static final Instant LANDED = Instant.parse("2026-11-26T12:00:00Z");

  private final MockConsumer<byte[], byte[]> kafka = new MockConsumer<>("earliest");
  private final WaitingEvents waits =
      new WaitingEvents(new TopicReader(kafka, Duration.ofSeconds(60)), TOPICS);
  private int written;

  private void changelog(Runnable records) {
    Node node = new Node(0, "k", 9092);
    kafka.updatePartitions(
        PARTITION.topic(),
        java.util.List.of(
            new PartitionInfo(PARTITION.topic(), 0, node, new Node[] {node}, new Node[] {node})));
    kafka.updateBeginningOffsets(Map.of(PARTITION, 0L));
    kafka.schedulePollTask(records);
  }

  private void has(int records) {
    kafka.updateEndOffsets(Map.of(PARTITION, (long) records));
  }

  private void record(String source, long offset, Instant time, @Nullable String value) {
    kafka.addRecord(
        new ConsumerRecord<>(
            PARTITION.topic(),
            0,
            written++,
            time.toEpochMilli(),
            TimestampType.CREATE_TIME,
            0,
            0,
            ParkedKey.of(source, offset),
            value == null ? null : value.getBytes(UTF_8),
            new RecordHeaders(),
            Optional.empty()));
  }

  private static Shown.Landed landed(long offset) {
    return new Shown.Landed(
        new RecordPosition("w.inbound", 0, offset),
        LANDED,
        new LandingRecord.Event(
            new LandingRecord.LandingEnvelope(
                "shapes",
                "smartshape",
                "01939d2e-0000-7000-8000-000000000001",
                0,
                "f",
                null,
                null,
                Map.of(),
                new byte[0]),
            new DeduplicationId("0123456789abcdef0123456789abcdef"),
            null),
        false);
  }

  @Test
  void oneThatHasComeOutTellsWhen() {
    Instant out = LANDED.plusSeconds(60);
    has(4);
    changelog(
        () -> {
          record("shapes", 3, LANDED, "x");
          record("shapes", 4, LANDED, "x");
          record("shapes", 3, out, null);
          record("shapes", 4, out.plusSeconds(1), null);
        });
    assertThat(waits.of(landed(4), null, TOLERANCE)).isEqualTo(new Wait.Over(out.plusSeconds(1)));
  }

  @Test
  void oneThatWaitsForItsTurnTellsHowManyAreBeforeIt() {
    has(5);
    changelog(
        () -> {
          record("shapes", 3, LANDED, "x");
          record("shapes-2", 4, LANDED, "x");
          record("shapes", 5, LANDED, "x");
          record("shapes", 6, LANDED, "x");
          record("shapes", 7, LANDED, "x");
        });
    assertThat(waits.of(landed(6), null, TOLERANCE)).isEqualTo(new Wait.Now(3));
  }

  @Test
  void ofWhatIsNotThereNothingIsKnown() {
    has(1);
    changelog(() -> record("shapes", 3, LANDED, "x"));
    assertThat(waits.of(landed(4), null, TOLERANCE)).isEqualTo(new Wait.Unknown());
  }

  @Test
  void withoutAChangelogNothingIsKnown() {
    assertThat(waits.of(landed(4), LANDED.minusSeconds(1), TOLERANCE))
        .isEqualTo(new Wait.Unknown());
  }
}
