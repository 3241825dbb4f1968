package io.penstock.ingest.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.auth.Authentication;
import io.penstock.ingest.auth.FakeHead;
import io.penstock.ingest.auth.Place;
import io.penstock.ingest.auth.Secret;
import io.penstock.ingest.auth.SecretFiles;
import io.penstock.ingest.auth.SharedSecret;
import io.penstock.ingest.auth.Verdict;
import io.penstock.ingest.auth.bcrypt.Bcrypt;
import io.penstock.ingest.auth.bcrypt.BcryptHash;
import io.penstock.ingest.auth.bcrypt.BcryptPool;
import io.penstock.ingest.auth.hmac.Hmac;
import io.penstock.ingest.auth.standardwebhooks.StandardWebhooks;
import io.penstock.ingest.auth.standardwebhooks.StandardWebhooksSignature;
import io.penstock.ingest.config.AuthKind;
import io.penstock.ingest.config.AuthSpec;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.SecretRef;
import io.penstock.ingest.provider.Providers;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each kind of authentication says in words why it refuses, without anything of the request. */
class RefusalWordsTest {

  private static final Instant NOW = Instant.parse("2026-11-26T12:00:00Z");
  private static final String MARKER = "marker-in-the-request";
  private static final String SECRET = "the-configured-secret";
  private static final String SHARED = "whsec_" + Base64.getEncoder().encodeToString(new byte[32]);
  private static final String OTHER =
      "whsec_"
          + Base64.getEncoder().encodeToString((MARKER + "and-some-more-bytes").getBytes(UTF_8));
  private static final String PUBLIC = publicKey();
  private static final String BODY = "{\"x\":\"" + MARKER + "\"}";

  private final BcryptPool pool =
      new BcryptPool(BcryptPool.Limits.forProcessors(1), System::nanoTime);

  private static String publicKey() {
    try {
      byte[] x509 =
          KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPublic().getEncoded();
      byte[] key = Arrays.copyOfRange(x509, x509.length - 32, x509.length);
      return "whpk_" + Base64.getEncoder().encodeToString(key);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has Ed25519", e);
    }
  }

  @AfterEach
  void close() {
    pool.close();
  }

  /** A request that is refused, and the words. */
  record Row(AuthSpec spec, FakeHead head, String body, String why) {
    @Override
    public String toString() {
      return spec.type() + ": " + why;
    }
  }

  private static Row row(AuthSpec spec, FakeHead head, String why) {
    return new Row(spec, head, BODY, why);
  }

  private static FakeHead authorization(String... values) {
    return FakeHead.withHeader("authorization", values);
  }

  private static String basic(String text) {
    return "Basic " + Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
  }

