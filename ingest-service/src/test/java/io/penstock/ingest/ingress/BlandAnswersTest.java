package io.penstock.ingest.ingress;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
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

  /** What stands on the wire, up to the connection's end. */
  private String raw(String path, String... headers) throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), ingress.port())) {
      socket
          .getOutputStream()
          .write(
              ("POST "
                      + path
                      + " HTTP/1.1\r\nHost: test\r\nConnection: close\r\n"
                      + Stream.of(headers).map(each -> each + "\r\n").collect(Collectors.joining())
                      + "Content-Length: 1001\r\n\r\n"
                      + "x".repeat(1001))
                  .getBytes(ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }
  }

  static Stream<Arguments> refused() {
    String problem = "content-type: application/problem+json\r\n";
    String basic = "www-authenticate: Basic realm=\"penstock\", charset=\"UTF-8\"\r\n";
    String webhook = "www-authenticate: Webhook realm=\"penstock\"\r\n";
    String unknown =
        "HTTP/1.1 404 Not Found\r\n"
            + problem
            + "connection: close\r\ncontent-length: 72\r\n\r\n"
            + "{\"type\":\"unknown-source\",\"title\":\"No source has this name\",\"status\":404}";
    String rest = "connection: close\r\ncontent-length: 90\r\n\r\n" + UNAUTHENTICATED;
    return Stream.of(
        Arguments.of("/webhooks/nothing", unknown),
        Arguments.of("/webhooks/open/token", unknown),
        Arguments.of(
            "/webhooks/small",
            "HTTP/1.1 413 Request Entity Too Large\r\n"
                + problem
                + "connection: close\r\ncontent-length: 95\r\n\r\n"
                + "{\"type\":\"payload-too-large\",\"title\":\"The body is larger than this source"
                + " accepts\",\"status\":413}"),
        Arguments.of(
            "/webhooks/token/wrong", "HTTP/1.1 401 Unauthorized\r\n" + problem + webhook + rest),
        Arguments.of("/webhooks/basic", "HTTP/1.1 401 Unauthorized\r\n" + problem + basic + rest),
        Arguments.of(
            "/webhooks/several/wrong",
            "HTTP/1.1 401 Unauthorized\r\n" + problem + basic + webhook + rest));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refused")
  void anAnswerHasNotChanged(String path, String answer) throws Exception {
    assertThat(raw(path)).isEqualTo(answer);
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
      String first = raw(source.getKey(), source.getValue().getFirst());
      assertThat(first).startsWith("HTTP/1.1 401 ").endsWith(UNAUTHENTICATED);
      for (String[] headers : source.getValue()) {
        assertThat(raw(source.getKey(), headers))
            .as("%s %s", source.getKey(), Arrays.toString(headers))
            .isEqualTo(first);
      }
    }
  }
}
