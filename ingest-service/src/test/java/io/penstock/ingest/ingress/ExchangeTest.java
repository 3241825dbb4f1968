package io.penstock.ingest.ingress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import at.favre.lib.crypto.bcrypt.BCrypt;
import io.micrometer.core.instrument.Counter;
import io.penstock.ingest.delivery.DeduplicationId;
import io.penstock.ingest.delivery.Reason;
import io.penstock.ingest.ingress.RawClient.Answer;
import io.penstock.ingest.landing.AppendOutcome;
import io.penstock.ingest.landing.LandingRecord;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.net.Authenticator;
import java.net.PasswordAuthentication;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests over real sockets, byte by byte where it matters. Each must leave nothing held. */
@Timeout(300)
class ExchangeTest {

  private static final String JSON = "Content-Type: application/json";
  private static final String CONTINUE = "Expect: 100-continue";
  private static final String TRACEPARENT =
      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

  private static Vertx vertx;

  private Ingress ingress;
  private RawClient client;

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
    client = ingress.connect();
  }

  @AfterEach
  void nothingIsHeldAndNobodyIsInside() throws Exception {
    client.close();
    try {
      eventually(() -> assertThat(ingress.admission.held()).isZero());
      assertThat(ingress.context.drain(Duration.ofMinutes(1))).isTrue();
    } finally {
      ingress.close();
    }
  }

  private static void eventually(ThrowingRunnable assertion) {
    await()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(2))
        .atMost(Duration.ofMinutes(2))
        .untilAsserted(assertion);
  }

  private static void assertProblem(Answer answer, Reason reason) {
    assertThat(answer.status()).isEqualTo(reason.status());
    assertThat(answer.header("content-type")).isEqualTo("application/problem+json");
    JsonObject problem = new JsonObject(answer.body());
    assertThat(problem.getString("type")).isEqualTo(reason.code());
    assertThat(problem.getString("title")).isEqualTo(reason.title());
    assertThat(problem.getInteger("status")).isEqualTo(reason.status());
    if (reason == Reason.RATE_LIMITED) {
      assertThat(answer.header("retry-after")).isEqualTo("1");
    } else if (reason.status() == 503) {
      assertThat(answer.header("retry-after")).isEqualTo("2");
    } else {
      assertThat(answer.headers()).doesNotContainKey("retry-after");
    }
  }

  private static void assertAcknowledged(Answer answer) {
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("content-type")).isEqualTo("application/json");
    assertThat(answer.body()).isEqualTo("{\"success\": true}");
  }

  private static LandingRecord.Refusal refusal(LandingRecord record) {
    assertThat(record).isInstanceOf(LandingRecord.Refusal.class);
    return (LandingRecord.Refusal) record;
  }

  private LandingRecord onlyRecord() {
    List<LandingRecord> records = ingress.log.records();
    assertThat(records).hasSize(1);
    return records.get(0);
  }

  // What is accepted.

  @Test
  void aDeliveryIsAppendedAsItCameAndAcknowledged() throws Exception {
    // when
    client.post(
        "/webhooks/open",
        "entität",
        "Content-Type: application/json; charset=utf-8",
        "traceparent: " + TRACEPARENT,
        "Svix-Id: msg_1",
        "Authorization: Basic c2VjcmV0");
    // then
    assertAcknowledged(client.answer());
    LandingRecord record = onlyRecord();
    assertThat(record.source()).isEqualTo("open");
    assertThat(record.envelope().provider()).isEqualTo("scripted");
    assertThat(record.receivedAt()).isEqualTo(Ingress.NOW.toEpochMilli());
    assertThat(record.key()).isEqualTo("entität");
    assertThat(((LandingRecord.Event) record).deduplicationId())
        .isEqualTo(DeduplicationId.of("open", "entität", List.of("entität"), record.receiptId()));
    assertThat(record.envelope().contentType()).isEqualTo("application/json; charset=utf-8");
    assertThat(record.envelope().traceparent()).isEqualTo(TRACEPARENT);
    assertThat(record.envelope().headers()).isEqualTo(Map.of("svix-id", "msg_1"));
    assertThat(record.body()).isEqualTo("entität".getBytes(UTF_8));
    assertThat(ingress.count("open", "acknowledged", "none")).isEqualTo(1);
  }

  @Test
  void noAnswerBeforeTheAppendIsAcknowledged() throws Exception {
    // given
    ingress.log.holds();
    client.post("/webhooks/open", "event", JSON);
    FakeLandingLog.Append append = ingress.log.next();
    assertThat(client.isSilent()).isTrue();
    assertThat(ingress.admission.held()).isPositive();
    // when
    append.settlesAndEnds(AppendOutcome.BY_KAFKA);
    // then
    assertAcknowledged(client.answer());
  }

  @Test
  void aDeliveryWithoutAnIdentityOfItsOwnIsNoCopyOfAnother() throws Exception {
    // when
    client.post("/webhooks/open", "same", JSON).answer();
    client.post("/webhooks/open", "same", JSON).answer();
    // then
    assertThat(ingress.log.records())
        .extracting(record -> ((LandingRecord.Event) record).deduplicationId())
        .doesNotHaveDuplicates()
        .hasSize(2);
    assertThat(ingress.log.records()).extracting(LandingRecord::receiptId).doesNotHaveDuplicates();
  }

  @Test
  void aCredentialInABodyIsNotAppended() throws Exception {
    // when
    client.post("/webhooks/open", "secret", JSON).answer();
    // then
    assertThat(onlyRecord().body()).asString().isEqualTo("******");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 128 * 1024, 128 * 1024 + 1, Ingress.LARGEST})
  void bodiesOfAnySizeAreAppendedWhole(int size) throws Exception {
    // given
    byte[] body = new byte[size];
    Arrays.fill(body, (byte) 'x');
    // when
    client.head("/webhooks/open", JSON, "Content-Length: " + size).bytes(body);
    // then
    assertAcknowledged(client.answer());
    assertThat(onlyRecord().body()).isEqualTo(body);
  }

  @Test
  void aChunkedBodyIsAppendedWholeHoweverItIsCut() throws Exception {
    // given
    Random random = new Random(20261121);
    StringBuilder whole = new StringBuilder();
    // when
    client.head("/webhooks/open", JSON, "Transfer-Encoding: chunked");
    for (int i = 0; i < 200; i++) {
      String chunk = "y".repeat(1 + random.nextInt(2000));
      whole.append(chunk);
      client.lines(Integer.toHexString(chunk.length()), chunk);
    }
    client.lines("0", "");
    // then
    assertAcknowledged(client.answer());
    assertThat(onlyRecord().body()).asString().isEqualTo(whole.toString());
  }

  @Test
  void aConnectionIsUsedAgainAlsoAfterRefusals() throws Exception {
    for (int i = 0; i < 3; i++) {
      assertAcknowledged(client.post("/webhooks/open", "event-" + i, JSON).answer());
      assertProblem(client.post("/webhooks/none", "x", JSON).answer(), Reason.UNKNOWN_SOURCE);
      assertProblem(
          client.post("/webhooks/small", "x".repeat(5000), JSON).answer(),
          Reason.PAYLOAD_TOO_LARGE);
      assertProblem(
          client.post("/webhooks/token/wrong", "x", JSON).answer(), Reason.AUTHENTICATION_FAILED);
    }
    assertThat(ingress.log.records()).hasSize(3);
  }

  @Test
  void anHttp10ClientIsAnsweredAndItsConnectionClosed() throws Exception {
    // when
    client.lines("POST /webhooks/open HTTP/1.0", "Content-Length: 5", JSON, "").text("event");
    // then
    assertAcknowledged(client.answer());
    assertThat(client.isClosedByServer()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331, too short",
    "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01, upper case",
    "rubbish, rubbish"
  })
  void aMalformedTraceIsLeftOut(String traceparent, String why) throws Exception {
    // when
    client.post("/webhooks/open", why, JSON, "traceparent: " + traceparent).answer();
    // then
    assertThat(onlyRecord().envelope().traceparent()).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/webhooks/open?a=%zz&b=%",
        "/webhooks/open?",
        "/webhooks/open/",
        "/webhooks/open/?",
        "http://elsewhere/webhooks/open",
        "http://elsewhere:80/webhooks/open/?a=b",
        "HTTP://ELSEWHERE/webhooks/open"
      })
  void addressesOfOneSourceInAnyForm(String address) throws Exception {
    assertAcknowledged(client.post(address, "event", JSON).answer());
  }

  @Test
  void headersThatNobodyAsksForDoNoHarm() throws Exception {
    assertAcknowledged(
        client
            .post(
                "/webhooks/open",
                "event",
                "Content-Type: application/json;;;=;charset",
                "Accept: */*;q=nonsense, ;;, text/html;level=%",
                "Accept-Language: ;q=",
                "Cookie: ====; \"",
                "Forwarded: for=\"[::1\"",
                "X-Forwarded-For: ,,,")
            .answer());
  }

  // What is refused without a look at the body.

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/webhooks",
        "/webhooks/",
        "/webhooks/other",
        "/webhooks/open/token",
        "/webhooks/token/a/b",
        "/webhooks/token//",
        "/webhooks/token/" + Ingress.TOKEN + "//",
        "/webhooks/./open",
        "/webhooks/open;v=1",
        "/webhooks/open/;v=1",
        "/webhooks//open",
        "/webhooks/%6fpen",
        "/webhooks/%zz"
      })
  void anAddressOfNobodyIsNotFound(String path) throws Exception {
    assertProblem(client.post(path, "event", JSON).answer(), Reason.UNKNOWN_SOURCE);
    assertThat(ingress.count("unknown", "refused", "unknown-source")).isEqualTo(1);
    assertThat(ingress.log.records()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW"})
  void onlyPostDelivers(String method) throws Exception {
    // when
    Answer answer = client.lines(method + " /webhooks/open HTTP/1.1", "Host: t", "").answer();
    // then
    assertProblem(answer, Reason.METHOD_NOT_ALLOWED);
    assertThat(answer.header("allow")).isEqualTo("POST");
  }

  @Test
  void anAnswerToHeadHasNoBody() throws Exception {
    // when
    Answer head = client.lines("HEAD /webhooks/open HTTP/1.1", "Host: t", "").answerWithoutBody();
    // then
    assertThat(head.status()).isEqualTo(405);
    assertAcknowledged(client.post("/webhooks/open", "next", JSON).answer());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Type: text/plain",
        "Content-Type: application/json charset=utf-8",
        "Content-Type: application/json; charset=UTF8",
        "Content-Type: application/json; charset=utf-16",
        "Content-Type: application/x-www-form-urlencoded",
        "Content-Type: multipart/form-data",
        "Content-Type: ",
        "Content-Type: json\r\nContent-Type: text/html",
        "Content-Encoding: identity",
        "Content-Encoding: ",
        "Content-Encoding: , Identity",
        "Accept: text/html;q=1, */*;q=0",
        "Accept-Encoding: identity;q=0",
        "Expect: something-else",
        "Content-Language: \u00e4\u00f6",
        "Content-MD5: wrong",
        "Range: bytes=0-1",
        "If-Match: \"x\"",
        "TE: trailers",
        "Transfer_Encoding: chunked",
        "Upgrade: h2c",
      })
  void aHeaderThatDecidesNothingLosesNoDelivery(String header) throws Exception {
    assertAcknowledged(client.post("/webhooks/open", "event", header.split("\r\n")).answer());
    assertThat(onlyRecord()).isInstanceOf(LandingRecord.Event.class);
  }

  @Test
  void aDeliveryWithoutAContentTypeIsTaken() throws Exception {
    assertAcknowledged(client.post("/webhooks/open", "event").answer());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Encoding: gzip",
        "Content-Encoding: identity, br",
        "Content-Encoding: identity\r\nContent-Encoding: gzip"
      })
  void whatIsCompressedIsKeptAsItCameAndRefused(String header) throws Exception {
    // when
    Answer answer =
        client.post("/webhooks/open", "\u001f\u008bnot an event", header.split("\r\n")).answer();
    // then
    assertProblem(answer, Reason.UNSUPPORTED_CONTENT_TYPE);
    assertThat(answer.headers()).containsEntry("x-give-up", "yes");
    LandingRecord record = onlyRecord();
    assertThat(refusal(record).reason()).isEqualTo(Reason.UNSUPPORTED_CONTENT_TYPE);
    assertThat(refusal(record).detail()).isEqualTo("the body has a Content-Encoding");
    assertThat(record.body()).asString(UTF_8).isEqualTo("\u001f\u008bnot an event");
    assertThat(ingress.count("open", "refused", "unsupported-content-type")).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "utf-8", "none"})
  void whatIsJsonWasNotCompressedWhateverAHeaderSays(String coding) throws Exception {
    assertAcknowledged(
        client.post("/webhooks/open", "{\"a\":1}", "Content-Encoding: " + coding).answer());
    assertThat(onlyRecord()).isInstanceOf(LandingRecord.Event.class);
  }

  @Test
  void theSecretInAFieldOfABodyIsNotKept() throws Exception {
    // when
    assertAcknowledged(
        client
            .post(
                "/webhooks/field",
                "{\"key\":\"%s\",\"link\":\"https://a/?k=%s\"}"
                    .formatted(Ingress.TOKEN, Ingress.TOKEN),
                JSON)
            .answer());
    // then
    assertThat(onlyRecord().body())
        .asString(UTF_8)
        .isEqualTo("{\"key\":\"***\",\"link\":\"https://a/?k=***\"}");
  }

  @Test
  void aDeliveryWithoutABodyIsKeptThoughItsSenderIsKnownOnlyLater() throws Exception {
    // when
    Answer answer =
        client
            .post("/webhooks/bcrypt", "", JSON, "X-Token: " + bcrypt(Ingress.SHARED_SECRET))
            .answer();
    // then
    assertProblem(answer, Reason.MISSING_IDENTITY);
    assertThat(refusal(onlyRecord()).reason()).isEqualTo(Reason.MISSING_IDENTITY);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Content-Type: text/plain", "Content-Encoding: gzip", JSON})
  void aStrangerLearnsNothingFromWhatItsBodyIsCalled(String header) throws Exception {
    assertProblem(
        client.post("/webhooks/token/wrong", "event", header).answer(),
        Reason.AUTHENTICATION_FAILED);
    assertThat(ingress.log.records()).isEmpty();
  }

  @Test
  void aBodyThatIsDeclaredTooLargeIsRefusedBeforeItIsSent() throws Exception {
    // when
    client.head("/webhooks/small", JSON, CONTINUE, "Content-Length: " + (Ingress.SMALL + 1));
    // then
    assertProblem(client.answer(), Reason.PAYLOAD_TOO_LARGE);
    assertThat(client.isSilent()).isTrue();
  }

  @Test
  void aChunkedBodyIsRefusedOnceItIsTooLarge() throws Exception {
    // when
    client
        .head("/webhooks/small", JSON, "Transfer-Encoding: chunked")
        .lines(Integer.toHexString(Ingress.SMALL), "x".repeat(Ingress.SMALL));
    assertThat(client.isSilent()).isTrue();
    client.lines("1", "x");
    // then
    assertProblem(client.answer(), Reason.PAYLOAD_TOO_LARGE);
    client.lines("0", "");
    assertAcknowledged(client.post("/webhooks/small", "next", JSON).answer());
  }

  @Test
  void aBodyOfExactlyTheLargestSizeIsTaken() throws Exception {
    assertAcknowledged(client.post("/webhooks/small", "x".repeat(Ingress.SMALL), JSON).answer());
  }

  // Continue.

  @Test
  void whoeverAsksIsToldToGoOn() throws Exception {
    // given
    client.head("/webhooks/open", JSON, CONTINUE, "Content-Length: 5");
    // when
    Answer interim = client.answerWithoutBody();
    client.text("event");
    // then
    assertThat(interim.status()).isEqualTo(100);
    assertAcknowledged(client.answer());
  }

  @Test
  void whoeverDoesNotAskIsNot() throws Exception {
    // when
    client.head("/webhooks/open", JSON, "Content-Length: 5").text("event");
    // then
    assertThat(client.answer().status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Expect: 100-Continue",
        "Expect: x, 100-continue",
        "Expect: x\r\nExpect: 100-continue"
      })
  void whoeverAsksInAnyFormIsToldToGoOn(String expect) throws Exception {
    client.lines("POST /webhooks/open HTTP/1.1", "Host: test", "Content-Length: 5");
    client.lines(expect.split("\r\n")).lines("");
    assertThat(client.answerWithoutBody().status()).isEqualTo(100);
    assertAcknowledged(client.text("event").answer());
  }

  /** It may send the body or not; so what follows could be either, and nothing may follow. */
  @Test
  void whoeverAskedInVainIsToldThatNothingFollows() throws Exception {
    // when
    Answer answer = client.head("/webhooks/none", JSON, CONTINUE, "Content-Length: 5").answer();
    // then
    assertThat(answer.header("connection")).isEqualTo("close");
    client.text("POST ");
    assertThat(client.isClosedByServer()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "/webhooks/none, UNKNOWN_SOURCE",
    "/webhooks/open/token, UNKNOWN_SOURCE",
  })
  void whoeverAsksInVainIsNotToldToGoOn(String path, Reason reason) throws Exception {
    assertProblem(client.head(path, JSON, CONTINUE, "Content-Length: 5").answer(), reason);
  }

  // Authentication.

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "?", "/?", "?a=b", "/?a=/b/"})
  void theRightUrlTokenLetsIn(String end) throws Exception {
    assertAcknowledged(
        client.post("/webhooks/token/" + Ingress.TOKEN + end, "event", JSON).answer());
  }

  @Test
  void eachKindOfAuthenticationHasItsChallenge() throws Exception {
    assertThat(client.post("/webhooks/basic", "event", JSON).answer().header("www-authenticate"))
        .isEqualTo("Basic realm=\"penstock\", charset=\"UTF-8\"");
    assertThat(client.post("/webhooks/bearer", "event", JSON).answer().header("www-authenticate"))
        .isEqualTo("Bearer realm=\"penstock\"");
    assertThat(client.post("/webhooks/token", "event", JSON).answer().header("www-authenticate"))
        .isEqualTo("Webhook realm=\"penstock\"");
    client.post("/webhooks/several/wrong", "event", JSON, "Authorization: Basic eDp5");
    assertThat(client.answer().all("www-authenticate"))
        .containsExactly(
            "Basic realm=\"penstock\", charset=\"UTF-8\"", "Webhook realm=\"penstock\"");
  }

  @Test
  void aSenderThatWaitsForAChallengeGetsInOnTheSameConnection() throws Exception {
    // given
    assertProblem(
        client.post("/webhooks/basic", "event", JSON).answer(), Reason.AUTHENTICATION_FAILED);
    // when
    String credentials =
        Base64.getEncoder()
            .encodeToString((Ingress.USER + ":" + Ingress.SHARED_SECRET).getBytes(UTF_8));
    client.post("/webhooks/basic", "event", JSON, "Authorization: Basic " + credentials);
    // then
    assertAcknowledged(client.answer());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void javasOwnClientWaitsForAChallengeAndGetsIn(boolean expectsContinue) throws Exception {
    try (HttpClient http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .authenticator(
                new Authenticator() {
                  @Override
                  protected PasswordAuthentication getPasswordAuthentication() {
                    return new PasswordAuthentication(
                        Ingress.USER, Ingress.SHARED_SECRET.toCharArray());
                  }
                })
            .build()) {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(
                      URI.create("http://127.0.0.1:" + ingress.port() + "/webhooks/basic"))
                  .POST(HttpRequest.BodyPublishers.ofString("event"))
                  .expectContinue(expectsContinue)
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(200);
    }
    assertThat(onlyRecord().body()).asString().isEqualTo("event");
  }

  @Test
  void everyFailedAuthenticationHasOneAndTheSameAnswer() throws Exception {
    // when
    List<Answer> answers =
        List.of(
            client.post("/webhooks/token", "event", JSON).answer(),
            client.post("/webhooks/token/", "event", JSON).answer(),
            client.post("/webhooks/token/wrong", "event", JSON).answer(),
            client.post("/webhooks/token/%zz", "malformed", JSON).answer(),
            client.post("/webhooks/bcrypt", "event", JSON).answer(),
            client.post("/webhooks/bcrypt", "event", JSON, "X-Token: no bcrypt").answer(),
            client.post("/webhooks/bcrypt", "event", JSON, "X-Token: " + bcrypt("wrong")).answer());
    // then
    assertThat(answers).containsOnly(answers.get(0));
    assertProblem(answers.get(0), Reason.AUTHENTICATION_FAILED);
    assertThat(answers.get(0).headers()).containsKey("www-authenticate");
    assertThat(ingress.log.records()).isEmpty();
  }

  private static String bcrypt(String secret) {
    return BCrypt.with(BCrypt.Version.VERSION_2B).hashToString(4, secret.toCharArray());
  }

  @Test
  void aBcryptTokenIsVerifiedBeforeTheBodyIsRead() throws Exception {
    // when
    client.head(
        "/webhooks/bcrypt", JSON, "Content-Length: 5", "X-Token: " + bcrypt(Ingress.SHARED_SECRET));
    // then
    assertThat(ingress.bcryptMatched.await(120, TimeUnit.SECONDS)).isTrue();
    assertThat(client.isSilent()).isTrue();
    client.text("event");
    assertAcknowledged(client.answer());
    assertThat(onlyRecord().body()).asString().isEqualTo("event");
  }

  @Test
  void aBodyThatComesWhileATokenIsVerifiedIsNotLost() throws Exception {
    // given
    String body = "z".repeat(200_000);
    // when
    client.post("/webhooks/bcrypt", body, JSON, "X-Token: " + bcrypt(Ingress.SHARED_SECRET));
    // then
    assertAcknowledged(client.answer());
    assertThat(onlyRecord().body()).asString().isEqualTo(body);
  }

  @Test
  void aSenderThatLeavesWhileItsTokenIsVerifiedLeavesNothing() throws Exception {
    // when
    client
        .head(
            "/webhooks/bcrypt",
            JSON,
            "Content-Length: 500000",
            "X-Token: " + bcrypt(Ingress.SHARED_SECRET))
        .text("start");
    client.resets();
    // then
    assertThat(ingress.bcryptMatched.await(120, TimeUnit.SECONDS)).isTrue();
    eventually(() -> assertThat(ingress.count("bcrypt", "abandoned", "none")).isEqualTo(1));
    assertThat(ingress.log.records()).isEmpty();
  }

  // Outcomes.

  private static final AppendOutcome UNKNOWN = new AppendOutcome.Unknown(Reason.KAFKA_UNAVAILABLE);

  static List<AppendOutcome> notAcknowledged() {
    return List.of(UNKNOWN, new AppendOutcome.Refused(Reason.KAFKA_UNAVAILABLE));
  }

  @ParameterizedTest
  @CsvSource({
    // outcome, reason, counted as
    "refused, KAFKA_UNAVAILABLE",
    "refused, SPOOL_FULL",
    "unknown, KAFKA_UNAVAILABLE",
    "unknown, SPOOL_FULL",
  })
  void whatIsNotAcknowledgedIsCountedAsWhatItIs(String outcome, Reason reason) throws Exception {
    // given
    ingress.log.holds();
    client.post("/webhooks/open", "event", JSON);
    // when
    ingress
        .log
        .next()
        .settlesAndEnds(
            outcome.equals("unknown")
                ? new AppendOutcome.Unknown(reason)
                : new AppendOutcome.Refused(reason));
    // then
    assertProblem(client.answer(), reason);
    Map<String, Double> counted = new java.util.TreeMap<>();
    for (Counter counter : ingress.meters.find("penstock.deliveries").counters()) {
      if (counter.count() > 0) {
        counted.merge(
            counter.getId().getTag("source")
                + " "
                + counter.getId().getTag("outcome")
                + " "
                + counter.getId().getTag("reason"),
            counter.count(),
            Double::sum);
      }
    }
    assertThat(counted).isEqualTo(Map.of("open " + outcome + " " + reason.code(), 1.0));
  }

  @Test
  void whatTheSpoolKeepsIsAcknowledgedToo() throws Exception {
    // given
    ingress.log.holds();
    client.post("/webhooks/open", "event", JSON);
    // when
    ingress.log.next().settlesAndEnds(AppendOutcome.BY_SPOOL);
    // then
    assertAcknowledged(client.answer());
    assertThat(ingress.count("open", "acknowledged", "none")).isEqualTo(1);
    assertThat(
            ingress
                .meters
                .get("penstock.deliveries")
                .tags("source", "open", "durable", "spool")
                .counter()
                .count())
        .isEqualTo(1);
  }

  @Test
  void anAppendHasTheTimeThatTheSourceGivesIt() throws Exception {
    // given
    ingress.log.holds();
    // when
    client.post("/webhooks/open", "event", JSON);
    FakeLandingLog.Append append = ingress.log.next();
    // then
    assertThat(append.within()).isBetween(Duration.ofMillis(1), Duration.ofSeconds(4));
    append.settlesAndEnds(AppendOutcome.BY_KAFKA);
    assertAcknowledged(client.answer());
  }

  @ParameterizedTest
  @MethodSource("notAcknowledged")
  void whatIsNotAcknowledgedIsToBeSentAgain(AppendOutcome outcome) throws Exception {
    // given
    ingress.log.holds();
    client.post("/webhooks/open", "event", JSON);
    // when
    ingress.log.next().settlesAndEnds(outcome);
    // then
    assertProblem(client.answer(), Reason.KAFKA_UNAVAILABLE);
    assertThat(
            ingress.count("open", "unknown", "kafka-unavailable")
                + ingress.count("open", "refused", "kafka-unavailable"))
        .isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "malformed, MALFORMED_JSON, line 1 is no JSON",
    "missing, MISSING_IDENTITY, uuid is missing"
  })
  void anAuthenticDeliveryThatIsRefusedIsKeptFirst(String body, Reason reason, String detail)
      throws Exception {
    // given
    ingress.log.holds();
    client.post("/webhooks/open", body, JSON, "X-Kept: yes");
    FakeLandingLog.Append append = ingress.log.next();
    assertThat(client.isSilent()).isTrue();
    // when
    append.settlesAndEnds(AppendOutcome.BY_KAFKA);
    // then
    Answer answer = client.answer();
    assertProblem(answer, reason);
    assertThat(new JsonObject(answer.body()).getString("detail")).isEqualTo(detail);
    assertThat(answer.headers()).containsEntry("x-give-up", "yes");
    LandingRecord record = append.record();
    assertThat(refusal(record).reason()).isEqualTo(reason);
    assertThat(refusal(record).detail()).isEqualTo(detail);
    assertThat(record.key()).isEqualTo(record.receiptId());
    assertThat(record.envelope().headers()).isEqualTo(Map.of("x-kept", "yes"));
    assertThat(record.body()).asString().isEqualTo(body);
  }

  @ParameterizedTest
  @MethodSource("notAcknowledged")
  void aRefusalThatCannotBeKeptIsToBeSentAgain(AppendOutcome outcome) throws Exception {
    // given
    ingress.log.holds();
    client.post("/webhooks/open", "malformed", JSON);
    // when
    ingress.log.next().settlesAndEnds(outcome);
    // then
    Answer answer = client.answer();
    assertProblem(answer, Reason.KAFKA_UNAVAILABLE);
    assertThat(answer.headers()).doesNotContainKey("x-give-up");
  }

  // What is held.

  @Test
  void bytesAreHeldBeyondTheAnswerUntilTheAppendIsSettled() throws Exception {
    // given
    ingress.log.holds();
    client.post("/webhooks/open", "x".repeat(5000), JSON);
    FakeLandingLog.Append append = ingress.log.next();
    // when
    append.ends(UNKNOWN);
    assertProblem(client.answer(), Reason.KAFKA_UNAVAILABLE);
    // then
    assertThat(ingress.admission.held()).isGreaterThanOrEqualTo(5000);
    append.settled().run();
    assertThat(ingress.admission.held()).isZero();
  }

  @Test
  void whenTooMuchIsHeldOthersAreToComeAgainAndAreTakenAfterIt() throws Exception {
    // given
    ingress.log.holds();
    client.post("/webhooks/open", "x".repeat(1_000_000), JSON);
    FakeLandingLog.Append first = ingress.log.next();
    Admission.Lease others = ingress.fill(1_000_000);
    try (RawClient other = ingress.connect()) {
      // when
      other.post("/webhooks/open", "y".repeat(1_000_000), JSON);
      // then
      assertProblem(other.answer(), Reason.OVERLOADED);
      others.release();
      first.settlesAndEnds(AppendOutcome.BY_KAFKA);
      assertAcknowledged(client.answer());
      other.post("/webhooks/open", "y".repeat(1_000_000), JSON);
      ingress.log.next().settlesAndEnds(AppendOutcome.BY_KAFKA);
      assertAcknowledged(other.answer());
    }
  }

  @Test
  void aBodyWithoutALengthIsRefusedOnceTooMuchIsHeld() throws Exception {
    // given
    client
        .head("/webhooks/open", JSON, "Transfer-Encoding: chunked")
        .lines("3e8", "x".repeat(1000));
    eventually(() -> assertThat(ingress.admission.held()).isPositive());
    Admission.Lease others = ingress.fill(0);
    // when
    client.lines("1388", "x".repeat(5000));
    // then
    assertProblem(client.answer(), Reason.OVERLOADED);
    others.release();
    eventually(() -> assertThat(ingress.admission.held()).isZero());
  }

  @Test
  void aSenderThatLeavesInTheMiddleLeavesNothing() throws Exception {
    // given
    client.head("/webhooks/open", JSON, "Content-Length: 500000").text("start");
    eventually(() -> assertThat(ingress.admission.held()).isPositive());
    // when
    client.resets();
    // then
    eventually(() -> assertThat(ingress.admission.held()).isZero());
    assertThat(ingress.count("open", "abandoned", "none")).isEqualTo(1);
    assertThat(ingress.log.records()).isEmpty();
  }

  @Test
  void aSenderThatLeavesBeforeItsAnswerIsStillAppended() throws Exception {
    // given
    ingress.log.holds();
    client.post("/webhooks/open", "event", JSON);
    FakeLandingLog.Append append = ingress.log.next();
    client.resets();
    // when
    append.settlesAndEnds(AppendOutcome.BY_KAFKA);
    // then
    eventually(() -> assertThat(ingress.admission.held()).isZero());
    assertThat(ingress.context.drain(Duration.ofMinutes(1))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"zz", "-5", "fffffffffffffffff"})
  void aBodyThatIsNoHttpLeavesNothing(String chunkSize) throws Exception {
    // given
    client.head("/webhooks/open", JSON, "Transfer-Encoding: chunked");
    eventually(() -> assertThat(ingress.admission.held()).isPositive());
    // when
    client.lines(chunkSize, "rubbish");
    // then
    eventually(() -> assertThat(ingress.admission.held()).isZero());
    assertThat(ingress.log.records()).isEmpty();
  }

  @Test
  void aBodyThatIsDeclaredIsRefusedBeforeItIsSentWhereThereIsNoRoom() throws Exception {
    // given
    Admission.Lease others = ingress.fill(100_000);
    // when
    client.head("/webhooks/open", JSON, CONTINUE, "Content-Length: 200000");
    // then
    assertProblem(client.answer(), Reason.OVERLOADED);
    others.release();
  }

  @Test
  void whileOneSourceHoldsAllItMayAnotherIsAnswered() throws Exception {
    // given
    Admission.Lease others = ingress.fill(0);
    // then
    assertProblem(client.post("/webhooks/open", "event", JSON).answer(), Reason.OVERLOADED);
    assertAcknowledged(client.post("/webhooks/small", "event", JSON).answer());
    others.release();
  }

  @Test
  void aDeliveryThatItsBodyProvesIsCountedWithItsSourceOnlyThen() throws Exception {
    // given
    ingress.log.holds();
    String body = "{\"key\": \"" + Ingress.TOKEN + "\"}";
    client.head("/webhooks/field", JSON, "Content-Length: " + body.length()).text("{");
    eventually(() -> assertThat(ingress.admission.heldUnauthenticated("field")).isPositive());
    assertThat(ingress.admission.held("field")).isZero();
    // when
    client.text(body.substring(1));
    FakeLandingLog.Append append = ingress.log.next();
    // then
    assertThat(ingress.admission.heldUnauthenticated("field")).isZero();
    assertThat(ingress.admission.held("field"))
        .isEqualTo(Admission.DELIVERY_OVERHEAD + body.length());
    assertThat(ingress.admission.requests("field")).isEqualTo(1);
    append.settlesAndEnds(AppendOutcome.BY_KAFKA);
    assertAcknowledged(client.answer());
  }

  @Test
  void strangersThatHoldAllTheyMayLeaveTheirSourceItsShare() throws Exception {
    // given strangers that send much, and do not end
    java.util.List<RawClient> strangers = new java.util.ArrayList<>();
    try {
      for (int i = 0; i < 8; i++) {
        RawClient stranger = ingress.connect();
        strangers.add(stranger);
        stranger
            .head("/webhooks/field", JSON, "Content-Length: " + Ingress.LARGEST)
            .text("x".repeat(900_000));
      }
      // then
      long most = Admission.DELIVERY_OVERHEAD + 2L * Ingress.LARGEST;
      eventually(() -> assertThat(ingress.count("field", "refused", "overloaded")).isPositive());
      assertThat(ingress.admission.heldUnauthenticated("field")).isLessThanOrEqualTo(most);
      assertThat(ingress.admission.held("field")).isZero();
      assertAcknowledged(client.post("/webhooks/open", "x".repeat(800_000), JSON).answer());
    } finally {
      for (RawClient stranger : strangers) {
        stranger.close();
      }
    }
  }

  // Rates.

  @Test
  void aSourceThatSendsMoreThanItMayIsToComeLater() throws Exception {
    // given
    String path = "/webhooks/limited/" + Ingress.TOKEN;
    for (int i = 0; i < Ingress.RATE.burst(); i++) {
      assertAcknowledged(client.post(path, "event" + i, JSON).answer());
    }
    // then
    assertProblem(client.post(path, "one more", JSON).answer(), Reason.RATE_LIMITED);
    assertThat(ingress.count("limited", "refused", "rate-limited")).isEqualTo(1);
    assertAcknowledged(client.post("/webhooks/open", "other", JSON).answer());
  }

  @Test
  void strangersUseUpNothingOfASourcesRate() throws Exception {
    // given
    for (int i = 0; i < 20; i++) {
      assertProblem(
          client.post("/webhooks/limited/wrong", "event", JSON).answer(),
          Reason.AUTHENTICATION_FAILED);
    }
    // then
    assertAcknowledged(client.post("/webhooks/limited/" + Ingress.TOKEN, "event", JSON).answer());
  }

  // The end.

  @Test
  void whoeverIsAnsweredBeforeTheEndIsSentElsewhere() throws Exception {
    // given
    assertThat(client.post("/webhooks/open", "event", JSON).answer().headers())
        .doesNotContainKey("connection");
    // when
    ingress.context.announceLeave();
    // then
    Answer answer = client.post("/webhooks/open", "event", JSON).answer();
    assertAcknowledged(answer);
    assertThat(answer.header("connection")).isEqualTo("close");
    assertThat(client.isClosedByServer()).isTrue();
  }

  private CompletableFuture<Boolean> drain(Duration timeout) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return ingress.context.drain(timeout);
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private void awaitTheEndOfAdmission() {
    eventually(
        () -> {
          boolean entered = ingress.context.underWay().enter();
          if (entered) {
            ingress.context.underWay().leave();
          }
          assertThat(entered).isFalse();
        });
  }

  @Test
  void whoIsInsideIsAnsweredAndWhoComesLaterIsToComeAgain() throws Exception {
    // given
    ingress.log.holds();
    client.post("/webhooks/open", "event", JSON);
    FakeLandingLog.Append append = ingress.log.next();
    // when
    CompletableFuture<Boolean> drained = drain(Duration.ofMinutes(1));
    awaitTheEndOfAdmission();
    // then
    try (RawClient late = ingress.connect()) {
      Answer answer = late.post("/webhooks/open", "late", JSON).answer();
      assertProblem(answer, Reason.SHUTTING_DOWN);
      assertThat(answer.header("connection")).isEqualTo("close");
    }
    assertThat(drained).isNotDone();
    append.settlesAndEnds(AppendOutcome.BY_KAFKA);
    assertAcknowledged(client.answer());
    assertThat(drained.get(120, TimeUnit.SECONDS)).isTrue();
    assertThat(ingress.log.records()).hasSize(1);
  }

  @Test
  void aBodyThatWasBegunIsTakenToItsEnd() throws Exception {
    // given
    client.head("/webhooks/open", JSON, "Content-Length: 5").text("ev");
    eventually(() -> assertThat(ingress.admission.held()).isPositive());
    // when
    CompletableFuture<Boolean> drained = drain(Duration.ofMinutes(1));
    awaitTheEndOfAdmission();
    client.text("ent");
    // then
    assertAcknowledged(client.answer());
    assertThat(drained.get(120, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aBodyThatDoesNotComeIsNotWaitedForBeyondTheTime() throws Exception {
    // given
    client.head("/webhooks/open", JSON, "Content-Length: 5").text("ev");
    eventually(() -> assertThat(ingress.admission.held()).isPositive());
    // then
    assertThat(ingress.context.drain(Duration.ofMillis(50))).isFalse();
  }

  @Test
  void nobodyInsideIsNothingToWaitFor() throws Exception {
    assertThat(ingress.context.drain(Duration.ZERO)).isTrue();
  }
}
