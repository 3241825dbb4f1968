package io.penstock.ingest.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class EventLoopDelayTest {

  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1000);
  private final Timer timer = new SimpleMeterRegistry().timer("delay");
  private final EventLoopDelay delay = new EventLoopDelay(now::get, Duration.ofMillis(100), timer);

  private void tickAfter(long millis) {
    now.addAndGet(Duration.ofMillis(millis).toNanos());
    delay.tick();
  }

  @Test
  void whatIsLateCountsAndWhatMakesUpForItDoesNot() {
    tickAfter(100);
    assertThat(timer.max(TimeUnit.MILLISECONDS)).isEqualTo(0);
    tickAfter(350);
    tickAfter(0);
    tickAfter(50);
    assertThat(timer.count()).isEqualTo(4);
    assertThat(timer.totalTime(TimeUnit.MILLISECONDS)).isEqualTo(250);
    assertThat(timer.max(TimeUnit.MILLISECONDS)).isEqualTo(250);
  }
}
