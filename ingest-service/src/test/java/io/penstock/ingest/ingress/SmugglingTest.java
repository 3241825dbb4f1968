package io.penstock.ingest.ingress;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.ingress.Connection.Cause;
import io.penstock.ingest.landing.LandingRecord;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a proxy in front could take for one request, and we for another. In the tests' texts {@code
 * ~} stands for the end of a line, {@code ^} for a bare line feed, {@code !} for a bare carriage
 * return, {@code >} for a tab and {@code 0x} in braces for a byte.
 */
@Timeout(300)
class SmugglingTest {

  private static final String START =
      "POST /webhooks/open HTTP/1.1~Host: a~Content-Type: application/json~";
  private static final String CHUNKS = "5~event~0~~";
  private static final String NEXT =
      "POST /webhooks/open HTTP/1.1~Host: a~Content-Length: 8~~smuggled";

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

  private static byte[] wire(String text) {
    String lines =
        text.replace("#$%&'*+-.^_", "{23}$%&'*+-.{5e}_") // a name of all that a name may have
            .replace("~", "\r\n")
            .replace('^', '\n')
            .replace("X!", "X{21}")
            .replace('!', '\r')
            .replace('>', '\t');
    return Pattern.compile("\\{([0-9a-f]{1,2})\\}")
        .matcher(lines)
        .replaceAll(
            found ->
                Matcher.quoteReplacement(
                    String.valueOf((char) Integer.parseInt(found.group(1), 16))))
        .getBytes(ISO_8859_1);
  }

  private List<Integer> answers(String text) throws Exception {
    try (RawClient client = ingress.connect()) {
      return client.bytes(wire(text)).answersUntilTheEnd();
    }
  }

  /** Sends each when the one before it has been answered. */
  private List<Integer> answersOneByOne(String... requests) throws Exception {
    try (RawClient client = ingress.connect()) {
      List<Integer> answers = new ArrayList<>();
      for (String request : requests) {
        answers.add(client.bytes(wire(request)).answer().status());
      }
      return answers;
    }
  }

