package io.penstock.ingest.lookup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.penstock.ingest.lookup.ReadRange.End;
import io.penstock.ingest.lookup.ReadRange.Start;
import io.penstock.ingest.lookup.TopicReader.Ended;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.Test;

class TopicReaderTest {

  private static final TopicPartition FIRST = new TopicPartition("t", 0);
  private static final TopicPartition SECOND = new TopicPartition("t", 1);

  private final MockConsumer<byte[], byte[]> kafka = new MockConsumer<>("earliest");
  private final TopicReader reader = new TopicReader(kafka, Duration.ofMillis(300));
  private final Seen seen = new Seen();

  private static final class Seen implements TopicReader.Visitor {
    final List<String> records = new ArrayList<>();
    final List<ReadProgress> progress = new ArrayList<>();
    final List<String> problems = new ArrayList<>();
    int limit = Integer.MAX_VALUE;

    @Override
    public void accept(ConsumerRecord<byte[], byte[]> record) {
      records.add(record.partition() + "@" + record.offset());
    }

    @Override
    public void progress(ReadProgress of) {
      progress.add(of);
    }

    @Override
    public void unreadable(String problem) {
      problems.add(problem);
    }

    @Override
    public boolean isDone() {
      return records.size() >= limit;
    }
  }

  private void topic(long... ends) {
    Node node = new Node(0, "k", 9092);
    kafka.updatePartitions(
        "t",
        IntStream.range(0, ends.length)
            .mapToObj(i -> new PartitionInfo("t", i, node, new Node[] {node}, new Node[] {node}))
            .toList());
    for (int i = 0; i < ends.length; i++) {
      TopicPartition partition = new TopicPartition("t", i);
      kafka.updateBeginningOffsets(Map.of(partition, 0L));
      kafka.updateEndOffsets(Map.of(partition, ends[i]));
    }
  }

  private void records(TopicPartition partition, int from, int to) {
    for (int i = from; i < to; i++) {
      kafka.addRecord(
          new ConsumerRecord<>("t", partition.partition(), i, new byte[0], new byte[] {1}));
    }
  }

  @Test
  void readsWhatIsThereAndEnds() {
    topic(2, 1);
    kafka.schedulePollTask(
        () -> {
          records(FIRST, 0, 3); // one more than there was when the read began
          records(SECOND, 0, 1);
        });

    assertThat(reader.read(List.of("t"), ReadRange.everything(), seen)).isEqualTo(Ended.AT_END);

    assertThat(seen.records).containsExactlyInAnyOrder("0@0", "0@1", "1@0");
    assertThat(seen.progress.getLast()).isEqualTo(new ReadProgress(3, 3, 0));
  }

  @Test
  void anEmptyRangeEndsAtOnce() {
    topic(2);
    assertThat(reader.read(List.of("t"), ReadRange.everything().from(new Start.Offset(2)), seen))
        .isEqualTo(Ended.AT_END);
    assertThat(seen.records).isEmpty();
  }

  @Test
  void endsWhenTheVisitorHasEnough() {
    topic(5);
    seen.limit = 2;
    kafka.schedulePollTask(() -> records(FIRST, 0, 5));
    assertThat(reader.read(List.of("t"), ReadRange.everything(), seen)).isEqualTo(Ended.DONE);
    assertThat(seen.records).hasSize(2);
  }

  @Test
  void aKafkaThatIsSilentEndsABoundedReadWithAnException() {
    topic(2);
    kafka.schedulePollTask(() -> records(FIRST, 0, 1));
    assertThatExceptionOfType(TimeoutException.class)
        .isThrownBy(() -> reader.read(List.of("t"), ReadRange.everything(), seen))
        .withMessageContaining("t-0");
    assertThat(seen.records).containsExactly("0@0");
  }

  @Test
  void aWakeupEndsAReadThatFollowsAndEachLaterOne() {
    topic(0);
    kafka.schedulePollTask(reader::wakeup);
    ReadRange range = ReadRange.everything().until(new End.Never());
    assertThat(reader.read(List.of("t"), range, seen)).isEqualTo(Ended.WOKEN);
    assertThat(reader.read(List.of("t"), range, seen)).isEqualTo(Ended.WOKEN);
  }

  @Test
  void withoutAnyOfItsTopicsAReadFails() {
    assertThatExceptionOfType(UnknownTopicOrPartitionException.class)
        .isThrownBy(() -> reader.read(List.of("a", "b"), ReadRange.everything(), seen))
        .withMessageContaining("a, b");
  }

  @Test
  void aPartitionWithoutALeaderIsToldAndTheOthersAreRead() {
    Node node = new Node(0, "k", 9092);
    kafka.updatePartitions(
        "t",
        List.of(
            new PartitionInfo("t", 0, node, new Node[] {node}, new Node[] {node}),
            new PartitionInfo("t", 1, null, new Node[] {node}, new Node[0])));
    kafka.updateBeginningOffsets(Map.of(FIRST, 0L));
    kafka.updateEndOffsets(Map.of(FIRST, 1L));
    kafka.schedulePollTask(() -> records(FIRST, 0, 1));
    assertThat(reader.read(List.of("t"), ReadRange.everything(), seen)).isEqualTo(Ended.AT_END);
    assertThat(seen.problems).singleElement().asString().contains("partition 1 of t");
    assertThat(seen.records).containsExactly("0@0");
  }
}
