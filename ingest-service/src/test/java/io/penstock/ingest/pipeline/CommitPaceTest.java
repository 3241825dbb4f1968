package io.penstock.ingest.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.junit.jupiter.api.Test;

/** When a stream thread commits. */
class CommitPaceTest {

  private static final Duration POLL = Duration.ofMillis(100);

  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5); // the clock may run over
  private final CommitPace pace = new CommitPace(now::get);
  private final MockProcessorContext<byte[], Object> first = new MockProcessorContext<>();
  private final MockProcessorContext<byte[], Object> second = new MockProcessorContext<>();

  private void passed(Duration time) {
    now.addAndGet(time.toNanos());
  }

  @Test
  void whereNothingWasProcessedNothingIsCommitted() {
    assertThat(pace.beforePoll(POLL)).isEqualTo(POLL);
    pace.afterPoll(0);
    assertThat(pace.beforePoll(POLL)).isEqualTo(POLL);
    assertThat(first.committed()).isFalse();
  }

  @Test
  void everyTaskThatProcessedSomethingIsCommittedAtTheNextPollWhichDoesNotWait() {
    pace.afterPoll(3);
    pace.processed(first);
    pace.processed(second);
    pace.processed(first);
    assertThat(pace.beforePoll(POLL)).isZero();
    assertThat(first.committed()).isTrue();
    assertThat(second.committed()).isTrue();
    first.resetCommit();
    pace.afterPoll(0);
    assertThat(pace.beforePoll(POLL)).isEqualTo(POLL);
    assertThat(first.committed()).isFalse();
  }

  @Test
  void theNextCommitIsAPauseAfterTheEndOfTheLastAndThePollWaitsNoLonger() {
    pace.afterPoll(1);
    pace.processed(first);
    assertThat(pace.beforePoll(POLL)).isZero();
    pace.afterPoll(1);
    passed(Duration.ofMillis(30)); // Streams commits
    first.resetCommit();
    pace.processed(first);
    assertThat(pace.beforePoll(POLL)).isEqualTo(CommitPace.PAUSE);
    assertThat(first.committed()).isFalse();
    pace.afterPoll(0);
    passed(Duration.ofMillis(4));
    assertThat(pace.beforePoll(POLL)).isEqualTo(CommitPace.PAUSE.minusMillis(4));
    assertThat(pace.beforePoll(Duration.ofMillis(1))).isEqualTo(Duration.ofMillis(1));
    passed(Duration.ofMillis(6));
    assertThat(pace.beforePoll(POLL)).isZero();
    assertThat(first.committed()).isTrue();
  }

  @Test
  void whileThereIsABacklogTheIntervalDecides() {
    pace.afterPoll(CommitPace.BACKLOG);
    pace.processed(first);
    assertThat(pace.beforePoll(POLL)).isEqualTo(POLL);
    assertThat(first.committed()).isFalse();
    pace.afterPoll(CommitPace.BACKLOG - 1);
    assertThat(pace.beforePoll(POLL)).as("it has ended").isZero();
    assertThat(first.committed()).isTrue();
  }
}
