package io.penstock.ingest.landing;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Says whether Kafka is there, by what it acknowledges. While it is open, Kafka counts as gone.
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
final class Breaker {

  /** Hears of each change once, in their order; must not block, nor call the breaker. */
  interface Listener {

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
     * Kafka still counts as gone; called every few minutes.
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

  private sealed interface State {

    /**
     * Kafka is there.
     *
     * @param bySight whether a sight says so, and no acknowledgement yet
     */
    record Closed(boolean bySight) implements State {}

    /** Kafka is gone, and nothing but probes is sent. */
    record Open(Outage outage, long openedAt, Probes probes) implements State {}

    /** Kafka is gone, as far as is known; but what is sent goes to Kafka. */
    record Tried(Outage outage, long triedAt) implements State {}
  }

  /** From the first failure to the evidence that Kafka is back. */
  private static final class Outage {
    final long since;
    final String cause;
    long remindedAt;

    Outage(long since, String cause) {
      this.since = since;
      this.cause = cause;
      this.remindedAt = since;
    }
  }

  private static final class Probes {
    /** The least that was owed since it opened: what is owed beyond it are probes. */
    long leastOwed;

    long lastAt;

    Probes(long owed, long openedAt) {
      this.leastOwed = owed;
      this.lastAt = openedAt;
    }
  }

  /** The time of something that may not have happened; a nanosecond clock has no value for that. */
  private record Moment(boolean happened, long at) {
    static final Moment NEVER = new Moment(false, 0);

    boolean isAtOrAfter(long then) {
      return happened && at - then >= 0;
    }
  }

  private final long stallNanos;
  private final LongSupplier nanos;
  private final Listener listener;

  private State state = new State.Closed(false);
  private long owed;

  /** Since when something waits that would tell, and nothing was acknowledged. */
  private Moment waiting = Moment.NEVER;

  private Moment acknowledged = Moment.NEVER;
  private int failures;
  private String cause = "";
  private long believeNanos = BELIEVE_NANOS;
  private long openings;

  /** One whose changes are not reported. */
  Breaker(Duration stall, LongSupplier nanos) {
    this(stall, nanos, Listener.NONE);
  }

  /**
   * Closed at first.
   *
   * @param stall how long nothing may be acknowledged while something waits
   * @param nanos a clock that only counts on
   */
  Breaker(Duration stall, LongSupplier nanos, Listener listener) {
    this.stallNanos = stall.toNanos();
    this.nanos = nanos;
    this.listener = listener;
  }

  /** A record was handed to the client; one of the next three says what became of it. */
  synchronized void sent() {
    owed++;
    if (!waiting.happened()) {
      waiting = new Moment(true, nanos.getAsLong());
    }
  }

  /**
   * A record was handed to the client whose partition takes none, as is known: that it waits says
   * nothing of the others.
   */
  synchronized void sentInVain() {
    owed++;
  }

  /**
   * Kafka acknowledged one.
   *
   * @return whether this closed it
   */
  synchronized boolean acknowledged() {
    owed--;
    waiting = Moment.NEVER;
    acknowledged = new Moment(true, nanos.getAsLong());
    believeNanos = BELIEVE_NANOS;
    return close(false, "a record was acknowledged");
  }

  private boolean close(boolean bySight, String evidence) {
    failures = 0;
    State before = state;
    state = new State.Closed(bySight);
    return switch (before) {
      case State.Closed closed -> false;
      case State.Open open -> back(open.outage(), evidence);
      case State.Tried tried -> back(tried.outage(), evidence);
    };
  }

  private boolean back(Outage outage, String evidence) {
    listener.back(Duration.ofNanos(nanos.getAsLong() - outage.since), evidence);
    return true;
  }

  /** The client gave one up, for whatever reason: see {@link #failed(String)}. */
  boolean failed() {
    return failed("sending fails");
  }

  /**
   * The client gave one up.
   *
   * @param why for the log; never a secret
   * @return whether this opened it
   */
  synchronized boolean failed(String why) {
    settled();
    failures++;
    return (state instanceof State.Tried || failures >= FAILURES_IN_A_ROW) && open(why);
  }

  /** One ended in a way that says nothing of Kafka. */
  synchronized void refused() {
    settled();
  }

  private void settled() {
    owed--;
    if (owed == 0) {
      waiting = Moment.NEVER;
    }
  }

