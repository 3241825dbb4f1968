package io.penstock.ingest.landing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** When a partition is taken for silent, and what is sent to it then. */
class PartitionHealthTest {

  private static final Duration STALL = Duration.ofMillis(250);
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration NANOSECOND = Duration.ofNanos(1);

  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1000); // a clock may wrap around
  private final PartitionHealth health = new PartitionHealth(STALL, now::get);

  private void pass(Duration time) {
    now.addAndGet(time.toNanos());
  }

  private void fail(int times) {
    for (int i = 0; i < times; i++) {
      health.sent(10);
      health.failed(10);
    }
  }

  @Test
  void itIsSilentOnceARecordHasWaitedForLongerThanTheStall() {
    health.sent(10);
    pass(STALL);
    assertThat(health.isSilent()).isFalse();
    assertThat(health.admits()).isTrue();
    assertThat(health.silentBytes()).isZero();
    assertThat(health.silentNanos()).isZero();
    pass(NANOSECOND);
    assertThat(health.isSilent()).isTrue();
    assertThat(health.silentBytes()).isEqualTo(10);
    pass(STALL);
    assertThat(health.silentNanos()).isEqualTo(STALL.toNanos());
    health.acknowledged(10);
    assertThat(health.isSilent()).isFalse();
    assertThat(health.silentNanos()).isZero();
  }

  @Test
  void theTimeInWhichNothingIsOwedDoesNotCount() {
    pass(STALL.plus(NANOSECOND));
    assertThat(health.isSilent()).isFalse();
    health.sent(10);
    assertThat(health.isSilent()).isFalse();
    health.settledOtherwise(10);
    pass(STALL.plus(NANOSECOND));
    assertThat(health.isSilent()).isFalse();
  }

  @Test
  void anAcknowledgementBeginsTheWaitOfTheOthersAnewAndALaterRecordDoesNot() {
    health.sent(10);
    health.sent(10);
    pass(STALL);
    health.acknowledged(10);
    pass(STALL);
    health.sent(10);
    assertThat(health.isSilent()).isFalse();
    pass(NANOSECOND);
    assertThat(health.isSilent()).isTrue();
  }

  @Test
  void whatEndsAfterTheStallShowsThatItWasSilent() {
    health.sent(10);
    pass(STALL.plus(NANOSECOND));
    health.settledOtherwise(10);
    assertThat(health.isSilent()).as("settled otherwise").isTrue();
    health.sent(10);
    health.acknowledged(10);
    health.sent(10);
    pass(STALL.plus(NANOSECOND));
    health.failed(10);
    assertThat(health.isSilent()).as("failed").isTrue();
  }

  @Test
  void itIsSilentAfterFiveFailuresInARow() {
    fail(4);
    assertThat(health.isSilent()).isFalse();
    health.sent(10);
    health.acknowledged(10);
    fail(4);
    assertThat(health.isSilent()).isFalse();
    fail(1);
    assertThat(health.isSilent()).isTrue();
  }

  @Test
  void aSilentOneGetsOneRecordASecondWhileItOwesNothing() {
    fail(5);
    assertThat(health.admits()).isFalse();
    pass(SECOND.minus(NANOSECOND));
    assertThat(health.admits()).isFalse();
    pass(NANOSECOND);
    assertThat(health.admits()).isTrue();
    health.sent(10);
    assertThat(health.admits()).as("one is on its way").isFalse();
    health.failed(10);
    assertThat(health.admits()).as("one has just failed").isFalse();
    pass(SECOND);
    assertThat(health.admits()).isTrue();
  }

  @Test
  void whatItOwesIsKnown() {
    assertThat(health.isOwing()).isFalse();
    health.sent(10);
    health.sent(20);
    pass(SECOND);
    assertThat(health.isOwing()).isTrue();
    assertThat(health.idleNanos()).isZero();
    assertThat(health.silentBytes()).isEqualTo(30);
    health.failed(10);
    assertThat(health.silentBytes()).isEqualTo(20);
    health.settledOtherwise(20);
    assertThat(health.silentBytes()).isZero();
    assertThat(health.isOwing()).isFalse();
    health.sent(10);
    health.acknowledged(10);
    assertThat(health.isOwing()).isFalse();
    pass(SECOND);
    assertThat(health.idleNanos()).isEqualTo(SECOND.toNanos());
  }
}
