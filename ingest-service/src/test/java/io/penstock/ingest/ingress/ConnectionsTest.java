package io.penstock.ingest.ingress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import at.favre.lib.crypto.bcrypt.BCrypt;
import io.netty.handler.codec.EncoderException;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.ingress.Connection.Cause;
import io.penstock.ingest.ingress.RawClient.Answer;
import io.penstock.ingest.landing.AppendOutcome;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is slow, who is idle, and who gives way to whom; real sockets and short times. */
@Timeout(300)
class ConnectionsTest {

  private static final String JSON = "Content-Type: application/json";
  private static final Duration NEVER = Duration.ofMinutes(5);
  private static final Duration SOON = Duration.ofMillis(300);

  private final Vertx vertx = Vertx.vertx();
  private final List<RawClient> clients = new ArrayList<>();

  @SuppressWarnings("NullAway.Init") // each test opens its own
  private Ingress ingress;

  private void open(int most, Duration request, Duration idle, Duration age) throws Exception {
    ingress =
        new Ingress(
            vertx,
            4L * 1024 * 1024,
            new Configuration.ConnectionsConfig(most, request, idle, age),
            null);
  }

  @AfterEach
  void close() throws Exception {
    for (RawClient client : clients) {
      client.close();
    }
    await().untilAsserted(() -> assertThat(openConnections()).isZero());
    ingress.close();
    vertx.close().await(120, TimeUnit.SECONDS);
  }

  private double openConnections() {
    return ingress.meters.get("penstock.connections").gauge().value();
  }

  private RawClient connect() throws IOException {
    RawClient client = ingress.connect();
    clients.add(client);
    return client;
  }

  /** One that is in place. */
  private RawClient connected() throws IOException {
    double before = openConnections();
    RawClient client = connect();
    await()
        .pollInterval(Duration.ofMillis(1))
        .until(() -> openConnections() > before || ingress.closed(Cause.GAVE_WAY) > 0);
    return client;
  }

  private RawClient proven() throws IOException {
    RawClient client = connected();
    assertThat(client.post("/webhooks/open", "event", JSON).answer().status()).isEqualTo(200);
    return client;
  }

  /** Sends a byte now and then until the other end has closed; how long that took. */
  private static Duration trickle(RawClient client, String bytes) throws Exception {
    long start = System.nanoTime();
    try {
      for (int i = 0; i < 1000; i++) {
        client.text(bytes.substring(i % bytes.length(), i % bytes.length() + 1));
        if (!client.isSilent()) {
          throw new AssertionError("an answer: " + client.answer());
        }
        TimeUnit.MILLISECONDS.sleep(10); // the sender's own slowness
      }
      throw new AssertionError("nobody minds");
    } catch (SocketException e) {
      return Duration.ofNanos(System.nanoTime() - start);
    }
  }

  // Slow ones.

  @Test
  void aHeadThatTricklesIsNotWaitedFor() throws Exception {
    // given
    open(100, SOON, NEVER, NEVER);
    RawClient client = connect();
    // when
    Duration time =
        trickle(client.lines("POST /webhooks/open HTTP/1.1"), "X: yyyyyyyyyyyyyyyy\r\n");
    // then
    assertThat(time).isGreaterThan(SOON.dividedBy(2));
    assertThat(ingress.closed(Cause.SLOW_HEAD)).isEqualTo(1);
    assertThat(ingress.log.records()).isEmpty();
  }

  @Test
  void aLaterHeadIsMeasuredFromItsFirstByte() throws Exception {
    // given
    open(100, SOON, NEVER, NEVER);
    RawClient client = proven();
    TimeUnit.MILLISECONDS.sleep(SOON.multipliedBy(2).toMillis()); // idle for longer than that
    // when
    assertThat(client.post("/webhooks/open", "event", JSON).answer().status()).isEqualTo(200);
    trickle(client.lines("POST /webhooks/open HTTP/1.1"), "X: yyyyyyyyyyyyyyyy\r\n");
    // then
    assertThat(ingress.closed(Cause.SLOW_HEAD)).isEqualTo(1);
  }

