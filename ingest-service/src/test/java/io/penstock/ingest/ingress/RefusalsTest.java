package io.penstock.ingest.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.penstock.ingest.delivery.Reason;
import io.penstock.ingest.ingress.RawClient.Answer;
import io.penstock.ingest.source.SecretMeters;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is kept of refused requests, and that nothing makes it grow. */
@Timeout(300)
class RefusalsTest {

  private static final String MARKER = "marker-of-the-request";

  private static Vertx vertx;

  private Ingress ingress;
  private IngressReport report;

  @BeforeAll
  static void start() {
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void stop() throws Exception {
    vertx.close().await(120, TimeUnit.SECONDS);
  }

  @BeforeEach
  void open() throws Exception {
    ingress = new Ingress(vertx, 4L * 1024 * 1024);
    report =
        new IngressReport(
            ingress.context, new SecretMeters(new SimpleMeterRegistry(), () -> Ingress.NOW));
  }

  @AfterEach
  void close() throws Exception {
    ingress.close();
  }

  private JsonObject report() {
    return report.refusals(source -> true, reason -> true);
  }

  private List<JsonObject> refusals() {
    return objects(report().getJsonArray("refusals"));
  }

  private static List<JsonObject> objects(JsonArray array) {
    return array.stream().map(JsonObject.class::cast).toList();
  }

  /** The report once the refusal of this request is in it: that is noted after the answer. */
  private JsonObject refused(String path, String body, String... headers) throws Exception {
    double before = counted();
    try (RawClient client = ingress.connect()) {
      Answer answer = client.post(path, body, headers).answer();
      assertThat(answer.status()).isNotEqualTo(200);
    }
    await().atMost(Duration.ofMinutes(2)).until(() -> counted() > before);
    return refusals().getFirst();
  }

  private double counted() {
    return objects(report().getJsonArray("counts")).stream()
        .mapToLong(each -> each.getLong("count"))
        .sum();
  }

  // What is kept.

  @Test
  void aRefusalHasEverythingThatHelpsAndNothingSecret() throws Exception {
    JsonObject refusal =
        refused(
            "/webhooks/several/" + MARKER + "?key=" + MARKER,
            "{\"x\":\"" + MARKER + "\"}",
            "Content-Type: application/json; note=" + MARKER,
            "Authorization: Bearer " + MARKER,
            "X-Some-Header: " + MARKER,
            "Cookie: a=" + MARKER);

    assertThat(refusal.getString("receipt-id")).isNotBlank();
    assertThat(refusal.getString("advice")).isNotBlank();
    refusal.remove("receipt-id");
    refusal.remove("advice");
    assertThat(refusal)
        .isEqualTo(
            new JsonObject(
                """
                {"source": "several", "outcome": "refused", "reason": "authentication-failed",
                 "status": 401, "title": "The sender did not prove who it is",
                 "authenticator": "url-token",
                 "why": "the token in the address is of no configured secret",
                 "count": 1, "first": "2026-11-21T12:00:00.000Z",
                 "last": "2026-11-21T12:00:00.000Z", "address": "127.0.0.1", "method": "POST",
                 "content-type": "application/json", "declared-length": 29, "received": 29,
                 "headers": ["host", "content-length", "content-type", "authorization",
                   "x-some-header", "cookie"]}
                """));
    assertThat(report().encode()).doesNotContain(MARKER, Ingress.TOKEN, Ingress.SHARED_SECRET);
  }

  @Test
  void anAddressOfNoSourceIsNotRepeated() throws Exception {
    JsonObject unknown = refused("/webhooks/" + MARKER + "/" + MARKER, "{}");
    assertThat(unknown.getString("source")).isEqualTo("unknown");
    assertThat(unknown.getString("why"))
        .isEqualTo("no source has the name in the address, which has 21 characters");
    assertThat(unknown.getInteger("path-length")).isEqualTo(53);
    assertThat(unknown.containsKey("path")).isFalse();

    JsonObject tokenless = refused("/webhooks/open/" + MARKER, "{}");
    assertThat(tokenless.getString("path")).isEqualTo("/webhooks/open/…");
    assertThat(tokenless.getString("why"))
        .isEqualTo("the source open takes no token in its address (it has no url-token in auth)");

    assertThat(refused("/webhooks/token/" + MARKER + "/more", "{}").getString("why"))
        .isEqualTo("the address has more behind the source's name than a token");
    assertThat(refused("/webhooks/Open", "{}").getString("why"))
        .isEqualTo("the name in the address is that of the source open but for capitals");
    assertThat(refused("/" + MARKER, "{}").getString("why"))
        .isEqualTo("the path does not begin with /webhooks/");
    assertThat(report().encode()).doesNotContain(MARKER);
  }

  @Test
  void equalRefusalsShareAnEntry() throws Exception {
    refused("/webhooks/token", "{}");
    refused("/webhooks/token", "{}");
    refused("/webhooks/token/wrong", "{}");

    assertThat(refusals())
        .extracting(each -> each.getInteger("count"))
        .containsExactlyInAnyOrder(2, 1);
    assertThat(report().getJsonArray("counts"))
        .isEqualTo(
            new JsonArray(
                """
                [{"source": "token", "reason": "authentication-failed", "outcome": "refused",
                  "count": 3, "last": "2026-11-21T12:00:00.000Z"}]
                """));
  }

  @Test
  void sourceAndReasonSelect() throws Exception {
    refused("/webhooks/token", "{}");
    refused("/webhooks/bearer", "{}");
    refused("/webhooks/small", "x".repeat(Ingress.SMALL + 1));

    assertThat(objects(report.refusals("small"::equals, any -> true).getJsonArray("refusals")))
        .singleElement()
        .satisfies(each -> assertThat(each.getString("reason")).isEqualTo("payload-too-large"));
    JsonObject unauthenticated = report.refusals(any -> true, "authentication-failed"::equals);
    assertThat(unauthenticated.getJsonArray("refusals")).hasSize(2);
    assertThat(unauthenticated.getJsonArray("counts")).hasSize(2);
  }

  @Test
  void anAcknowledgedDeliveryIsNoRefusalAndShowsAmongTheSources() throws Exception {
    try (RawClient client = ingress.connect()) {
      assertThat(client.post("/webhooks/open", "{}").answer().status()).isEqualTo(200);
    }

    assertThat(refusals()).isEmpty();
    assertThat(objects(report.sources("open"::equals).getJsonArray("sources")))
        .singleElement()
        .satisfies(
            source ->
                assertThat(source.getJsonObject("acknowledged"))
                    .isEqualTo(
                        new JsonObject().put("count", 1).put("last", "2026-11-21T12:00:00.000Z")));
  }

  // Bounds.

  private static RefusedRequest request(String address, int headers) {
    return new RefusedRequest(
        "receipt",
        address,
        "POST",
        "application/json",
        1,
        1,
        IntStream.range(0, headers).mapToObj(i -> "x".repeat(RefusedRequest.LONGEST_NAME)).toList(),
        0);
  }

  private static RefusalDecision refusal(String why) {
    return RefusalDecision.because(Reason.AUTHENTICATION_FAILED, why);
  }

  private List<String> whys(Refusals refusals, String source) {
    return refusals.kept().stream()
        .filter(kept -> kept.group().source().equals(source))
        .flatMap(kept -> kept.entries().stream())
        .map(Refusals.Entry::why)
        .toList();
  }

  @Test
  void aFloodDisplacesNothingOfAnotherSourceOrReason() {
    Refusals refusals = ingress.refusals;
    refusals.add("open", refusal("rightful"), null, request("192.0.2.1", 1));
    refusals.add("token", RefusalDecision.of(Reason.RATE_LIMITED), null, request("192.0.2.1", 1));
    for (int i = 0; i < 100_000; i++) {
      refusals.add("token", refusal("flood " + i), null, request("198.51.100." + i, 1));
    }

    assertThat(whys(refusals, "open")).containsExactly("rightful");
    assertThat(whys(refusals, "token"))
        .contains("flood 99999", "flood 99980", RefusalWords.why(Reason.RATE_LIMITED))
        .hasSize(21);
    assertThat(refusals.kept()).anySatisfy(kept -> assertThat(kept.count()).isEqualTo(100_000));
  }

  @Test
  void oneAddressDoesNotDisplaceTheOthersOfItsSource() {
    Refusals refusals = ingress.refusals;
    refusals.add("token", refusal("rightful"), null, request("192.0.2.1", 1));
    for (int i = 0; i < 1_000; i++) {
      refusals.add("token", refusal("flood " + i), null, request("198.51.100.7", 1));
    }

    assertThat(whys(refusals, "token")).contains("rightful", "flood 999").hasSize(20);
  }

  @Test
  void anEqualRefusalThatFollowsSoonIsOnlyCounted() {
    RefusalRing ring = new RefusalRing(20, 10_000);
    Refusals.Entry entry =
        new Refusals.Entry(refusal("why"), null, request("192.0.2.1", 1), 1_000, 1, 1_000, 1_000);
    RefusalRing.Key key = RefusalRing.Key.of(entry.refusal(), null, "192.0.2.1");

    assertThat(ring.countsAgain(key, 1_000)).as("before there is any").isFalse();
    ring.add(entry);
    assertThat(ring.countsAgain(key, 1_099)).isTrue();
    assertThat(ring.countsAgain(key, 1_100)).as("not soon any more").isFalse();

    Refusals.Kept kept = ring.kept(new Refusals.Group("token", Reason.AUTHENTICATION_FAILED, true));
    assertThat(kept.count()).isEqualTo(2);
    assertThat(kept.last()).isEqualTo(1_099);
    assertThat(kept.entries())
        .singleElement()
        .satisfies(
            each -> {
              assertThat(each.count()).isEqualTo(2);
              assertThat(each.last()).isEqualTo(1_099);
              assertThat(each.first()).isEqualTo(1_000);
            });
  }

  @Test
  void entriesAreBoundedInBytesToo() {
    RefusalRing ring = new RefusalRing(200, 10_000);
    for (int i = 0; i < 200; i++) {
      ring.add(
          new Refusals.Entry(
              refusal("why " + i),
              null,
              request("192.0.2." + i, RefusedRequest.MOST_HEADERS),
              i,
              1,
              i,
              i));
    }

    Refusals.Kept kept = ring.kept(new Refusals.Group("token", Reason.AUTHENTICATION_FAILED, true));
    assertThat(kept.count()).isEqualTo(200);
    assertThat(kept.entries()).isNotEmpty();
    assertThat(kept.entries().stream().mapToInt(each -> each.request().bytes()).sum())
        .isLessThan(10_000);
    assertThat(kept.entries().getLast().why()).isEqualTo("why 199");
  }

  @Test
  void namesOfHeadersAreCutInNumberAndLength() throws Exception {
    List<String> headers = new ArrayList<>();
    headers.add("X-" + "Long".repeat(100) + ": x");
    for (int i = 0; i < 60; i++) {
      headers.add("X-" + i + ": x");
    }
    headers.add("Content-Type: " + "application/" + "x".repeat(1_000));

    JsonObject refusal = refused("/webhooks/token", "{}", headers.toArray(new String[0]));

    assertThat(refusal.getJsonArray("headers")).hasSize(RefusedRequest.MOST_HEADERS);
    assertThat(refusal.getJsonArray("headers").getString(2))
        .isEqualTo("x-" + "long".repeat(9) + "lo…");
    assertThat(refusal.getInteger("headers-left-out")).isEqualTo(14);
    assertThat(refusal.containsKey("content-type")).isFalse();
  }

  private static HttpServerRequest untouchable() {
    return (HttpServerRequest)
        Proxy.newProxyInstance(
            HttpServerRequest.class.getClassLoader(),
            new Class<?>[] {HttpServerRequest.class},
            (proxy, method, arguments) -> {
              throw new AssertionError("nothing of it is needed");
            });
  }

  @Test
  void whereNoneAreKeptNoneAre() {
    Refusals none = new Refusals(0, ingress.context.sources(), () -> Ingress.NOW);

    none.add("token", refusal("any"), untouchable(), "receipt", 0);

    assertThat(none.kept()).isEmpty();
    assertThat(none.most()).isZero();
  }
}
