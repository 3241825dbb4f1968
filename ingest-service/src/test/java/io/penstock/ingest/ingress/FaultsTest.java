package io.penstock.ingest.ingress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import at.favre.lib.crypto.bcrypt.BCrypt;
import io.penstock.ingest.ingress.FakeLandingLog.Fault;
import io.penstock.ingest.ingress.Ingress.Part;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever throws on a request's way, its sender gets an answer or the connection's end, and
 * nothing of it is held or counted afterwards: a leak of any would end in an instance that refuses
 * everything, or that cannot be shut down.
 */
@Timeout(120)
class FaultsTest {

  private static final String JSON = "Content-Type: application/json";

  private final Vertx vertx = Vertx.vertx();
  private Ingress ingress;

  @BeforeEach
  void open() throws Exception {
    ingress = new Ingress(vertx, 4L * 1024 * 1024);
  }

  @AfterEach
  void close() throws Exception {
    ingress.close();
    vertx.close().await(120, TimeUnit.SECONDS);
  }

  /** One of each kind of way that a request can go. */
  private List<Integer> everyWay() throws IOException {
    String large = " ".repeat(200_000);
    String field = "{\"key\":\"" + Ingress.TOKEN + "\"}";
    String basic =
        Base64.getEncoder()
            .encodeToString((Ingress.USER + ":" + Ingress.SHARED_SECRET).getBytes(UTF_8));
    List<Integer> statuses = new ArrayList<>();
    statuses.add(status("/webhooks/open", "event"));
    statuses.add(status("/webhooks/open", "event" + large));
    statuses.add(status("/webhooks/open", "malformed"));
    statuses.add(status("/webhooks/open", "event", "Content-Encoding: gzip"));
    statuses.add(status("/webhooks/open", "error"));
    statuses.add(status("/webhooks/open", "throw" + large));
    statuses.add(status("/webhooks/none", "event"));
    statuses.add(status("/webhooks/small", "x".repeat(5000)));
    statuses.add(status("/webhooks/token/" + Ingress.TOKEN, "event"));
    statuses.add(status("/webhooks/token/wrong", "event"));
    statuses.add(status("/webhooks/basic", "event", "Authorization: Basic " + basic));
    statuses.add(status("/webhooks/field", field));
    statuses.add(status("/webhooks/field", field + large));
    statuses.add(status("/webhooks/field", "{}"));
    statuses.add(status("/webhooks/bcrypt", "event", "X-Token: " + bcrypt(Ingress.SHARED_SECRET)));
    statuses.add(status("/webhooks/bcrypt", "event", "X-Token: " + bcrypt("wrong")));
    return statuses;
  }

  private static String bcrypt(String secret) {
    return BCrypt.with(BCrypt.Version.VERSION_2B).hashToString(4, secret.toCharArray());
  }

  /** 0 where the connection ends without an answer. */
  private int status(String path, String body, String... headers) throws IOException {
    try (RawClient client = ingress.connect()) {
      return client
          .lines("POST " + path + " HTTP/1.1", "Host: test", JSON)
          .lines("Content-Length: " + body.getBytes(UTF_8).length)
          .lines(headers)
          .lines("")
          .text(body)
          .answer()
          .status();
    } catch (java.io.EOFException | java.net.SocketException e) {
      return 0;
    }
  }

  private void nothingIsLeft() throws Exception {
    await().untilAsserted(() -> assertThat(ingress.admission.held()).isZero());
    // What clients sent before they went away may still be on its way in.
    await().untilAsserted(() -> assertThat(ingress.admission.requests()).isZero());
    await()
        .untilAsserted(
            () -> assertThat(ingress.meters.get("penstock.connections").gauge().value()).isZero());
    assertThat(status("/webhooks/open", "after")).isEqualTo(200);
    assertThat(ingress.context.drain(Duration.ofSeconds(10))).isTrue();
  }

  @Test
  void whereNothingThrowsEveryWayHasItsAnswer() throws Exception {
    assertThat(everyWay())
        .containsExactly(
            200, 200, 400, 415, 503, 503, 404, 413, 200, 401, 200, 200, 200, 401, 200, 401);
    nothingIsLeft();
  }

  @ParameterizedTest
  @EnumSource(Part.class)
  void aPartThatThrowsLeavesNothing(Part part) throws Exception {
    // given
    everyWay();
    ingress.breaks(part);
    // when
    List<Integer> statuses = everyWay();
    // then
    assertThat(statuses).isSubsetOf(0, 200, 400, 401, 404, 413, 415, 503);
    if (part == Part.LOG_OF_DELIVERIES) {
      // What is durable is acknowledged, whether that can be written down or not.
      assertThat(statuses.getFirst()).isEqualTo(200);
    }
    ingress.isMended();
    nothingIsLeft();
  }

  /** By a reset, by a farewell, and by one that still wants its answer. */
  @ParameterizedTest
  @ValueSource(
      strings = {"/webhooks/open", "/webhooks/bcrypt", "/webhooks/none", "/webhooks/field"})
  void whoeverGoesAwayAtAnyByteLeavesNothing(String path) throws Exception {
    // given
    String token = "X-Token: " + bcrypt(Ingress.SHARED_SECRET) + "\r\n";
    String text =
        "POST %s HTTP/1.1\r\nHost: a\r\n%sExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nevent\r\n0\r\n\r\nP"
            .formatted(path, token);
    // when
    for (int cut = 0; cut <= text.length(); cut += 5) {
      for (int way = 0; way < 3; way++) {
        try (RawClient client = ingress.connect()) {
          client.text(text.substring(0, cut));
          if (way == 0) {
            client.resets();
          } else if (way == 1) {
            client.endsItsOutput();
            assertThat(client.answersUntilTheEnd()).isSubsetOf(100, 200, 400, 401, 404);
          }
        }
      }
    }
    // then
    nothingIsLeft();
  }

  static Stream<Arguments> faults() {
    return Stream.of(
        Arguments.of(Fault.THROWS, 503),
        Arguments.of(Fault.SETTLES_AND_THROWS, 503),
        Arguments.of(Fault.FAILS, 503),
        Arguments.of(Fault.SETTLES_TWICE, 200));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void aLogThatThrowsLeavesNothing(Fault fault, int status) throws Exception {
    // given
    ingress.log.has(fault);
    // when
    List<Integer> statuses = everyWay();
    // then
    assertThat(statuses.getFirst()).isEqualTo(status);
    ingress.log.has(Fault.NONE);
    nothingIsLeft();
  }

  @ParameterizedTest
  @ValueSource(strings = {"error", "throw"})
  void rulesThatThrowAreNotTheSendersFault(String body) throws Exception {
    assertThat(status("/webhooks/open", body)).isEqualTo(503);
    assertThat(status("/webhooks/open", body + " ".repeat(200_000))).isEqualTo(503);
    nothingIsLeft();
  }
}
