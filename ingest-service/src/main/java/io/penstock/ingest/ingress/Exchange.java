package io.penstock.ingest.ingress;

import io.penstock.ingest.auth.Verdict;
import io.penstock.ingest.delivery.DeduplicationId;
import io.penstock.ingest.delivery.Reason;
import io.penstock.ingest.delivery.Traceparent;
import io.penstock.ingest.json.JsonScan;
import io.penstock.ingest.landing.AppendOutcome;
import io.penstock.ingest.landing.LandingRecord;
import io.penstock.ingest.provider.Identification;
import io.penstock.ingest.source.Source;
import io.penstock.ingest.tracing.DeliverySpan;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way to an answer, in the order of this page: route, limits, screen, read,
 * authenticate, identify, append, answer. Lives on one event loop.
 *
 * <p>A request that gets its answer before its body has come is read to the end all the same,
 * within bounds, since most clients read no answer before they have sent everything; nothing of it
 * is kept.
 */
final class Exchange {

  /**
   * In bytes; an unfriendly body of this size takes some tens of milliseconds to scan. A larger one
   * is scanned elsewhere.
   */
  private static final int MOST_ON_EVENT_LOOP = 128 * 1024;

  /**
   * How much is read of a body that nobody wants, before the connection is closed on its sender.
   */
  private static final long MAX_DISCARDED = 128L * 1024 * 1024;

  private static final byte[] NO_BODY = {};

  private static final JsonScan ANY_JSON = JsonScan.of("type");

  private final IngressContext ingress;
  private final Connections connections;
  private final Connection connection;
  private final HttpServerRequest request;
  private final long started;
  private final String receiptId;

  private @Nullable Source source;
  private @Nullable String urlToken;
  private SourceMeters meters;
  private Verdict verdict = Verdict.REFUSED;
  private @Nullable HttpRequestHead head;
  private @Nullable BodyCollector collector;
  private @Nullable DeliverySpan span;
  private Admission.@Nullable Lease lease;
  private long received;
  private boolean ended;
  private boolean answered;
  private boolean sent;
  private boolean counted;
  private boolean toldToGoOn;
  private boolean closing;

  /** When its sender began to wait for us alone; negative before. */
  private long waitsSince = -1;

  Exchange(
      IngressContext ingress,
      Connections connections,
      Connection connection,
      HttpServerRequest request) {
    this.ingress = ingress;
    this.connections = connections;
    this.connection = connection;
    this.request = request;
    this.started = System.nanoTime();
    this.receiptId = ingress.receiptIds().next();
    this.meters = ingress.meters(null);
  }

  /** Takes the request's head; the rest follows as it arrives. */
  void begin() {
    connection.headEnded(connections.now(), () -> guarded(this::gone));
    guarded(
        () -> {
          request.exceptionHandler(cause -> guarded(this::gone));
          request.handler(chunk -> guarded(() -> chunk(chunk)));
          request.endHandler(end -> guarded(this::ended));
          counted = ingress.enter();
          decide();
        });
  }

  // Faults.

  private interface Step {
    void go();
  }

  /**
   * Every way in: from Vert.x, from a future, from a timer. Whatever is thrown, the request gets an
   * answer or its connection's end, and nothing of it is held or counted any longer.
   */
  private void guarded(Step step) {
    try {
      step.go();
    } catch (Throwable e) {
      fault(e);
    }
  }

  private void fault(Throwable cause) {
    report("A request could not be handled", cause);
    try {
      if (!answered) {
        refuse(Reason.OVERLOADED);
      }
    } catch (Throwable e) {
      report("A request could not be refused", e);
    } finally {
      if (!sent) {
        answered = true;
        collector = null;
        release();
        leave();
        connections.close(connection, Connection.Cause.FAILED);
      }
      connection.theirTurnAgain(connections.now());
    }
  }

  private void report(String what, Throwable cause) {
    ingress
        .troubles()
        .report(what, source == null ? SourceMeters.NOBODY : source.name(), receiptId, cause);
  }

  /** Says or counts something: no reason for a delivery to end otherwise. */
  private void aside(Step step) {
    try {
      step.go();
    } catch (Throwable e) {
      report("What became of a request could not be recorded", e);
    }
  }

