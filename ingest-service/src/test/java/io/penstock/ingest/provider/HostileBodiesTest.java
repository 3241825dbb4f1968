package io.penstock.ingest.provider;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.base.Utf8;
import io.penstock.ingest.json.JsonRedaction;
import io.penstock.ingest.json.JsonScan;
import io.penstock.ingest.json.ReferenceJson;
import io.penstock.ingest.provider.Identification.Identified;
import io.penstock.ingest.provider.Identification.Malformed;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Samples that have been tampered with, many times and always in the same ways. */
class HostileBodiesTest {

  private static final int ROUNDS = Integer.getInteger("penstock.hostile-bodies", 3000);

  private static final JsonMapper STRICT =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private static final String[] SNIPPETS = {
    "\"",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\\",
    "\\u",
    "\\ud800",
    "\0",
    "\u0007",
    "\u00e9",
    "null",
    "true",
    "0",
    "-",
    "1e999999999",
    "e",
    ".",
    " ",
    "\n",
    "\uFEFF",
    "{}",
    "[]",
    "\"\"",
    "\"event\":1,",
    "\"type\":{},",
    "/**/",
    "NaN"
  };

  private static final String[] VALUES = {
    "null",
    "true",
    "0",
    "-1",
    "1.5",
    "1e999999999",
    "12345678901234567890",
    "\"\"",
    "\"x\"",
    "\"\\ud800\"",
    "\"2025-13-01T00:00:00Z\"",
    "[]",
    "{}",
    "[null]",
    "{\"a\":null}",
    "[[[[{}]]]]",
    "{\"a\":{\"b\":{\"c\":[1]}}}"
  };

  static Stream<Provider> providers() {
    return Providers.all().stream();
  }

  @ParameterizedTest
  @MethodSource("providers")
  void brokenBytesAreNeverMisread(Provider provider) {
    Random random = new Random(20261121);
    List<Sample> samples = provider.samples();
    for (int round = 0; round < ROUNDS; round++) {
      byte[] body = samples.get(round % samples.size()).body();
      for (int i = random.nextInt(3); i >= 0; i--) {
        body = broken(body, random);
      }
      assertSane(provider, body);
      boolean isWellFormed = JsonScan.of().scan(body) instanceof JsonScan.Members;
      assertThat(isWellFormed)
          .as("as the grammar: %s", shown(body))
          .isEqualTo(ReferenceJson.accepts(body));
      assertThat(isWellFormed).as("as a tree: %s", shown(body)).isEqualTo(isTree(body));
    }
  }

  @ParameterizedTest
  @MethodSource("providers")
  void valuesOfOtherKindsAreNeverMisread(Provider provider) throws IOException {
    Random random = new Random(20261121);
    List<Sample> samples = provider.samples();
    int identified = 0;
    for (int round = 0; round < ROUNDS; round++) {
      JsonNode tree = STRICT.readTree(samples.get(round % samples.size()).body());
      for (int i = random.nextInt(4); i >= 0; i--) {
        replaceOne(tree, random);
      }
      byte[] body = STRICT.writeValueAsBytes(tree);

      assertSane(provider, body);
      identified += provider.identify(body, Map.of()) instanceof Identified ? 1 : 0;
    }
    assertThat(identified).as("tampered, but still events").isGreaterThan(ROUNDS / 10);
  }

  /** No exception; and what is identified is decoded and fits its schema. */
  private static void assertSane(Provider provider, byte[] body) {
    Identification identification = provider.identify(body, Map.of());
    Decoding decoding = provider.decode(body, Map.of());
    if (identification instanceof Identified) {
      assertThat(decoding).as("%s", shown(body)).isInstanceOf(Decoding.Decoded.class);
      Decoding.Decoded decoded = (Decoding.Decoded) decoding;
      assertThat(TestEvents.encode(TestEvents.complete(decoded, body))).isNotEmpty();
    } else {
      assertThat(decoding).as("%s", shown(body)).isInstanceOf(Decoding.Undecodable.class);
    }
    boolean isJson = JsonScan.of().scan(body) instanceof JsonScan.Members;
    if (isJson || !mayBePing(provider, body)) {
      assertThat(identification instanceof Malformed).as("%s", shown(body)).isEqualTo(!isJson);
    }
    assertRedacted(provider, body, identification);
  }