  @Test
  void whoConnectsAndSendsNothingIsNotWaitedFor() throws Exception {
    open(100, SOON, NEVER, NEVER);
    assertThat(connect().isClosedByServer()).isTrue();
    assertThat(ingress.closed(Cause.SLOW_HEAD)).isEqualTo(1);
  }

  @Test
  void aBodyThatTricklesIsNotWaitedForAndGetsNoAnswer() throws Exception {
    // given
    open(100, SOON, NEVER, NEVER);
    RawClient client = connect();
    // when
    trickle(client.head("/webhooks/open", JSON, "Content-Length: 100000"), "x");
    // then
    assertThat(ingress.closed(Cause.SLOW_BODY)).isEqualTo(1);
    await().untilAsserted(() -> assertThat(ingress.admission.held()).isZero());
    assertThat(ingress.count("open", "abandoned", "none")).isEqualTo(1);
    assertThat(ingress.log.records()).isEmpty();
  }

  @Test
  void aStrangersBodyThatTricklesIsNotWaitedForEither() throws Exception {
    // given
    open(100, SOON, NEVER, NEVER);
    RawClient client = connect();
    // when
    trickle(client.head("/webhooks/token/wrong", JSON, "Content-Length: 100000"), "x");
    // then
    assertThat(ingress.closed(Cause.SLOW_BODY)).isEqualTo(1);
  }

  @Test
  void aLargeBodyMayComeAtAModestRate() throws Exception {
    // given
    open(100, SOON, NEVER, NEVER);
    RawClient client = connect();
    client.head("/webhooks/open", JSON, "Content-Length: 200000");
    // when
    for (int i = 0; i < 20; i++) {
      client.bytes("x".repeat(10_000).getBytes(UTF_8));
      TimeUnit.MILLISECONDS.sleep(50);
    }
    // then three times the time that an empty one has
    assertThat(client.answer().status()).isEqualTo(200);
    assertThat(ingress.closed(Cause.SLOW_BODY)).isZero();
  }

  @Test
  void whoIsMadeToWaitByUsIsNotSlow() throws Exception {
    // given
    open(100, SOON, NEVER, NEVER);
    ingress.log.holds();
    RawClient client = connect().post("/webhooks/open", "event", JSON);
    FakeLandingLog.Append append = ingress.log.next();
    // when
    TimeUnit.MILLISECONDS.sleep(SOON.multipliedBy(3).toMillis());
    append.settlesAndEnds(AppendOutcome.BY_KAFKA);
    // then
    assertThat(client.answer().status()).isEqualTo(200);
  }

  // Idle and old ones.

  @Test
  void anIdleConnectionIsClosed() throws Exception {
    open(100, NEVER, SOON, NEVER);
    assertThat(proven().isClosedByServer()).isTrue();
    assertThat(ingress.closed(Cause.IDLE)).isEqualTo(1);
  }

