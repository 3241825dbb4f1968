package io.penstock.ingest.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.Timed;
import io.penstock.ingest.auth.Authentication;
import io.penstock.ingest.auth.FakeHead;
import io.penstock.ingest.auth.Place;
import io.penstock.ingest.auth.RequestHead;
import io.penstock.ingest.auth.SecretFiles;
import io.penstock.ingest.auth.SharedSecret;
import io.penstock.ingest.auth.Verdict;
import io.penstock.ingest.auth.bcrypt.Bcrypt;
import io.penstock.ingest.auth.bcrypt.BcryptPool;
import io.penstock.ingest.auth.standardwebhooks.StandardWebhooks;
import io.penstock.ingest.config.AuthSpec;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.SecretRef;
import io.penstock.ingest.provider.Providers;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever a stranger sends, refusing it costs no more than a few signatures, whose number is
 * bounded, but for a bcrypt hash; less than a millisecond of a processor, where the clock is to
 * judge. Measured in turns with one signature, as medians of what the processor spent.
 */
class RefusalCostTest {

  private static final long MOST_NANOS = 1_000_000;

  /** As many checks of an Ed25519 signature, in the gate. */
  private static final int MOST_SIGNATURES = 4;

  private static final int WARM_UP = 400;
  private static final int ROUNDS = 201;

  private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  /** As much as a head may hold: 8 KiB, with something for its other lines. */
  private static final int LONGEST = 7_500;

  private final Map<String, String> environment = new HashMap<>();
  private final BcryptPool pool =
      new BcryptPool(BcryptPool.Limits.forProcessors(1), System::nanoTime);

  @AfterEach
  void close() {
    pool.close();
  }

  /** A request that is to be refused. */
  record Hostile(String name, AuthSpec spec, FakeHead head, String body) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Hostile> hostile() throws Exception {
    String longest = "x".repeat(LONGEST);
    String basic =
        Base64.getEncoder().encodeToString(("penstock:" + "x".repeat(5_500)).getBytes(UTF_8));
    return Stream.of(
        new Hostile(
            "url-token",
            new SharedSecret(Place.URL_TOKEN, refs("A", "B")),
            FakeHead.withUrlToken(longest),
            ""),
        new Hostile(
            "basic",
            new SharedSecret(Place.BASIC, "penstock", refs("A", "B")),
            FakeHead.withHeader("authorization", "Basic " + basic),
            ""),
        new Hostile(
            "basic, base64 that ends in rubbish",
            new SharedSecret(Place.BASIC, "penstock", refs("A", "B")),
            FakeHead.withHeader("authorization", "Basic " + basic.substring(1) + "*"),
            ""),
        new Hostile(
            "bearer",
            new SharedSecret(Place.BEARER, refs("A", "B")),
            FakeHead.withHeader("authorization", "Bearer " + " ".repeat(3_000) + "x".repeat(4_000)),
            ""),
        new Hostile(
            "header",
            new SharedSecret(Place.HEADER, "x-key", refs("A", "B")),
            FakeHead.withHeader("x-key", longest),
            ""),
        new Hostile(
            "query",
            new SharedSecret(Place.QUERY, "key", refs("A", "B")),
            FakeHead.withQuery("key", longest),
            ""),
        new Hostile(
            "body-field",
            new SharedSecret(Place.BODY_FIELD, "apiKey", refs("A", "B")),
            FakeHead.bare(),
            "{" + members(100) + "\"apiKey\":\"no\"}"),
        new Hostile(
            "bcrypt-token of too high a cost",
            new Bcrypt("x-token", refs("A", "B"), 12),
            FakeHead.withHeader("x-token", "$2b$31$" + "a".repeat(53)),
            ""),
        new Hostile(
            "bcrypt-token of no form",
            new Bcrypt("x-token", refs("A", "B"), 12),
            FakeHead.withHeader("x-token", longest),
            ""),
        signed("as many v1 as fit, for two secrets", refs("SHARED", "SHARED2"), rubbish("v1", 200)),
        signed("as many v1a as fit, for one key", refs("PUBLIC"), forged(85)),
        signed("as many v1a as fit, for two keys", refs("PUBLIC", "PUBLIC2"), forged(85)),
        signed(
            "v1 and v1a, for all of them",
            refs("SHARED", "SHARED2", "PUBLIC", "PUBLIC2", "PUBLIC3"),
            rubbish("v1", 20) + " " + forged(70)),
        signed(
            "parts of nothing", refs("SHARED", "PUBLIC"), "v1a,".repeat(1_500) + " ,".repeat(500)),
        signed("spaces", refs("SHARED", "PUBLIC"), " ".repeat(LONGEST)));
  }

  private static List<SecretRef> refs(String... variables) {
    return Arrays.stream(variables).map(name -> (SecretRef) new SecretRef.Env(name)).toList();
  }

