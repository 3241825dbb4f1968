package io.penstock.ingest.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.Span;
import io.penstock.ingest.Thorough;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A trace from the sender to the consumer, as a collector receives it. */
@ExtendWith(Stack.Shared.class)
class TracingIT {

  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String SENDERS_SPAN = "00f067aa0ba902b7";

  /** Receives OTLP over HTTP, as a collector does. */
  private static final class Collector implements AutoCloseable {

    private final List<Span> spans = new CopyOnWriteArrayList<>();
    private final HttpServer server;

    Collector() throws IOException {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext(
          "/v1/traces",
          exchange -> {
            boolean gzip = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
            try (InputStream body =
                gzip ? new GZIPInputStream(exchange.getRequestBody()) : exchange.getRequestBody()) {
              ExportTraceServiceRequest.parseFrom(body)
                  .getResourceSpansList()
                  .forEach(
                      resource ->
                          resource
                              .getScopeSpansList()
                              .forEach(scope -> spans.addAll(scope.getSpansList())));
            }
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
          });
      server.start();
    }

    String endpoint() {
      return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1/traces";
    }

    /** Of a trace, by the start of its name. */
    Span span(String trace, String name) {
      return await()
          .atMost(Duration.ofMinutes(2))
          .until(
              () ->
                  spans.stream()
                      .filter(span -> hex(span.getTraceId().toByteArray()).equals(trace))
                      .filter(span -> span.getName().startsWith(name))
                      .findFirst()
                      .orElse(null),
              span -> span != null);
    }

    @Override
    public void close() {
      server.stop(0);
    }
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static String attribute(Span span, String name) {
    return span.getAttributesList().stream()
        .filter(attribute -> attribute.getKey().equals(name))
        .map(attribute -> attribute.getValue().getStringValue())
        .findFirst()
        .orElse("absent");
  }

  private static HttpRequest traced(HttpRequest request, String traceparent) {
    return HttpRequest.newBuilder(request, (name, value) -> true)
        .header("traceparent", traceparent)
        .build();
  }

  @Test
  void aDeliveryIsOneTraceFromItsSenderToItsEvent(Stack stack) throws Exception {
    try (Collector collector = new Collector()) {
      Settings settings =
          Settings.of(stack).with("PENSTOCK_TRACING_ENDPOINT", collector.endpoint());
      try (Instance instance = Instance.ready(settings);
          Sender sender = new Sender();
          Outsider outsider = new Outsider(settings)) {
        byte[] body = Sender.shape("f", UUID.randomUUID().toString());
        String traceparent = "00-" + TRACE + "-" + SENDERS_SPAN + "-01";
        HttpRequest request = traced(Sender.shapes(instance, body), traceparent);
        assertThat(sender.send(request).statusCode()).isEqualTo(200);
        assertThat(
                sender
                    .send(
                        traced(
                            Sender.request(instance.url() + "/webhooks/shapes", body).build(),
                            "00-" + "a".repeat(32) + "-" + SENDERS_SPAN + "-01"))
                    .statusCode())
            .as("a stranger's")
            .isEqualTo(401);

        Outsider.Read event = outsider.readAll(settings.smartshape()).getFirst();
        Span received = collector.span(TRACE, "receive shapes");
        Span published = collector.span(TRACE, "publish shapes");
        assertThat(hex(received.getParentSpanId().toByteArray())).isEqualTo(SENDERS_SPAN);
        assertThat(published.getParentSpanId()).isEqualTo(received.getSpanId());
        assertThat(event.header("traceparent"))
            .isEqualTo("00-" + TRACE + "-" + hex(published.getSpanId().toByteArray()) + "-01");
        assertThat(attribute(received, "penstock.outcome")).isEqualTo("acknowledged");
        assertThat(attribute(published, "penstock.outcome")).isEqualTo("published");
        assertThat(attribute(published, "penstock.receipt_id"))
            .isEqualTo(event.metadata().get("receiptId").toString());
        assertThat(received.getEndTimeUnixNano()).isGreaterThan(received.getStartTimeUnixNano());

        // A later trace has arrived, and the unauthenticated sender's trace is not there.
        assertThat(sender.send(Sender.shapes(instance, body)).statusCode()).isEqualTo(200);
        await()
            .until(
                () ->
                    collector.spans.stream()
                        .anyMatch(span -> attribute(span, "penstock.outcome").equals("duplicate")));
        assertThat(collector.spans)
            .noneMatch(span -> hex(span.getTraceId().toByteArray()).equals("a".repeat(32)));
      }
    }
  }

  @Thorough("`aDeliveryIsOneTraceFromItsSenderToItsEvent`")
  @Test
  void aCollectorThatIsNotThereCostsNoDelivery(Stack stack) {
    Settings settings =
        Settings.of(stack).with("PENSTOCK_TRACING_ENDPOINT", "http://127.0.0.1:1/v1/traces");
    try (Instance instance = Instance.ready(settings);
        Sender sender = new Sender();
        Outsider outsider = new Outsider(settings)) {
      for (int i = 0; i < 20; i++) {
        byte[] body = Sender.shape("f", "uuid-" + i);
        assertThat(sender.send(Sender.shapes(instance, body)).statusCode()).isEqualTo(200);
      }
      assertThat(outsider.readAll(settings.smartshape())).hasSize(20);
      assertThat(instance.terminate()).isZero();
    }
  }
}
