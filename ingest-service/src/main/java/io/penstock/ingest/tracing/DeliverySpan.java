package io.penstock.ingest.tracing;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One stretch of a delivery's way: its acceptance by the ingress, or its publication by the
 * pipeline. Costs nothing but this object where traces are off.
 */
public final class DeliverySpan {

  private static final Logger log = LoggerFactory.getLogger(DeliverySpan.class);

  private static final AttributeKey<String> OUTCOME = AttributeKey.stringKey("penstock.outcome");

  private final @Nullable Span span;
  private final @Nullable String before;

  private DeliverySpan(@Nullable Span span, @Nullable String before) {
    this.span = span;
    this.before = before;
  }

  /**
   * What passes on the context that came, and records nothing.
   *
   * @param traceparent as it came; null where there is none
   */
  public static DeliverySpan unrecorded(@Nullable String traceparent) {
    return new DeliverySpan(null, traceparent);
  }

  static DeliverySpan of(Span span) {
    return new DeliverySpan(span, null);
  }

  /**
   * The trace context for what comes after, in the form of the W3C's header
   * (https://www.w3.org/TR/trace-context-1/#traceparent-header); null where there is none.
   */
  public @Nullable String traceparent() {
    if (span == null) {
      return before;
    }
    SpanContext context = span.getSpanContext();
    return "00-"
        + context.getTraceId()
        + "-"
        + context.getSpanId()
        + "-"
        + context.getTraceFlags().asHex();
  }

  /**
   * Ends it now. Never throws.
   *
   * @param outcome a word of the metrics' vocabulary
   */
  public void end(String outcome) {
    if (span == null) {
      return;
    }
    try {
      span.setAttribute(OUTCOME, outcome);
      span.end();
    } catch (RuntimeException e) {
      log.debug("A span was lost", e);
    }
  }
}
