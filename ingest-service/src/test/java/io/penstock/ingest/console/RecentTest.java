package io.penstock.ingest.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RecentTest {

  private final AtomicLong nanos = new AtomicLong();
  private final AtomicInteger readings = new AtomicInteger();

  private Recent<Integer> counting(Duration life) {
    return new Recent<>(life, nanos::get, readings::incrementAndGet);
  }

  @Test
  void itIsReadOnceInItsLife() {
    Recent<Integer> recent = counting(Duration.ofSeconds(1));

    assertThat(recent.get()).isEqualTo(1);
    nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    assertThat(recent.get()).isEqualTo(1);
    nanos.incrementAndGet();
    assertThat(recent.get()).isEqualTo(2);
    recent.forget();
    assertThat(recent.get()).isEqualTo(3);
  }

  @Test
  void manyWhoAskAtATimeCostOneReading() {
    CountDownLatch open = new CountDownLatch(1);
    Recent<Integer> recent =
        new Recent<>(
            Duration.ofSeconds(1),
            nanos::get,
            () -> {
              try {
                open.await();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              return readings.incrementAndGet();
            });
    List<CompletableFuture<Integer>> asked = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      asked.add(CompletableFuture.supplyAsync(recent::get, Thread::startVirtualThread));
    }
    open.countDown();

    assertThat(asked).allSatisfy(each -> assertThat(each.join()).isEqualTo(1));
  }

  @Test
  void aPageGoesOnWithoutWhatTakesTooLong() {
    CountDownLatch never = new CountDownLatch(1);
    Recent<String> recent =
        new Recent<>(
            Duration.ofSeconds(1),
            nanos::get,
            () -> {
              try {
                never.await();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              return "read";
            },
            Duration.ofMillis(1),
            () -> "late");

    assertThat(recent.get()).isEqualTo("late");
    never.countDown();
  }

  @Test
  void aFailureIsNotKept() {
    Recent<Integer> recent =
        new Recent<>(
            Duration.ofSeconds(1),
            nanos::get,
            () -> {
              if (readings.incrementAndGet() == 1) {
                throw new IllegalArgumentException("first");
              }
              return readings.get();
            });

    assertThatThrownBy(recent::get).hasRootCauseMessage("first");
    assertThat(recent.get()).isEqualTo(2);
  }
}
