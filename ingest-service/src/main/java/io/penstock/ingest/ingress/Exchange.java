package io.penstock.ingest.ingress;

import io.penstock.ingest.delivery.Reason;
import io.penstock.ingest.landing.AppendOutcome;
import io.penstock.ingest.landing.LandingRecord;
import io.penstock.ingest.source.Source;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.function.Supplier;

/**
 * The conversation with a client about one request: its head, the parts of its body, its one
 * answer. What to do with a body is up to the {@link Receiver}, which changes as the delivery moves
 * on: route and limits here, then {@link Reception} (screen, read, authenticate) and {@link Intake}
 * (identify, record, append). Lives on one event loop.
 *
 * <p>A request that gets its answer before its body has arrived is read to the end all the same,
 * within bounds, since most clients read no answer before they have sent everything; nothing of it
 * is kept.
 */
final class Exchange {

  /** In bytes: how much is read of a body that nothing is done with, before the connection ends. */
  private static final long MAX_DISCARDED = 128L * 1024 * 1024;

  private enum Reply {
    /** The client waits for it. */
    OWED,
    /** It is decided and not handed to Vert.x yet; or the client has gone without one. */
    DECIDED,
    /** Vert.x has it. */
    SENT,
    /** Vert.x has it, and its connection ends with it. */
    SENT_AS_LAST
  }

  private final IngressContext ingress;
  private final OpenConnections connections;
  private final Connection connection;
  private final HttpServerRequest request;
  private final String receiptId;
  private final Account account;

  private Receiver receiver = Receiver.NONE;
  private Reply reply = Reply.OWED;

  /** How many bytes of the body have arrived. */
  private long received;

  /** Whether this is counted among the requests that a shutdown waits for. */
  private boolean counted;

  private boolean toldToContinue;

  Exchange(
      IngressContext ingress,
      OpenConnections connections,
      Connection connection,
      HttpServerRequest request) {
    this.ingress = ingress;
    this.connections = connections;
    this.connection = connection;
    this.request = request;
    this.receiptId = ingress.receiptIds().next();
    this.account = new Account(ingress, receiptId);
  }

  /** Takes the request's head; the rest follows as it arrives. */
  void begin() {
    connection.headEnded(connections.now(), () -> guarded(this::gone));
    guarded(
        () -> {
          request.exceptionHandler(cause -> guarded(this::gone));
          request.handler(chunk -> guarded(() -> chunk(chunk)));
          request.endHandler(end -> guarded(this::ended));
          counted = ingress.underWay().enter();
          route();
        });
  }

  private void route() {
    WebhookPath path = WebhookPath.parse(request.path());
    Source source = path == null ? null : ingress.sources().byName(path.source());
    if (path == null || source == null || (path.token() != null && !source.takesUrlToken())) {
      refuse(Reason.UNKNOWN_SOURCE);
      return;
    }
    account.routed(source);
    if (Handshake.answers(this, source, path, request)) {
      return;
    }
    if (!request.method().equals(HttpMethod.POST)) {
      refuse(
          Handshake.takesGet(source)
              ? RefusalDecision.NEITHER_GET_NOR_POST
              : RefusalDecision.of(Reason.METHOD_NOT_ALLOWED));
      return;
    }
    Routed routed = Routed.to(source, path, request);
    if (routed.declaredLength() > source.maxBodySize()) {
      refuse(Reason.PAYLOAD_TOO_LARGE);
    } else if (!counted) {
      refuse(Reason.SHUTTING_DOWN);
    } else {
      new Reception(this, ingress, routed).screen();
    }
  }

  // Faults.

  /** A piece of work that may throw. */
  interface Step {
    void go();
  }

  /**
   * Every way in: from Vert.x, from a future, from a timer. Whatever is thrown, the request gets an
   * answer or its connection ends, and nothing of it is held or counted any longer.
   */
  void guarded(Step step) {
    try {
      step.go();
    } catch (Throwable e) {
      fault(e);
    }
  }

  private void fault(Throwable cause) {
    account.report("A request could not be handled", cause);
    try {
      if (isOwed()) {
        refuse(RefusalDecision.because(Reason.OVERLOADED, RefusalWords.FAULT));
      }
    } catch (Throwable e) {
      account.report("A request could not be refused", e);
    } finally {
      if (reply == Reply.OWED || reply == Reply.DECIDED) {
        decided();
        leave();
        connections.close(connection, Connection.Cause.FAILED);
      }
      connection.theirTurnAgain(connections.now());
    }
  }

  // What the client sends.

  /** Goes on to another step, which takes over what the one before it held. */
  void proceed(Receiver next) {
    receiver = next;
  }

  /** Goes on to a step that reads the body, and asks for the body if the client waits to be. */
  void read(Receiver next) {
    receiver = next;
    if (waitsForContinue()) {
      toldToContinue = true;
      request.response().writeContinue();
    }
  }

  /** Whether the client sends the body only when it is told to (RFC 9110, section 10.1.1). */
  private boolean waitsForContinue() {
    return !toldToContinue
        && received == 0
        && !connection.hasBodyEnded()
        && request.version() != HttpVersion.HTTP_1_0
        && ListHeaders.lists(request.headers().getAll(HttpHeaders.EXPECT), "100-continue");
  }

  private void chunk(Buffer chunk) {
    received += chunk.length();
    if (isOwed()) {
      receiver.chunk(chunk);
    } else if (received > MAX_DISCARDED) {
      connections.end(connection);
    }
  }