  private List<String> taken() {
    return ingress.log.records().stream()
        .map(LandingRecord::body)
        .map(body -> new String(body, UTF_8))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // a length and chunks
        "Content-Length: 15~Transfer-Encoding: chunked~",
        "Transfer-Encoding: chunked~Content-Length: 4~",
        "Transfer-Encoding: chunked~Content-Length: 0~",
        // lengths
        "Content-Length: 5~Content-Length: 6~",
        "Content-Length: 5~content-length: 5~",
        "Content-Length: 5, 5~",
        "Content-Length: 5 6~",
        "Content-Length: +15~",
        "Content-Length: -15~",
        "Content-Length: 0x0f~",
        "Content-Length: 15.0~",
        "Content-Length: 99999999999999999999~",
        "Content-Length: 18446744073709551631~",
        "Content-Length: ~",
        // codings
        "Transfer-Encoding: xchunked~",
        "Transfer-Encoding: chunked, identity~",
        "Transfer-Encoding: chunked, chunked~",
        "Transfer-Encoding: identity~",
        "Transfer-Encoding: chunked;q=1~",
        "Transfer-Encoding: \"chunked\"~",
        "Transfer-Encoding: {b}chunked~",
        "Transfer-Encoding: chunked~Transfer-Encoding: identity~",
        // the header's own form
        "Transfer-Encoding : chunked~",
        "Transfer-Encoding>: chunked~",
        "Transfer-Encoding:~ chunked~",
        "Transfer-Encoding: chun~>ked~",
        "X-A: b~ Transfer-Encoding: chunked~Content-Length: 15~",
        "Content-Length: 1~ 5~",
        "Content-Length: 15~X: y^Transfer-Encoding: chunked~",
        "Content-Length: 15^Transfer-Encoding: chunked~",
        "Content-Length: 15~X: y!Transfer-Encoding: chunked~",
        "Content-Length: 15~X{0}: y~",
        "Content-Length: 15~X: a{0}b~",
        "Content-Length: 15~: y~",
        "Content-Length: 15~no colon~",
        "Content-Length: 15~Host: b~",
      })
  void aHeadThatCanBeReadInTwoWaysIsRefusedAndNothingAfterItIsRead(String headers)
      throws Exception {
    // when
    List<Integer> answers = answers(START + headers + "~" + CHUNKS + NEXT);
    // then
    assertThat(answers).containsExactly(400);
    assertThat(taken()).isEmpty();
    assertThat(ingress.closed(Cause.INVALID_REQUEST)).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "100000005~event~0~~",
        "FFFFFFFFFFFFFFFF~event~0~~",
        "-5~event~0~~",
        "+5~event~0~~",
        "0x5~event~0~~",
        "5;a^event~0~~",
        "5;a=\"~\"~event~0~~",
        "5^event^0^^",
        "5~eventXX0~~",
        "5~eventevent~0~~",
        "~event~0~~",
        "z~event~0~~",
      })
  void chunksThatCanBeReadInTwoWaysEndTheConnection(String chunks) throws Exception {
    // when
    List<Integer> answers = answers(START + "Transfer-Encoding: chunked~~" + chunks + NEXT);
    // then
    assertThat(answers).isSubsetOf(400);
    assertThat(taken()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "POST /webhooks/open HTTP/1.1^Host: a^Content-Length: 15^^",
        "POST /webhooks/open HTTP/1.1~ Host: a~Content-Length: 15~~",
        "POST /webhooks/open x HTTP/1.1~Host: a~Content-Length: 15~~",
        "POST /webhooks/open~~",
        "POST /webhooks/open HTTP/x~Host: a~~",
        "POST /webhooks/open HTTP/2.0~Host: a~Content-Length: 15~~",
        "POST /webhooks/open HTTP/1.0~Connection: keep-alive~Transfer-Encoding: chunked~~",
        "PRI * HTTP/2.0~~SM~~",
        "{16}{3}{1}{2}",
      })
  void whatIsNoRequestEndsTheConnection(String request) throws Exception {
    // when
    List<Integer> answers = answers(request + CHUNKS + NEXT);
    // then
    assertThat(answers).isSubsetOf(400, 505);
    assertThat(taken()).isEmpty();
  }

  /** So the tests above would see it if something were smuggled. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 5~~event",
        "Transfer-Encoding: chunked~~5~event~0~~",
        "Transfer-Encoding: CHUNKED~~5;ext=\"a\"~event~0~X-Trailer: t~~",
        "Transfer-Encoding: chunked~~5~event~0~Content-Length: 50~~",
        "Content-Length: 5~Transfer_Encoding: chunked~~event",
        "Content-Length: 5~Connection: Upgrade~Upgrade: websocket~~event",
        "Content-Length: 5~Connection: Upgrade, HTTP2-Settings~Upgrade: h2c~HTTP2-Settings: AAMAAABk~~event",
      })
  void whatCanBeReadInOneWayIsFollowedByTheNextRequest(String rest) throws Exception {
    // when
    List<Integer> answers = answersOneByOne(START + rest, NEXT);
    // then
    assertThat(answers).containsExactly(200, 200);
    assertThat(taken()).containsExactly("event", "smuggled");
  }

  /** RFC 9112, sections 6.1 and 6.3: the body's end is known, its coding is not. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Transfer-Encoding: gzip, chunked~",
        "Transfer-Encoding: identity, chunked~",
        "Transfer-Encoding: gzip~Transfer-Encoding: chunked~",
      })
  void aTransferCodingThatIsNotKnownIsNotImplemented(String headers) throws Exception {
    assertThat(answers(START + headers + "~" + CHUNKS + NEXT)).containsExactly(501);
    assertThat(taken()).isEmpty();
  }

  /** What RFC 9112 lets a sender do, each time to the end, and with another request behind it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        // 2.2: empty lines before a request
        "~POST /webhooks/open HTTP/1.1~Host: a~Content-Length: 5~~event",
        "~~~~POST /webhooks/open HTTP/1.1~Host: a~Content-Length: 5~~event",
        // 2.3 and RFC 9110, 2.5: a higher minor version
        "POST /webhooks/open HTTP/1.2~Host: a~Content-Length: 5~~event",
        "POST /webhooks/open HTTP/1.9~Host: a~Transfer-Encoding: chunked~~5~event~0~~",
        // 3.2 and RFC 9110, 7.2: hosts
        "POST /webhooks/open HTTP/1.1~Host:~Content-Length: 5~~event",
        "POST /webhooks/open HTTP/1.1~Host: a_b.example:8080~Content-Length: 5~~event",
        "POST /webhooks/open HTTP/1.1~Host: a:~Content-Length: 5~~event",
        "POST /webhooks/open HTTP/1.1~Host: [::1]:80~Content-Length: 5~~event",
        "POST /webhooks/open HTTP/1.1~Host: x%20y~Content-Length: 5~~event",
        // 3.2.2: the absolute form, whose host counts
        "POST http://b/webhooks/open HTTP/1.1~Host: a~Content-Length: 5~~event",
        // 5: names in any case, no space or much before a value, and behind it
        "POST /webhooks/open HTTP/1.1~hOST:a~CONTENT-LENGTH:>  5 > ~~event",
        "POST /webhooks/open HTTP/1.1~Host: a~transfer-ENCODING:  Chunked  ~~5~event~0~~",
        "POST /webhooks/open HTTP/1.1~Host: a~X!#$%&'*+-.^_`|{7e}: y~Content-Length: 5~~event",
        // RFC 9110, 5.5: bytes beyond ASCII, and nothing
        "POST /webhooks/open HTTP/1.1~Host: a~X: {e4}{ff}{80}~Y:~Content-Length: 5~~event",
        // 7.1: zeros and capitals in a chunk's size, extensions, trailers
        "POST /webhooks/open HTTP/1.1~Host: a~Transfer-Encoding: chunked~~0005~event~000~~",
        "POST /webhooks/open HTTP/1.1~Host: a~Transfer-Encoding: chunked~~5;a;b=c;d=\"e\"~event~0;x~A: b~C: d~~",
        // 9.3
        "POST /webhooks/open HTTP/1.1~Host: a~Connection: x, keep-alive~Content-Length: 5~~event",
        "POST /webhooks/open HTTP/1.0~Connection: keep-alive~Content-Length: 5~~event",
      })
  void whatASenderMayDoIsTaken(String request) throws Exception {
    // when
    List<Integer> answers = answersOneByOne(request, NEXT);
    // then
    assertThat(answers).containsExactly(200, 200);
    assertThat(taken()).containsExactly("event", "smuggled");
  }

  /** What RFC 9112 wants refused, or lets a server refuse. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // 3.2: a host, one, and a valid one
        "POST /webhooks/open HTTP/1.1~Content-Length: 5~~event|400",
        "POST http://a/webhooks/open HTTP/1.1~Content-Length: 5~~event|400",
        "POST /webhooks/open HTTP/1.1~Host: a~Host: a~Content-Length: 5~~event|400",
        "POST /webhooks/open HTTP/1.1~Host: a b~Content-Length: 5~~event|400",
        "POST /webhooks/open HTTP/1.1~Host: a/b~Content-Length: 5~~event|400",
        "POST /webhooks/open HTTP/1.1~Host: u@a~Content-Length: 5~~event|400",
        "POST /webhooks/open HTTP/1.1~Host: a:b~Content-Length: 5~~event|400",
        "POST /webhooks/open HTTP/1.1~Host: [::1~Content-Length: 5~~event|400",
        "POST /webhooks/open HTTP/1.1~Host: {e4}~Content-Length: 5~~event|400",
        // 2.2: no bare line feed, nothing between the request line and the first header
        "POST /webhooks/open HTTP/1.1^Host: a^Content-Length: 5^^event|400",
        "POST /webhooks/open HTTP/1.1~Host: a^Content-Length: 5~~event|400",
        // 2.3: versions
        "POST /webhooks/open http/1.1~Host: a~Content-Length: 5~~event|400",
        "POST /webhooks/open HTTP/1~Host: a~Content-Length: 5~~event|400",
        "POST /webhooks/open HTTP/11.1~Host: a~Content-Length: 5~~event|400",
        "POST /webhooks/open HTTP/2.0~Host: a~Content-Length: 5~~event|505",
        "POST /webhooks/open HTTP/0.9~Host: a~Content-Length: 5~~event|505",
        "POST /webhooks/open~Host: a~Content-Length: 5~~event|400",
        // 3.1: methods
        "PO(ST /webhooks/open HTTP/1.1~Host: a~Content-Length: 5~~event|400",
        // 5.1: no space before a colon
        "POST /webhooks/open HTTP/1.1~Host: a~Content-Length : 5~~event|400",
        "POST /webhooks/open HTTP/1.1~Host : a~Content-Length: 5~~event|400",
        // 6.1: no chunks in HTTP/1.0
        "POST /webhooks/open HTTP/1.0~Transfer-Encoding: chunked~~5~event~0~~|400",
      })
  void whatASenderMustNotDoIsRefused(String request, int status) throws Exception {
    assertThat(answers(request + NEXT)).containsExactly(status);
    assertThat(taken()).isEmpty();
    assertThat(ingress.closed(Cause.INVALID_REQUEST)).isEqualTo(1);
  }

  @Test
  void aFoldedLineIsFoundWhereverTheHeadIsCut() throws Exception {
    byte[] head = wire(START + "X-A: b~ c~Content-Length: 5~~event");
    for (int cut = 1; cut < head.length; cut += 3) {
      try (RawClient client = ingress.connect()) {
        client.bytes(Arrays.copyOf(head, cut));
        client.bytes(Arrays.copyOfRange(head, cut, head.length));
        assertThat(client.answersUntilTheEnd()).as("cut at %d", cut).containsExactly(400);
      }
    }
    assertThat(taken()).isEmpty();
  }

  // Targets.

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/webhooks/../webhooks/open",
        "/webhooks/./open",
        "//webhooks/open",
        "/webhooks//open",
        "/webhooks/open/..",
        "/webhooks/open%00",
        "/webhooks/%6fpen",
        "/webhooks/%256fpen",
        "/webhooks/%2e%2e/webhooks/open",
        "/webhooks/..%2fopen",
        "/webhooks/%c0%af../open",
        "/webhooks/%u006fpen",
        "/webhooks/OPEN",
        "/webhooks/open;x=y",
        "\\webhooks\\open",
        "/webhooks/${jndi:ldap:open}",
        "elsewhere:80",
        "*",
      })
  void anAddressIsTakenAsItStandsAndMeasuredAsNobodys(String target) throws Exception {
    // given
    int meters = ingress.meters.getMeters().size();
    // when
    List<Integer> answers =
        answers("POST " + target + " HTTP/1.1~Host: a~Content-Length: 5~~event");
    // then
    assertThat(answers).containsExactly(404);
    assertThat(taken()).isEmpty();
    assertThat(ingress.count("unknown", "refused", "unknown-source")).isEqualTo(1);
    assertThat(ingress.meters.getMeters()).hasSize(meters);
  }

  @ParameterizedTest
  @CsvSource({"http://elsewhere/webhooks/open, 200", "http://elsewhere/webhooks/%6fpen, 404"})
  void anAbsoluteAddressIsItsPath(String target, int status) throws Exception {
    assertThat(answers("POST " + target + " HTTP/1.1~Host: a~Content-Length: 5~~event"))
        .containsExactly(status);
  }

  // Floods.

  @Test
  void headersAreBoundedInNumber() throws Exception {
    String enough = "X: y~".repeat(HeadRules.MAX_HEADERS - 3);
    assertThat(answers(START + enough + "Content-Length: 5~~event")).containsExactly(200);
    assertThat(answers(START + enough + "X: y~Content-Length: 5~~event" + NEXT))
        .containsExactly(431);
  }

  @Test
  void headersAreBoundedInSize() throws Exception {
    assertThat(answers(START + "X: " + "y".repeat(20_000) + "~Content-Length: 5~~event" + NEXT))
        .containsExactly(431);
    assertThat(
            answers(
                START
                    + ("X: " + "y".repeat(900) + "~").repeat(20)
                    + "Content-Length: 5~~event"
                    + NEXT))
        .containsExactly(431);
    assertThat(answers("POST /webhooks/" + "o".repeat(9000) + " HTTP/1.1~Host: a~~" + NEXT))
        .containsExactly(414);
    assertThat(taken()).isEmpty();
  }

  @Test
  void trailersAreBoundedToo() throws Exception {
    List<Integer> answers =
        answers(
            START
                + "Transfer-Encoding: chunked~~5~event~0~"
                + ("X: " + "y".repeat(900) + "~").repeat(20)
                + "~"
                + NEXT);
    assertThat(answers).isSubsetOf(400, 431);
    assertThat(taken()).isEmpty();
  }
}
