package io.penstock.ingest.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.penstock.ingest.console.live.Unlanded;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What instances say of what is not in Kafka. */
class UnlandedReaderTest {

  private static final String REFUSALS =
      """
      {"since": "2026-11-26T09:00:00.000Z", "keeps": 20, "refusals": [
        {"source": "a", "reason": "authentication-failed", "title": "t", "why": "the token is another",
         "count": 2, "last": "2026-11-26T12:39:58.700Z", "address": "203.0.113.7"},
        {"source": "b", "reason": "overloaded", "title": "Too much is in flight", "count": 1,
         "last": "2026-11-26T12:39:59.000Z"},
        {"source": "b", "last": "yesterday"}, 7]}
      """;

  private final Map<String, String> answers = new ConcurrentHashMap<>();
  private final AtomicInteger asked = new AtomicInteger();
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
  }

  private String instance() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
    server.createContext(
        "/",
        exchange -> {
          String path = exchange.getRequestURI().getPath();
          if (path.equals("/refusals")) {
            asked.incrementAndGet();
          }
          byte[] bytes = answers.getOrDefault(path, "").getBytes(UTF_8);
          exchange.sendResponseHeaders(answers.containsKey(path) ? 200 : 404, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
    open.add(() -> server.stop(0));
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private UnlandedReader reader(List<String> addresses) {
    Instances instances = new Instances(() -> addresses, Instant::now);
    open.add(instances);
    return new UnlandedReader(instances);
  }

  private static String metrics(int refused, int spooled) {
    return """
    penstock_deliveries_total{source="a",outcome="acknowledged",reason="none"} 5
    penstock_deliveries_total{source="a",outcome="refused",reason="authentication-failed"} %d
    penstock_spool_depth %d
    """
        .formatted(refused, spooled);
  }

  @Test
  void refusalsSpoolsAndInstancesThatAreSilent() throws Exception {
    answers.put("/metrics", metrics(3, 1_204));
    answers.put("/refusals", REFUSALS);
    String up = instance();
    Unlanded seen = reader(List.of(up, "http://127.0.0.1:1")).read();

    assertThat(seen.instances()).isEqualTo(2);
    assertThat(seen.silent()).containsExactly("127.0.0.1:1");
    assertThat(seen.spools())
        .containsExactly(new Unlanded.Spooled(up.substring("http://".length()), 1_204));
    assertThat(seen.unkept()).isZero();
    assertThat(seen.refusals())
        .containsExactly(
            new Unlanded.Refused(
                "2026-11-26T09:00:00.000Z",
                "a",
                "authentication-failed",
                "the token is another",
                "203.0.113.7",
                2,
                Instant.parse("2026-11-26T12:39:58.700Z").toEpochMilli()),
            new Unlanded.Refused(
                "2026-11-26T09:00:00.000Z",
                "b",
                "overloaded",
                "Too much is in flight",
                "",
                1,
                Instant.parse("2026-11-26T12:39:59.000Z").toEpochMilli()));
  }

  @Test
  void refusalsAreAskedForOnlyWhereThereAreNewOnes() throws Exception {
    answers.put("/metrics", metrics(3, 0));
    answers.put("/refusals", "{\"keeps\": 0, \"refusals\": []}");
    UnlandedReader reader = reader(List.of(instance()));

    for (int i = 0; i < 10; i++) {
      assertThat(reader.read().unkept()).isEqualTo(1);
    }
    assertThat(asked).as("once, and once more for what was written later").hasValue(2);
  }

  @Test
  void noInstanceAtAll() {
    assertThat(reader(List.of()).read().instances()).isZero();
  }
}
