package io.penstock.localstack;

import java.time.Duration;

/** The end of a wait, on the JVM's monotonic clock. */
record Deadline(long nanoTime) {

  static Deadline in(Duration timeout) {
    return new Deadline(System.nanoTime() + timeout.toNanos());
  }

  boolean isPast() {
    return System.nanoTime() - nanoTime >= 0;
  }
}
