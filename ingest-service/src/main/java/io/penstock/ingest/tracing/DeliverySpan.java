package io.penstock.ingest.tracing;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.penstock.ingest.delivery.Traceparent;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One part of a delivery's way: its acceptance by the ingress, or its publication by the pipeline.
 * Costs nothing but this object where traces are off.
 */
public sealed interface DeliverySpan {

  /**
   * The trace context for what follows, in the form of the W3C's header
   * (https://www.w3.org/TR/trace-context-1/#traceparent-header); null where there is none.
   */
  @Nullable String traceparent();

  /**
   * Ends the span now. Never throws.
   *
   * @param outcome a word of the metrics' vocabulary
   */
  void end(String outcome);

  /**
   * A span that passes on the context that came, and records nothing.
   *
   * @param traceparent as it came; null where there is none
   */
  static DeliverySpan unrecorded(@Nullable String traceparent) {
    return new Unrecorded(traceparent);
  }

  /** Passes on the context that came, and records nothing. */
  record Unrecorded(@Nullable String traceparent) implements DeliverySpan {
    @Override
    public void end(String outcome) {}
  }

  /** A span that is sent to the collector when it has ended. */
  record Recorded(Span span) implements DeliverySpan {

    private static final Logger log = LoggerFactory.getLogger(DeliverySpan.class);
    private static final AttributeKey<String> OUTCOME = AttributeKey.stringKey("penstock.outcome");

    @Override
    public @Nullable String traceparent() {
      return Traceparent.write(span.getSpanContext());
    }

    @Override
    public void end(String outcome) {
      try {
        span.setAttribute(OUTCOME, outcome);
        span.end();
      } catch (RuntimeException e) {
        log.debug("A span was lost", e);
      }
    }
  }
}
