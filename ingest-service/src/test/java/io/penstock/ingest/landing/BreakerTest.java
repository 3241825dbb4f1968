package io.penstock.ingest.landing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
    assertThat(breaker.check()).as("what is owed may be of a partition without a leader").isFalse();
    assertThat(breaker.isGone()).as("it is tried, and not back").isTrue();
    breaker.sent();
    pass(300);
    assertThat(breaker.check()).as("it is no better").isTrue();
  }

  // What is told of it.

  private final List<String> told = new ArrayList<>();
  private final Breaker telling =
      new Breaker(
          Duration.ofMillis(250),
          now::get,
          new Breaker.Listener() {
            @Override
            public void gone(String cause) {
              told.add("gone: " + cause);
            }

            @Override
            public void stillGone(Duration since, String cause) {
              told.add("still gone after " + since.toSeconds() + " s: " + cause);
            }

            @Override
            public void back(Duration after, String evidence) {
              told.add("back after " + after.toSeconds() + " s: " + evidence);
            }
          });

  private List<String> told() {
    List<String> taken = List.copyOf(told);
    told.clear();
    return taken;
  }

  /** As the service does: ten times a second, and every two seconds it looks at the cluster. */
  private void watch(int seconds, Runnable onceASecond) {
    for (int second = 0; second < seconds; second++) {
      onceASecond.run();
      for (int tick = 0; tick < 10; tick++) {
        pass(100);
        telling.check();
      }
      if (second % 2 == 0) {
        telling.seen();
      }
    }
  }

  @Test
  void goneAndBackAreToldOnceWhoeverFindsOut() {
    for (int i = 0; i < 10; i++) {
      telling.sent();
      telling.failed("no rights");
    }
    assertThat(told()).containsExactly("gone: no rights");
    telling.sent();
    pass(3000);
    telling.acknowledged();
    telling.sent();
    telling.acknowledged();
    assertThat(told()).containsExactly("back after 3 s: a record was acknowledged");
    telling.sent();
    pass(300);
    telling.check();
    telling.check();
    assertThat(told()).containsExactly("gone: nothing is acknowledged");
    assertThat(telling.openings()).isEqualTo(2);
  }

  @Test
  void thatTheClusterIsWellAgainIsToldOnceNothingSpeaksAgainstIt() {
    for (int i = 0; i < 5; i++) {
      telling.sent();
      telling.failed("no leader");
    }
    told();
    watch(60, () -> {});
    assertThat(told())
        .containsExactly(
            "back after 6 s: the cluster says that it is well, and nothing was sent that could"
                + " tell");
    assertThat(telling.isGone()).isFalse();
  }

  @Test
  void whileAppendsFailAClusterThatLooksWellChangesNothingAndIsTriedMoreRarely() {
    int[] tried = {0};
    watch(
        600,
        () -> {
          // A sender comes once a second; nothing that goes to Kafka is ever acknowledged.
          if (!telling.isOpen()) {
            tried[0]++;
            telling.sent();
          }
        });
    assertThat(told())
        .containsExactly(
            "gone: nothing is acknowledged", "still gone after 300 s: nothing is acknowledged");
    assertThat(telling.openings()).isEqualTo(1);
    assertThat(tried[0]).isLessThan(15);
    telling.acknowledged();
    assertThat(told()).singleElement().asString().startsWith("back after");
  }

  @Test
  void aPartitionWithoutALeaderDoesNotKeepItGoneForTheOthers() {
    telling.sent(); // never answered
    pass(300);
    telling.check();
    watch(60, () -> {});
    assertThat(telling.isGone()).isFalse();
    assertThat(telling.owed()).isEqualTo(1);
    assertThat(told()).hasSize(2);
  }

  @Test
  void failuresCountInARowHoweverWellTheClusterLooks() {
    for (int i = 0; i < 5; i++) {
      telling.sent();
      telling.failed("no rights");
      pass(2000);
      telling.seen();
    }
    assertThat(told()).containsExactly("gone: no rights");
  }

  @Test
  void settingsThatSpeakAgainstItHaveItTriedLate() {
    telling.sent();
    pass(300);
    telling.check();
    pass(79_000);
    telling.seenInDoubt();
    assertThat(telling.isOpen()).isTrue();
    pass(1_000);
    telling.seenInDoubt();
    assertThat(telling.isOpen()).isFalse();
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
