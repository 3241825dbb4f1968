package io.penstock.ingest.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class AdmissionTest {

  private final Admission admission = new Admission(100);

  @Test
  void admitsUpToTheLimit() {
    assertThat(admission.tryAcquire(60)).isTrue();
    assertThat(admission.tryAcquire(40)).isTrue();
    assertThat(admission.held()).isEqualTo(100);
    assertThat(admission.tryAcquire(1)).isFalse();
  }

  @Test
  void aRefusalHoldsNothing() {
    // when
    assertThat(admission.tryAcquire(101)).isFalse();
    // then
    assertThat(admission.held()).isZero();
    assertThat(admission.tryAcquire(100)).isTrue();
  }

  @Test
  void whatIsReleasedIsToBeHadAgain() {
    // given
    admission.tryAcquire(100);
    // when
    admission.release(30);
    // then
    assertThat(admission.held()).isEqualTo(70);
    assertThat(admission.tryAcquire(30)).isTrue();
    assertThat(admission.tryAcquire(1)).isFalse();
  }

  @Test
  void manyThreadsNeverHoldMoreThanTheLimit() throws Exception {
    // given
    AtomicLong inside = new AtomicLong();
    AtomicLong most = new AtomicLong();
    Callable<Void> worker =
        () -> {
          for (int i = 0; i < 20_000; i++) {
            int bytes = ThreadLocalRandom.current().nextInt(1, 60);
            if (admission.tryAcquire(bytes)) {
              long now = inside.addAndGet(bytes);
              most.accumulateAndGet(now, Math::max);
              inside.addAndGet(-bytes);
              admission.release(bytes);
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
    assertThat(most.get()).isBetween(1L, 100L);
    assertThat(admission.held()).isZero();
  }
}
