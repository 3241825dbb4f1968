package io.penstock.ingest.tracing;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.delivery.Traceparent;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where spans come from. They are sent by a thread of their own; when the collector is slow or gone
 * they are dropped, and nobody waits. No delivery fails for the sake of its trace: what cannot be
 * recorded is not. Safe for use by any number of threads.
 */
public final class Tracing implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Tracing.class);

  private static final Duration CLOSE = Duration.ofSeconds(2);
  private static final Duration EXPORT_TIMEOUT = Duration.ofSeconds(5);

  private static final AttributeKey<String> SERVICE = AttributeKey.stringKey("service.name");
  private static final AttributeKey<String> SOURCE = AttributeKey.stringKey("penstock.source");
  private static final AttributeKey<String> PROVIDER = AttributeKey.stringKey("penstock.provider");
  private static final AttributeKey<String> RECEIPT_ID =
      AttributeKey.stringKey("penstock.receipt_id");

  /** Places in a traceparent of version 00. */
  private static final int TRACE_ID = 3;

  private static final int SPAN_ID = 36;
  private static final int FLAGS = 53;

  private final @Nullable SdkTracerProvider provider;
  private final @Nullable Tracer tracer;

  private Tracing(@Nullable SdkTracerProvider provider) {
    this.provider = provider;
    this.tracer = provider == null ? null : provider.get("io.penstock");
  }

  /** Connects to nothing before the first span has ended. */
  public static Tracing of(Configuration.Tracing tracing) {
    if (tracing.endpoint() == null) {
      return off();
    }
    return new Tracing(
        SdkTracerProvider.builder()
            .setResource(Resource.create(Attributes.of(SERVICE, "penstock")))
            // Who has proved who it is may decide for its own deliveries.
            .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(1.0 / tracing.sampleOneIn())))
            .addSpanProcessor(
                BatchSpanProcessor.builder(
                        OtlpHttpSpanExporter.builder()
                            .setEndpoint(tracing.endpoint())
                            .setTimeout(EXPORT_TIMEOUT)
                            .build())
                    .setScheduleDelay(Duration.ofSeconds(1))
                    .build())
            .build());
  }

  /** Records nothing, and passes on the trace contexts that come. */
  public static Tracing off() {
    return new Tracing(null);
  }

  /**
   * An authentic delivery's way through the ingress.
   *
   * @param traceparent as sent and well-formed; null where there is none
   * @param startMillis when its request came, in milliseconds since 1970
   */
  public DeliverySpan receive(
      String source,
      String providerName,
      String receiptId,
      @Nullable String traceparent,
      long startMillis) {
    return span(
        "receive " + source,
        SpanKind.SERVER,
        source,
        providerName,
        receiptId,
        traceparent,
        startMillis);
  }

  /**
   * A landing record's way through the pipeline, from now on.
   *
   * @param traceparent of the landing record; null where there is none. One that is malformed is
   *     passed over.
   */
  public DeliverySpan publish(
      String source, String providerName, String receiptId, @Nullable String traceparent) {
    return span(
        "publish " + source, SpanKind.CONSUMER, source, providerName, receiptId, traceparent, null);
  }

  private DeliverySpan span(
      String name,
      SpanKind kind,
      String source,
      String providerName,
      String receiptId,
      @Nullable String traceparent,
      @Nullable Long startMillis) {
    String before =
        traceparent != null && Traceparent.isWellFormed(traceparent) ? traceparent : null;
    if (tracer == null) {
      return DeliverySpan.unrecorded(before);
    }
    try {
      return record(tracer, name, kind, source, providerName, receiptId, before, startMillis);
    } catch (RuntimeException e) {
      log.debug("A span was lost", e);
      return DeliverySpan.unrecorded(before);
    }
  }

  private static DeliverySpan record(
      Tracer tracer,
      String name,
      SpanKind kind,
      String source,
      String providerName,
      String receiptId,
      @Nullable String traceparent,
      @Nullable Long startMillis) {
    SpanBuilder builder =
        tracer
            .spanBuilder(name)
            .setSpanKind(kind)
            .setAttribute(SOURCE, source)
            .setAttribute(PROVIDER, providerName)
            .setAttribute(RECEIPT_ID, receiptId);
    if (startMillis != null) {
      builder.setStartTimestamp(startMillis, TimeUnit.MILLISECONDS);
    }
    SpanContext parent = traceparent == null ? SpanContext.getInvalid() : context(traceparent);
    if (parent.isValid()) {
      builder.setParent(Context.root().with(Span.wrap(parent)));
    } else {
      builder.setNoParent();
    }
    return DeliverySpan.of(builder.startSpan());
  }

  private static SpanContext context(String traceparent) {
    return SpanContext.createFromRemoteParent(
        traceparent.substring(TRACE_ID, SPAN_ID - 1),
        traceparent.substring(SPAN_ID, FLAGS - 1),
        TraceFlags.fromHex(traceparent, FLAGS),
        TraceState.getDefault());
  }

  /** Sends what is left, for as long as a collector may take that answers. */
  @Override
  public void close() {
    if (provider != null) {
      provider.shutdown().join(CLOSE.toMillis(), TimeUnit.MILLISECONDS);
    }
  }
}
