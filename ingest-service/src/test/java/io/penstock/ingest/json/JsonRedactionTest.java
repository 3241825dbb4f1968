package io.penstock.ingest.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.Thorough;
import io.penstock.ingest.cluster.TopicRequirement;
import io.penstock.ingest.landing.Landing;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class JsonRedactionTest {

  private static final int ROUNDS = Thorough.Run.isThorough() ? 200_000 : 20_000;

  private static final String PREFIX = "replaced:";

  /** As long as echo3D's. */
  private static final JsonRedaction REDACTION =
      new JsonRedaction(
          "apiKey",
          text -> text.startsWith(PREFIX) ? text : PREFIX + "1234".substring(0, 4),
          Set.of("documented", "apiKey"));

  /** What a sender could make a body grow with: a value each, and what stands around it. */
  static Stream<IntFunction<String>> growing() {
    return Stream.of(
        n -> "{\"apiKey\":1}".repeat(n),
        n -> "[" + repeated(n, i -> "{\"apiKey\":1}") + "]",
        n -> "[" + repeated(n, i -> "{\"apiKey\":0}") + "]",
        n -> "[" + repeated(n, i -> "{\"apiKey\":\"\"}") + "]",
        n -> "[" + repeated(n, i -> "{\"apiKey\":\"k\"}") + "]",
        n -> "[" + repeated(n, i -> "{\"apiKey\":true}") + "]",
        n -> "[" + repeated(n, i -> "{\"apiKey\":{}}") + "]",
        n -> "[" + repeated(n, i -> "{\"apiKey\":[1]}") + "]",
        n -> "[" + repeated(n, i -> "{\"APIKEY\":7,\"api_key\":8}") + "]",
        n -> "[" + repeated(n, i -> "{\"apiKey\":\"k%05d\"}".formatted(i)) + "]",
        n -> "{\"apiKey\":\"secret\",\"x\":[" + repeated(n, i -> "\"secret\"") + "]}",
        n -> "{\"apiKey\":\"secret\",\"x\":{" + repeated(n, i -> "\"secret" + i + "\":1") + "}}",
        n -> "{\"apiKey\":\"123456\",\"x\":[" + repeated(n, i -> "123456") + "]}",
        n -> "{\"apiKey\":1" + ",\"apiKey\":1".repeat(n) + "}",
        n -> "{\"apiKey\":1}".repeat(n) + "{");
  }

  private static String repeated(int times, IntFunction<String> part) {
    return IntStream.range(0, times).mapToObj(part).collect(Collectors.joining(","));
  }

  @ParameterizedTest
  @MethodSource("growing")
  void growsByNoMoreThanLandingAndTopicsHaveRoomFor(IntFunction<String> body) {
    for (int n : new int[] {1, 2, 20, 80_000}) {
      byte[] bytes = body.apply(n).getBytes(UTF_8);

      byte[] redacted = REDACTION.redact(bytes);

      assertThat(redacted.length).isLessThanOrEqualTo(bytes.length + JsonRedaction.MAX_GROWTH);
      assertThat(REDACTION.redact(redacted)).isEqualTo(redacted);
      assertThat(isWellFormed(redacted)).isEqualTo(isWellFormed(bytes));
    }
    // The heads of requests, of which the rest is made, are bounded to 16 KiB.
    assertThat(JsonRedaction.MAX_GROWTH)
        .isLessThan(Math.min(Landing.RECORD_OVERHEAD, TopicRequirement.OVERHEAD) - 17 * 1024);
  }

  private static boolean isWellFormed(byte[] body) {
    return JsonScan.of().scan(body) instanceof JsonScan.Members;
  }

  @Test
  void whatIsWellFormedStaysSoAndWhatIsNotDoesNotBecomeIt() {
    Random random = new Random(20261126);
    String[] parts = {
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      "\"apiKey\":",
      "\"APIKEY\":",
      "\"secret-1\"",
      "\"secret-1\":",
      "\"x secret%2D1 y\"",
      "\"x\\u0073ecret-1\":",
      "\"*0\":",
      "\"a\":",
      "1",
      "12345678",
      "null",
      "\"documented\"",
      "\"k\"",
      " ",
      "{\"apiKey\":\"secret-1\",\"a\":[",
      "]}",
      "\"\\ud800\"",
      "\"secret-2\"",
      "\"*1\":",
      "true",
      "\\",
      "\"",
      "{\"apiKey\":12345678}",
      "\"é\""
    };
    int wellFormed = 0;
    for (int round = 0; round < ROUNDS; round++) {
      StringBuilder body = new StringBuilder();
      for (int i = 1 + random.nextInt(12); i > 0; i--) {
        body.append(parts[random.nextInt(parts.length)]);
      }
      byte[] bytes = body.toString().getBytes(UTF_8);

      byte[] redacted = REDACTION.redact(bytes);

      assertThat(isWellFormed(redacted)).as("%s", body).isEqualTo(isWellFormed(bytes));
      assertThat(REDACTION.redact(redacted)).as("%s", body).isEqualTo(redacted);
      assertThat(redacted.length).isLessThanOrEqualTo(bytes.length + JsonRedaction.MAX_GROWTH);
      wellFormed += isWellFormed(bytes) ? 1 : 0;
    }
    assertThat(wellFormed).isGreaterThan(ROUNDS / 200);
  }

  @Test
  void namesStayDifferentHoweverManyHoldTheSecret() {
    String body =
        "{\"apiKey\":\"secret\",\"x\":{"
            + repeated(
                3000, i -> "\"" + "*" + Integer.toString(i, 36) + "\":1,\"secret" + i + "\":1")
            + "}}";

    byte[] redacted = REDACTION.redact(body.getBytes(UTF_8));

    assertThat(isWellFormed(redacted)).isTrue();
    assertThat(new String(redacted, UTF_8)).doesNotContain("secret");
  }

  @Test
  void hidesEveryTextThatCouldBeASecretWhereThereAreTooManySecrets() {
    String body =
        "["
            + repeated(
                1000,
                i ->
                    "{\"apiKey\":\"secret%d\",\"documented\":\"/secret999/\",\"n\":\"12345\"}"
                        .formatted(i))
            + "]";

    String redacted = new String(REDACTION.redact(body.getBytes(UTF_8)), UTF_8);

    assertThat(redacted)
        .doesNotContain("secret")
        .contains("\"documented\":\"***\",\"n\":\"12345\"");
    assertThat(isWellFormed(redacted.getBytes(UTF_8))).isTrue();
  }

  @Test
  void leavesEveryOtherByteAlone() {
    String body =
        " {\"a\" : \"\\u00e9\\/é\" ,\"apiKey\":\"secret-1\", \"u\":\"\\u00e9 secret-1 \\/\", \"b\":1.50e+1 } ";

    assertThat(new String(REDACTION.redact(body.getBytes(UTF_8)), UTF_8))
        .isEqualTo(
            " {\"a\" : \"\\u00e9\\/é\" ,\"apiKey\":\"replaced:1234\", \"u\":\"\\u00e9 *** \\/\", \"b\":1.50e+1 } ");
    byte[] without = "{\"a\":\"secret-1\"}".getBytes(UTF_8);
    assertThat(REDACTION.redact(without)).isSameAs(without);
  }

  @Test
  void masksAreOfACharacterThatNoSecretHas() {
    for (String secret : List.of("******", "*_*_*_", "*_~.-!|^ all")) {
      String body = "{\"apiKey\":\"" + secret + "\",\"x\":\"" + secret + secret + "\"}";
      String redacted = new String(REDACTION.redact(body.getBytes(UTF_8)), UTF_8);
      assertThat(redacted).doesNotContain(secret);
    }
  }
}
