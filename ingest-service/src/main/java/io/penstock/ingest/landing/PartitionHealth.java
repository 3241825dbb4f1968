package io.penstock.ingest.landing;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Whether one partition of the landing log takes records, by what it acknowledges. It is taken for
 * silent when a record has waited for too long and none was acknowledged meanwhile, or when several
 * failed in a row. An acknowledgement ends that.
 *
 * <p>What a silent partition still owes is what finds out that it is back: the producer goes on
 * trying. Where it owes nothing, one record a second is let through.
 *
 * <p>Safe for use by any number of threads.
 */
final class PartitionHealth {

  private static final int FAILURES_IN_A_ROW = 5;
  private static final long PROBE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private sealed interface State {

    /**
     * Records are sent.
     *
     * @param failures how many failed since the last acknowledgement
     */
    record Taking(int failures) implements State {}

    /**
     * Records are not sent, but for one a second while nothing is owed.
     *
     * @param since when it began, or when a record failed last
     */
    record Silent(long since) implements State {}
  }

  private static final State TAKING = new State.Taking(0);

  private final long stallNanos;
  private final LongSupplier nanos;

  private State state = TAKING;
  private int owed;
  private long owedBytes;

  /** Since when nothing was acknowledged; counts while something is owed. */
  private long waitingSince;

  /**
   * @param stall how long nothing may be acknowledged while something waits
   * @param nanos a clock that only counts on
   */
  PartitionHealth(Duration stall, LongSupplier nanos) {
    this.stallNanos = stall.toNanos();
    this.nanos = nanos;
  }

  /** A record was handed to the producer; one of the next four says what became of it. */
  synchronized void sent(long bytes) {
    if (owed == 0) {
      waitingSince = nanos.getAsLong();
    }
    owed++;
    owedBytes += bytes;
  }

  /** The partition acknowledged one. */
  synchronized void acknowledged(long bytes) {
    settled(bytes);
    waitingSince = nanos.getAsLong();
    state = TAKING;
  }

  /** One failed. */
  synchronized void failed(long bytes) {
    State before = look();
    settled(bytes);
    state =
        switch (before) {
          case State.Silent silent -> new State.Silent(nanos.getAsLong());
          case State.Taking taking ->
              taking.failures() + 1 < FAILURES_IN_A_ROW
                  ? new State.Taking(taking.failures() + 1)
                  : new State.Silent(nanos.getAsLong());
        };
  }

  /** One ended in a way that says nothing of the partition. */
  synchronized void settledOtherwise(long bytes) {
    look();
    settled(bytes);
  }

  private void settled(long bytes) {
    owed--;
    owedBytes -= bytes;
  }

  private State look() {
    if (state instanceof State.Taking
        && owed > 0
        && nanos.getAsLong() - waitingSince > stallNanos) {
      state = new State.Silent(nanos.getAsLong());
    }
    return state;
  }

  /** Whether it acknowledges nothing. */
  synchronized boolean isSilent() {
    return look() instanceof State.Silent;
  }

  /** For how long it has been silent, in nanoseconds; 0 while it is not. */
  synchronized long silentNanos() {
    return look() instanceof State.Silent silent ? nanos.getAsLong() - silent.since() : 0;
  }

  /** Whether the producer holds something for it. */
  synchronized boolean isOwing() {
    return owed > 0;
  }

  /** For how long nothing was sent and nothing is owed, in nanoseconds; 0 while something is. */
  synchronized long idleNanos() {
    return owed == 0 ? nanos.getAsLong() - waitingSince : 0;
  }

  /** Whether a record should be sent to it now. */
  synchronized boolean admits() {
    return switch (look()) {
      case State.Taking taking -> true;
      case State.Silent silent -> owed == 0 && nanos.getAsLong() - silent.since() >= PROBE_NANOS;
    };
  }

  /** How many bytes the producer holds for it while it is silent; 0 while it is not. */
  synchronized long silentBytes() {
    return look() instanceof State.Silent ? owedBytes : 0;
  }
}