  private void decide() {
    Reason refusal = route();
    if (refusal != null) {
      refuse(refusal);
      return;
    }
    long declared = declaredLength();
    refusal = limits(declared);
    if (refusal != null) {
      refuse(refusal);
      return;
    }
    HttpRequestHead asked = requestHead();
    head = asked;
    verdict = theSource().authentication().screen(asked);
    switch (verdict) {
      case OVERLOADED -> refuse(Reason.OVERLOADED);
      case REFUSED -> read(null);
      case ACCEPTED -> accept(declared);
      case UNDECIDED -> verifyLater(asked, declared);
    }
  }

  /** Who is not known yet is counted apart, and nothing is held for what it merely announces. */
  private void verifyLater(HttpRequestHead asked, long declared) {
    Admission.Lease taken = ingress.admission().unknown(theSource());
    lease = taken;
    if (taken == null) {
      refuse(Reason.OVERLOADED);
    } else if (!theSource().authentication().needsBody()) {
      verifyBeforeBody(asked, declared);
    } else if (declared > 0 && !taken.couldHold(Admission.DELIVERY_OVERHEAD + 2 * declared)) {
      refuse(Reason.OVERLOADED);
    } else {
      read(BodyCollector.growing());
    }
  }

  /** Whoever is not known yet has to wait with the body: nothing of it is held meanwhile. */
  private void verifyBeforeBody(HttpRequestHead asked, long declared) {
    connection.ourTurn(connections.now());
    beginToWait();
    whenDone(
        theSource().authentication().verify(asked, NO_BODY),
        result -> {
          // From here on its sender takes the time.
          connection.theirTurnAgain(connections.now());
          if (!answered) {
            waitsSince = -1;
            verdict = decided(result);
            switch (verdict) {
              case ACCEPTED -> accept(declared);
              case REFUSED -> read(null);
              case OVERLOADED, UNDECIDED -> refuse(Reason.OVERLOADED);
            }
            if (ended && !answered) {
              ended(); // all of it was here before
            }
          }
        });
  }

  private Verdict decided(AsyncResult<Verdict> result) {
    if (result.failed()) {
      report("A sender could not be authenticated", result.cause());
      return Verdict.OVERLOADED;
    }
    return result.result();
  }

  /** Who is known may have room for as much as it says, at once. */
  private void accept(long declared) {
    release(); // what it held among strangers
    lease = ingress.admission().known(theSource(), Math.max(declared, 0));
    Reason refusal = lease == null ? Reason.OVERLOADED : known();
    if (refusal != null) {
      refuse(refusal);
    } else {
      read(declared < 0 ? BodyCollector.growing() : BodyCollector.exactly((int) declared));
    }
  }

  /** What is done once for each delivery whose sender is known, whatever else becomes of it. */
  private @Nullable Reason known() {
    connections.proven(connection);
    long wait = ingress.tryTakeToken(theSource());
    if (wait > 0) {
      Answers.retryAfter(request.response(), wait);
      return Reason.RATE_LIMITED;
    }
    return null;
  }

  /**
   * @param kept what keeps the body; null for a stranger's, which is only counted: too large a body
   *     gets the same answer from anybody
   */
  private void read(@Nullable BodyCollector kept) {
    collector = kept;
    if (kept == null) {
      release(); // nothing of a stranger's body is held
    }
    if (waitsForContinue()) {
      toldToGoOn = true;
      request.response().writeContinue();
    }
  }

  /** Whether the body comes only when we say so (RFC 9110, section 10.1.1). */
  private boolean waitsForContinue() {
    return !toldToGoOn
        && received == 0
        && !ended
        && request.version() != HttpVersion.HTTP_1_0
        && ListHeaders.lists(request.headers().getAll(HttpHeaders.EXPECT), "100-continue");
  }

  // Route.

  private @Nullable Reason route() {
    WebhookPath path = WebhookPath.parse(request.path());
    Source found = path == null ? null : ingress.sources().byName(path.source());
    if (path == null || found == null || (path.token() != null && !found.takesUrlToken())) {
      return Reason.UNKNOWN_SOURCE;
    }
    source = found;
    urlToken = path.token();
    meters = ingress.meters(found);
    return request.method().equals(HttpMethod.POST) ? null : Reason.METHOD_NOT_ALLOWED;
  }

  // Limits.

  private @Nullable Reason limits(long declared) {
    if (declared > theSource().maxBodySize()) {
      return Reason.PAYLOAD_TOO_LARGE;
    }
    return counted ? null : Reason.SHUTTING_DOWN;
  }

