package io.penstock.ingest.ingress;

import io.vertx.core.http.HttpConnection;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one connection: what it waits for, since when, and whether its client has ever
 * sent an authenticated request. Belongs to one event loop.
 */
final class Connection {

  /**
   * In bytes a second, on average over a body: a megabyte may take two minutes. Slower than any
   * provider sends, and too much traffic for an attacker that wants to hold many connections.
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
    /** Another needed the place, and no request on this one was authenticated. */
    GAVE_WAY("gave-way"),
    /** There were too many, all of them with an authenticated request. */
    NO_PLACE("no-place"),
    /** What came was no HTTP, or could be read in two ways. */
    INVALID_REQUEST("invalid-request"),
    /** Its client sent more before it had the answer to what it sent first. */
    PIPELINED("pipelined"),
    /** Its client takes no answers. */
    UNREAD_ANSWERS("unread-answers"),
    /** The ingress gave no answer long after its time: a fault of its own. */
    UNANSWERED("unanswered"),
    /** Something broke that has to do with this connection alone. */
    FAILED("failed");

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
    IDLE,
    /** The client's, with the rest of a head. */
    HEAD,
    /** The client's, with the rest of a body. */
    BODY,
    /** The ingress's, to answer. */
    ANSWER,
    /** The client's, to take the answer. */
    TAKE
  }

  private enum Answer {
    OWED,
    /** It is written, and some of it may still be in this process. */
    WRITTEN,
    /** The machine's network has all of it. */
    FLUSHED
  }

  /** What the reader of a connection's bytes can do with it. */
  interface Wire {
    /** Ends the connection as TCP and TLS want it, without a wait for what is to be written. */
    void close();

    /** Ends the connection at once; what its client has not taken is lost. */
    void drop();

    /** Ends the connection at once, and leaves nothing of it to the machine either. */
    void reset();

    /** Reads and decodes nothing more, until {@link #goOn}. */
    void hold();

    /** Reads again. */
    void goOn();
  }

  private final HttpConnection http;
  private final Wire wire;
  private final long expires;
  private Turn turn = Turn.HEAD;
  private long since;
  private long received;
  private boolean bodyEnded = true;
  private Answer answer = Answer.FLUSHED;
  private boolean proven;
  private boolean held;
  private boolean closing;
  private boolean inputEnded;
  private Runnable whenGone = () -> {};

  /**
   * @param now as {@link System#nanoTime}, as all times here
   * @param expires when it is old
   */
  Connection(HttpConnection http, Wire wire, long now, long expires) {
    this.http = http;
    this.wire = wire;
    this.since = now;
    this.expires = expires;
  }

  HttpConnection http() {
    return http;
  }

  Wire wire() {
    return wire;
  }

  // What happens on it, in this order.

  void received(int bytes, long now) {
    if (turn == Turn.IDLE) {
      turn = Turn.HEAD;
      since = now;
    }
    received += bytes;
  }

  /**
   * @param gone what is to be done if the connection ends
   */
  void headEnded(long now, Runnable gone) {
    bodyEnded = false;
    answer = Answer.OWED;
    whenGone = gone;
    theirTurn(now);
  }

  /** What the client may send from now on is what it is measured by. */
  void theirTurn(long now) {
    turn = Turn.BODY;
    since = now;
    received = 0;
  }

  /** Whether nothing more of its request is decoded for now. */
  boolean isHeld() {
    return held;
  }

  /** The client is made to wait, and no more is read of what it sends: its time stands still. */
  void ourTurn(long now) {
    turn = Turn.ANSWER;
    since = now;
    held = true;
    wire.hold();
  }

  /** It need not wait any longer; nothing where it does not. */
  void theirTurnAgain(long now) {
    if (held) {
      held = false;
      theirTurn(now);
      wire.goOn();
    }
  }

  /** A request on this connection is authenticated. */
  void proven() {
    proven = true;
  }

  boolean isProven() {
    return proven;
  }

  void bodyEnded(long now) {
    bodyEnded = true;
    requestMovesOn(now);
  }

  /** The answer is about to be written. */
  void answering(long now) {
    answer = Answer.WRITTEN;
    requestMovesOn(now);
  }

  /** The answer is on its way. */
  void answered(long now) {
    answer = Answer.FLUSHED;
    requestMovesOn(now);
  }

  private void requestMovesOn(long now) {
    if (bodyEnded) {
      since = now;
      turn =
          switch (answer) {
            case OWED -> Turn.ANSWER;
            case WRITTEN -> Turn.TAKE;
            case FLUSHED -> Turn.IDLE;
          };
    }
  }

  /** The client sends no more, and may still read. */
  void inputEnded() {
    inputEnded = true;
  }

  /** Its end has begun. */
  void closing(long now) {
    closing = true;
    since = now;
  }

  /** It is closed. */
  void gone() {
    closing = true;
    Runnable then = whenGone;
    whenGone = () -> {};
    then.run();
  }

  // What follows from it.

  /** Whether a request is under way: its body or its answer is not complete yet. */
  boolean isBusy() {
    return answer != Answer.FLUSHED || !bodyEnded;
  }

  /** Whether a request is here as a whole, and its answer is not through yet. */
  boolean isOwedAnAnswer() {
    return bodyEnded && answer != Answer.FLUSHED;
  }

  /** Whether all of the request's body has arrived, or none is under way. */
  boolean hasBodyEnded() {
    return bodyEnded;
  }

  boolean isInputEnded() {
    return inputEnded;
  }

  boolean isClosing() {
    return closing;
  }

  boolean isOld(long now) {
    return now - expires >= 0;
  }

  /**
   * Why this connection is to be closed now; null if it may stay.
   *
   * @param answerTimeout longer than any answer may take
   */
  @Nullable Cause overdue(
      long now, Duration requestTimeout, Duration idleTimeout, Duration answerTimeout) {
    long waited = now - since;
    if (closing) {
      return waited > requestTimeout.toNanos() ? Cause.UNREAD_ANSWERS : null;
    }
    return switch (turn) {
      case ANSWER -> waited > answerTimeout.toNanos() ? Cause.UNANSWERED : null;
      case TAKE -> waited > requestTimeout.toNanos() ? Cause.UNREAD_ANSWERS : null;
      case HEAD -> waited > requestTimeout.toNanos() ? Cause.SLOW_HEAD : null;
      case BODY -> {
        long excused = TimeUnit.SECONDS.toNanos(received / SLOWEST_BODY);
        yield waited > requestTimeout.toNanos() + excused ? Cause.SLOW_BODY : null;
      }
      case IDLE -> {
        if (waited > idleTimeout.toNanos()) {
          yield Cause.IDLE;
        }
        yield isOld(now) ? Cause.AGE : null;
      }
    };
  }
}
