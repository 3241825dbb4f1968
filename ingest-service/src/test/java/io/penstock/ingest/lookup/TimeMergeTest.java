package io.penstock.ingest.lookup;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class TimeMergeTest {

  private final TopicPartition first = new TopicPartition("t", 0);
  private final TopicPartition second = new TopicPartition("t", 1);
  private final TimeMerge merge = new TimeMerge(List.of(first, second));
  private final Map<TopicPartition, Long> offsets = new HashMap<>();

  private void add(TopicPartition partition, long time, int bytes) {
    long offset = offsets.merge(partition, 1L, Long::sum);
    merge.add(
        partition,
        new ConsumerRecord<>(
            partition.topic(),
            partition.partition(),
            offset,
            time,
            TimestampType.LOG_APPEND_TIME,
            0,
            bytes,
            new byte[0],
            new byte[bytes],
            new RecordHeaders(),
            Optional.empty()));
  }

  private List<Long> out() {
    List<Long> times = new ArrayList<>();
    for (var record = merge.next(); record != null; record = merge.next()) {
      times.add(record.timestamp());
    }
    return times;
  }

  @Test
  void nothingGoesOutWhileAPartitionMayHaveSomethingEarlier() {
    add(first, 5, 1);
    assertThat(out()).isEmpty();
    add(second, 3, 1);
    assertThat(out()).containsExactly(3L);
    add(second, 7, 1);
    assertThat(out()).containsExactly(5L);
    merge.ended(first);
    assertThat(out()).containsExactly(7L);
    merge.ended(second);
    merge.ended(second);
    assertThat(out()).isEmpty();
  }

  @Test
  void aPartitionKeepsItsOwnOrder() {
    add(first, 9, 1);
    add(first, 1, 1); // the broker's clock went back
    add(second, 5, 1);
    merge.ended(first);
    merge.ended(second);
    assertThat(out()).containsExactly(5L, 9L, 1L);
  }

  @Test
  void aPartitionOfWhichMuchWaitsIsFull() {
    assertThat(merge.isFull(first)).isFalse();
    add(first, 1, 5 * 1024 * 1024);
    assertThat(merge.isFull(first)).isTrue();
    add(second, 2, 1);
    assertThat(out()).containsExactly(1L);
    assertThat(merge.isFull(first)).isFalse();
    for (int i = 0; i < 500; i++) {
      add(second, 3, 1);
    }
    assertThat(merge.isFull(second)).isTrue();
  }

  @Test
  void whateverTheOrderOfArrivalWhatGoesOutIsInTheOrderOfTime() {
    Random random = new Random(20261126);
    for (int round = 0; round < 50; round++) {
      List<TopicPartition> partitions = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        partitions.add(new TopicPartition("r", i));
      }
      TimeMerge each = new TimeMerge(partitions);
      Map<TopicPartition, Long> time = new HashMap<>();
      List<Long> all = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        TopicPartition partition = partitions.get(random.nextInt(4));
        long next = time.merge(partition, (long) random.nextInt(5), Long::sum);
        each.add(
            partition,
            new ConsumerRecord<>(
                "r",
                partition.partition(),
                i,
                next,
                TimestampType.LOG_APPEND_TIME,
                0,
                0,
                new byte[0],
                new byte[0],
                new RecordHeaders(),
                Optional.empty()));
        for (var record = each.next(); record != null; record = each.next()) {
          all.add(record.timestamp());
        }
      }
      partitions.forEach(each::ended);
      for (var record = each.next(); record != null; record = each.next()) {
        all.add(record.timestamp());
      }
      assertThat(all).hasSize(200).isSorted();
    }
  }
}
