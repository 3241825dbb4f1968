package io.penstock.localstack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

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
    assertThat(watch.blocked("first\n" + line + "\nlast")).containsExactly(line);
  }

  @Test
  void findsABlockedEventLoopInJson() {
    String line =
        "{\"time\":\"2026-11-21T10:08:37.904Z\",\"level\":\"WARN\",\"message\":\"Thread"
            + " vert.x-eventloop-thread-1 has been blocked for 1990 ms, time limit is 100 ms\"}";
    assertThat(watch.blocked(line + "\n{}")).containsExactly(line);
  }

  @Test
  void saysNothingOfOtherThreads() {
    assertThat(
            watch.blocked(
                "2026-11-21T10:08:37,904+0000 WARN  [x] y Thread vert.x-worker-thread-0 has been"
                    + " blocked for 61000 ms"))
        .isEmpty();
  }
}
