package io.penstock.ingest.management;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.observability.LogLines;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Every change of readiness is one log line with its reason; a lasting state is logged again. */
@Isolated("listens to the logger of a class")
class ReadinessTest {

  private final LogLines lines = new LogLines(Readiness.class);
  private long now = Long.MAX_VALUE - 5; // System.nanoTime may overflow
  private boolean started = true;
  private boolean stays = true;
  private boolean up = true;
  private String detail = "available";
  private final Readiness readiness =
      new Readiness(
          new Health(
              List.of(
                  new Health.Check(
                      Readiness.SHUTDOWN, true, () -> new Health.State(stays, "draining")),
                  new Health.Check("landing-log", true, () -> new Health.State(up, detail)),
                  new Health.Check("pipeline", false, () -> new Health.State(false, "waits")))),
          () -> started,
          () -> now);

  @AfterEach
  void stopListening() {
    lines.close();
  }

  private void pass(Duration time) {
    for (Duration left = time; left.isPositive(); left = left.minusSeconds(1)) {
      now += Duration.ofSeconds(1).toNanos();
      readiness.look();
    }
  }

  private void becomes(boolean isUp, String because) {
    up = isUp;
    detail = because;
  }

  @Test
  void eachChangeHasOneLineWhoeverAsks() {
    started = false;
    pass(Duration.ofSeconds(7));
    assertThat(lines.take()).as("a start needs no line before it has ended").isEmpty();
    started = true;
    pass(Duration.ofSeconds(60));
    assertThat(lines.take())
        .containsExactly(
            "INFO This instance is ready: after_seconds=8 reason=landing-log: available");

    becomes(false, "Kafka acknowledges nothing");
    assertThat(readiness.isReady()).isFalse();
    assertThat(readiness.look().ready()).isFalse();
    pass(Duration.ofSeconds(30));
    becomes(true, "available");
    pass(Duration.ofSeconds(30));
    assertThat(lines.take())
        .containsExactly(
            "WARN This instance is not ready any more: reason=landing-log: Kafka acknowledges"
                + " nothing",
            "INFO This instance is ready: after_seconds=31 reason=landing-log: available");
  }

  @Test
  void whatLastsIsSaidAgainEveryFiveMinutesWithTheReasonOfThatTime() {
    readiness.look();
    lines.take();
    becomes(false, "first");
    pass(Duration.ofSeconds(1));
    becomes(false, "second");
    pass(Duration.ofSeconds(700));
    assertThat(lines.take())
        .containsExactly(
            "WARN This instance is not ready any more: reason=landing-log: first",
            "WARN This instance is not ready: lasting_seconds=300 reason=landing-log: second",
            "WARN This instance is not ready: lasting_seconds=600 reason=landing-log: second");
  }

  @Test
  void aStartThatLastsIsSaidToo() {
    started = false;
    becomes(false, "Kafka has not been reached yet");
    pass(Duration.ofSeconds(301));
    assertThat(lines.take())
        .containsExactly(
            "WARN This instance is not ready: lasting_seconds=300 reason=landing-log: Kafka has not"
                + " been reached yet");
  }

  @Test
  void anotherReasonHasALineAndAShutdownIsNoWarning() {
    readiness.look();
    lines.take();
    stays = false;
    pass(Duration.ofSeconds(2));
    becomes(false, "gone");
    pass(Duration.ofSeconds(2));
    assertThat(lines.take())
        .containsExactly(
            "INFO This instance is not ready any more: reason=shutdown: draining",
            "WARN This instance is not ready for another reason: reason=shutdown: draining;"
                + " landing-log: gone");
  }

  @Test
  void whatIsOnlyShownDecidesNothing() {
    Readiness.Report report = readiness.look();
    assertThat(report.ready()).isTrue();
    assertThat(report.checks())
        .extracting(found -> found.check().name() + " " + found.state().up())
        .containsExactly("shutdown true", "landing-log true", "pipeline false");
  }
}
