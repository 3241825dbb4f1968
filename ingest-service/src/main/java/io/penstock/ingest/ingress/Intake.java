package io.penstock.ingest.ingress;

import io.penstock.ingest.delivery.DeduplicationId;
import io.penstock.ingest.delivery.Reason;
import io.penstock.ingest.json.JsonScan;
import io.penstock.ingest.landing.AppendOutcome;
import io.penstock.ingest.landing.LandingRecord;
import io.penstock.ingest.provider.Identification;
import io.penstock.ingest.source.Source;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Takes an authentic delivery in: identifies its event, makes its record and appends that to the
 * landing log. Lives on the exchange's event loop.
 */
final class Intake implements Receiver {

  /**
   * In bytes; a hostile body of this size takes some tens of milliseconds to scan. A larger one is
   * scanned on a worker thread.
   */
  private static final int MOST_ON_EVENT_LOOP = 128 * 1024;

  private static final JsonScan ANY_JSON = JsonScan.of("type");

  private final Exchange exchange;
  private final IngressContext ingress;
  private final Source source;
  private final HttpRequestHead head;
  private final Admission.Lease lease;
  private final AnswerDeadline deadline;

  /**
   * @param lease of an authenticated sender; released here, or by the landing log
   * @param deadline for the answer
   */
  Intake(
      Exchange exchange,
      IngressContext ingress,
      Source source,
      HttpRequestHead head,
      Admission.Lease lease,
      AnswerDeadline deadline) {
    this.exchange = exchange;
    this.ingress = ingress;
    this.source = source;
    this.head = head;
    this.lease = lease;
    this.deadline = deadline;
  }

  @Override
  public void dismissed() {
    lease.release();
  }

  /** Takes the whole body. */
  void take(byte[] body) {
    exchange.proceed(this);
    String verification = Handshake.verification(source, body);
    if (verification != null) {
      exchange.account().challenged();
      exchange.repeat(verification);
      return;
    }
    // Only now: an unauthenticated request leaves no trace, whatever it asks for.
    exchange.account().authentic(source, head.request(), body.length);
    Map<String, String> headers = keptHeaders();
    boolean isPlain =
        ListHeaders.isPlain(head.request().headers().getAll(HttpHeaders.CONTENT_ENCODING));
    if (body.length <= MOST_ON_EVENT_LOOP) {
      Examined examined;
      try {
        examined = examine(body, headers, isPlain);
      } catch (RuntimeException | StackOverflowError e) {
        failed(e);
        return;
      }
      append(record(examined));
      return;
    }
    exchange.whenDone(
        ingress.vertx().executeBlocking(() -> examine(body, headers, isPlain), false),
        deadline,
        result -> {
          if (result.succeeded()) {
            append(record(result.result()));
          } else {
            failed(result.cause());
          }
        });
  }

  /** A bug in a provider's rules is not the sender's fault, and a fixed version may take it. */
  private void failed(Throwable cause) {
    exchange.account().report("A delivery could not be examined", cause);
    exchange.refuse(RefusalDecision.because(Reason.OVERLOADED, RefusalWords.FAULT));
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

  /**
   * The sender is authenticated, so its body decides whatever a header says: a body that is JSON
   * was not compressed.
   */
  private Examined examine(byte[] body, Map<String, String> headers, boolean isPlain) {
    boolean isReadable = isPlain || !(ANY_JSON.scan(body) instanceof JsonScan.Malformed);
    byte[] kept = source.redact(body);
    return new Examined(
        isReadable ? source.provider().identify(body, headers) : null, headers, kept);
  }

  private Map<String, String> keptHeaders() {
    List<String> names = source.provider().headers();
    if (names.isEmpty()) {
      return Map.of();
    }
    Map<String, String> kept = new HashMap<>();
    for (String name : names) {
      String value = head.header(name);
      if (value != null) {
        kept.put(name, value);
      }
    }
    return kept;
  }

  // Record.

  private LandingRecord record(Examined examined) {
    return switch (examined.identification()) {
      case null ->
          refusal(examined, Reason.UNSUPPORTED_CONTENT_TYPE, "the body has a Content-Encoding");
      case Identification.Identified identified -> event(examined, identified);
      case Identification.Malformed malformed ->
          refusal(examined, Reason.MALFORMED_JSON, malformed.detail());
      case Identification.Missing missing ->
          refusal(examined, Reason.MISSING_IDENTITY, missing.detail());
    };
  }

  private LandingRecord event(Examined examined, Identification.Identified identified) {
    List<String> parts = identified.uniqueParts();
    return new LandingRecord.Event(
        envelope(identified.entityKey(), examined),
        DeduplicationId.of(source.name(), identified.entityKey(), parts, exchange.receiptId()),
        parts.isEmpty() ? source.equalWithin() : null);
  }

  /** An authentic delivery is kept even if it is refused; its sender is answered only then. */
  private LandingRecord refusal(Examined examined, Reason reason, String detail) {
    return new LandingRecord.Refusal(envelope(exchange.receiptId(), examined), reason, detail);
  }

  private LandingRecord.LandingEnvelope envelope(String key, Examined examined) {
    return new LandingRecord.LandingEnvelope(
        source.name(),
        source.provider().name(),
        exchange.receiptId(),
        ingress.clock().millis(),
        key,
        head.request().getHeader(HttpHeaders.CONTENT_TYPE),
        exchange.account().traceparent(),
        examined.headers(),
        examined.kept());
  }

  // Append.

  private void append(LandingRecord record) {
    // The bytes are the landing log's to hold now, beyond the answer if need be.
    exchange.proceed(Receiver.NONE);
    Runnable settled = new Once(lease::release);
    Future<AppendOutcome> appended;
    try {
      appended = ingress.landingLog().append(record, deadline.left(), settled);
    } catch (Throwable e) {
      settled.run();
      throw e;
    }
    appended.onComplete(
        result ->
            exchange.guarded(
                () -> {
                  lease.decided();
                  if (result.failed()) {
                    settled.run();
                    exchange.account().report("A delivery could not be appended", result.cause());
                  }
                  if (exchange.isOwed()) {
                    answer(
                        record,
                        result.succeeded()
                            ? result.result()
                            : new AppendOutcome.Unknown(Reason.KAFKA_UNAVAILABLE));
                  }
                }));
  }

  private void answer(LandingRecord record, AppendOutcome outcome) {
    switch (outcome) {
      case AppendOutcome.Acknowledged acknowledged -> {
        switch (record) {
          case LandingRecord.Event event -> exchange.acknowledge(acknowledged, event);
          case LandingRecord.Refusal refusal ->
              exchange.refuse(
                  RefusalDecision.ofContent(
                      refusal.reason(),
                      refusal.detail(),
                      source.provider().headersOfFinalRefusals()));
        }
      }
      case AppendOutcome.Refused refused -> exchange.refuse(refused.reason());
      case AppendOutcome.Unknown unknown -> exchange.leaveOpen(unknown.reason());
    }
  }

  /** Runs a task once, however often and on whichever thread it is called. */
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
}
