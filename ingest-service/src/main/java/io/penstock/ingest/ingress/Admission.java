package io.penstock.ingest.ingress;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds what deliveries hold in memory, from the first byte of a body until Kafka has settled its
 * record. Safe for use by any number of threads.
 */
public final class Admission {

  /** What a delivery costs beside its body. */
  static final int DELIVERY_OVERHEAD = 2048;

  private final long limit;
  private final AtomicLong held = new AtomicLong();

  /**
   * @param limit in bytes
   */
  public Admission(long limit) {
    this.limit = limit;
  }

  /** Takes the given number of bytes, if they are to be had. */
  boolean tryAcquire(long bytes) {
    long now = held.addAndGet(bytes);
    if (now > limit) {
      held.addAndGet(-bytes);
      return false;
    }
    return true;
  }

  /** Gives bytes back. */
  void release(long bytes) {
    held.addAndGet(-bytes);
  }

  /** How many bytes are held. */
  public long held() {
    return held.get();
  }

  /** How many may be. */
  public long limit() {
    return limit;
  }
}