  private void ended() {
    connection.bodyEnded(connections.now());
    if (isOwed()) {
      receiver.ended();
    } else if (!connection.isBusy()) {
      closeIfLast(); // otherwise once the answer is written
    }
  }

  /** The connection's end. */
  private void gone() {
    try {
      if (isOwed()) {
        decided();
        account.abandoned();
      }
    } finally {
      leave();
    }
  }

  /** How many bytes of the body have arrived. */
  long received() {
    return received;
  }

  /** Reads no more from the client, whose time stands still, until {@link #letClientGoOn}. */
  void holdClient() {
    connection.ourTurn(connections.now());
  }

  /** From here on the client takes the time. */
  void letClientGoOn() {
    connection.theirTurnAgain(connections.now());
  }

  /** Goes on with a body that had arrived while the client was held, such as an empty one. */
  void endIfBodyIsHere() {
    if (connection.hasBodyEnded() && isOwed()) {
      ended();
    }
  }

  /** The client is authenticated as its source's sender. */
  void proven() {
    connections.proven(connection);
  }

  // What the steps need.

  String receiptId() {
    return receiptId;
  }

  Account account() {
    return account;
  }

  /** What follows the result of something that was waited for. */
  interface Continuation<T> {
    void with(AsyncResult<T> result);
  }

  /**
   * Goes on when a future is done, unless there is an answer by then. Answers at the deadline if
   * the future is not done.
   */
  <T> void whenDone(Future<T> future, AnswerDeadline deadline, Continuation<T> next) {
    if (future.isComplete()) {
      future.onComplete(result -> guarded(() -> goOn(next, result)));
      return;
    }
    long timer =
        ingress
            .vertx()
            .setTimer(
                Math.max(1, deadline.left().toMillis()),
                id ->
                    guarded(
                        () -> {
                          if (isOwed()) {
                            refuse(
                                RefusalDecision.because(
                                    Reason.OVERLOADED, RefusalWords.NO_ANSWER_IN_TIME));
                          }
                        }));
    future.onComplete(
        result ->
            guarded(
                () -> {
                  ingress.vertx().cancelTimer(timer);
                  goOn(next, result);
                }));
  }

  private <T> void goOn(Continuation<T> next, AsyncResult<T> result) {
    if (isOwed()) {
      next.with(result);
    }
  }

  // Answer.

  /** Whether the client still waits for its answer. */
  boolean isOwed() {
    return reply == Reply.OWED;
  }

  /** From here on nothing is held but what the answer needs. */
  private void decided() {
    reply = Reply.DECIDED;
    Receiver dismissed = receiver;
    receiver = Receiver.NONE;
    dismissed.dismissed();
  }

  /** Answers that the delivery is durable. */
  void acknowledge(AppendOutcome.Acknowledged how, LandingRecord.Event event) {
    decided();
    account.acknowledged(how, event);
    boolean last = announceLast(false);
    send(() -> Answers.acknowledge(request.response()), last);
  }

  /** Answers a challenge with its own text. */
  void repeat(String text) {
    decided();
    boolean last = announceLast(false);
    send(() -> Answers.repeat(request.response(), text), last);
  }

  /** Answers that the delivery is refused, for a reason that says it all. */
  void refuse(Reason reason) {
    refuse(RefusalDecision.of(reason));
  }

  /**
   * Answers that the source has had all deliveries that it may have for now.
   *
   * @param nanos after which it may have another
   */
  void refuseFor(long nanos) {
    Answers.retryAfter(request.response(), nanos);
    refuse(Reason.RATE_LIMITED);
  }

  /** Answers that the delivery is refused. */
  void refuse(RefusalDecision refusal) {
    account.refused(refusal.reason());
    answer(refusal);
  }

  /** Answers that the sender must try again: it is not known whether the delivery is kept. */
  void leaveOpen(Reason reason) {
    account.unknown(reason);
    answer(RefusalDecision.leftOpen(reason));
  }

  private void answer(RefusalDecision refusal) {
    decided();
    connection.theirTurnAgain(connections.now());
    // A client that waits for "100 Continue" may or may not send the body now: what follows could
    // be either, so nothing may follow.
    boolean last = announceLast(refusal.reason() == Reason.SHUTTING_DOWN || waitsForContinue());
    send(() -> Answers.refuse(request.response(), refusal), last);
    // Only now: no client may be able to measure how much there is to note.
    account.note(refusal, request, received);
  }

  /**
   * Says so where a connection ends with this answer, so that its client finds another instance.
   *
   * @return whether it does
   */
  private boolean announceLast(boolean inAnyCase) {
    boolean last =
        inAnyCase
            || connection.isInputEnded()
            || ingress.isLeaving()
            || connections.isOld(connection);
    if (last) {
      Answers.last(request.response());
    }
    return last;
  }

  private void send(Supplier<Future<Void>> writing, boolean last) {
    connection.answering(connections.now());
    Future<Void> written = writing.get();
    reply = last ? Reply.SENT_AS_LAST : Reply.SENT;
    written.onComplete(result -> guarded(() -> written(result)));
  }

  private void written(AsyncResult<Void> result) {
    leave();
    connection.answered(connections.now());
    if (result.failed()) {
      ingress.troubles().memory(result.cause());
    }
    closeIfLast();
  }

  private void closeIfLast() {
    if (connection.hasBodyEnded() && (reply == Reply.SENT_AS_LAST || connection.isInputEnded())) {
      connections.end(connection);
    }
  }

  /** A shutdown waits for this exchange no longer: its answer is on its way. */
  private void leave() {
    if (counted) {
      counted = false;
      ingress.underWay().leave();
    }
  }
}