  /**
   * Looks at the time; to be called often.
   *
   * @return whether this opened it
   */
  synchronized boolean check() {
    long now = nanos.getAsLong();
    boolean opened =
        waiting.happened() && now - waiting.at() > stallNanos && open("nothing is acknowledged");
    if (state instanceof State.Tried tried
        && !waiting.happened()
        && now - tried.triedAt() >= TRIAL_NANOS) {
      close(true, "the cluster says that it is well, and nothing was sent that could tell");
    }
    switch (state) {
      case State.Closed closed -> {}
      case State.Open open -> remind(open.outage(), now);
      case State.Tried tried -> remind(tried.outage(), now);
    }
    return opened;
  }

  private void remind(Outage outage, long now) {
    if (now - outage.remindedAt >= REMINDER_NANOS) {
      outage.remindedAt = now;
      listener.stillGone(Duration.ofNanos(now - outage.since), outage.cause);
    }
  }

  private boolean open(String why) {
    long now = nanos.getAsLong();
    switch (state) {
      case State.Open open -> {
        return false;
      }
      case State.Tried tried -> {
        believeLater();
        state = new State.Open(tried.outage(), now, new Probes(owed, now));
      }
      case State.Closed closed -> {
        if (closed.bySight()) {
          believeLater();
        }
        openings++;
        cause = why;
        state = new State.Open(new Outage(now, why), now, new Probes(owed, now));
        listener.gone(why);
      }
    }
    return true;
  }

  private void believeLater() {
    believeNanos = Math.min(2 * believeNanos, LATEST_BELIEVE_NANOS);
  }

  /** Whether deliveries are to go past Kafka. */
  synchronized boolean isOpen() {
    return state instanceof State.Open;
  }

  /** Whether Kafka counts as gone; true also while deliveries are tried to find out. */
  synchronized boolean isGone() {
    return !(state instanceof State.Closed);
  }

  /** For how long Kafka has counted as gone; zero while it does not. */
  synchronized Duration goneFor() {
    return switch (state) {
      case State.Closed closed -> Duration.ZERO;
      case State.Open open -> Duration.ofNanos(nanos.getAsLong() - open.outage().since);
      case State.Tried tried -> Duration.ofNanos(nanos.getAsLong() - tried.outage().since);
    };
  }

  /** Why Kafka counts as gone, or counted last; for people. */
  synchronized String cause() {
    return cause;
  }

  /**
   * Whether Kafka has acknowledged anything since then.
   *
   * @param then by the clock that it was made with
   */
  synchronized boolean acknowledgedSince(long then) {
    return acknowledged.isAtOrAfter(then);
  }

  /**
   * Whether one may be sent to find out: at most one a second, and a few beside those that are owed
   * already. Those alone would not do, since they may all be of one partition that has no leader.
   */
  synchronized boolean tryProbe() {
    if (!(state instanceof State.Open open)) {
      return false;
    }
    Probes probes = open.probes();
    probes.leastOwed = Math.min(probes.leastOwed, owed);
    long now = nanos.getAsLong();
    if (owed >= probes.leastOwed + PROBES || now - probes.lastAt < PROBE_NANOS) {
      return false;
    }
    probes.lastAt = now;
    return true;
  }

  /**
   * Kafka was seen to be well by other means. That has it tried, where nothing is owed that could
   * tell, and after a while in any case: what is owed may be of one partition alone, and there may
   * be no delivery that could be a probe.
   */
  synchronized void seen() {
    boolean refuted = believeNanos > BELIEVE_NANOS;
    attempt(owed == 0 && !refuted ? 0 : believeNanos);
  }

  /**
   * Kafka was seen, and its settings say that it takes nothing. What takes records is Kafka's to
   * say, so this has it tried too, but late.
   */
  synchronized void seenInDoubt() {
    attempt(LATEST_BELIEVE_NANOS);
  }

  private void attempt(long afterNanos) {
    long now = nanos.getAsLong();
    if (state instanceof State.Open open && now - open.openedAt() >= afterNanos) {
      state = new State.Tried(open.outage(), now);
      failures = 0;
      waiting = Moment.NEVER; // what is sent from now on tells
    }
  }

  /** How many records the client holds. */
  synchronized long owed() {
    return owed;
  }

  /** How many times Kafka was found to be gone. */
  synchronized long openings() {
    return openings;
  }
}
