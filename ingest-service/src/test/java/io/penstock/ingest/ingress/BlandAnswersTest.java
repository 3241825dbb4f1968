package io.penstock.ingest.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.ingress.RawClient.Answer;
import io.vertx.core.Vertx;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The answers to refused requests, byte for byte as they were before refusals were kept: a sender
 * learns nothing more than its reason.
 */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // set before all tests
class BlandAnswersTest {

  private static final String UNAUTHENTICATED =
      "{\"type\":\"authentication-failed\",\"title\":\"The sender did not prove who it is\",\"status\":401}";

  private Vertx vertx;
  private Ingress ingress;

  @BeforeAll
  void start() throws Exception {
    vertx = Vertx.vertx();
    ingress = new Ingress(vertx, 4L * 1024 * 1024);
  }

  @AfterAll
  void stop() throws Exception {
    ingress.close();
    vertx.close().await(120, TimeUnit.SECONDS);
  }

  private Answer post(String path, String body, String... headers) throws Exception {
    try (RawClient client = ingress.connect()) {
      return client.post(path, body, headers).answer();
    }
  }

  static Stream<Arguments> refused() {
    String problem = "content-type: application/problem+json";
    String webhook = "www-authenticate: Webhook realm=\"penstock\"";
    return Stream.of(
        Arguments.of(
            "/webhooks/nothing",
            List.of("HTTP/1.1 404 Not Found", problem, "content-length: 78"),
            "{\"type\":\"unknown-source\",\"title\":\"No source has this name\",\"status\":404}"),
        Arguments.of(
            "/webhooks/open/token",
            List.of("HTTP/1.1 404 Not Found", problem, "content-length: 78"),
            "{\"type\":\"unknown-source\",\"title\":\"No source has this name\",\"status\":404}"),
        Arguments.of(
            "/webhooks/small",
            List.of("HTTP/1.1 413 Request Entity Too Large", problem, "content-length: 95"),
            "{\"type\":\"payload-too-large\",\"title\":\"The body is larger than this source"
                + " accepts\",\"status\":413}"),
        Arguments.of(
            "/webhooks/token/wrong",
            List.of("HTTP/1.1 401 Unauthorized", problem, webhook, "content-length: 96"),
            UNAUTHENTICATED),
        Arguments.of(
            "/webhooks/basic",
            List.of(
                "HTTP/1.1 401 Unauthorized",
                problem,
                "www-authenticate: Basic realm=\"penstock\", charset=\"UTF-8\"",
                "content-length: 96"),
            UNAUTHENTICATED),
        Arguments.of(
            "/webhooks/several/wrong",
            List.of(
                "HTTP/1.1 401 Unauthorized",
                problem,
                "www-authenticate: Basic realm=\"penstock\", charset=\"UTF-8\"",
                webhook,
                "content-length: 96"),
            UNAUTHENTICATED));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refused")
  void anAnswerHasNotChanged(String path, List<String> head, String body) throws Exception {
    Answer answer = post(path, "x".repeat(Ingress.SMALL + 1));

    assertThat(answer.body()).isEqualTo(body);
    assertThat(answer.lines()).containsExactlyElementsOf(head);
  }

  /** Every fault of one source's sender, as far as it can be told apart. */
  @Test
  void allFaultsOfASenderHaveTheSameAnswer() throws Exception {
    Map<String, List<String[]>> faults =
        Map.of(
            "/webhooks/basic",
            List.<String[]>of(
                new String[] {},
                new String[] {"Authorization: Basic"},
                new String[] {"Authorization: Basic ***"},
                new String[] {"Authorization: Bearer x"},
                new String[] {"Authorization: Basic a", "Authorization: Basic b"},
                new String[] {"Authorization: Basic c29tZW9uZTpub3RoaW5n"},
                new String[] {"Authorization: Basic c29tZWJvZHk6bm90aGluZw=="}),
            "/webhooks/bearer",
            List.<String[]>of(
                new String[] {},
                new String[] {"Authorization: Basic x"},
                new String[] {"Authorization: Bearer x"}),
            "/webhooks/bcrypt",
            List.<String[]>of(
                new String[] {},
                new String[] {"X-Token: x"},
                new String[] {"X-Token: x", "X-Token: y"},
                new String[] {"X-Token: $2b$31$" + "a".repeat(53)},
                new String[] {"X-Token: $2b$04$" + "a".repeat(53)}));
    for (Map.Entry<String, List<String[]>> source : faults.entrySet()) {
      Answer first = post(source.getKey(), "{}", source.getValue().getFirst());
      assertThat(first.status()).isEqualTo(401);
      for (String[] headers : source.getValue()) {
        assertThat(post(source.getKey(), "{}", headers))
            .as("%s %s", source.getKey(), Arrays.toString(headers))
            .isEqualTo(first);
      }
    }
  }
}
