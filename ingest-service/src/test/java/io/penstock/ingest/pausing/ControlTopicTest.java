package io.penstock.ingest.pausing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.penstock.ingest.pausing.SourceState.Decision;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is made of the control topic's records, and of a topic that is not there. */
class ControlTopicTest {

  private static final String TOPIC = "hooks.control";
  private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);
  private static final Instant SINCE = Instant.parse("2026-11-26T12:00:00Z");

  private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
  private final ControlTopic topic = new ControlTopic(TOPIC, consumer);
  private final AtomicLong nanos = new AtomicLong();
  private long end;

  private void exists() {
    Node node = new Node(1, "none", 1);
    consumer.updatePartitions(
        TOPIC, List.of(new PartitionInfo(TOPIC, 0, node, new Node[] {node}, new Node[] {node})));
    consumer.updateBeginningOffsets(Map.of(PARTITION, 0L));
    consumer.updateEndOffsets(Map.of(PARTITION, end));
  }

  /** Records that are there when the topic is read. */
  private void has(List<ConsumerRecord<byte[], byte[]>> records) {
    end = records.size();
    exists();
    consumer.schedulePollTask(() -> records.forEach(consumer::addRecord));
  }

  private ConsumerRecord<byte[], byte[]> record(
      int offset, @Nullable String key, byte @Nullable [] value) {
    return new ConsumerRecord<>(TOPIC, 0, offset, key == null ? null : key.getBytes(UTF_8), value);
  }

  private static SourceState state(String source, Decision decision) {
    return new SourceState(source, decision, SINCE, "ann", "why");
  }

  private PausedSources read() {
    return topic.readToEnd(Duration.ofSeconds(5), () -> nanos.getAndAdd(1_000_000_000L));
  }

  @Test
  void theLastStateOfEachSourceCounts() {
    has(
        List.of(
            record(0, "a", state("a", Decision.PAUSED).bytes()),
            record(1, "b", state("b", Decision.PAUSED).bytes()),
            record(2, "a", state("a", Decision.RUNNING).bytes()),
            record(3, "c", state("c", Decision.PAUSED).bytes()),
            record(4, "c", null)));

    PausedSources read = read();

    assertThat(read)
        .isEqualTo(
            new PausedSources.Known(
                Map.of("a", state("a", Decision.RUNNING), "b", state("b", Decision.PAUSED))));
    assertThat(read.isPaused("b")).isTrue();
    assertThat(read.mayRelease("b")).isFalse();
    for (String running : List.of("a", "c", "never-heard-of")) {
      assertThat(read.isPaused(running)).isFalse();
      assertThat(read.mayRelease(running)).isTrue();
    }
  }

  @Test
  void whatIsNoStateIsCountedAndChangesNothing() {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    records.add(record(0, "a", state("a", Decision.PAUSED).bytes()));
    for (String value :
        List.of(
            "",
            "{",
            "null",
            "[]",
            "{\"state\":\"stopped\",\"since\":\"2026-11-26T12:00:00Z\",\"by\":\"ann\"}",
            "{\"state\":\"running\",\"since\":\"now\",\"by\":\"ann\"}",
            "{\"state\":\"running\",\"since\":\"2026-11-26T12:00:00Z\"}",
            "{\"state\":\"running\",\"since\":\"2026-11-26T12:00:00Z\",\"by\":\"ann\"}}",
            "{\"state\":\"running\",\"since\":\"2026-11-26T12:00:00Z\",\"by\":\""
                + "x".repeat(70_000)
                + "\"}")) {
      records.add(record(records.size(), "a", value.getBytes(UTF_8)));
    }
    byte[] good = state("a", Decision.RUNNING).bytes();
    records.add(record(records.size(), null, good));
    records.add(record(records.size(), "no name", good));
    has(records);

    assertThat(read().isPaused("a")).isTrue();
    assertThat(topic.ignored()).isEqualTo(records.size() - 1L);
  }

  @Test
  void membersOfALaterVersionAreIgnored() {
    byte[] later =
        "{\"state\":\"paused\",\"since\":\"2026-11-26T12:00:00Z\",\"by\":\"ann\",\"until\":1}"
            .getBytes(UTF_8);
    assertThat(SourceState.read("a", later))
        .isEqualTo(new SourceState("a", Decision.PAUSED, SINCE, "ann", null));
  }

  @Test
  void withoutATopicOrARightNothingCanBePausedAndItSaysWhatToDo() {
    assertThat(read())
        .isInstanceOfSatisfying(
            PausedSources.Unavailable.class,
            unavailable ->
                assertThat(unavailable.why())
                    .contains(TOPIC, "does not exist", "cleanup.policy=compact"));
    exists();
    consumer.setPollException(new TopicAuthorizationException(TOPIC));
    end = 1;
    exists();
    PausedSources refused = read();
    assertThat(refused)
        .isInstanceOfSatisfying(
            PausedSources.Unavailable.class,
            unavailable -> assertThat(unavailable.why()).contains("grant Describe and Read"));
    assertThat(refused.isPaused("a")).isFalse();
    assertThat(refused.mayRelease("a")).isFalse();
  }

  @Test
  void aTopicThatDoesNotAnswerIsNotTakenForAnEmptyOne() {
    end = 1;
    exists();
    assertThatExceptionOfType(TimeoutException.class).isThrownBy(this::read);
  }

  @Test
  void aFollowerThatNeverBeganCanBeClosed() {
    PauseFollower follower = new PauseFollower(() -> topic, count -> {});
    follower.close();
    assertThat(follower.get()).isInstanceOf(PausedSources.Unavailable.class);
  }

  @Test
  void theFollowerSeesAChangeAndKeepsTheLastOneThatItSaw() throws Exception {
    has(List.of(record(0, "a", state("a", Decision.PAUSED).bytes())));
    AtomicLong ignored = new AtomicLong();
    try (PauseFollower follower = new PauseFollower(() -> topic, ignored::addAndGet)) {
      assertThat(follower.get()).isInstanceOf(PausedSources.Unavailable.class);
      follower.start();
      assertThat(follower.awaitFirst(Duration.ofMinutes(1))).isTrue();
      assertThat(follower.get().isPaused("a")).isTrue();
      consumer.schedulePollTask(
          () -> {
            consumer.addRecord(record(1, "a", "{".getBytes(UTF_8)));
            consumer.addRecord(record(2, "b", state("b", Decision.PAUSED).bytes()));
          });
      await().until(() -> follower.get().isPaused("b"));
      assertThat(follower.get().isPaused("a")).isTrue();
      assertThat(ignored).hasValue(1);
    }
  }
}
