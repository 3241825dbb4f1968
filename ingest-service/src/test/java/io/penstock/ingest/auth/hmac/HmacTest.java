package io.penstock.ingest.auth.hmac;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.auth.AuthMethod;
import io.penstock.ingest.auth.Authenticator;
import io.penstock.ingest.auth.FakeHead;
import io.penstock.ingest.auth.Secret;
import io.penstock.ingest.auth.SecretList;
import io.penstock.ingest.auth.Verdict;
import io.penstock.ingest.config.Configuration.SourceConfig;
import io.penstock.ingest.config.ConfigurationReader;
import io.penstock.ingest.config.ConfigurationReader.Result;
import io.penstock.ingest.config.SecretCheck;
import io.penstock.ingest.source.AuthKinds;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Signatures as well-known senders make them. GitHub's, Slack's and Twilio's are the examples that
 * those publish; Stripe and Shopify publish how a signature is made and no whole example, so that
 * theirs are made here, step by step, with Java's own HMAC.
 */
class HmacTest {

  private static final String NOTHING = "{}";

  /** A delivery that its sender has signed. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Example(String yaml, String secret, Map<String, String> headers, byte[] body, long now) {

    String header() {
      return headers.keySet().stream()
          .filter(name -> !name.contains("timestamp"))
          .findFirst()
          .orElseThrow();
    }

    /** The value of the header with the signature. */
    String value() {
      return headers.getOrDefault(header(), "");
    }

    boolean isInBase64() {
      return yaml.contains("twilio") || yaml.contains("shopify");
    }

    Example with(String header, String value) {
      Map<String, String> changed = new HashMap<>(headers);
      changed.put(header, value);
      return new Example(yaml, secret, changed, body, now);
    }

    Example withBody(byte[] other) {
      return new Example(yaml, secret, headers, other, now);
    }

    Example withSecret(String other) {
      return new Example(yaml, other, headers, body, now);
    }

    Example at(long other) {
      return new Example(yaml, secret, headers, body, other);
    }