  /** The declared length; negative where the body is chunked. */
  private long declaredLength() {
    String text = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    try {
      return text == null ? -1 : Long.parseLong(text.strip());
    } catch (NumberFormatException e) {
      return Long.MAX_VALUE;
    }
  }

  private void release() {
    Admission.Lease held = lease;
    lease = null;
    if (held != null) {
      held.release();
    }
  }

  // Read.

  private void chunk(Buffer chunk) {
    received += chunk.length();
    if (answered) {
      if (received > MAX_DISCARDED) {
        connections.end(connection);
      }
      return;
    }
    if (received > theSource().maxBodySize()) {
      refuse(Reason.PAYLOAD_TOO_LARGE);
      return;
    }
    BodyCollector kept = collector;
    if (kept == null) {
      return;
    }
    if (!holds(kept.cost(chunk.length()))) {
      refuse(Reason.OVERLOADED);
      return;
    }
    kept.add(chunk);
  }

  private boolean holds(long bytes) {
    return lease != null && lease.resize(Admission.DELIVERY_OVERHEAD + bytes);
  }

  /** The connection's end. */
  private void gone() {
    try {
      if (!answered) {
        answered = true;
        collector = null;
        release();
        aside(meters::abandoned);
        aside(() -> endSpan("abandoned"));
      }
    } finally {
      leave();
    }
  }

  // Authenticate.

  private void ended() {
    ended = true;
    connection.bodyEnded(connections.now());
    if (answered) {
      if (!connection.isBusy()) {
        closeIfLast(); // otherwise once the answer is written
      }
      return;
    }
    BodyCollector kept = collector;
    if (kept == null && verdict == Verdict.UNDECIDED) {
      return; // it has no body, and its sender is not known yet: goes on with the verdict
    }
    if (kept == null) {
      refuse(Reason.AUTHENTICATION_FAILED);
      return;
    }
    collector = null;
    byte[] body = kept.body();
    beginToWait();
    holds(body.length); // less than before: the pieces are gone
    if (verdict == Verdict.ACCEPTED) {
      authentic(body);
      return;
    }
    HttpRequestHead asked = head == null ? requestHead() : head;
    whenDone(
        theSource().authentication().verify(asked, body),
        result -> {
          if (answered) {
            return;
          }
          switch (decided(result)) {
            case ACCEPTED -> becomesKnown(body);
            case REFUSED -> refuse(Reason.AUTHENTICATION_FAILED);
            case OVERLOADED, UNDECIDED -> refuse(Reason.OVERLOADED);
          }
        });
  }

  private void becomesKnown(byte[] body) {
    boolean room = lease != null && lease.becomesKnown();
    Reason refusal = room ? known() : Reason.OVERLOADED;
    if (refusal != null) {
      refuse(refusal);
    } else {
      authentic(body);
    }
  }

  // Identify.

  /**
   * What a provider's rules make of a body.
   *
   * @param identification null where they were not asked, since the body is compressed
   * @param kept the body as it may be written
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Examined(
      @Nullable Identification identification, Map<String, String> headers, byte[] kept) {}

  private void authentic(byte[] body) {
    aside(() -> meters.authentic(body.length));
    // Only now: a stranger's request leaves no trace, whatever it asks for.
    aside(this::beginSpan);
    Map<String, String> headers = keptHeaders();
    boolean isPlain = ListHeaders.isPlain(request.headers().getAll(HttpHeaders.CONTENT_ENCODING));
    if (body.length <= MOST_ON_EVENT_LOOP) {
      Examined examined;
      try {
        examined = examine(body, headers, isPlain);
      } catch (RuntimeException | StackOverflowError e) {
        failed(e);
        return;
      }
      examined(examined);
      return;
    }
    whenDone(
        ingress.vertx().executeBlocking(() -> examine(body, headers, isPlain), false),
        result -> {
          if (answered) {
            return;
          }
          if (result.succeeded()) {
            examined(result.result());
          } else {
            failed(result.cause());
          }
        });
  }

  private void beginSpan() {
    String traceparent = request.getHeader("traceparent");
    span =
        ingress
            .tracing()
            .receive(
                theSource().name(),
                theSource().provider().name(),
                receiptId,
                traceparent != null && Traceparent.isWellFormed(traceparent) ? traceparent : null,
                ingress.clock().millis()
                    - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started));
  }

  /** A bug in a provider's rules is not the sender's fault, and a fixed version may take it. */
  private void failed(Throwable cause) {
    report("A delivery could not be examined", cause);
    refuse(Reason.OVERLOADED);
  }

