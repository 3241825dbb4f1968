package io.penstock.ingest.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.ingest.ingress.RawClient.Answer;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a stranger or a bug must not be able to hold. */
@Timeout(300)
class HostileRequestsTest {

  private static final String JSON = "Content-Type: application/json";

  private final Vertx vertx = Vertx.vertx();
  private Ingress ingress;
  private RawClient client;

  @BeforeEach
  void open() throws Exception {
    ingress = new Ingress(vertx, 4L * 1024 * 1024);
    client = ingress.connect();
  }

  @AfterEach
  void close() throws Exception {
    client.close();
    ingress.close();
    vertx.close().await(120, TimeUnit.SECONDS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/webhooks/token/wrong", "/webhooks/bcrypt"})
  void strangersThatDeclareMuchAndSendLittleDoNotKeepOthersOut(String path) throws Exception {
    // given
    List<RawClient> strangers = new ArrayList<>();
    try {
      for (int i = 0; i < 8; i++) {
        strangers.add(
            ingress
                .connect()
                .head(path, JSON, "Expect: 100-continue", "Content-Length: " + Ingress.LARGEST));
      }
      for (RawClient stranger : strangers) {
        stranger.answerWithoutBody(); // whatever it is: the head has been dealt with
      }
      // when
      Answer answer = client.post("/webhooks/open", "e".repeat(1_000_000), JSON).answer();
      // then
      assertThat(answer.status()).isEqualTo(200);
      assertThat(ingress.admission.held()).isZero();
    } finally {
      for (RawClient stranger : strangers) {
        stranger.close();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 200_000})
  void aBugInAProvidersRulesHoldsNothingForEver(int padding) throws Exception {
    // when
    Answer answer = client.post("/webhooks/open", "throw" + " ".repeat(padding), JSON).answer();
    // then
    assertThat(answer.status()).isEqualTo(503);
    await().untilAsserted(() -> assertThat(ingress.admission.held()).isZero());
    assertThat(ingress.context.drain(Duration.ofMinutes(1))).isTrue();
  }

  @Test
  void anHttp10ClientIsNeverToldToGoOn() throws Exception {
    // when
    client
        .lines(
            "POST /webhooks/open HTTP/1.0", "Content-Length: 5", JSON, "Expect: 100-continue", "")
        .text("event");
    // then
    assertThat(client.answer().status()).isEqualTo(200);
  }
}
