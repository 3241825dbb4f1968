package io.penstock.ingest.auth.bcrypt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import io.penstock.ingest.auth.SlowWork;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BcryptPoolTest {

  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
  private final BcryptPool pool =
      new BcryptPool(new BcryptPool.Limits(1, 6, 3, Duration.ofSeconds(3)), nanos::get);
  private final List<String> log = new CopyOnWriteArrayList<>();
  private final CountDownLatch gate = new CountDownLatch(1);

  @AfterEach
  void close() {
    gate.countDown();
    pool.close();
  }

  private final class Task implements SlowWork.Task {
    private final String name;

    Task(String name) {
      this.name = name;
    }

    @Override
    public void run() {
      log.add(name);
    }

    @Override
    public void shed() {
      log.add("shed " + name);
    }
  }

  /** Occupies the only thread, which is returned, until the gate opens. */
  private Thread block() {
    CompletableFuture<Thread> started = new CompletableFuture<>();
    pool.submit(
        "blocker",
        new SlowWork.Task() {
          @Override
          public void run() {
            started.complete(Thread.currentThread());
            try {
              gate.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          }

          @Override
          public void shed() {
            throw new AssertionError("the pool was empty");
          }
        });
    return started.join();
  }

  private void submit(String address, String... names) {
    for (String name : names) {
      pool.submit(address, new Task(name));
    }
  }

  @Test
  void addressesTakeTurnsWithinBounds() {
    block();

    submit("192.0.2.1", "a1", "a2", "a3", "a4");
    submit("192.0.2.2", "b1");
    assertThat(log).as("at once").containsExactly("shed a4");
    assertThat(pool.waiting()).isEqualTo(4);
    assertThat(pool.shed()).isEqualTo(1);

    gate.countDown();
    await().untilAsserted(() -> assertThat(pool.waiting()).isZero());
    await().untilAsserted(() -> assertThat(log).containsExactly("shed a4", "a1", "b1", "a2", "a3"));
  }

  @Test
  void oneHostsIpv6NetworkIsOneAddress() {
    block();

    submit("2001:db8:1:2:3:4:5:6", "a1");
    submit("2001:db8:1:2::1", "a2");
    submit("2001:db8:1:2:ffff::%eth0", "a3");
    submit("2001:0DB8:0001:0002::9", "a4");
    submit("2001:db8:1:3::1", "b1");
    submit("::ffff:192.0.2.1", "c1");
    submit("192.0.2.1", "c2");
    submit("not:an:address", "d1");

    assertThat(log).containsExactly("shed a4", "shed a3");
    gate.countDown();
    await()
        .untilAsserted(
            () -> assertThat(log).endsWith("a1", "b1", "c1", "d1", "a2", "c2").hasSize(8));
  }

  @Test
  void whatHasWaitedTooLongIsShedUncomputed() {
    block();
    submit("192.0.2.1", "old");
    nanos.addAndGet(Duration.ofSeconds(2).toNanos());
    submit("192.0.2.2", "young");
    nanos.addAndGet(Duration.ofMillis(1001).toNanos());

    gate.countDown();

    await().untilAsserted(() -> assertThat(log).containsExactly("shed old", "young"));
  }

  @Test
  void survivesWorkThatFails() {
    pool.submit(
        "192.0.2.1",
        new SlowWork.Task() {
          @Override
          public void run() {
            throw new IllegalStateException("expected by the test");
          }

          @Override
          public void shed() {
            log.add("shed, so that nobody waits for it");
          }
        });
    submit("192.0.2.1", "next");

    await()
        .untilAsserted(
            () -> assertThat(log).containsExactly("shed, so that nobody waits for it", "next"));
  }

  @Test
  void closingShedsWhatWaitsAndWhatComesAndEndsTheThreads() {
    Thread worker = block();
    assertThat(worker.isDaemon()).isTrue();
    assertThat(worker.getName()).isEqualTo("penstock-bcrypt-0");
    submit("192.0.2.1", "waiting");

    pool.close();
    submit("192.0.2.1", "late");

    assertThat(log).containsExactly("shed waiting", "shed late");
    assertThat(pool.waiting()).isZero();
    gate.countDown();
    await().untilAsserted(() -> assertThat(worker.isAlive()).isFalse());
  }

  @Test
  void closingEndsAThreadThatHasNothingToDo() {
    Thread worker = block();
    gate.countDown();
    await().until(() -> worker.getState() == Thread.State.WAITING);

    pool.close();

    await().untilAsserted(() -> assertThat(worker.isAlive()).isFalse());
  }

  @Test
  void leavesProcessorsToOthers() {
    assertThat(BcryptPool.Limits.forProcessors(1).threads()).isEqualTo(1);
    assertThat(BcryptPool.Limits.forProcessors(2).threads()).isEqualTo(1);
    assertThat(BcryptPool.Limits.forProcessors(16).threads()).isEqualTo(8);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new BcryptPool.Limits(0, 1, 1, Duration.ofSeconds(1)));
  }
}
