package io.penstock.ingest.ingress;

import java.time.Duration;

/**
 * By when a sender that waits for the ingress alone must have its answer.
 *
 * @param nanoTime as {@link System#nanoTime}
 */
record AnswerDeadline(long nanoTime) {

  /** Starts to run now. */
  static AnswerDeadline in(Duration time) {
    return new AnswerDeadline(System.nanoTime() + time.toNanos());
  }

  /** The time that is left; never negative. */
  Duration left() {
    return Duration.ofNanos(Math.max(0, nanoTime - System.nanoTime()));
  }
}
