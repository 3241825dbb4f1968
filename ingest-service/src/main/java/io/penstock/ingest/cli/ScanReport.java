package io.penstock.ingest.cli;

import io.penstock.ingest.lookup.ReadProgress;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.function.LongSupplier;

/** Says on standard error how far a read has come, and when it cannot keep up. For one thread. */
final class ScanReport {

  private static final Duration PAUSE = Duration.ofSeconds(2);

  /** How many records a reader that follows may be behind without a word. */
  private static final long BEHIND = 1000;

  private static final long CAUGHT_UP = 100;

  private final PrintWriter err;
  private final LongSupplier nanoTime;
  private long saidAt;
  private long readThen;
  private boolean saidBehind;

  /**
   * @param nanoTime a clock as {@link System#nanoTime}
   */
  ScanReport(PrintWriter err, LongSupplier nanoTime) {
    this.err = err;
    this.nanoTime = nanoTime;
    saidAt = nanoTime.getAsLong();
  }

  /**
   * Takes note of a progress, and says it where that is due.
   *
   * @param what is read, in words
   */
  void note(String what, ReadProgress progress) {
    long now = nanoTime.getAsLong();
    if (saidBehind && progress.behind() <= CAUGHT_UP) {
      saidBehind = false;
      say("caught up");
      return;
    }
    if (now - saidAt < PAUSE.toNanos()) {
      return;
    }
    long perSecond = (progress.read() - readThen) * 1_000_000_000L / Math.max(1, now - saidAt);
    readThen = progress.read();
    saidAt = now;
    if (progress.total() > 0) {
      if (progress.read() < progress.total()) {
        say(
            "read %d of %d records of %s, %d a second"
                .formatted(progress.read(), progress.total(), what, Math.max(0, perSecond)));
      }
    } else if (progress.behind() > BEHIND) {
      saidBehind = true;
      say(
          "behind by %d records, while reading %d a second"
              .formatted(progress.behind(), Math.max(0, perSecond)));
    }
  }

  private void say(String line) {
    err.println(line);
    err.flush();
  }
}