  @Test
  void anOldConnectionEndsWithItsNextAnswer() throws Exception {
    // given
    open(100, NEVER, NEVER, Duration.ofMillis(100));
    ingress.log.holds();
    RawClient client = connect().post("/webhooks/open", "event", JSON);
    FakeLandingLog.Append append = ingress.log.next();
    TimeUnit.MILLISECONDS.sleep(150);
    // when
    append.settlesAndEnds(AppendOutcome.BY_KAFKA);
    // then
    Answer answer = client.answer();
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("connection")).isEqualTo("close");
    assertThat(client.isClosedByServer()).isTrue();
  }

  @Test
  void anOldConnectionThatIsIdleIsClosed() throws Exception {
    open(100, Duration.ofMillis(400), NEVER, SOON);
    RawClient client = proven();
    assertThat(client.isClosedByServer()).isTrue();
    assertThat(ingress.closed(Cause.AGE)).isEqualTo(1);
  }

  @Test
  void anAnswerBeforeTheBodyEndsAnOldConnectionOnlyAfterTheBody() throws Exception {
    // given
    open(100, NEVER, NEVER, Duration.ofMillis(100));
    RawClient client = connect();
    TimeUnit.MILLISECONDS.sleep(150);
    // when
    client.head("/webhooks/small", JSON, "Content-Length: 5000");
    // then
    Answer answer = client.answer();
    assertThat(answer.status()).isEqualTo(413);
    assertThat(answer.header("connection")).isEqualTo("close");
    client.text("x".repeat(4999));
    assertThat(client.isSilent()).isTrue();
    client.text("x");
    assertThat(client.isClosedByServer()).isTrue();
  }

  @Test
  void agesDiffer() throws Exception {
    // given
    open(100, NEVER, NEVER, NEVER);
    Duration age = Duration.ofSeconds(100);
    // then
    assertThat(OpenConnections.lifetime(age, 0)).isEqualTo(80_000_000_000L);
    assertThat(OpenConnections.lifetime(age, 0.5)).isEqualTo(100_000_000_000L);
    assertThat(OpenConnections.lifetime(age, 1)).isEqualTo(120_000_000_000L);
  }

  // Too many.

  @Test
  void whoHasProvedNothingGivesWayLongestConnectedFirst() throws Exception {
    // given
    open(4, NEVER, NEVER, NEVER);
    RawClient proven = proven();
    RawClient first = connected();
    RawClient second = connected();
    RawClient third = connected();
    // when
    RawClient newcomer = connect();
    Answer answer = newcomer.post("/webhooks/open", "event", JSON).answer();
    // then
    assertThat(answer.status()).isEqualTo(200);
    assertThat(first.isClosedByServer()).isTrue();
    assertThat(ingress.closed(Cause.GAVE_WAY)).isEqualTo(1);
    assertThat(second.post("/webhooks/token/wrong", "x", JSON).answer().status()).isEqualTo(401);
    assertThat(third.post("/webhooks/open", "x", JSON).answer().status()).isEqualTo(200);
    assertThat(proven.post("/webhooks/open", "x", JSON).answer().status()).isEqualTo(200);
  }

  @Test
  void whoIsIdleGivesWayBeforeWhoHasARequestUnderWay() throws Exception {
    // given
    open(2, NEVER, NEVER, NEVER);
    RawClient busy = connected();
    busy.head("/webhooks/token/wrong", JSON, "Content-Length: 5");
    await().until(() -> openConnections() == 1);
    RawClient idle = connected();
    // when
    connect().post("/webhooks/open", "event", JSON).answer();
    // then
    assertThat(idle.isClosedByServer()).isTrue();
    assertThat(busy.text("event").answer().status()).isEqualTo(401);
  }

  @Test
  void aFloodOfConnectionsPushesOutNobodyWhoHasProvedToBeSomebody() throws Exception {
    // given
    open(10, NEVER, NEVER, NEVER);
    RawClient proven = proven();
    // when
    for (int i = 0; i < 200; i++) {
      connect();
      if (i % 20 == 0) {
        assertThat(proven.post("/webhooks/open", "event", JSON).answer().status()).isEqualTo(200);
        try (RawClient newcomer = ingress.connect()) {
          assertThat(newcomer.post("/webhooks/open", "new", JSON).answer().status()).isEqualTo(200);
        }
      }
    }
    // then
    await().untilAsserted(() -> assertThat(ingress.closed(Cause.GAVE_WAY)).isGreaterThan(150));
    assertThat(openConnections()).isLessThanOrEqualTo(10);
    assertThat(proven.post("/webhooks/open", "event", JSON).answer().status()).isEqualTo(200);
  }

  @Test
  void whenAllHaveProvedToBeSomebodyANewConnectionIsClosed() throws Exception {
    // given
    open(2, NEVER, NEVER, NEVER);
    RawClient one = proven();
    RawClient other = proven();
    // when
    RawClient newcomer = connect();
    // then
    assertThat(newcomer.isClosedByServer()).isTrue();
    assertThat(ingress.closed(Cause.NO_PLACE)).isEqualTo(1);
    for (RawClient each : List.of(one, other)) {
      assertThat(each.post("/webhooks/open", "event", JSON).answer().status()).isEqualTo(200);
    }
  }

  // Who does not listen.

  private static final String REQUEST =
      "POST /webhooks/none HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n";

  @Test
  void whoSendsASecondRequestBeforeTheFirstAnswerIsCutOffAndTheSecondIsNotDecoded()
      throws Exception {
    // given
    open(100, NEVER, NEVER, NEVER);
    ingress.log.holds();
    RawClient client = connect().post("/webhooks/open", "first", JSON);
    FakeLandingLog.Append append = ingress.log.next();
    // when
    client.text("P");
    // then
    assertThat(client.isClosedByServer()).isTrue();
    assertThat(ingress.closed(Cause.PIPELINED)).isEqualTo(1);
    append.settlesAndEnds(AppendOutcome.BY_KAFKA);
    await().untilAsserted(() -> assertThat(ingress.admission.held()).isZero());
    assertThat(ingress.log.records()).hasSize(1);
    assertThat(ingress.context.drain(Duration.ofSeconds(5))).isTrue();
  }

  @Test
  void whoSendsManyRequestsAtOnceGetsOneAnswerAtMost() throws Exception {
    // given
    open(100, NEVER, NEVER, NEVER);
    RawClient client = connect();
    // when
    try {
      client.text(REQUEST.repeat(1000));
    } catch (SocketException e) {
      // cut off
    }
    // then
    await().untilAsserted(() -> assertThat(ingress.closed(Cause.PIPELINED)).isEqualTo(1));
    await().untilAsserted(() -> assertThat(openConnections()).isZero());
    assertThat(ingress.count("unknown", "refused", "unknown-source")).isEqualTo(1);
  }

  /** RFC 9112, section 2.2: some clients send an empty line behind a body. */
  @Test
  void anEmptyLineBehindABodyIsNoSecondRequest() throws Exception {
    // given
    open(100, NEVER, NEVER, NEVER);
    ingress.log.holds();
    RawClient client = connect().post("/webhooks/open", "first", JSON).text("\r\n");
    // when
    ingress.log.next().settlesAndEnds(AppendOutcome.BY_KAFKA);
    // then
    assertThat(client.answer().status()).isEqualTo(200);
    client.post("/webhooks/open", "second", JSON);
    ingress.log.next().settlesAndEnds(AppendOutcome.BY_KAFKA);
    assertThat(client.answer().status()).isEqualTo(200);
  }

  @Test
  void whoTakesNoAnswersIsClosedAndCountedUntilThen() throws Exception {
    // given one that asks again and again, one at a time, and reads nothing
    open(100, SOON, NEVER, NEVER);
    RawClient client = new RawClient(ingress.port(), 1024);
    clients.add(client);
    // when
    double answers = 0;
    try {
      while (ingress.closed(Cause.UNREAD_ANSWERS) == 0) {
        client.text(REQUEST);
        double before = answers;
        await()
            .pollInterval(Duration.ofMillis(1))
            .until(
                () ->
                    ingress.count("unknown", "refused", "unknown-source") > before
                        || openConnections() == 0);
        answers = ingress.count("unknown", "refused", "unknown-source");
        if (openConnections() == 0) {
          break;
        }
      }
    } catch (SocketException e) {
      // cut off
    }
    // then it was cut off for the one that found no place, or for what it sent behind that
    await().untilAsserted(() -> assertThat(openConnections()).isZero());
    assertThat(ingress.closed(Cause.UNREAD_ANSWERS) + ingress.closed(Cause.PIPELINED)).isEqualTo(1);
    assertThat(answers * 200).as("bytes that the machine took").isLessThan(1024 * 1024);
    assertThat(ingress.context.drain(Duration.ofSeconds(5))).isTrue();
  }

  @Test
  void whoSaysThatItSendsNoMoreIsAnsweredAllTheSame() throws Exception {
    // given
    open(100, NEVER, NEVER, NEVER);
    ingress.log.holds();
    RawClient client = connect().post("/webhooks/open", "event", JSON);
    client.endsItsOutput();
    FakeLandingLog.Append append = ingress.log.next();
    RawClient other = proven("/webhooks/none"); // by then the end has been read
    // when
    append.settlesAndEnds(AppendOutcome.BY_KAFKA);
    // then
    Answer answer = client.answer();
    assertThat(answer.status()).isEqualTo(200);
    assertThat(client.isClosedByServer()).isTrue();
    assertThat(other.post("/webhooks/none", "x", JSON).answer().status()).isEqualTo(404);
  }

  private RawClient proven(String path) throws IOException {
    RawClient client = connect();
    for (int i = 0; i < 3; i++) {
      assertThat(client.post(path, "x", JSON).answer().status()).isEqualTo(404);
    }
    return client;
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "POST /web", "POST /webhooks/open HTTP/1.1\r\nHost: a\r\n"})
  void whoSaysThatItSendsNoMoreAndHasAskedForNothingIsClosed(String start) throws Exception {
    // given
    open(100, NEVER, NEVER, NEVER);
    RawClient client = connect().text(start);
    // when
    client.endsItsOutput();
    // then
    assertThat(client.isClosedByServer()).isTrue();
    await().untilAsserted(() -> assertThat(openConnections()).isZero());
  }

  @Test
  void anAnswerThatWeOweForEverIsNotWaitedForForEver() throws Exception {
    // given a log that never says what became of a delivery; the source's deadline is 4 s
    open(100, SOON, NEVER, NEVER);
    ingress.log.holds();
    RawClient client = connect().post("/webhooks/open", "event", JSON);
    ingress.log.next();
    // then
    assertThat(client.isClosedByServer()).isTrue();
    assertThat(ingress.closed(Cause.UNANSWERED)).isEqualTo(1);
    assertThat(ingress.context.drain(Duration.ofSeconds(5))).isTrue();
  }

  /** Vert.x would keep it while the hash is computed, and for good if its sender goes away then. */
  @Test
  void whatIsSentBehindAHashIsNotDecoded() throws Exception {
    // given
    open(100, NEVER, NEVER, NEVER);
    String token =
        BCrypt.with(BCrypt.Version.VERSION_2B).hashToString(4, Ingress.SHARED_SECRET.toCharArray());
    // when
    RawClient client =
        connect()
            .text(
                "POST /webhooks/bcrypt HTTP/1.1\r\nHost: a\r\nX-Token: "
                    + token
                    + "\r\nContent-Length: 5\r\n\r\nevent"
                    + REQUEST);
    // then
    assertThat(client.isClosedByServer()).isTrue();
    assertThat(ingress.closed(Cause.PIPELINED)).isEqualTo(1);
    assertThat(ingress.count("unknown", "refused", "unknown-source")).isZero();
    await().untilAsserted(() -> assertThat(ingress.log.records()).hasSize(1));
    assertThat(ingress.context.drain(Duration.ofSeconds(5))).isTrue();
  }

  // Memory.

  @Test
  void aWantOfMemoryIsTheProcesssEnd() throws Exception {
    // given
    open(100, NEVER, NEVER, NEVER);
    ingress.context.troubles().report("not of memory", "open", null, new IOException("reset"));
    assertThat(ingress.context.failure()).isNotDone();
    // when
    assertThat(ingress.context.troubles().memory(new EncoderException(new OutOfMemoryError("x"))))
        .isTrue();
    // then
    assertThat(ingress.context.failure()).isCompletedExceptionally();
  }
}
