package io.penstock.ingest.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.config.Configuration.RateLimit;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RateLimiterTest {

  private final AtomicLong now = new AtomicLong();

  private RateLimiter limiter(int perSecond, int burst) {
    return new RateLimiter(new RateLimit(perSecond, burst), now::get);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -5_000_000_000L, Long.MAX_VALUE - 100_000_000})
  void takesABurstAndThenAsManyAsTheTimeAllows(long start) {
    // given
    now.set(start);
    RateLimiter limiter = limiter(10, 3);
    // then
    for (int i = 0; i < 3; i++) {
      assertThat(limiter.tryTake()).isZero();
    }
    assertThat(limiter.tryTake()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(100));
    now.addAndGet(TimeUnit.MILLISECONDS.toNanos(99));
    assertThat(limiter.tryTake()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(1));
    now.addAndGet(TimeUnit.MILLISECONDS.toNanos(1));
    assertThat(limiter.tryTake()).isZero();
    assertThat(limiter.tryTake()).isPositive();
  }

  @Test
  void aRefusalCostsNothing() {
    // given
    RateLimiter limiter = limiter(1, 1);
    limiter.tryTake();
    // when
    for (int i = 0; i < 1000; i++) {
      limiter.tryTake();
    }
    now.addAndGet(TimeUnit.SECONDS.toNanos(1));
    // then
    assertThat(limiter.tryTake()).isZero();
  }

  @Test
  void aPauseIsWorthNoMoreThanABurst() {
    // given
    RateLimiter limiter = limiter(100, 5);
    now.addAndGet(TimeUnit.DAYS.toNanos(1));
    // when
    int taken = 0;
    while (limiter.tryTake() == 0) {
      taken++;
    }
    // then
    assertThat(taken).isEqualTo(5);
  }

  @Test
  void manyThreadsTakeNoMoreThanThereIs() throws Exception {
    // given
    RateLimiter limiter = limiter(1, 1000);
    AtomicInteger taken = new AtomicInteger();
    Callable<Void> worker =
        () -> {
          for (int i = 0; i < 1000; i++) {
            if (limiter.tryTake() == 0) {
              taken.incrementAndGet();
            }
          }
          return null;
        };
    // when
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (Future<Void> done : threads.invokeAll(List.of(worker, worker, worker, worker))) {
        done.get();
      }
    }
    // then
    assertThat(taken).hasValue(1000);
  }
}
