package io.penstock.ingest.delivery;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The W3C's header of a trace context
 * (https://www.w3.org/TR/trace-context-1/#traceparent-header-field-values), read by OpenTelemetry.
 * Safe for use by any thread.
 */
public final class Traceparent {

  private static final String NAME = "traceparent";

  /** The only header that is read: a trace state is not passed on. */
  private static final TextMapGetter<String> HEADER =
      new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(String header) {
          return List.of(NAME);
        }

        @Override
        public @Nullable String get(@Nullable String header, String name) {
          return name.equals(NAME) ? header : null;
        }
      };

  private Traceparent() {}

  /**
   * The trace context that a header holds.
   *
   * @param header null where there is none
   * @return invalid if there is none or it is malformed
   */
  public static SpanContext context(@Nullable String header) {
    if (header == null) {
      return SpanContext.getInvalid();
    }
    Context context =
        W3CTraceContextPropagator.getInstance().extract(Context.root(), header, HEADER);
    return Span.fromContext(context).getSpanContext();
  }

  /**
   * The trace context that a header holds, in the form of version 00.
   *
   * @param header null where there is none
   * @return null if there is none or it is malformed
   */
  public static @Nullable String read(@Nullable String header) {
    SpanContext context = context(header);
    return context.isValid() ? write(context) : null;
  }

  /** The header of a valid trace context, in the form of version 00. */
  public static String write(SpanContext context) {
    return "00-"
        + context.getTraceId()
        + "-"
        + context.getSpanId()
        + "-"
        + context.getTraceFlags().asHex();
  }
}
