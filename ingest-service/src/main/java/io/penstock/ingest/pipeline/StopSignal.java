package io.penstock.ingest.pipeline;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Says once that the pipeline is to stop. Safe for use by any number of threads. */
final class StopSignal {

  private final CountDownLatch latch = new CountDownLatch(1);

  void give() {
    latch.countDown();
  }

  boolean isGiven() {
    return latch.getCount() == 0;
  }

  /**
   * Waits for so long, or until the signal is given.
   *
   * @return whether it is given
   */
  boolean await(Duration time) throws InterruptedException {
    return latch.await(time.toMillis(), TimeUnit.MILLISECONDS);
  }
}
