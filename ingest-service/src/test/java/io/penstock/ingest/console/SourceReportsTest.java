package io.penstock.ingest.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.penstock.ingest.console.SourceReports.RefusalGroup;
import io.penstock.ingest.console.SourceReports.SecretUse;
import io.penstock.ingest.console.SourceReports.SourceReport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What instances say of sources, put together. */
class SourceReportsTest {

  private static final String METRICS =
      """
      penstock_deliveries_total{source="a",outcome="acknowledged",reason="none",durable="kafka"} 5
      penstock_deliveries_total{source="a",outcome="refused",reason="authentication-failed",durable="none"} 2
      penstock_deliveries_total{source="a",outcome="refused",reason="malformed-json",durable="none"} 1
      penstock_secret_matches_total{source="a",type="url-token",name="",entry="0"} 4
      penstock_secret_matches_total{source="a",type="url-token",name="",entry="1"} 1
      """;

  private static final String SOURCES =
      """
      {"sources": [{"name": "a", "acknowledged": {"count": 5, "last": "2026-11-26T12:39:59.020Z"},
        "authentication": [{"type": "url-token", "matched-last": 1, "secrets": [
          {"position": 1, "reference": "env:NEW", "count": 4, "last": "2026-11-26T12:39:59.010Z"},
          {"position": 2, "reference": "env:OLD", "count": 1}]}]}]}
      """;

  private static final String REFUSALS =
      """
      {"refusals": [{"source": "a", "outcome": "refused", "reason": "authentication-failed",
        "title": "The sender did not prove who it is", "why": "the token is another", "advice": "compare them",
        "count": 2, "last": "2026-11-26T12:39:58.700Z", "address": "203.0.113.7"}, {}, 7]}
      """;

  private final List<HttpServer> servers = new ArrayList<>();

  @AfterEach
  void stop() {
    servers.forEach(server -> server.stop(0));
  }

  private String instance(Map<String, String> answers) {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
      server.createContext(
          "/",
          exchange -> {
            String answer = answers.get(exchange.getRequestURI().getPath());
            byte[] bytes = (answer == null ? "" : answer).getBytes(UTF_8);
            exchange.sendResponseHeaders(answer == null ? 404 : 200, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
          });
      server.start();
      servers.add(server);
      return "http://127.0.0.1:" + server.getAddress().getPort();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static SourceReport report(String... addresses) {
    try (Instances instances = new Instances(() -> List.of(addresses), Instant::now)) {
      return new SourceReports(instances).all().getOrDefault("a", SourceReport.NOTHING);
    }
  }

  @Test
  void anInstanceThatTellsOfSourcesAndRefusals() {
    Map<String, String> answers = new HashMap<>();
    answers.put("/metrics", METRICS);
    answers.put("/sources", SOURCES);
    answers.put("/refusals", REFUSALS);
    SourceReport report = report(instance(answers));

    assertThat(report.acknowledged()).isEqualTo(5);
    assertThat(report.lastAcknowledged()).hasValue(Instant.parse("2026-11-26T12:39:59.020Z"));
    assertThat(report.refused()).isEqualTo(3);
    assertThat(report.secrets())
        .containsExactly(
            new SecretUse(
                "url-token",
                1,
                "env:NEW",
                4,
                Optional.of(Instant.parse("2026-11-26T12:39:59.010Z"))),
            new SecretUse("url-token", 2, "env:OLD", 1, Optional.empty()));
    assertThat(report.refusals())
        .extracting(RefusalGroup::reason)
        .containsExactly("authentication-failed", "malformed-json");
    assertThat(report.refusals().getFirst())
        .isEqualTo(
            new RefusalGroup(
                "authentication-failed",
                "The sender did not prove who it is",
                "the token is another",
                "compare them",
                "203.0.113.7",
                2,
                Optional.of(Instant.parse("2026-11-26T12:39:58.700Z"))));
  }

  @Test
  void oneThatHasMetricsAloneAndOneThatIsGone() {
    SourceReport report =
        report(
            instance(Map.of("/metrics", METRICS)),
            instance(Map.of("/metrics", METRICS)),
            "http://127.0.0.1:1");

    assertThat(report.acknowledged()).isEqualTo(10);
    assertThat(report.lastAcknowledged()).isEmpty();
    assertThat(report.refused()).isEqualTo(6);
    assertThat(report.secrets()).extracting(SecretUse::count).containsExactly(8L, 2L);
    assertThat(report.refusals())
        .allSatisfy(
            refusal -> {
              assertThat(refusal.title()).isNotEmpty();
              assertThat(refusal.advice()).isNotEmpty();
            });
  }

  @Test
  void answersThatAreNoJsonAreLeftOut() {
    SourceReport report =
        report(instance(Map.of("/metrics", METRICS, "/sources", "<html>", "/refusals", "[]")));

    assertThat(report.acknowledged()).isEqualTo(5);
  }
}