  private static FakeHead headers(String... namesAndValues) {
    Map<String, List<String>> headers = new HashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      headers.put(namesAndValues[i], List.of(namesAndValues[i + 1]));
    }
    return new FakeHead(headers, null, "192.0.2.1");
  }

  private static FakeHead signed(String secret, Duration age) {
    Map<String, List<String>> headers = new HashMap<>();
    StandardWebhooksSignature.headers(
            Secret.of(secret), "msg_1", NOW.minus(age), BODY.getBytes(UTF_8))
        .orElseThrow()
        .forEach((name, value) -> headers.put(name, List.of(value)));
    return new FakeHead(headers, null, "192.0.2.1");
  }

  private static List<SecretRef> refs(String... variables) {
    return Stream.of(variables).map(name -> (SecretRef) new SecretRef.Env(name)).toList();
  }

  static Stream<Row> rows() {
    AuthSpec url = new SharedSecret(Place.URL_TOKEN, refs("SECRET"));
    AuthSpec basic = new SharedSecret(Place.BASIC, "penstock", refs("SECRET"));
    AuthSpec bearer = new SharedSecret(Place.BEARER, refs("SECRET"));
    AuthSpec header = new SharedSecret(Place.HEADER, "x-key", refs("SECRET"));
    AuthSpec query = new SharedSecret(Place.QUERY, "key", refs("SECRET"));
    AuthSpec field = new SharedSecret(Place.BODY_FIELD, "apiKey", refs("SECRET"));
    AuthSpec bcrypt = new Bcrypt("x-smartshape-token", refs("SECRET"), 5);
    AuthSpec svix = new StandardWebhooks(refs("SHARED"), Duration.ofMinutes(5));
    AuthSpec onlyPublic = new StandardWebhooks(refs("PUBLIC"), Duration.ofMinutes(5));
    AuthSpec slack = Hmac.of("slack", refs("SECRET"));
    AuthSpec stripe = Hmac.of("stripe", refs("SECRET"));
    String now = Long.toString(NOW.getEpochSecond());
    String hex = "ab".repeat(32);
    String rubbish = "v1," + "A".repeat(43) + "=";
    return Stream.of(
        row(url, FakeHead.bare(), "the token in the address is missing"),
        row(url, FakeHead.withUrlToken(""), "the token in the address is empty"),
        row(
            url,
            FakeHead.withUrlToken(MARKER),
            "the token in the address is of no configured secret"),
        row(basic, FakeHead.bare(), "the header authorization is missing"),
        row(
            basic,
            authorization(MARKER, MARKER),
            "the header authorization stands there more than once"),
        row(
            basic,
            authorization("Bearer " + MARKER),
            "the header authorization is of another scheme than Basic"),
        row(
            basic,
            authorization("Basic " + MARKER),
            "the header authorization holds no base64 of a user's name, a colon and a password"),
        row(
            basic,
            authorization(basic(MARKER + ":" + SECRET)),
            "the user's name in the header authorization is not the configured one"),
        row(
            basic,
            authorization(basic("penstock:" + MARKER)),
            "the password in the header authorization is of no configured secret"),
        row(bearer, FakeHead.bare(), "the header authorization is missing"),
        row(
            bearer,
            authorization(MARKER),
            "the header authorization is of another scheme than Bearer"),
        row(
            bearer,
            authorization("Bearer " + MARKER),
            "the token in the header authorization is of no configured secret"),
        row(header, FakeHead.bare(), "the header x-key is missing"),
        row(header, FakeHead.withHeader("x-key", ""), "the header x-key is empty"),
        row(
            header,
            FakeHead.withHeader("x-key", SECRET, MARKER),
            "the header x-key stands there more than once"),
        row(
            header,
            FakeHead.withHeader("x-key", MARKER),
            "the value of the header x-key is of no configured secret"),
        row(query, FakeHead.bare(), "the parameter key in the address is missing"),
        row(
            query,
            FakeHead.withQuery("key", SECRET, SECRET),
            "the parameter key in the address stands there more than once"),
        row(
            query,
            FakeHead.withQuery("key", MARKER),
            "the value of the parameter key in the address is of no configured secret"),
        new Row(field, FakeHead.bare(), MARKER + "{", "the body is not well-formed JSON"),
        row(field, FakeHead.bare(), "the member apiKey of the body is missing"),
        new Row(
            field,
            FakeHead.bare(),
            "{\"apiKey\":17}",
            "the member apiKey of the body is not a text"),
        new Row(
            field,
            FakeHead.bare(),
            "{\"apiKey\":\"" + MARKER + "\"}",
            "the member apiKey of the body is of no configured secret"),
        row(bcrypt, FakeHead.bare(), "the header x-smartshape-token is missing"),
        row(
            bcrypt,
            FakeHead.withHeader("x-smartshape-token", MARKER),
            "the header x-smartshape-token holds no bcrypt hash, which has 60 characters and begins"
                + " with $2a$, $2b$ or $2y$"),
        row(
            bcrypt,
            FakeHead.withHeader("x-smartshape-token", "$2b$13$" + "a".repeat(53)),
            "the hash in the header x-smartshape-token has the cost 13, and the source computes no"
                + " more than 5 (max-cost)"),
        row(
            bcrypt,
            FakeHead.withHeader(
                "x-smartshape-token", BcryptHash.token(Secret.of(MARKER), 4, new SecureRandom())),
            "the hash in the header x-smartshape-token was made of another secret"),
        row(slack, FakeHead.bare(), "the header x-slack-signature is missing"),
        row(
            slack,
            FakeHead.withHeader("x-slack-signature", MARKER, MARKER),
            "the header x-slack-signature stands there more than once"),
        row(
            slack,
            FakeHead.withHeader("x-slack-signature", MARKER),
            "what stands in the header x-slack-signature does not begin with v0="),
        row(
            slack,
            FakeHead.withHeader("x-slack-signature", "v0=" + MARKER),
            "the header x-slack-signature has no signature of the right form: 64 hexadecimal"
                + " digits"),
        row(
            slack,
            headers("x-slack-signature", "v0=" + hex, "x-slack-request-timestamp", MARKER),
            "the header x-slack-request-timestamp is not a number of seconds since 1970"),
        row(
            slack,
            headers("x-slack-signature", "v0=" + hex, "x-slack-request-timestamp", "1"),
            "the timestamp in the header x-slack-request-timestamp is 20783 days old, and the"
                + " source allows 5 minutes"),
        row(
            slack,
            headers("x-slack-signature", "v0=" + hex, "x-slack-request-timestamp", now),
            "the signature is of another secret, or of another body than the one that came, as when"
                + " a proxy changes it"),
        row(
            stripe,
            FakeHead.withHeader("stripe-signature", "t=" + now + "," + MARKER),
            "the header stripe-signature has no member v1"),
        row(
            stripe,
            FakeHead.withHeader("stripe-signature", "v1=" + hex),
            "the member t of the header stripe-signature is missing"),
        row(
            svix,
            FakeHead.bare(),
            "the headers svix-id, svix-timestamp and svix-signature are missing, and so are those"
                + " that begin with webhook-"),
        row(
            svix,
            headers("svix-id", MARKER, "svix-timestamp", now),
            "the header svix-signature is missing"),
        row(
            svix,
            headers(
                "webhook-id", MARKER, "webhook-timestamp", MARKER, "webhook-signature", rubbish),
            "the header webhook-timestamp is longer than 15 characters"),
        row(
            svix,
            headers(
                "webhook-id", MARKER, "webhook-timestamp", "noon", "webhook-signature", rubbish),
            "the header webhook-timestamp is not a number of seconds since 1970"),
        row(
            svix,
            headers("svix-id", "a.b", "svix-timestamp", now, "svix-signature", rubbish),
            "the header svix-id has a dot, a space or a character beyond ASCII"),
        row(
            svix,
            headers("svix-id", "a", "svix-timestamp", now + "000", "svix-signature", rubbish),
            "the header svix-timestamp is in milliseconds, and must be in seconds"),
        row(
            svix,
            signed(SHARED, Duration.ofSeconds(450)),
            "the timestamp in the header svix-timestamp is 7 minutes old, and the source allows 5"
                + " minutes"),
        row(
            svix,
            signed(SHARED, Duration.ofHours(-3)),
            "the timestamp in the header svix-timestamp is 3 hours in the future by the clock of"
                + " this machine, and the source allows 5 minutes"),
        row(
            svix,
            headers("svix-id", "a", "svix-timestamp", now, "svix-signature", MARKER),
            "the header svix-signature has no well-formed signature of version v1 or v1a"),
        row(
            onlyPublic,
            signed(SHARED, Duration.ZERO),
            "the header svix-signature has signatures of version v1 alone, and no configured secret"
                + " is a shared key (whsec_)"),
        row(
            svix,
            signed(OTHER, Duration.ZERO),
            "the signature was made with another secret, or over another body than the one that"
                + " came, as when a proxy changes it"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rows")
  void aRefusalSaysWhy(Row row) throws Exception {
    assertThat(verdict(row)).isEqualTo(new Verdict.Refused(row.spec().type(), row.why()));
    assertThat(row.why()).doesNotContain(MARKER, SECRET, SHARED);
  }

  @Test
  void everyKindIsInTheTable() {
    assertThat(rows().map(row -> row.spec().type()).collect(Collectors.toSet()))
        .containsExactlyInAnyOrderElementsOf(AuthKinds.ALL.stream().map(AuthKind::type).toList());
  }

  private Verdict verdict(Row row) throws Exception {
    try (Sources sources =
        Sources.open(
            List.of(new Configuration.SourceConfig("a", "move", 1 << 20, List.of(row.spec()))),
            Providers::byName,
            new SecretFiles(
                Map.of("SECRET", SECRET, "SHARED", SHARED, "PUBLIC", PUBLIC),
                Duration.ofHours(1),
                SecretFiles.Listener.NONE),
            pool,
            Sources.MatchListeners.NONE,
            InstantSource.fixed(NOW))) {
      Authentication authentication = requireNonNull(sources.byName("a")).authentication();
      Verdict screened = authentication.screen(row.head());
      return screened instanceof Verdict.Undecided
          ? authentication
              .verify(row.head(), row.body().getBytes(UTF_8))
              .await(120, TimeUnit.SECONDS)
          : screened;
    }
  }
}
