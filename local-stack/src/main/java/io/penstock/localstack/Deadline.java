package io.penstock.localstack;

import java.time.Duration;

/** A point in time after which nobody waits any longer, on the JVM's monotonic clock. */
record Deadline(long nanoTime) {

  static Deadline in(Duration timeout) {
    return new Deadline(System.nanoTime() + timeout.toNanos());
  }

  boolean isPast() {
    return System.nanoTime() - nanoTime >= 0;
  }
}
