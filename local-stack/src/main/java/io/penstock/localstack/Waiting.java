package io.penstock.localstack;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Waiting that an interrupt does not cut short: clean-up has to happen in any case. */
final class Waiting {

  private Waiting() {}

  /** Whether the process ended within the timeout; an interrupt is kept for afterwards. */
  static boolean uninterruptibly(Process process, Duration timeout) {
    boolean interrupted = false;
    try {
      long end = System.nanoTime() + timeout.toNanos();
      while (true) {
        try {
          return process.waitFor(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
