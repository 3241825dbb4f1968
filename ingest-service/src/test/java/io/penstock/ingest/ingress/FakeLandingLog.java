package io.penstock.ingest.ingress;

import io.penstock.ingest.landing.AppendOutcome;
import io.penstock.ingest.landing.LandingLog;
import io.penstock.ingest.landing.LandingRecord;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A landing log whose appends end as, and when, a test says. */
final class FakeLandingLog implements LandingLog {

  /** One append, and what a test can make of it. */
  record Append(
      LandingRecord record,
      Duration within,
      Runnable settled,
      Promise<AppendOutcome> outcome,
      Context context) {

    /** Answers the caller on its own context, and holds the bytes. */
    void ends(AppendOutcome how) {
      context.runOnContext(nothing -> outcome.complete(how));
    }

    /** Lets the bytes go, then answers: what a log does that knows. */
    void settlesAndEnds(AppendOutcome how) {
      settled.run();
      ends(how);
    }
  }

  private final BlockingQueue<Append> waiting = new LinkedBlockingQueue<>();
  private final List<LandingRecord> records = new CopyOnWriteArrayList<>();
  private volatile boolean holds;
  private volatile Fault fault = Fault.NONE;

  /** What goes wrong with each append. */
  enum Fault {
    NONE,
    /** It throws, before it has done anything. */
    THROWS,
    /** It throws after it has let the bytes go. */
    SETTLES_AND_THROWS,
    /** Its future fails, and it never lets the bytes go. */
    FAILS,
    /** It lets the bytes go again and again, before and after it has answered. */
    SETTLES_TWICE
  }

  void has(Fault fault) {
    this.fault = fault;
  }

  /** From now on, appends wait for the test; otherwise they are acknowledged at once. */
  void holds() {
    holds = true;
  }

  /** The next append that waits. */
  Append next() throws InterruptedException {
    Append append = waiting.poll(5, TimeUnit.SECONDS);
    if (append == null) {
      throw new AssertionError("nothing was appended");
    }
    return append;
  }

  /** Everything that was to be appended. */
  List<LandingRecord> records() {
    return List.copyOf(records);
  }

  @Override
  public Future<AppendOutcome> append(LandingRecord record, Duration within, Runnable settled) {
    if (fault == Fault.SETTLES_AND_THROWS) {
      settled.run();
    }
    if (fault == Fault.THROWS || fault == Fault.SETTLES_AND_THROWS) {
      throw new IllegalStateException("a bug in the log");
    }
    if (fault == Fault.FAILS) {
      return Future.failedFuture(new IllegalStateException("a bug in the log"));
    }
    records.add(record);
    Context context = Vertx.currentContext();
    if (context == null) {
      throw new AssertionError("an append belongs on an event loop");
    }
    Promise<AppendOutcome> outcome = Promise.promise();
    Append append = new Append(record, within, settled, outcome, context);
    if (holds) {
      waiting.add(append);
    } else {
      append.settlesAndEnds(AppendOutcome.BY_KAFKA);
      if (fault == Fault.SETTLES_TWICE) {
        settled.run();
        context.runOnContext(nothing -> settled.run());
      }
    }
    return outcome.future();
  }
}
