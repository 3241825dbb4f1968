package io.penstock.localstack;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.localstack.EventLoopWatch.Figure;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("sets a system property")
class EventLoopWatchTest {

  private Process process;
  private EventLoopWatch watch;

  @BeforeEach
  void start() throws IOException {
    // No thread of it ever waits for a processor under the name of an event loop.
    process = new ProcessBuilder("sleep", "60").start();
    watch = EventLoopWatch.of(process);
  }

  @AfterEach
  void end() {
    process.destroyForcibly();
  }

  @Test
  void findsABlockedEventLoopInText() {
    String line =
        "2026-11-21T10:08:37,904+0000 WARN  [vertx-blocked-thread-checker] i.v.c.i.BlockedThreadChecker"
            + " Thread vert.x-eventloop-thread-0 has been blocked for 199 ms, time limit is 100 ms";
    assertThat(watch.figure("first\n" + line + "\nlast"))
        .isEqualTo(new Figure(Duration.ofMillis(199), 1, List.of(line), Duration.ZERO));
  }

  @Test
  void findsABlockedEventLoopInJson() {
    String line =
        "{\"time\":\"2026-11-21T10:08:37.904Z\",\"level\":\"WARN\",\"message\":\"Thread"
            + " vert.x-eventloop-thread-1 has been blocked for 1990 ms, time limit is 100 ms\"}";
    assertThat(watch.figure(line + "\n{}").longest()).isEqualTo(Duration.ofMillis(1990));
  }

  @Test
  void saysNothingOfOtherThreads() {
    assertThat(
            watch.figure(
                "2026-11-21T10:08:37,904+0000 WARN  [x] y Thread vert.x-worker-thread-0 has been"
                    + " blocked for 61000 ms"))
        .isEqualTo(new Figure(Duration.ZERO, 0, List.of(), Duration.ZERO));
  }

  @Test
  void isAFigureAndAVerdictOnlyWhereTheClockIsToJudge() throws IOException {
    String line =
        "2026-11-21T10:08:37,904+0000 WARN  [x] y Thread vert.x-eventloop-thread-0 has been blocked"
            + " for 199 ms, time limit is 100 ms";
    String judge = System.getProperty("penstock.timed", "false");
    try {
      System.setProperty("penstock.timed", "false");
      assertThat(watch.collect("EventLoopWatchTest", "none", line)).isEmpty();
      assertThat(Files.readString(EventLoopWatch.FIGURES))
          .startsWith("| test |")
          .contains("| EventLoopWatchTest | none | 199 | 1 | 0 | 0 |");
      System.setProperty("penstock.timed", "true");
      assertThat(watch.collect("EventLoopWatchTest", "none", line)).containsExactly(line);
    } finally {
      System.setProperty("penstock.timed", judge);
    }
  }
}
