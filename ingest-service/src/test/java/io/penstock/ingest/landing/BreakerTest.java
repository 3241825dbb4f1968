package io.penstock.ingest.landing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** When Kafka counts as gone, and when as back. */
class BreakerTest {

  private final AtomicLong now = new AtomicLong(1_000_000_000_000L);
  private final Breaker breaker = new Breaker(Duration.ofMillis(250), now::get);

  private void pass(long millis) {
    now.addAndGet(Duration.ofMillis(millis).toNanos());
  }

  @Test
  void itOpensWhenNothingIsAcknowledgedWhileSomethingWaits() {
    breaker.sent();
    pass(250);
    assertThat(breaker.check()).isFalse();
    pass(1);
    assertThat(breaker.check()).isTrue();
    assertThat(breaker.isOpen()).isTrue();
    assertThat(breaker.check()).as("only once").isFalse();
    assertThat(breaker.openings()).isEqualTo(1);
  }

  @Test
  void whileAnythingIsAcknowledgedItStaysClosed() {
    breaker.sent(); // never answered: one of several partitions has no leader
    for (int i = 0; i < 100; i++) {
      breaker.sent();
      pass(100);
      assertThat(breaker.acknowledged()).isFalse();
      assertThat(breaker.check()).isFalse();
    }
    pass(10_000);
    assertThat(breaker.check()).as("nothing was sent since").isFalse();
    breaker.sent();
    pass(251);
    assertThat(breaker.check()).isTrue();
  }

  @Test
  void anIdleTimeIsNoStall() {
    breaker.sent();
    assertThat(breaker.acknowledged()).isFalse();
    pass(60_000);
    assertThat(breaker.check()).isFalse();
    breaker.sent();
    assertThat(breaker.check()).isFalse();
  }

  @Test
  void itOpensAfterFiveFailuresInARow() {
    for (int i = 0; i < 4; i++) {
      breaker.sent();
      assertThat(breaker.failed()).isFalse();
    }
    breaker.sent();
    breaker.acknowledged();
    for (int i = 0; i < 4; i++) {
      breaker.sent();
      assertThat(breaker.failed()).isFalse();
    }
    breaker.sent();
    assertThat(breaker.failed()).isTrue();
    assertThat(breaker.isOpen()).isTrue();
  }

  @Test
  void recordsThatAreRefusedSayNothingOfKafka() {
    for (int i = 0; i < 20; i++) {
      breaker.sent();
      breaker.refused();
    }
    pass(10_000);
    assertThat(breaker.check()).isFalse();
    assertThat(breaker.isOpen()).isFalse();
    assertThat(breaker.owed()).isZero();
  }

  @Test
  void anyAcknowledgementClosesIt() {
    breaker.sent();
    breaker.sent();
    pass(300);
    assertThat(breaker.check()).isTrue();
    assertThat(breaker.acknowledged()).isTrue();
    assertThat(breaker.isOpen()).isFalse();
    assertThat(breaker.owed()).isEqualTo(1);
  }

  @Test
  void recordsOfOneDeadPartitionDoNotKeepItFromFindingOut() {
    breaker.sent();
    pass(300);
    assertThat(breaker.check()).isTrue();
    pass(1000);
    assertThat(breaker.tryProbe()).isTrue();
    breaker.sent();
    assertThat(breaker.acknowledged()).isTrue();
    assertThat(breaker.isOpen()).isFalse();
    assertThat(breaker.owed()).isEqualTo(1);
  }

  @Test
  void onlyAFewProbesAreOwedAtATime() {
    breaker.sent();
    pass(300);
    breaker.check();
    for (int i = 0; i < 8; i++) {
      pass(1000);
      assertThat(breaker.tryProbe()).isTrue();
      breaker.sent();
    }
    pass(10_000);
    assertThat(breaker.tryProbe()).isFalse();
    breaker.failed();
    assertThat(breaker.tryProbe()).isTrue();
  }

  @Test
  void aClusterThatIsSeenToBeWellIsTriedThoughSomeAreOwed() {
    breaker.sent();
    pass(300);
    breaker.check();
    pass(9_000);
    breaker.seen();
    assertThat(breaker.isOpen()).isTrue();
    pass(1_000);
    breaker.seen();
    assertThat(breaker.isOpen()).isFalse();
    assertThat(breaker.check()).as("at once").isFalse();
    pass(300);
    assertThat(breaker.check()).as("it is no better").isTrue();
  }

  @Test
  void whereNothingIsOwedOneASecondFindsOut() {
    for (int i = 0; i < 5; i++) {
      breaker.sent();
      breaker.failed();
    }
    assertThat(breaker.tryProbe()).as("it was just found to be gone").isFalse();
    pass(1000);
    assertThat(breaker.tryProbe()).isTrue();
    assertThat(breaker.tryProbe()).as("no flood").isFalse();
    breaker.sent();
    assertThat(breaker.acknowledged()).isTrue();
  }

  @Test
  void aClosedOneNeedsNoProbe() {
    pass(10_000);
    assertThat(breaker.tryProbe()).isFalse();
  }

  @Test
  void whatWasSeenByOtherMeansIsBelievedWhereNothingIsOwed() {
    for (int i = 0; i < 5; i++) {
      breaker.sent();
      breaker.failed();
    }
    breaker.seen();
    assertThat(breaker.isOpen()).isFalse();
    breaker.sent();
    pass(300);
    breaker.check();
    breaker.seen();
    assertThat(breaker.isOpen()).as("a record that is owed knows better").isTrue();
  }
}
