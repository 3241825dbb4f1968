package io.penstock.ingest.pipeline;

import static org.apache.kafka.streams.KafkaStreams.State.CREATED;
import static org.apache.kafka.streams.KafkaStreams.State.ERROR;
import static org.apache.kafka.streams.KafkaStreams.State.NOT_RUNNING;
import static org.apache.kafka.streams.KafkaStreams.State.REBALANCING;
import static org.apache.kafka.streams.KafkaStreams.State.RUNNING;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.apache.kafka.streams.KafkaStreams;
import org.junit.jupiter.api.Test;

/** A rebalance is no outage while records are processed. */
class ProgressTest {

  private long now = Long.MAX_VALUE - 5; // a nanosecond clock may run over
  private double processed;
  private final Progress progress = new Progress(() -> processed, () -> now);

  private void pass(Duration time) {
    now += time.toNanos();
  }

  private void changed(KafkaStreams.State... states) {
    for (KafkaStreams.State state : states) {
      progress.changed(state);
    }
  }

  @Test
  void itRunsFromItsFirstAssignmentOn() {
    changed(CREATED, REBALANCING);
    assertThat(progress.isRunning()).isFalse();
    changed(RUNNING);
    assertThat(progress.isRunning()).isTrue();
  }

  @Test
  void aRebalanceIsNoStop() {
    changed(REBALANCING, RUNNING);
    pass(Duration.ofHours(1));
    changed(REBALANCING);
    assertThat(progress.isRunning()).isTrue();
    pass(Duration.ofSeconds(29));
    assertThat(progress.isRunning()).isTrue();
    pass(Duration.ofSeconds(2));
    assertThat(progress.isRunning()).as("nothing comes of it").isFalse();
    processed++;
    assertThat(progress.isRunning()).as("something does").isTrue();
  }

  @Test
  void whileRecordsAreProcessedARestorationMayTakeAnyTime() {
    changed(REBALANCING, RUNNING, REBALANCING);
    for (int i = 0; i < 1000; i++) {
      pass(Duration.ofSeconds(10));
      processed++;
      assertThat(progress.isRunning()).isTrue();
    }
  }

  @Test
  void whatHasEndedDoesNotRun() {
    changed(REBALANCING, RUNNING, ERROR, NOT_RUNNING);
    assertThat(progress.isRunning()).isFalse();
    changed(CREATED, REBALANCING);
    assertThat(progress.isRunning()).as("until it has run again").isFalse();
  }
}
