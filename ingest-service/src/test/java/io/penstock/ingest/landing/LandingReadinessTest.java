package io.penstock.ingest.landing;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.cluster.ClusterWatch.Sight;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Outcomes decide whether an ingress is ready; what is seen decides where there are none. */
class LandingReadinessTest {

  private static final Sight WELL = new Sight.Led(true, List.of());
  private static final Sight UNANSWERED = new Sight.Unanswered("no answer within 6 s");
  private static final Sight LEADERLESS = new Sight.Leaderless("no partition of t has a leader");

  private long now = Long.MAX_VALUE - 5; // a nanosecond clock may run over
  private boolean found = true;
  private boolean full;
  private boolean spoolTakes = true;
  private final Breaker breaker = new Breaker(Duration.ofSeconds(1), () -> now);
  private final LandingReadiness readiness = readiness(null);
  private final LandingReadiness spooled = readiness(() -> spoolTakes);

  private LandingReadiness readiness(LandingReadiness.@Nullable Fallback spool) {
    return new LandingReadiness(breaker, () -> found, spool, () -> full, () -> now);
  }

  private void pass(Duration time) {
    now += time.toNanos();
  }

  private void saw(Sight sight, int times) {
    for (int i = 0; i < times; i++) {
      pass(Duration.ofSeconds(2));
      readiness.saw(sight);
      spooled.saw(sight);
    }
  }

  private void acknowledged() {
    breaker.sent();
    breaker.acknowledged();
  }

  private void gone() {
    breaker.sent();
    pass(Duration.ofMillis(1001));
    assertThat(breaker.check()).isTrue();
  }

  private void isReady(String detail) {
    assertThat(readiness.verdict()).isEqualTo(new LandingReadiness.State(true, detail));
  }

  private void isNotReady(String detail) {
    assertThat(readiness.verdict()).isEqualTo(new LandingReadiness.State(false, detail));
  }

  // Idle.

  @Test
  void anIdleOneWhoseClusterIsWellIsReady() {
    isReady("available");
    saw(WELL, 100);
    isReady("available");
  }

  @Test
  void anIdleOneWhoseClusterIsGoneIsNotReadyUnlessItHasASpool() {
    saw(UNANSWERED, 1);
    assertThat(readiness.verdict().ready()).as("one look may fail by chance").isTrue();
    saw(UNANSWERED, 1);
    isNotReady("deliveries are answered 503: Kafka does not answer: no answer within 6 s");
    assertThat(spooled.verdict())
        .isEqualTo(
            new LandingReadiness.State(
                true, "deliveries are spooled: Kafka does not answer: no answer within 6 s"));
    spoolTakes = false;
    assertThat(spooled.verdict().ready()).isFalse();
    saw(WELL, 1);
    isReady("available");
    assertThat(spooled.verdict().ready()).isTrue();
  }

  @Test
  void anIdleOneWhosePartitionsHaveNoLeaderIsNotReady() {
    saw(LEADERLESS, 2);
    isNotReady("deliveries are answered 503: no partition of t has a leader");
  }

  @Test
  void onePartitionWithoutALeaderIsNamedAndNoMore() {
    saw(new Sight.Led(true, List.of("partition 3 of t has no leader: give it one")), 5);
    isReady("available; partition 3 of t has no leader: give it one");
  }

  @Test
  void settingsExplainAndDecideNothing() {
    saw(new Sight.Led(false, List.of("partition 0 of t is short of min.insync.replicas=2")), 50);
    isReady("available; partition 0 of t is short of min.insync.replicas=2");
    gone();
    isNotReady(
        "deliveries are answered 503: Kafka acknowledges nothing: nothing is acknowledged;"
            + " partition 0 of t is short of min.insync.replicas=2");
  }

  @Test
  void whoMayNotLookKnowsNothingWorse() {
    saw(new Sight.Untold("TopicAuthorizationException"), 50);
    isReady(
        "available; the topic may not be looked at (TopicAuthorizationException): grant Describe"
            + " and DescribeConfigs on it");
  }

  // Outcomes.

  @Test
  void whileAppendsSucceedItIsReadyWhateverIsSeen() {
    for (Sight sight : List.of(UNANSWERED, LEADERLESS)) {
      saw(WELL, 1);
      for (int i = 0; i < 20; i++) {
        saw(sight, 1);
        acknowledged();
        assertThat(readiness.verdict().ready()).isTrue();
      }
      saw(sight, 50);
      assertThat(readiness.verdict().ready())
          .as("what an outcome has refuted is not believed again until it changes")
          .isTrue();
      saw(WELL, 1);
      saw(sight, 2);
      assertThat(readiness.verdict().ready()).as("and believed anew after that").isFalse();
    }
  }

  @Test
  void anAcknowledgementFromBeforeSaysNothing() {
    acknowledged();
    saw(UNANSWERED, 2);
    assertThat(readiness.verdict().ready()).isFalse();
    acknowledged();
    assertThat(readiness.verdict().ready()).isTrue();
  }

  @Test
  void whileAppendsFailItIsNotReadyHoweverWellTheClusterLooks() {
    gone();
    saw(WELL, 2);
    isNotReady("deliveries are answered 503: Kafka acknowledges nothing: nothing is acknowledged");
    breaker.acknowledged();
    isReady("available");
  }

  @Test
  void whereNobodySendsAnyMoreTheClusterMayBringItBack() {
    gone();
    pass(Duration.ofSeconds(10));
    breaker.seen();
    assertThat(readiness.verdict().ready()).as("not before it has been tried").isFalse();
    pass(Duration.ofSeconds(5));
    breaker.check();
    assertThat(readiness.verdict().ready()).isTrue();
  }

  @Test
  void beforeTheLogIsFoundItIsNotReady() {
    found = false;
    isNotReady("deliveries are answered 503: Kafka has not been reached yet");
    assertThat(spooled.verdict().ready()).isTrue();
  }

  // Admission.

  @Test
  void whereEverythingIsHeldAndNothingAcknowledgedItSaysSo() {
    full = true;
    assertThat(readiness.verdict().ready()).as("a moment is none").isTrue();
    for (int i = 0; i < 30; i++) {
      pass(Duration.ofSeconds(1));
      acknowledged();
      assertThat(readiness.verdict().ready()).as("load is no reason").isTrue();
    }
    pass(Duration.ofSeconds(11));
    assertThat(readiness.verdict().ready()).isFalse();
    assertThat(readiness.verdict().detail()).contains("overloaded", "http.max-in-flight-bytes");
    assertThat(spooled.verdict().ready()).as("its clock begins with its first look").isTrue();
    full = false;
    assertThat(readiness.verdict().ready()).isTrue();
  }
}
