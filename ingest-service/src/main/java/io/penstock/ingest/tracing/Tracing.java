package io.penstock.ingest.tracing;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
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
 * Makes the spans of deliveries. A thread of its own sends them; when the collector is slow or gone
 * they are dropped, and nothing waits. No delivery fails because of its trace: a span that cannot
 * be recorded is lost. Safe for use by any number of threads.
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

  private final @Nullable SdkTracerProvider provider;
  private final @Nullable Tracer tracer;

  private Tracing(@Nullable SdkTracerProvider provider) {
    this.provider = provider;
    this.tracer = provider == null ? null : provider.get("io.penstock");
  }

  /** Connects to nothing before the first span has ended. */
  public static Tracing of(Configuration.TracingConfig tracing) {
    if (tracing.endpoint() == null) {
      return off();
    }
    return new Tracing(
        SdkTracerProvider.builder()
            .setResource(Resource.create(Attributes.of(SERVICE, "penstock")))
            // An authenticated sender may decide whether its own deliveries are recorded.
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
   * The way of an authenticated delivery through the ingress.
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
   * The way of a landing record through the pipeline, from now on.
   *
   * @param traceparent of the landing record; null where there is none. A malformed one is ignored.
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
    if (tracer == null) {
      return DeliverySpan.unrecorded(traceparent);
    }
    try {
      return record(tracer, name, kind, source, providerName, receiptId, traceparent, startMillis);
    } catch (RuntimeException e) {
      log.debug("A span was lost", e);
      return DeliverySpan.unrecorded(traceparent);
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
    builder.setParent(Context.root().with(Span.wrap(Traceparent.context(traceparent))));
    return new DeliverySpan.Recorded(builder.startSpan());
  }

  /** Sends the spans that are left; waits for the collector for two seconds at most. */
  @Override
  public void close() {
    if (provider != null) {
      provider.shutdown().join(CLOSE.toMillis(), TimeUnit.MILLISECONDS);
    }
  }
}
