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
 * second.
 *
 * <p>What is seen of Kafka by other means is believed only until an outcome says otherwise. It has
 * deliveries tried: Kafka still counts as gone, and they go to it all the same. The first
 * acknowledgement ends that, or some seconds in which nothing was sent that could tell; the first
 * failure ends it too, and then the next such sight is believed twice as late.
 *
 * <p>Safe for use by any number of threads.
 */
public final class Breaker {

  /** Hears of each change once, in their order; must not block, nor call the breaker. */
  public interface Listener {

    /** One that does not listen. */
    Listener NONE =
        new Listener() {
          @Override
          public void gone(String cause) {}

          @Override
          public void stillGone(Duration since, String cause) {}

          @Override
          public void back(Duration after, String evidence) {}
        };

    /** Kafka counts as gone from now on. */
    void gone(String cause);

    /**
     * It has been so for a while; told every few minutes.
     *
     * @param since for how long
     * @param cause the first
     */
    void stillGone(Duration since, String cause);

    /**
     * Kafka does not count as gone any more.
     *
     * @param after how long it did
     * @param evidence what says so
     */
    void back(Duration after, String evidence);
  }

  private static final int FAILURES_IN_A_ROW = 5;
  private static final long PROBE_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long BELIEVE_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long LATEST_BELIEVE_NANOS = 8 * BELIEVE_NANOS;

  /** For how long nothing may say otherwise before what was seen is taken for true. */
  private static final long TRIAL_NANOS = TimeUnit.SECONDS.toNanos(5);

  private static final long REMINDER_NANOS = TimeUnit.MINUTES.toNanos(5);

  /** How many probes may be on their way. */
  private static final int PROBES = 8;

  private enum State {
    CLOSED,
    OPEN,
    /** Gone, as far as is known; but what is sent goes to Kafka. */
    TRIED
  }

  private final long stallNanos;
  private final LongSupplier nanos;
  private final Listener listener;

  private State state = State.CLOSED;
  private long owed;
  private boolean unanswered;
  private long unansweredSince;
  private int failures;
  private String cause = "";
  private long goneSince;
  private long toldAt;
  private long openedAt;
  private long triedAt;
  private long believeNanos = BELIEVE_NANOS;

  /** Whether nothing was acknowledged since it was closed for what was seen. */
  private boolean closedBySight;

  /** The least that was owed since it opened: what is owed beyond it are probes. */
  private long leastOwed;

  private long openings;
  private long probedAt;
  private boolean everAcknowledged;
  private long acknowledgedAt;

  /** One that tells nobody of its changes. */
  public Breaker(Duration stall, LongSupplier nanos) {
    this(stall, nanos, Listener.NONE);
  }

  /**
   * Closed at first.
   *
   * @param stall how long nothing may be acknowledged while something waits
   * @param nanos a clock that only counts on
   */
  public Breaker(Duration stall, LongSupplier nanos, Listener listener) {
    this.stallNanos = stall.toNanos();
    this.nanos = nanos;
    this.listener = listener;
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
   * A record was handed to the client whose partition has no leader, as is known: that it waits
   * says nothing of the others.
   */
  public synchronized void sentInVain() {
    owed++;
  }

  /**
   * Kafka acknowledged one.
   *
   * @return whether this closed it
   */
  public synchronized boolean acknowledged() {
    owed--;
    unanswered = false;
    everAcknowledged = true;
    acknowledgedAt = nanos.getAsLong();
    believeNanos = BELIEVE_NANOS;
    closedBySight = false;
    return close("a record was acknowledged");
  }

  private boolean close(String evidence) {
    failures = 0;
    boolean closed = state != State.CLOSED;
    if (closed) {
      state = State.CLOSED;
      listener.back(Duration.ofNanos(nanos.getAsLong() - goneSince), evidence);
    }
    return closed;
  }

  /** The client gave one up, for whatever reason: see {@link #failed(String)}. */
  public boolean failed() {
    return failed("sending fails");
  }

  /**
   * The client gave one up.
   *
   * @param why for the log; never a secret
   * @return whether this opened it
   */
  public synchronized boolean failed(String why) {
    settled();
    failures++;
    return (state == State.TRIED || failures >= FAILURES_IN_A_ROW) && open(why);
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
    long now = nanos.getAsLong();
    boolean opened =
        unanswered && now - unansweredSince > stallNanos && open("nothing is acknowledged");
    if (state == State.TRIED && !unanswered && now - triedAt >= TRIAL_NANOS) {
      closedBySight = true;
      close("the cluster says that it is well, and nothing was sent that could tell");
    }
    if (state != State.CLOSED && now - toldAt >= REMINDER_NANOS) {
      toldAt = now;
      listener.stillGone(Duration.ofNanos(now - goneSince), cause);
    }
    return opened;
  }

  private boolean open(String why) {
    if (state == State.OPEN) {
      return false;
    }
    long now = nanos.getAsLong();
    openedAt = now;
    probedAt = now;
    leastOwed = owed;
    if (state == State.TRIED || closedBySight) {
      believeNanos = Math.min(2 * believeNanos, LATEST_BELIEVE_NANOS);
      closedBySight = false;
    }
    if (state == State.TRIED) {
      state = State.OPEN; // and gone all the time
      return true;
    }
    state = State.OPEN;
    openings++;
    goneSince = now;
    toldAt = now;
    cause = why;
    listener.gone(why);
    return true;
  }

  /** Whether deliveries are to go past Kafka. */
  public synchronized boolean isOpen() {
    return state == State.OPEN;
  }

  /** Whether Kafka counts as gone; true also while deliveries are tried to find out. */
  public synchronized boolean isGone() {
    return state != State.CLOSED;
  }

  /** Why Kafka counts as gone, or counted last; for people. */
  public synchronized String cause() {
    return cause;
  }

  /**
   * Whether Kafka has acknowledged anything since then.
   *
   * @param then by the clock that it was made with
   */
  public synchronized boolean acknowledgedSince(long then) {
    return everAcknowledged && acknowledgedAt - then >= 0;
  }

  /**
   * Whether one may be sent to find out: at most one a second, and a few beside those that are owed
   * already. Those alone would not do, since they may all be of one partition that has no leader.
   */
  public synchronized boolean tryProbe() {
    leastOwed = Math.min(leastOwed, owed);
    long now = nanos.getAsLong();
    if (state != State.OPEN || owed >= leastOwed + PROBES || now - probedAt < PROBE_NANOS) {
      return false;
    }
    probedAt = now;
    return true;
  }

  /**
   * Kafka was seen to be well by other means. That has it tried, where nothing is owed that could
   * tell, and after a while in any case: what is owed may be of one partition alone, and nobody may
   * be sending what could be a probe.
   */
  public synchronized void seen() {
    boolean refuted = believeNanos > BELIEVE_NANOS;
    attempt(owed == 0 && !refuted ? 0 : believeNanos);
  }

  /**
   * Kafka was seen, and its settings say that it takes nothing. What takes records is Kafka's to
   * say, so this has it tried too, but late.
   */
  public synchronized void seenInDoubt() {
    attempt(LATEST_BELIEVE_NANOS);
  }

  private void attempt(long afterNanos) {
    long now = nanos.getAsLong();
    if (state == State.OPEN && now - openedAt >= afterNanos) {
      state = State.TRIED;
      triedAt = now;
      failures = 0;
      unanswered = false; // what is sent from now on tells
    }
  }

  /** How many records the client holds. */
  public synchronized long owed() {
    return owed;
  }

  /** How many times Kafka was found to be gone. */
  public synchronized long openings() {
    return openings;
  }
}