  /**
   * Where the sender is known, its body decides, whatever it is called: what is JSON was not coded,
   * though a header says so.
   */
  private Examined examine(byte[] body, Map<String, String> headers, boolean isPlain) {
    boolean isReadable = isPlain || !(ANY_JSON.scan(body) instanceof JsonScan.Malformed);
    byte[] kept = theSource().redact(body);
    return new Examined(
        isReadable ? theSource().provider().identify(body, headers) : null, headers, kept);
  }

  private Map<String, String> keptHeaders() {
    List<String> names = theSource().provider().headers();
    if (names.isEmpty()) {
      return Map.of();
    }
    Map<String, String> kept = new HashMap<>();
    for (String name : names) {
      String value = request.getHeader(name);
      if (value != null) {
        kept.put(name, value);
      }
    }
    return kept;
  }

  private void examined(Examined examined) {
    switch (examined.identification()) {
      case null ->
          unidentified(
              Reason.UNSUPPORTED_CONTENT_TYPE, "the body has a Content-Encoding", examined);
      case Identification.Identified identified -> identified(identified, examined);
      case Identification.Malformed malformed ->
          unidentified(Reason.MALFORMED_JSON, malformed.detail(), examined);
      case Identification.Missing missing ->
          unidentified(Reason.MISSING_IDENTITY, missing.detail(), examined);
    }
  }

  private void identified(Identification.Identified identified, Examined examined) {
    List<String> parts = identified.uniqueParts();
    DeduplicationId id =
        DeduplicationId.of(theSource().name(), identified.entityKey(), parts, receiptId);
    append(
        new LandingRecord.Event(
            envelope(identified.entityKey(), examined),
            id,
            parts.isEmpty() ? theSource().equalWithin() : null),
        outcome -> {
          switch (outcome) {
            case AppendOutcome.Acknowledged acknowledged -> acknowledge(acknowledged.by());
            case AppendOutcome.Refused refused -> refuse(refused.reason());
            case AppendOutcome.Unknown unknown -> leaveOpen(unknown.reason());
          }
        });
  }

  /** What is authentic is kept, whatever it is; only then its sender hears that it was refused. */
  private void unidentified(Reason reason, String detail, Examined examined) {
    append(
        new LandingRecord.Refusal(envelope(receiptId, examined), reason, detail),
        outcome -> {
          switch (outcome) {
            case AppendOutcome.Acknowledged acknowledged ->
                refuse(reason, detail, theSource().provider().headersOfFinalRefusals());
            case AppendOutcome.Refused refused -> refuse(refused.reason());
            case AppendOutcome.Unknown unknown -> leaveOpen(unknown.reason());
          }
        });
  }

  private LandingRecord.Envelope envelope(String key, Examined examined) {
    return new LandingRecord.Envelope(
        theSource().name(),
        theSource().provider().name(),
        receiptId,
        ingress.clock().millis(),
        key,
        request.getHeader(HttpHeaders.CONTENT_TYPE),
        span == null ? null : span.traceparent(),
        examined.headers(),
        examined.kept());
  }

  // The deadline.

  /** The sender has done its part: from here on the source's deadline runs. */
  private void beginToWait() {
    waitsSince = System.nanoTime();
  }

  private Duration left() {
    Duration left =
        theSource()
            .acknowledgementDeadline()
            .minusNanos(waitsSince < 0 ? 0 : System.nanoTime() - waitsSince);
    return left.isNegative() ? Duration.ZERO : left;
  }

  private interface Continuation<T> {
    void with(AsyncResult<T> result);
  }

  /** Answers in time also where what is waited for does not; the append keeps its time itself. */
  private <T> void whenDone(Future<T> future, Continuation<T> next) {
    if (future.isComplete()) {
      future.onComplete(result -> guarded(() -> next.with(result)));
      return;
    }
    long timer =
        ingress
            .vertx()
            .setTimer(
                Math.max(1, left().toMillis()),
                id ->
                    guarded(
                        () -> {
                          if (!answered) {
                            refuse(Reason.OVERLOADED);
                          }
                        }));
    future.onComplete(
        result ->
            guarded(
                () -> {
                  ingress.vertx().cancelTimer(timer);
                  next.with(result);
                }));
  }

