package io.penstock.ingest.auth;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Those that compare something that a request carries with the entries of a list. */
class GenericAuthenticatorsTest {

  private static final String OLD = "old-secret";
  private static final String NEW = "neu:er sécret";

  private final List<Integer> matched = new ArrayList<>();
  private final SecretList secrets = SecretList.of(Secret.of(OLD), Secret.of(NEW));

  private final Authenticator basic = Place.BASIC.authenticator("penstöck", secrets, matched::add);
  private final Authenticator bearer = Place.BEARER.authenticator("", secrets, matched::add);
  private final Authenticator header =
      Place.HEADER.authenticator("x-secret", secrets, matched::add);
  private final Authenticator query = Place.QUERY.authenticator("key", secrets, matched::add);
  private final Authenticator bodyField =
      Place.BODY_FIELD.authenticator("apiKey", secrets, matched::add);

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
  }

  /** As the bytes of UTF-8 come in a header. */
  private static String onTheWire(String text) {
    return new String(text.getBytes(UTF_8), ISO_8859_1);
  }

  private static FakeHead authorization(String... values) {
    return FakeHead.withHeader("authorization", values);
  }

  private Verdict verify(String body) {
    return bodyField.verify(FakeHead.bare(), body.getBytes(UTF_8)).result();
  }

  @Test
  void eachAcceptsAnyEntryAndTellsWhich() {
    assertThat(basic.screen(authorization("Basic " + base64("penstöck:" + NEW))))
        .isEqualTo(Verdict.ACCEPTED);
    assertThat(basic.screen(authorization("basic   " + base64("penstöck:" + OLD))))
        .isEqualTo(Verdict.ACCEPTED);
    assertThat(bearer.screen(authorization("Bearer " + onTheWire(NEW))))
        .isEqualTo(Verdict.ACCEPTED);
    assertThat(bearer.screen(authorization("BEARER " + OLD))).isEqualTo(Verdict.ACCEPTED);
    assertThat(header.screen(FakeHead.withHeader("x-secret", onTheWire(NEW))))
        .isEqualTo(Verdict.ACCEPTED);
    assertThat(header.screen(FakeHead.withHeader("x-secret", OLD))).isEqualTo(Verdict.ACCEPTED);
    assertThat(query.screen(FakeHead.withQuery("key", NEW))).isEqualTo(Verdict.ACCEPTED);
    assertThat(query.screen(FakeHead.withQuery("key", OLD))).isEqualTo(Verdict.ACCEPTED);
    assertThat(verify("{\"apiKey\":\"" + NEW + "\"}")).isEqualTo(Verdict.ACCEPTED);
    assertThat(verify(" {\"x\":[{}], \"api\\u004bey\" : \"" + OLD + "\"} "))
        .isEqualTo(Verdict.ACCEPTED);

    assertThat(matched).containsExactly(1, 0, 1, 0, 1, 0, 1, 0, 1, 0);
  }

  @Test
  void whatStandsInTheHeadNeedsNoBody() {
    for (Authenticator authenticator : List.of(basic, bearer, header, query)) {
      assertThat(authenticator.needsBody()).isFalse();
      assertThat(authenticator.screen(FakeHead.bare())).isInstanceOf(Verdict.Refused.class);
      assertThat(authenticator.verify(FakeHead.bare(), new byte[0]).result())
          .isInstanceOf(Verdict.Refused.class);
    }
    assertThat(bodyField.needsBody()).isTrue();
    assertThat(bodyField.screen(FakeHead.bare())).isEqualTo(Verdict.UNDECIDED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Basic",
        "Basic ",
        "Basic :",
        "Basic *",
        "Basic cGVuc3TDtmNr", // penstöck
        "Basic cGVuc3TDtmNrOg==", // penstöck:
        "Basic Om9sZC1zZWNyZXQ=", // :old-secret
        "Basic cGVuc3RvY2s6b2xkLXNlY3JldA==", // penstock:old-secret
        "Basic cGVuc3TDtmNrOm9sZC1zZWNyZQ==", // penstöck:old-secre
        "Basic cGVuc3TDtmNrOm9sZC1zZWNyZXQ==", // too much padding
        "Basic cGVuc3TDtmNr Om9sZC1zZWNyZXQ=",
        "Basic  ",
        "BasiccGVuc3TDtmNrOm9sZC1zZWNyZXQ=",
        "Bearer cGVuc3TDtmNrOm9sZC1zZWNyZXQ=",
        "Basic\tcGVuc3TDtmNrOm9sZC1zZWNyZXQ=",
        "cGVuc3TDtmNrOm9sZC1zZWNyZXQ=",
        "Basic cGVuc3T2Y2s6b2xkLXNlY3JldA==", // the name in ISO 8859-1
        "Basic \u0141",
        "Basic \ud800"
      })
  void refusesStrangeBasicCredentials(String value) {
    assertThat(basic.screen(authorization(value))).isInstanceOf(Verdict.Refused.class);
    assertThat(matched).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Bearer",
        "Bearer ",
        "Bearer old-secre",
        "Bearer old-secret ",
        "Bearer OLD-SECRET",
        "Bearerold-secret",
        "old-secret",
        "Basic old-secret",
        "Bearer old-secret,old-secret",
        "Bearer \u0141"
      })
  void refusesStrangeBearers(String value) {
    assertThat(bearer.screen(authorization(value))).isInstanceOf(Verdict.Refused.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "old-secre",
        "old-secret ",
        "old-secret, old-secret",
        "\ud800",
        "neu:er sécret"
      })
  void refusesOtherHeaders(String value) {
    assertThat(header.screen(FakeHead.withHeader("x-secret", value)))
        .isInstanceOf(Verdict.Refused.class);
    assertThat(header.screen(FakeHead.withHeader("x-other", OLD)))
        .isInstanceOf(Verdict.Refused.class);
  }

  @Test
  void refusesWhatComesTwiceHoweverRightItIs() {
    String good = "Basic " + base64("penstöck:" + OLD);
    assertThat(basic.screen(authorization(good, good))).isInstanceOf(Verdict.Refused.class);
    assertThat(basic.screen(authorization("Bearer x", good))).isInstanceOf(Verdict.Refused.class);
    assertThat(bearer.screen(authorization("Bearer " + OLD, "Bearer " + OLD)))
        .isInstanceOf(Verdict.Refused.class);
    assertThat(header.screen(FakeHead.withHeader("x-secret", OLD, OLD)))
        .isInstanceOf(Verdict.Refused.class);
    assertThat(query.screen(FakeHead.withQuery("key", OLD, OLD)))
        .isInstanceOf(Verdict.Refused.class);
    assertThat(query.screen(FakeHead.withQuery("key", "", OLD)))
        .isInstanceOf(Verdict.Refused.class);
    assertThat(verify("{\"apiKey\":\"old-secret\",\"apiKey\":\"old-secret\"}"))
        .isInstanceOf(Verdict.Refused.class);
    assertThat(matched).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "[]",
        "\"old-secret\"",
        "{\"apikey\":\"old-secret\"}",
        "{\"apiKey\":\"old-secre\"}",
        "{\"apiKey\":\"\"}",
        "{\"apiKey\":null}",
        "{\"apiKey\":true}",
        "{\"apiKey\":[\"old-secret\"]}",
        "{\"apiKey\":{\"apiKey\":\"old-secret\"}}",
        "{\"x\":{\"apiKey\":\"old-secret\"}}",
        "[{\"apiKey\":\"old-secret\"}]",
        "{\"apiKey\":\"old-secret\"",
        "{\"apiKey\":\"old-secret\"}}",
        "{\"apiKey\":\"old-secret\"}{}",
        "{apiKey:\"old-secret\"}",
        "{\"apiKey\":\"old-secret\\ud800\"}"
      })
  void refusesBodiesWithoutTheField(String body) {
    assertThat(verify(body)).isInstanceOf(Verdict.Refused.class);
    assertThat(matched).isEmpty();
  }

  @Test
  void aNumberIsNoString() {
    SecretList digits = SecretList.of(Secret.of("123"));
    Authenticator authenticator = Place.BODY_FIELD.authenticator("k", digits, MatchListener.NONE);

    assertThat(authenticator.verify(FakeHead.bare(), "{\"k\":123}".getBytes(UTF_8)).result())
        .isInstanceOf(Verdict.Refused.class);
    assertThat(authenticator.verify(FakeHead.bare(), "{\"k\":\"123\"}".getBytes(UTF_8)).result())
        .isEqualTo(Verdict.ACCEPTED);
  }

  @ParameterizedTest
  @CsvSource({"basic", "bearer", "header", "query", "body"})
  void oneBitMoreOrLessIsRefused(String kind) {
    Random random = new Random(20261121);
    byte[] secret = OLD.getBytes(ISO_8859_1);
    for (int round = 0; round < 5000; round++) {
      byte[] changed = mutated(secret, random);
      String text = new String(changed, ISO_8859_1);
      if (text.replaceFirst("^ +", "").equals(OLD)) {
        continue; // any number of spaces stand after the name of a scheme
      }
      Verdict verdict =
          switch (kind) {
            case "basic" -> {
              byte[] both = ("penstöck:" + text).getBytes(UTF_8);
              yield basic.screen(
                  authorization("Basic " + Base64.getEncoder().encodeToString(both)));
            }
            case "bearer" -> bearer.screen(authorization("Bearer " + text));
            case "header" -> header.screen(FakeHead.withHeader("x-secret", text));
            case "query" -> query.screen(FakeHead.withQuery("key", text));
            default ->
                verify("{\"apiKey\":\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"}");
          };
      assertThat(verdict).as("%s", Arrays.toString(changed)).isInstanceOf(Verdict.Refused.class);
    }
  }

  @Test
  void noHeaderWhateverItHoldsMakesTrouble() {
    Random random = new Random(20261121);
    String good = "Basic " + base64("penstöck:" + OLD);
    for (int round = 0; round < 20_000; round++) {
      byte[] changed = good.getBytes(ISO_8859_1);
      for (int i = random.nextInt(4); i >= 0; i--) {
        changed = mutated(changed, random);
      }
      FakeHead head = authorization(new String(changed, ISO_8859_1));
      boolean isSame = decodesToTheSame(changed);
      assertThat(basic.screen(head) instanceof Verdict.Accepted)
          .as("%s", new String(changed, ISO_8859_1))
          .isEqualTo(isSame);
      assertThat(bearer.screen(head)).isInstanceOf(Verdict.Refused.class);
    }
  }

  /** An oracle by other means: the scheme's name, spaces, and MIME-free base64. */
  private static boolean decodesToTheSame(byte[] value) {
    String text = new String(value, ISO_8859_1);
    if (!text.matches("(?is)basic +.*")) {
      return false;
    }
    try {
      byte[] decoded = Base64.getDecoder().decode(text.replaceFirst("(?is)^basic +", ""));
      return Arrays.equals(decoded, ("penstöck:" + OLD).getBytes(UTF_8));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static byte[] mutated(byte[] bytes, Random random) {
    if (bytes.length == 0) {
      return new byte[] {(byte) random.nextInt()};
    }
    int at = random.nextInt(bytes.length);
    return switch (random.nextInt(3)) {
      case 0 -> {
        byte[] flipped = bytes.clone();
        flipped[at] ^= (byte) (1 << random.nextInt(8));
        yield flipped;
      }
      case 1 -> {
        byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
        System.arraycopy(bytes, at, longer, at + 1, bytes.length - at);
        longer[at] = (byte) random.nextInt();
        yield longer;
      }
      default -> {
        byte[] shorter = Arrays.copyOf(bytes, bytes.length - 1);
        System.arraycopy(bytes, at + 1, shorter, at, bytes.length - at - 1);
        yield shorter;
      }
    };
  }

  @Test
  void allTogetherMustPass() {
    Authentication all = new Authentication(List.of(basic, header, query, bodyField));
    Map<String, List<String>> good =
        Map.of(
            "authorization", List.of("Basic " + base64("penstöck:" + OLD)),
            "x-secret", List.of(OLD),
            "?key", List.of(OLD));
    byte[] body = "{\"apiKey\":\"old-secret\"}".getBytes(UTF_8);
    FakeHead head = new FakeHead(good, null, "192.0.2.1");

    assertThat(all.screen(head)).isEqualTo(Verdict.UNDECIDED);
    assertThat(all.verify(head, body).result()).isEqualTo(Verdict.ACCEPTED);
    assertThat(all.verify(head, new byte[0]).result()).isInstanceOf(Verdict.Refused.class);
    for (String missing : good.keySet()) {
      Map<String, List<String>> rest = new HashMap<>(good);
      rest.remove(missing);
      assertThat(all.screen(new FakeHead(rest, null, "192.0.2.1")))
          .isInstanceOf(Verdict.Refused.class);
    }
  }
}
