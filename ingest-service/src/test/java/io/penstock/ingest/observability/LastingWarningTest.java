package io.penstock.ingest.observability;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.slf4j.LoggerFactory;

/** A lasting condition is logged at its beginning, every few minutes, and at its end. */
@Isolated("listens to the logger of a class")
class LastingWarningTest {

  private final LogLines lines = new LogLines(LastingWarningTest.class);
  private long now = Long.MAX_VALUE - 5; // System.nanoTime may overflow
  private final LastingWarning warning =
      new LastingWarning(LoggerFactory.getLogger(LastingWarningTest.class), () -> now);

  @AfterEach
  void stopListening() {
    lines.close();
  }

  private void pass(Duration time) {
    now += time.toNanos();
  }

  @Test
  void itsBeginningAndItsEndHaveALineEach() {
    warning.holds("Waiting for Kafka", "cause", "no answer");
    for (int i = 0; i < 20; i++) {
      pass(Duration.ofSeconds(2));
      warning.holds("Waiting for Kafka", "cause", "no answer");
    }
    warning.ends("Kafka answered");
    warning.ends("Kafka answered");
    assertThat(lines.all())
        .containsExactly(
            "WARN Waiting for Kafka: cause=no answer", "INFO Kafka answered: after_seconds=40");
  }

  @Test
  void whatLastsIsSaidAgainEveryFiveMinutes() {
    for (int i = 0; i <= 1000; i++) {
      warning.holds("Waiting");
      pass(Duration.ofSeconds(1));
    }
    assertThat(lines.all())
        .containsExactly(
            "WARN Waiting",
            "WARN Waiting: lasting_seconds=300",
            "WARN Waiting: lasting_seconds=600",
            "WARN Waiting: lasting_seconds=900");
  }

  @Test
  void whatReadsDifferentlyIsSaidOnceAndNumbersMakeNoDifference() {
    for (int i = 0; i < 50; i++) {
      warning.holds("Waiting", "deadline_ms", 1_000 * i);
      warning.holds("Waiting: subject b is missing");
      pass(Duration.ofSeconds(1));
    }
    assertThat(lines.all())
        .containsExactly("WARN Waiting: deadline_ms=0", "WARN Waiting: subject b is missing");
  }

  @Test
  void whatAlwaysReadsDifferentlyIsNoFlood() {
    for (int i = 0; i < 600; i++) {
      warning.holds("Waiting: " + "x".repeat(i));
      pass(Duration.ofSeconds(1));
    }
    assertThat(lines.all()).hasSizeLessThan(25);
  }

  @Test
  void whatComesBackHasALineAgain() {
    warning.holds("Waiting");
    warning.ends("Done");
    pass(Duration.ofSeconds(1));
    warning.holds("Waiting");
    assertThat(lines.all())
        .containsExactly("WARN Waiting", "INFO Done: after_seconds=0", "WARN Waiting");
    assertThat(warning.isHolding()).isTrue();
  }

  @Test
  void whatNeverWasHasNoEnd() {
    warning.ends("Done");
    assertThat(lines.all()).isEmpty();
  }
}