  /** Matterport's pings may be of anything that is not the beginning of an event. */
  private static boolean mayBePing(Provider provider, byte[] body) {
    String text = new String(body, UTF_8).strip();
    return provider.name().equals("matterport") && !text.startsWith("{") && !text.startsWith("[");
  }

  /** What is written is as the body was, and stays so. */
  private static void assertRedacted(
      Provider provider, byte[] body, Identification identification) {
    byte[] redacted = provider.redact(body);
    assertThat(provider.redact(redacted)).as("%s", shown(body)).isEqualTo(redacted);
    assertThat(redacted.length).isLessThanOrEqualTo(body.length + JsonRedaction.MAX_GROWTH);
    assertThat(JsonScan.of().scan(redacted) instanceof JsonScan.Members)
        .as("%s", shown(body))
        .isEqualTo(JsonScan.of().scan(body) instanceof JsonScan.Members);
    if (identification instanceof Identified) {
      assertThat(provider.identify(redacted, Map.of())).isEqualTo(identification);
      assertThat(((Decoding.Decoded) provider.decode(redacted, Map.of())).event())
          .hasToString(((Decoding.Decoded) provider.decode(body, Map.of())).event().toString());
    }
  }

  private static byte[] broken(byte[] body, Random random) {
    if (body.length == 0) {
      return body;
    }
    int at = random.nextInt(body.length);
    int to = Math.min(body.length, at + 1 + random.nextInt(8));
    return switch (random.nextInt(6)) {
      case 0 -> { // one bit
        byte[] flipped = body.clone();
        flipped[at] ^= (byte) (1 << random.nextInt(8));
        yield flipped;
      }
      case 1 -> spliced(body, at, new byte[0], to); // some bytes gone
      case 2 -> spliced(body, at, SNIPPETS[random.nextInt(SNIPPETS.length)].getBytes(UTF_8), at);
      case 3 -> spliced(body, at, new byte[] {(byte) random.nextInt()}, at + 1);
      case 4 -> { // a line twice
        int start = lineStart(body, at);
        int end = lineStart(body, Math.min(body.length - 1, at + 60));
        byte[] lines = Arrays.copyOfRange(body, start, Math.max(start, end));
        yield spliced(body, start, lines, start);
      }
      default -> spliced(body, at, new byte[0], random.nextInt(10) == 0 ? body.length : to);
    };
  }

  private static byte[] spliced(byte[] body, int from, byte[] insert, int to) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(body, 0, from);
    out.writeBytes(insert);
    out.write(body, to, body.length - to);
    return out.toByteArray();
  }

  private static int lineStart(byte[] body, int at) {
    int start = at;
    while (start > 0 && body[start - 1] != '\n') {
      start--;
    }
    return start;
  }

  private static void replaceOne(JsonNode tree, Random random) throws IOException {
    List<JsonNode> containers = new ArrayList<>();
    collect(tree, containers);
    JsonNode container = containers.get(random.nextInt(containers.size()));
    JsonNode value = STRICT.readTree(VALUES[random.nextInt(VALUES.length)]);
    if (container instanceof ObjectNode object) {
      List<String> names = new ArrayList<>();
      object.fieldNames().forEachRemaining(names::add);
      if (names.isEmpty()) {
        object.set("new", value);
      } else if (random.nextInt(8) == 0) {
        object.remove(names.get(random.nextInt(names.size())));
      } else {
        object.set(names.get(random.nextInt(names.size())), value);
      }
    } else {
      ((ArrayNode) container).add(value);
    }
  }

  private static void collect(JsonNode node, List<JsonNode> containers) {
    if (node.isContainerNode()) {
      containers.add(node);
      node.forEach(child -> collect(child, containers));
    }
  }

  private static boolean isTree(byte[] body) {
    if (!Utf8.isWellFormed(body)) {
      return false;
    }
    try {
      return !STRICT.readTree(body).isMissingNode();
    } catch (IOException e) {
      return false;
    }
  }

  private static String shown(byte[] body) {
    return new String(body, UTF_8);
  }
}
