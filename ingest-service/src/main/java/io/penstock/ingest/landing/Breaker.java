package io.penstock.ingest.landing;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Tells whether Kafka is there, by what it acknowledges. Open, it counts as gone.
 *
 * <p>It opens when a record has waited for long and nothing at all was acknowledged since it was
 * sent, or when several failed in a row. Any acknowledgement closes it. The records that Kafka's
 * client keeps sending again are what finds out; where there are none, one is let through once a
 * second. Safe for use by any number of threads.
 */
public final class Breaker {

  private static final int FAILURES_IN_A_ROW = 5;
  private static final long PROBE_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long BELIEVE_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** How many probes may be on their way. */
  private static final int PROBES = 8;

  private final long stallNanos;
  private final LongSupplier nanos;

  private long owed;
  private boolean unanswered;
  private long unansweredSince;
  private int failures;
  private boolean open;
  private long openedAt;

  /** The least that was owed since it opened: what is owed beyond it are probes. */
  private long leastOwed;

  private long openings;
  private long probedAt;

  /**
   * Closed at first.
   *
   * @param stall how long nothing may be acknowledged while something waits
   * @param nanos a clock that only counts on
   */
  public Breaker(Duration stall, LongSupplier nanos) {
    this.stallNanos = stall.toNanos();
    this.nanos = nanos;
  }

  /** A record was handed to the client; one of the next three will tell what came of it. */
  public synchronized void sent() {
    owed++;
    if (!unanswered) {
      unanswered = true;
      unansweredSince = nanos.getAsLong();
    }
  }

  /**
   * Kafka acknowledged one.
   *
   * @return whether this closed it
   */
  public synchronized boolean acknowledged() {
    owed--;
    unanswered = false;
    failures = 0;
    boolean closed = open;
    open = false;
    return closed;
  }

  /**
   * The client gave one up.
   *
   * @return whether this opened it
   */
  public synchronized boolean failed() {
    settled();
    failures++;
    return failures >= FAILURES_IN_A_ROW && open();
  }

  /** One was refused for what it is, which says nothing of Kafka. */
  public synchronized void refused() {
    settled();
  }

  private void settled() {
    owed--;
    if (owed == 0) {
      unanswered = false;
    }
  }

  /**
   * Looks at the time; to be called often.
   *
   * @return whether this opened it
   */
  public synchronized boolean check() {
    return unanswered && nanos.getAsLong() - unansweredSince > stallNanos && open();
  }

  private boolean open() {
    boolean opened = !open;
    open = true;
    if (opened) {
      openings++;
      openedAt = nanos.getAsLong();
      probedAt = openedAt;
      leastOwed = owed;
    }
    return opened;
  }

  /** Whether Kafka counts as gone. */
  public synchronized boolean isOpen() {
    return open;
  }

  /**
   * Whether one may be sent to find out: at most one a second, and a few beside those that are owed
   * already. Those alone would not do, since they may all be of one partition that has no leader.
   */
  public synchronized boolean tryProbe() {
    leastOwed = Math.min(leastOwed, owed);
    long now = nanos.getAsLong();
    if (!open || owed >= leastOwed + PROBES || now - probedAt < PROBE_NANOS) {
      return false;
    }
    probedAt = now;
    return true;
  }

  /**
   * Kafka was seen to be well by other means. That is believed where nothing is owed that could
   * tell, and after a while in any case: what is owed may be of one partition alone, and nobody may
   * be sending what could be a probe.
   */
  public synchronized void seen() {
    long now = nanos.getAsLong();
    if (owed == 0 || (open && now - openedAt >= BELIEVE_NANOS)) {
      failures = 0;
      open = false;
      unansweredSince = now;
    }
  }

  /** How many records the client holds. */
  public synchronized long owed() {
    return owed;
  }

  /** How many times it has opened. */
  public synchronized long openings() {
    return openings;
  }
}