    @Override
    public String toString() {
      return yaml;
    }
  }

  private static final Example GITHUB =
      new Example(
          "preset: github",
          "It's a Secret to Everybody",
          Map.of(
              "x-hub-signature-256",
              "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"),
          "Hello, World!".getBytes(UTF_8),
          1_700_000_000);

  private static final Example SLACK =
      new Example(
          "preset: slack",
          "8f742231b10e8888abcd99yyyzzz85a5",
          Map.of(
              "x-slack-signature",
              "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
              "x-slack-request-timestamp",
              "1531420618"),
          ("token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
                  + "&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA"
                  + "&user_name=roadrunner&command=%2Fwebhook-collect&text="
                  + "&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J"
                  + "%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
                  + "&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c")
              .getBytes(UTF_8),
          1_531_420_618 + 60);

  private static final Example TWILIO =
      new Example(
          "preset: twilio, url: 'https://mycompany.com/myapp.php?foo=1&bar=2'",
          "12345",
          Map.of("x-twilio-signature", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
          ("To=%2B18005551212&CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234"
                  + "&From=%2B14158675309")
              .getBytes(UTF_8),
          1_700_000_000);

  private static final byte[] STRIPE_BODY =
      "{\"id\":\"evt_1\",\"object\":\"event\"}".getBytes(UTF_8);

  private static final Example STRIPE =
      new Example(
          "preset: stripe",
          "whsec_for-this-test-only",
          Map.of(
              "stripe-signature",
              "t=1492774577,v1="
                  + hex("HmacSHA256", "whsec_for-this-test-only", "1492774577.", STRIPE_BODY)
                  + ",v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39"),
          STRIPE_BODY,
          1_492_774_577 + 299);

  private static final Example SHOPIFY =
      new Example(
          "preset: shopify",
          "hush-this-is-the-app-secret",
          Map.of(
              "x-shopify-hmac-sha256",
              Base64.getEncoder()
                  .encodeToString(
                      mac("HmacSHA256", "hush-this-is-the-app-secret", "", STRIPE_BODY))),
          STRIPE_BODY,
          1_700_000_000);

  private static final Example OWN =
      new Example(
          "header: X-Sig, algorithm: sha512, encoding: hex, prefix: 'v2:', signs: 'a {timestamp} b"
              + " {body}', timestamp: 'header:X-Timestamp', tolerance: 1m",
          "a-secret-of-some-other-sender",
          Map.of(
              "x-sig",
              "v2:"
                  + hex(
                      "HmacSHA512",
                      "a-secret-of-some-other-sender",
                      "a 1700000000123 b ",
                      STRIPE_BODY),
              "x-timestamp",
              "1700000000123"),
          STRIPE_BODY,
          1_700_000_000);

  static Stream<Example> examples() {
    return Stream.of(GITHUB, SLACK, TWILIO, STRIPE, SHOPIFY, OWN);
  }

  private static byte[] mac(String algorithm, String secret, String before, byte[] body) {
    try {
      Mac mac = Mac.getInstance(algorithm);
      mac.init(new SecretKeySpec(secret.getBytes(UTF_8), algorithm));
      mac.update(before.getBytes(UTF_8));
      return mac.doFinal(body);
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static String hex(String algorithm, String secret, String before, byte[] body) {
    return HexFormat.of().formatHex(mac(algorithm, secret, before, body));
  }

  private static Result configuration(String yaml) {
    return new ConfigurationReader(
            Map.of(), Map.of("csm", Duration.ofSeconds(4)), AuthKinds.ALL, SecretCheck.NONE)
        .read(
            """
            kafka: {bootstrap-servers: "k:1"}
            schema-registry: {url: "http://r"}
            sources: [{name: a, provider: csm, auth: [{type: hmac, secrets: [{env: X}], %s}]}]
            """
                .formatted(yaml),
            Path.of("/etc"));
  }

  private static Hmac method(String yaml) {
    Result result = configuration(yaml);
    assertThat(result).isInstanceOf(Result.Valid.class);
    SourceConfig source = ((Result.Valid) result).configuration().sources().getFirst();
    return (Hmac) AuthMethod.of(source.auth().getFirst());
  }

  private static Verdict verdict(Example example, List<Integer> matched, String... secrets) {
    SecretList list = SecretList.of(Arrays.stream(secrets).map(Secret::of).toList());
    Authenticator authenticator =
        method(example.yaml())
            .authenticator(
                list,
                matched::add,
                new AuthMethod.Resources(
                    new io.penstock.ingest.auth.SlowWork() {
                      @Override
                      public void submit(String address, Task task) {
                        throw new AssertionError("an HMAC is not slow");
                      }
                    },
                    () -> Instant.ofEpochSecond(example.now())));
    Map<String, List<String>> headers = new HashMap<>();
    example.headers().forEach((name, value) -> headers.put(name, List.of(value)));
    FakeHead head = new FakeHead(headers, null, "192.0.2.1");
    Verdict screened = authenticator.screen(head);
    return screened instanceof Verdict.Undecided
        ? authenticator
            .verify(head, example.body())
            .toCompletionStage()
            .toCompletableFuture()
            .join()
        : screened;
  }

  private static Verdict verdict(Example example) {
    return verdict(example, new ArrayList<>(), example.secret());
  }

  private static void assertRefused(Example example, String why) {
    assertThat(verdict(example)).isEqualTo(new Verdict.Refused("hmac", why));
  }

  @ParameterizedTest
  @MethodSource("examples")
  void aSendersOwnExampleIsAccepted(Example example) {
    assertThat(verdict(example)).isEqualTo(Verdict.ACCEPTED);
  }

  @ParameterizedTest
  @MethodSource("examples")
  void oneChangedBitOfTheBodyOrTheSignatureIsRefused(Example example) {
    for (int bit = 0; bit < 8; bit++) {
      byte[] body = example.body().clone();
      body[body.length / 2] ^= (byte) (1 << bit);
      assertThat(verdict(example.withBody(body))).isInstanceOf(Verdict.Refused.class);
    }
    String value = example.value();
    String changed = value.replaceFirst("[0-9a-f]{2}(?=[^0-9a-f]*$|,v0)", "zz");
    for (char other : "0123456789abcdefABCDEF+/=".toCharArray()) {
      int at = value.length() / 2;
      String signature = value.substring(0, at) + other + value.substring(at + 1);
      boolean isSame = signature.equalsIgnoreCase(value) && !example.isInBase64();
      if (!isSame && other != value.charAt(at)) {
        assertThat(verdict(example.with(example.header(), signature)))
            .isInstanceOf(Verdict.Refused.class);
      }
    }
    assertThat(verdict(example.with(example.header(), changed + NOTHING)))
        .isInstanceOf(Verdict.Refused.class);
  }

  @ParameterizedTest
  @MethodSource("examples")
  void anotherSecretIsRefusedAndSeveralAreTriedAll(Example example) {
    assertThat(verdict(example.withSecret(example.secret() + "x")))
        .isInstanceOfSatisfying(
            Verdict.Refused.class,
            refused -> assertThat(refused.why()).startsWith("the signature is of another secret"));

    List<Integer> matched = new ArrayList<>();
    assertThat(verdict(example, matched, "another-secret-than-that", example.secret()))
        .isEqualTo(Verdict.ACCEPTED);
    assertThat(matched).containsExactly(1);
  }

  @ParameterizedTest
  @MethodSource("examples")
  void aMissingRepeatedOrEmptyHeaderIsNamed(Example example) {
    Map<String, String> none = new HashMap<>(example.headers());
    none.remove(example.header());
    assertRefused(
        new Example(example.yaml(), example.secret(), none, example.body(), example.now()),
        "the header " + example.header() + " is missing");
    assertRefused(
        example.with(example.header(), ""), "the header " + example.header() + " is empty");
  }

  @Test
  void aTruncatedSignatureIsNone() {
    String value = GITHUB.value();
    assertRefused(
        GITHUB.with(GITHUB.header(), value.substring(0, value.length() - 2)),
        "the header x-hub-signature-256 has no signature of the right form: 64 hexadecimal digits");
    assertRefused(
        SHOPIFY.with(SHOPIFY.header(), "AAAA"),
        "the header x-shopify-hmac-sha256 has no signature of the right form: base64 of 32 bytes");
  }

  @Test
  void aWrongPrefixIsNamed() {
    String value = GITHUB.value();
    assertRefused(
        GITHUB.with(GITHUB.header(), value.substring("sha256=".length())),
        "what stands in the header x-hub-signature-256 does not begin with sha256=");
    assertRefused(
        GITHUB.with(GITHUB.header(), "sha1=" + value.substring("sha256=".length())),
        "what stands in the header x-hub-signature-256 does not begin with sha256=");
  }

  @Test
  void aStaleTimestampIsRefusedWithItsAge() {
    assertRefused(
        SLACK.at(1_531_420_618 + 7 * 60),
        "the timestamp in the header x-slack-request-timestamp is 7 minutes old, and the source"
            + " allows 5 minutes");
    assertRefused(
        STRIPE.at(1_492_774_577 - 3600),
        "the timestamp in the member t of the header stripe-signature is 60 minutes in the future"
            + " by the clock of this machine, and the source allows 5 minutes");
    assertRefused(
        SLACK.with("x-slack-request-timestamp", "soon"),
        "the header x-slack-request-timestamp is not a number of seconds since 1970");
    assertRefused(
        STRIPE.with("stripe-signature", "v1=" + "0".repeat(64)),
        "the member t of the header stripe-signature is missing");
    assertRefused(
        STRIPE.with("stripe-signature", "t=1492774577,t=1492774577,v1=" + "0".repeat(64)),
        "the member t of the header stripe-signature stands there more than once");
    assertRefused(
        STRIPE.with("stripe-signature", "t=1492774577,v0=" + "0".repeat(64)),
        "the header stripe-signature has no member v1");
  }

  @Test
  void aTimestampThatIsNotTheSignedOneIsRefused() {
    assertThat(verdict(SLACK.with("x-slack-request-timestamp", "1531420619")))
        .isInstanceOf(Verdict.Refused.class);
  }

  @Test
  void oneOfSeveralSignaturesHasToBeRight() {
    String right = STRIPE.value().replaceAll(",v0=.*", "");
    String last = right.replace(",v1=", ",v1=" + "0".repeat(64) + ", v1=");
    assertThat(verdict(STRIPE.with("stripe-signature", last))).isEqualTo(Verdict.ACCEPTED);
    String first = right + ",v1=" + "0".repeat(64);
    assertThat(verdict(STRIPE.with("stripe-signature", first))).isEqualTo(Verdict.ACCEPTED);
  }

  @Test
  void onlySoManySignaturesAreLookedAt() {
    String right = STRIPE.value().replaceAll(",v0=.*", "");
    String many =
        right.replace(",v1=", (",v1=" + "0".repeat(64)).repeat(HeadReader.MAX_SIGNATURES) + ",v1=");
    assertThat(verdict(STRIPE.with("stripe-signature", many))).isInstanceOf(Verdict.Refused.class);
  }

  @Test
  void twilioSignsFormsAlone() {
    assertRefused(
        TWILIO.withBody("a=%zz".getBytes(UTF_8)),
        "the body is not a form, whose fields are signed");
    assertThat(verdict(TWILIO.withBody("From=x".getBytes(UTF_8))))
        .isEqualTo(
            new Verdict.Refused(
                "hmac",
                "the signature is of another secret or address than the configured one, or of another"
                    + " body than the one that came"));
  }

  @Test
  void whatAnInstanceSignsForItselfPasses() {
    for (Example example : examples().toList()) {
      Map<String, String> headers =
          method(example.yaml())
              .headers(Secret.of(example.secret()), Long.toString(example.now()), example.body());
      Example own =
          new Example(example.yaml(), example.secret(), headers, example.body(), example.now());
      assertThat(verdict(own)).as(example.yaml()).isEqualTo(Verdict.ACCEPTED);
    }
  }

  @Test
  void aLargeBodyIsVerifiedToo() {
    byte[] body = new byte[3 * 1024 * 1024];
    Example large =
        new Example(
            "preset: github",
            "a-secret-for-large-ones",
            Map.of(
                "x-hub-signature-256",
                "sha256=" + hex("HmacSHA256", "a-secret-for-large-ones", "", body)),
            body,
            0);
    assertThat(verdict(large)).isEqualTo(Verdict.ACCEPTED);
  }

  private static List<String> problems(String yaml) {
    Result result = configuration(yaml);
    assertThat(result).as(yaml).isInstanceOf(Result.Invalid.class);
    return ((Result.Invalid) result).problems().stream().map(Object::toString).toList();
  }

  private static void assertProblem(String yaml, String problem) {
    assertThat(problems(yaml)).as(yaml).anySatisfy(each -> assertThat(each).contains(problem));
  }

  @Test
  void mistakesOfTheConfigurationAreNamed() {
    assertProblem("prefix: x", "auth[0].header: is required");
    assertProblem("preset: gihub", "unknown preset 'gihub'");
    assertProblem("header: x-sig, algorithm: md5", "unknown algorithm");
    assertProblem("header: x-sig, encoding: base32", "unknown encoding");
    assertProblem("header: host", "must be a header that does not say how a request is to be read");
    assertProblem("header: x-sig, signs: '{timestamp}'", "must have either {body} or {form}");
    assertProblem("header: x-sig, signs: '{body}{body}'", "each once");
    assertProblem("header: x-sig, signs: '{body}{nonce}'", "must have {body} or {form}");
    assertProblem("header: x-sig, signs: 'é{body}'", "must be visible ASCII");
    assertProblem("header: x-sig, signs: '{timestamp}{body}'", "timestamp: is required");
    assertProblem(
        "header: x-sig, timestamp: 'header:x-time'", "a time that is not signed proves nothing");
    assertProblem(
        "header: x-sig, signs: '{timestamp}{body}', timestamp: 'member:t'",
        "only where member is set too");
    assertProblem("header: x-sig, tolerance: 5m", "goes only with timestamp");
    assertProblem("preset: twilio", "url: is required");
    assertProblem("preset: twilio, url: 'https://a:b@c/'", "without a user's name");
    assertProblem("preset: github, url: 'https://c/'", "goes only with {url} in signs");
  }

  @Test
  void aSecretMustBeOne() {
    assertThat(SigningKey.FORM.complaint(Secret.of("abc\n"))).startsWith("ends in a line break");
    assertThat(SigningKey.FORM.complaint(Secret.of("a\u0001bc"))).startsWith("has a control");
    assertThat(SigningKey.FORM.complaint(Secret.of("\uFEFFabc"))).contains("byte order mark");
    assertThat(SigningKey.FORM.complaint(Secret.of("abc"))).isNull();
    assertThat(SigningKey.FORM.doubt(Secret.of("abc"))).contains("shorter than 16 bytes");
    assertThat(SigningKey.FORM.doubt(Secret.of(" a-secret-with-a-space"))).contains("white space");
    assertThat(SigningKey.FORM.doubt(Secret.of("a-secret-of-enough-bytes"))).isNull();
  }
}
