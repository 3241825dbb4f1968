package io.penstock.ingest.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class LandingReadingTest {

  private static final long NOW = Duration.ofDays(20_000).toMillis();

  private long now = NOW;
  private final Map<Integer, LandingOffsets.Known> kafka = new HashMap<>();
  private final List<Integer> asked = new ArrayList<>();
  private final List<Long> expired = new ArrayList<>();
  private final LandingReading reading =
      new LandingReading(
          (record, partitionTime) -> record.timestamp(),
          () -> java.time.Instant.ofEpochMilli(now),
          partition -> {
            asked.add(partition);
            LandingOffsets.Known known = kafka.get(partition);
            if (known == null) {
              throw new TimeoutException("Kafka does not answer");
            }
            return known;
          },
          expired::add);

  private void read(int partition, long offset, Duration age) {
    long stamp = now - age.toMillis();
    ConsumerRecord<Object, Object> record =
        new ConsumerRecord<>(
            "webhooks.inbound",
            partition,
            offset,
            stamp,
            org.apache.kafka.common.record.TimestampType.LOG_APPEND_TIME,
            0,
            0,
            new byte[0],
            new byte[0],
            new org.apache.kafka.common.header.internals.RecordHeaders(),
            java.util.Optional.empty());
    assertThat(reading.extract(record, -1)).isEqualTo(stamp);
  }

  private void read(int partition, long offset) {
    read(partition, offset, Duration.ZERO);
  }

  private void knows(int partition, long start, long committed) {
    kafka.put(
        partition,
        new LandingOffsets.Known(
            start, committed < 0 ? OptionalLong.empty() : OptionalLong.of(committed)));
  }

  @Test
  void countsWhatWasDeletedWhileNoPipelineRan() {
    knows(3, 1000, 400);
    read(3, 1000);
    read(3, 1001);
    assertThat(expired).containsExactly(600L);
    assertThat(asked).containsExactly(3);
  }

  @Test
  void countsWhatOvertookItWhileItRan() {
    knows(3, 0, 10);
    read(3, 10);
    read(3, 11);
    knows(3, 500, 10);
    read(3, 500);
    read(3, 501);
    assertThat(expired).containsExactly(488L);
  }

  @Test
  void countsNothingAtTheFirstStartOfAll() {
    knows(3, 1000, -1);
    read(3, 1000);
    assertThat(expired).isEmpty();
  }

  @Test
  void aGapOfAnotherKindIsNothing() {
    knows(3, 0, 10);
    read(3, 10);
    read(3, 14);
    assertThat(expired).isEmpty();
    assertThat(asked).hasSize(2);
  }

  @Test
  void whatAnotherInstanceReadMeanwhileIsNotMissing() {
    knows(3, 0, 10);
    read(3, 10);
    knows(3, 500, 900);
    read(3, 900);
    assertThat(expired).isEmpty();
  }

  @Test
  void asksNothingWhileRecordsFollowOneAnotherOrAreReadAgain() {
    knows(3, 0, 10);
    read(3, 10);
    read(3, 11);
    read(3, 10);
    read(3, 11);
    assertThat(asked).hasSize(1);
  }

  @Test
  void goesOnWhereKafkaDoesNotSay() {
    read(3, 1000);
    assertThat(expired).isEmpty();
  }

  @Test
  void isAsFarBehindAsThePartitionThatIsFurthest() {
    knows(3, 0, 0);
    knows(4, 0, 0);
    assertThat(reading.behindSeconds()).isZero();
    read(3, 0, Duration.ofHours(5));
    read(4, 0, Duration.ofSeconds(1));
    assertThat(reading.behindSeconds()).isEqualTo(5 * 3600.0);
    now += LandingReading.FORGOTTEN.toMillis() + 1;
    read(4, 1, Duration.ofSeconds(2));
    assertThat(reading.behindSeconds()).as("another instance may have it").isEqualTo(2.0);
  }
}
