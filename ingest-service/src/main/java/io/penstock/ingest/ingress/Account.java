package io.penstock.ingest.ingress;

import io.penstock.ingest.delivery.Reason;
import io.penstock.ingest.delivery.Traceparent;
import io.penstock.ingest.landing.AppendOutcome;
import io.penstock.ingest.landing.LandingRecord;
import io.penstock.ingest.source.Source;
import io.penstock.ingest.tracing.DeliverySpan;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What is counted, logged and traced of one request. Never throws: if that fails, the delivery goes
 * on all the same. Lives on the exchange's event loop.
 */
final class Account {

  private static final DeliverySpan NO_SPAN = DeliverySpan.unrecorded(null);

  private final IngressContext ingress;
  private final String receiptId;
  private final long started = System.nanoTime();
  private SourceMeters meters;
  private DeliverySpan span = NO_SPAN;

  /** Starts when the request's head arrives. */
  Account(IngressContext ingress, String receiptId) {
    this.ingress = ingress;
    this.receiptId = receiptId;
    this.meters = ingress.meters(null);
  }

  private interface Entry {
    void make();
  }

  private void enter(Entry entry) {
    try {
      entry.make();
    } catch (Throwable e) {
      report("What became of a request could not be recorded", e);
    }
  }

  /**
   * Logs a fault.
   *
   * @param what a constant text
   */
  void report(String what, Throwable cause) {
    ingress.troubles().report(what, meters.source(), receiptId, cause);
  }

  /** The request's address names this source. */
  void routed(Source source) {
    meters = ingress.meters(source);
  }

  /** A challenge was answered with its text. */
  void challenged() {
    enter(meters::challenged);
  }

  /** The sender is authenticated: from here on the request is traced. */
  void authentic(Source source, HttpServerRequest request, int bodyBytes) {
    enter(() -> meters.authentic(bodyBytes));
    enter(
        () ->
            span =
                ingress
                    .tracing()
                    .receive(
                        source.name(),
                        source.provider().name(),
                        receiptId,
                        Traceparent.read(request.getHeader("traceparent")),
                        ingress.clock().millis()
                            - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started)));
  }

  /** The trace context to pass on; null where there is none. */
  @Nullable String traceparent() {
    return span.traceparent();
  }

  /** The delivery is durable. */
  void acknowledged(AppendOutcome.Acknowledged how, LandingRecord.Event event) {
    AppendOutcome.Keeper by = how.by();
    long nanos = System.nanoTime() - started;
    enter(
        () -> {
          meters.acknowledged(by, nanos);
          meters.acknowledgedAt(ingress.clock().millis());
        });
    enter(() -> span.end("acknowledged"));
    enter(() -> ingress.deliveryLog().acknowledged(event, how, nanos));
  }

  /** The delivery is not kept, or only as a refusal. */
  void refused(Reason reason) {
    enter(() -> meters.refused(reason));
    enter(() -> ingress.deliveryLog().refused(meters.source(), reason, receiptId));
    enter(() -> span.end(reason.code()));
  }

  /**
   * Notes for the operator what is known of a request that is not acknowledged.
   *
   * @param received how many bytes of its body have come
   */
  void note(RefusalDecision refusal, HttpServerRequest request, long received) {
    enter(() -> ingress.refusals().add(meters.source(), refusal, request, receiptId, received));
  }

  /** It is not known whether the delivery is kept. */
  void unknown(Reason reason) {
    enter(() -> meters.unknown(reason));
    enter(() -> ingress.deliveryLog().unknown(meters.source(), reason, receiptId));
    enter(() -> span.end(reason.code()));
  }

  /** The client has gone before its answer. */
  void abandoned() {
    enter(meters::abandoned);
    enter(() -> span.end("abandoned"));
  }
}