  // Append.

  private interface Answer {
    void to(AppendOutcome outcome);
  }

  private void append(LandingRecord record, Answer answer) {
    // The bytes are Kafka's to hold now, beyond the answer if need be.
    Admission.Lease handedOver = lease;
    lease = null;
    Runnable settled = handedOver == null ? () -> {} : new Once(handedOver::release);
    Future<AppendOutcome> appended;
    try {
      appended = ingress.landingLog().append(record, left(), settled);
    } catch (Throwable e) {
      settled.run();
      throw e;
    }
    appended.onComplete(
        result ->
            guarded(
                () -> {
                  if (handedOver != null) {
                    handedOver.decided();
                  }
                  if (result.failed()) {
                    settled.run();
                    report("A delivery could not be appended", result.cause());
                  }
                  if (!answered) {
                    answer.to(
                        result.succeeded()
                            ? result.result()
                            : new AppendOutcome.Unknown(Reason.KAFKA_UNAVAILABLE));
                  }
                }));
  }

  /** Runs something once, however often and from wherever it is asked for. */
  private static final class Once extends AtomicBoolean implements Runnable {
    private static final long serialVersionUID = 1;
    private final transient Runnable task;

    Once(Runnable task) {
      this.task = task;
    }

    @Override
    public void run() {
      if (compareAndSet(false, true)) {
        task.run();
      }
    }
  }

  // Answer.

  private void acknowledge(AppendOutcome.Keeper by) {
    answered = true;
    release();
    long nanos = System.nanoTime() - started;
    aside(() -> meters.acknowledged(by, nanos));
    aside(() -> endSpan("acknowledged"));
    aside(() -> ingress.deliveryLog().acknowledged(theSource().name(), receiptId, by, nanos));
    lastAnswer(false);
    send(() -> Answers.acknowledge(request.response()));
  }

  private void refuse(Reason reason) {
    refuse(reason, null, Map.of());
  }

  private void refuse(Reason reason, @Nullable String detail, Map<String, String> headers) {
    aside(() -> meters.refused(reason));
    aside(
        () ->
            ingress
                .deliveryLog()
                .refused(source == null ? SourceMeters.NOBODY : source.name(), reason, receiptId));
    answer(reason, detail, headers);
  }

  /**
   * Nobody knows whether it is kept: its sender is to come again, and is told no more than that.
   */
  private void leaveOpen(Reason reason) {
    aside(() -> meters.unknown(reason));
    aside(() -> ingress.deliveryLog().unknown(theSource().name(), reason, receiptId));
    answer(reason, null, Map.of());
  }

  private void answer(Reason reason, @Nullable String detail, Map<String, String> headers) {
    answered = true;
    collector = null;
    release();
    connection.theirTurnAgain(connections.now());
    aside(() -> endSpan(reason.code()));
    // Whoever was to wait for our word may or may not send the body now: what follows could be
    // either, so nothing may follow.
    lastAnswer(reason == Reason.SHUTTING_DOWN || waitsForContinue());
    List<String> challenges = source == null ? List.of() : source.authentication().challenges();
    send(() -> Answers.refuse(request.response(), reason, challenges, detail, headers));
  }

  /** Says where a connection ends with this answer, so that its client finds another instance. */
  private void lastAnswer(boolean atAnyRate) {
    closing =
        atAnyRate
            || connection.isInputEnded()
            || ingress.isLeaving()
            || connections.isOld(connection);
    if (closing) {
      Answers.last(request.response());
    }
  }

  private void send(Supplier<Future<Void>> answer) {
    connection.answering(connections.now());
    Future<Void> written = answer.get();
    sent = true;
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
    if (ended && (closing || connection.isInputEnded())) {
      connections.end(connection);
    }
  }

  private void endSpan(String outcome) {
    if (span != null) {
      span.end(outcome);
    }
  }

  /** Out, once the answer is on its way: a shutdown waits for it. */
  private void leave() {
    if (counted) {
      counted = false;
      ingress.leave();
    }
  }

  private Source theSource() {
    if (source == null) {
      throw new IllegalStateException("the request has not been routed");
    }
    return source;
  }

  private HttpRequestHead requestHead() {
    return new HttpRequestHead(request, urlToken);
  }
}
