package io.penstock.ingest.ingress;

import io.vertx.core.http.HttpConnection;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one connection: whose turn it is, since when, and whether whoever is at its
 * other end has ever proved to be somebody. Belongs to one event loop.
 */
final class Connection {

  /**
   * In bytes a second, on average over a body: a megabyte may take two minutes. Slower than any
   * line that a provider has, and more than somebody pays who wants to hold many.
   */
  static final int SLOWEST_BODY = 8 * 1024;

  /** Why a connection was closed that its client did not close. */
  enum Cause {
    /** It waited too long for a request. */
    IDLE("idle"),
    /** It is so old that its client should look for another instance. */
    AGE("age"),
    /** The head of a request did not come to its end. */
    SLOW_HEAD("slow-head"),
    /** A body came too slowly. */
    SLOW_BODY("slow-body"),
    /** Others needed the place, and whoever had it had not proved anything. */
    GAVE_WAY("gave-way"),
    /** There were too many, all of whom had proved to be somebody. */
    NO_PLACE("no-place"),
    /** What came was no HTTP, or could be read in two ways. */
    INVALID_REQUEST("invalid-request"),
    /** Its client sends on and on, and takes no answers. */
    UNREAD_ANSWERS("unread-answers");

    private final String label;

    Cause(String label) {
      this.label = label;
    }

    /** Its name in metrics. */
    String label() {
      return label;
    }
  }

  private enum Turn {
    /** Nothing of a request has come. */
    NOBODYS,
    /** The client's, with the rest of a head. */
    HEAD,
    /** The client's, with the rest of a body. */
    BODY,
    /** Ours. */
    ANSWER
  }

  private final HttpConnection http;
  private final long expires;
  private Turn turn = Turn.HEAD;
  private long since;
  private long received;
  private boolean bodyEnded = true;
  private boolean answered = true;
  private boolean proven;

  /**
   * @param now as {@link System#nanoTime}, as all times here
   * @param expires when it is old
   */
  Connection(HttpConnection http, long now, long expires) {
    this.http = http;
    this.since = now;
    this.expires = expires;
  }

  HttpConnection http() {
    return http;
  }

  // What happens on it, in this order.

  void received(int bytes, long now) {
    if (turn == Turn.NOBODYS) {
      turn = Turn.HEAD;
      since = now;
    }
    received += bytes;
  }

  void headEnded(long now) {
    bodyEnded = false;
    answered = false;
    theirTurn(now);
  }

  /** What the client may send from now on is what it is measured by. */
  void theirTurn(long now) {
    turn = Turn.BODY;
    since = now;
    received = 0;
  }

  /** The client may be made to wait: its time stands still. */
  void ourTurn() {
    turn = Turn.ANSWER;
  }

  /** Whoever sends here has proved to be who it should be. */
  void proven() {
    proven = true;
  }

  boolean isProven() {
    return proven;
  }

  void bodyEnded(long now) {
    bodyEnded = true;
    requestEnded(now);
  }

  void answered(long now) {
    answered = true;
    requestEnded(now);
  }

  private void requestEnded(long now) {
    if (bodyEnded) {
      turn = answered ? Turn.NOBODYS : Turn.ANSWER;
      since = now;
    }
  }

  // What follows from it.

  /** Whether a request has been begun here and is not answered yet. */
  boolean isBusy() {
    return !answered || !bodyEnded;
  }

  boolean isOld(long now) {
    return now - expires >= 0;
  }

  /** Why this connection is to be closed now; null if it may stay. */
  @Nullable Cause overdue(long now, Duration requestTimeout, Duration idleTimeout) {
    long waited = now - since;
    return switch (turn) {
      case ANSWER -> null; // our own deadlines end it
      case HEAD -> waited > requestTimeout.toNanos() ? Cause.SLOW_HEAD : null;
      case BODY -> {
        long excused = TimeUnit.SECONDS.toNanos(received / SLOWEST_BODY);
        yield waited > requestTimeout.toNanos() + excused ? Cause.SLOW_BODY : null;
      }
      case NOBODYS -> {
        if (waited > idleTimeout.toNanos()) {
          yield Cause.IDLE;
        }
        yield isOld(now) ? Cause.AGE : null;
      }
    };
  }
}