  private static String members(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "\"member-" + i + "\":{\"apiKey\":[1,true,\"x\"]},")
        .collect(Collectors.joining());
  }

  private static Hostile signed(String name, List<SecretRef> secrets, String signatures) {
    Map<String, List<String>> headers = new HashMap<>();
    headers.put("svix-id", List.of("msg_" + "a".repeat(200)));
    headers.put("svix-timestamp", List.of(Long.toString(NOW.getEpochSecond())));
    headers.put("svix-signature", List.of(signatures));
    return new Hostile(
        "standard-webhooks: " + name,
        new StandardWebhooks(secrets, Duration.ofMinutes(5)),
        new FakeHead(headers, null, "192.0.2.1"),
        "{\"event_name\":\"" + "x".repeat(1_000) + "\"}");
  }

  private static String rubbish(String version, int count) {
    return (version + "," + "A".repeat(43) + "= ").repeat(count).substring(0, count * 48 - 1);
  }

  /**
   * Signatures that are right in all but that another key made them: nothing cheap gives them away.
   */
  private static String forged(int count) throws Exception {
    KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    List<String> signatures = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Signature signer = Signature.getInstance("Ed25519");
      signer.initSign(pair.getPrivate());
      signer.update((byte) i);
      signatures.add("v1a," + Base64.getEncoder().encodeToString(signer.sign()));
    }
    return String.join(" ", signatures);
  }

  private static String publicKey() throws Exception {
    byte[] x509 =
        KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPublic().getEncoded();
    byte[] key = Arrays.copyOfRange(x509, x509.length - 32, x509.length);
    return "whpk_" + Base64.getEncoder().encodeToString(key);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("hostile")
  void aRefusalCostsNoMoreThanAFewSignatures(Hostile hostile) throws Exception {
    environment.put("A", "a-secret-that-nobody-knows");
    environment.put("B", "another-secret-that-nobody-knows");
    environment.put("SHARED", "whsec_" + Base64.getEncoder().encodeToString(new byte[32]));
    environment.put("SHARED2", "whsec_" + Base64.getEncoder().encodeToString(new byte[64]));
    for (String name : List.of("PUBLIC", "PUBLIC2", "PUBLIC3")) {
      environment.put(name, publicKey());
    }
    SecretFiles files =
        new SecretFiles(environment, Duration.ofHours(1), SecretFiles.Listener.NONE);
    Configuration.SourceConfig source =
        new Configuration.SourceConfig("a", "move", 1024 * 1024, List.of(hostile.spec()));
    try (Sources sources =
        Sources.open(
            List.of(source),
            Providers::byName,
            files,
            pool,
            Sources.MatchListeners.NONE,
            InstantSource.fixed(NOW))) {
      Authentication authentication = requireNonNull(sources.byName("a")).authentication();
      byte[] body = hostile.body().getBytes(UTF_8);
      for (int i = 0; i < WARM_UP; i++) {
        assertThat(verdict(authentication, hostile.head(), body))
            .isInstanceOf(Verdict.Refused.class);
      }
      KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
      for (int i = 0; i < WARM_UP; i++) {
        checkOneSignature(pair);
      }
      long[] nanos = new long[ROUNDS];
      long[] ofOneSignature = new long[ROUNDS];
      for (int i = 0; i < ROUNDS; i++) {
        long before = THREADS.getCurrentThreadCpuTime();
        verdict(authentication, hostile.head(), body);
        long between = THREADS.getCurrentThreadCpuTime();
        checkOneSignature(pair);
        nanos[i] = between - before;
        ofOneSignature[i] = THREADS.getCurrentThreadCpuTime() - between;
      }
      Arrays.sort(nanos);
      Arrays.sort(ofOneSignature);
      double signatures = (double) nanos[ROUNDS / 2] / ofOneSignature[ROUNDS / 2];
      assertThat(signatures).as("of what a signature costs").isLessThan(MOST_SIGNATURES);
      if (Timed.Run.isTimed()) {
        assertThat(nanos[ROUNDS / 2]).as("nanoseconds").isLessThan(MOST_NANOS);
      }
    }
  }

  private static void checkOneSignature(KeyPair pair) throws Exception {
    Signature verifier = Signature.getInstance("Ed25519");
    verifier.initVerify(pair.getPublic());
    verifier.update(new byte[1_000]);
    byte[] wrong = new byte[64];
    wrong[0] = 1;
    assertThat(verifier.verify(wrong)).isFalse();
  }

  /** As the ingress asks; without an event loop all is computed on this thread. */
  private static Verdict verdict(Authentication authentication, RequestHead head, byte[] body) {
    Verdict screened = authentication.screen(head);
    return screened instanceof Verdict.Undecided
        ? authentication.verify(head, body).result()
        : screened;
  }
}
