package io.penstock.ingest.auth.standardwebhooks;

import static io.penstock.ingest.auth.standardwebhooks.Deliveries.BODY;
import static io.penstock.ingest.auth.standardwebhooks.Deliveries.ED25519_SIGNATURE;
import static io.penstock.ingest.auth.standardwebhooks.Deliveries.ID;
import static io.penstock.ingest.auth.standardwebhooks.Deliveries.PUBLIC_KEY;
import static io.penstock.ingest.auth.standardwebhooks.Deliveries.SECRET;
import static io.penstock.ingest.auth.standardwebhooks.Deliveries.SIGNATURE;
import static io.penstock.ingest.auth.standardwebhooks.Deliveries.TIMESTAMP;
import static io.penstock.ingest.auth.standardwebhooks.Deliveries.TOLERANCE;
import static io.penstock.ingest.auth.standardwebhooks.Deliveries.authenticator;
import static io.penstock.ingest.auth.standardwebhooks.Deliveries.head;
import static io.penstock.ingest.auth.standardwebhooks.Deliveries.headers;
import static io.penstock.ingest.auth.standardwebhooks.Deliveries.secrets;
import static io.penstock.ingest.auth.standardwebhooks.Deliveries.verify;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.auth.FakeHead;
import io.penstock.ingest.auth.Secret;
import io.penstock.ingest.auth.Verdict;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class StandardWebhooksAuthenticatorTest {

  private static final String OTHER_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

  /** Well-formed and of nothing here; from the libraries' own tests. */
  private static final String UNRELATED = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=";

  // The published examples.

  @ParameterizedTest
  @ValueSource(strings = {SECRET, "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"})
  void acceptsTheSymmetricExampleWithAndWithoutThePrefix(String secret) {
    assertThat(verify(authenticator(secret), headers(), BODY)).isEqualTo(Verdict.ACCEPTED);
  }

  @Test
  void acceptsTheAsymmetricExample() {
    assertThat(verify(authenticator(PUBLIC_KEY), headers("svix-", ED25519_SIGNATURE), BODY))
        .isEqualTo(Verdict.ACCEPTED);
  }

  // What must pass.

  static Stream<Arguments> authentic() {
    return Stream.of(
        Arguments.of("the names of Standard Webhooks", headers("webhook-", SIGNATURE)),
        Arguments.of(
            "several signatures, the valid one in the middle",
            headers(
                "svix-",
                UNRELATED
                    + " "
                    + UNRELATED.replace("v1,", "v2,")
                    + " "
                    + SIGNATURE
                    + " "
                    + UNRELATED)),
        Arguments.of("the valid signature last", headers("svix-", UNRELATED + " " + SIGNATURE)),
        Arguments.of("the valid signature first", headers("svix-", SIGNATURE + " " + UNRELATED)),
        Arguments.of(
            "malformed parts around it",
            headers("svix-", " v1 , v1, ,v1 v1,a,b \u00ff v3,x  " + SIGNATURE + " v1,€ ")),
        Arguments.of(
            "both versions at once", headers("svix-", ED25519_SIGNATURE + " " + SIGNATURE)),
        Arguments.of(
            "the fiftieth signature", headers("svix-", (UNRELATED + " ").repeat(49) + SIGNATURE)),
        Arguments.of(
            "Svix's names beside Standard Webhooks' of another message",
            with(headers(), "webhook-id", "other", "webhook-timestamp", "1")),
        Arguments.of(
            "Svix's names beside a complete set that is wrong",
            with(headers("webhook-", "v1,wrong"), headers())));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("authentic")
  void accepts(String name, Map<String, String> headers) {
    assertThat(verify(authenticator(SECRET), headers, BODY)).isEqualTo(Verdict.ACCEPTED);
  }

  @Test
  void acceptsAnEmptyBodyThatIsSigned() {
    Map<String, String> headers = signed(SECRET, new byte[0]);

    assertThat(verify(authenticator(SECRET), headers, new byte[0])).isEqualTo(Verdict.ACCEPTED);
    assertThat(verify(authenticator(SECRET), headers, BODY)).isInstanceOf(Verdict.Refused.class);
  }

  @ParameterizedTest
  @ValueSource(longs = {-300, -299, 0, 299, 300})
  void acceptsTimesWithinTheTolerance(long ahead) {
    assertThat(verify(authenticator(TIMESTAMP + ahead, SECRET), headers(), BODY))
        .isEqualTo(Verdict.ACCEPTED);
  }

  // What must fail.

  static Stream<Arguments> forged() {
    return Stream.of(
        Arguments.of("no header at all", Map.of()),
        Arguments.of("no id", without(headers(), "svix-id")),
        Arguments.of("no timestamp", without(headers(), "svix-timestamp")),
        Arguments.of("no signature", without(headers(), "svix-signature")),
        Arguments.of("an empty id", with(headers(), "svix-id", "")),
        Arguments.of("an empty timestamp", with(headers(), "svix-timestamp", "")),
        Arguments.of("an empty signature", with(headers(), "svix-signature", "")),
        Arguments.of("a timestamp that is none", with(headers(), "svix-timestamp", "hello")),
        Arguments.of("a signed number", with(headers(), "svix-timestamp", "+" + TIMESTAMP)),
        Arguments.of("a fraction", with(headers(), "svix-timestamp", TIMESTAMP + ".0")),
        Arguments.of("white space", with(headers(), "svix-timestamp", " " + TIMESTAMP)),
        Arguments.of("a leading zero", with(headers(), "svix-timestamp", "0" + TIMESTAMP)),
        Arguments.of("digits of another script", with(headers(), "svix-timestamp", "١٦١٤٢٦٥٣٣٠")),
        Arguments.of(
            "a timestamp beyond a long",
            with(headers(), "svix-timestamp", "1614265330000000000000000000")),
        Arguments.of(
            "a timestamp that wraps around to the right one",
            with(headers(), "svix-timestamp", "18446744075323816946")),
        Arguments.of("the greatest long", with(headers(), "svix-timestamp", "9223372036854775807")),
        Arguments.of("a signature of rubbish", signature("v1,dawfeoifkpqwoekfpqoekf")),
        Arguments.of("a header cut short", signature(SIGNATURE.substring(0, 8))),
        Arguments.of("a signature cut by one", signature(cut(SIGNATURE, 1))),
        Arguments.of("an empty signature part", signature("v1,")),
        Arguments.of("a version alone", signature("v1")),
        Arguments.of("a comma alone", signature(",")),
        Arguments.of("no version", signature(SIGNATURE.substring(3))),
        Arguments.of("the right value under v2", signature(SIGNATURE.replace("v1,", "v2,"))),
        Arguments.of("the right value under V1", signature(SIGNATURE.replace("v1,", "V1,"))),
        Arguments.of("the right value under v1a", signature(SIGNATURE.replace("v1,", "v1a,"))),
        Arguments.of("the right value twice in one part", signature(SIGNATURE + ",x")),
        Arguments.of("parts that a comma joins", signature(UNRELATED + "," + SIGNATURE)),
        Arguments.of("without padding", signature(cut(SIGNATURE, 1))),
        Arguments.of("the same bytes in another spelling", signature(cut(SIGNATURE, 2) + "F=")),
        Arguments.of("another signature", signature(UNRELATED)),
        Arguments.of("v1a for a shared secret", signature(ED25519_SIGNATURE)),
        Arguments.of(
            "the fifty-first signature", signature((UNRELATED + " ").repeat(50) + SIGNATURE)),
        Arguments.of("a header too long", signature(SIGNATURE + " " + "x".repeat(8 * 1024))),
        Arguments.of("another id", with(headers(), "svix-id", ID + "x")),
        Arguments.of("another time", with(headers(), "svix-timestamp", "" + (TIMESTAMP + 1))),
        Arguments.of(
            "Svix's id missing, completed by the other set",
            with(without(headers(), "svix-id"), "webhook-id", ID)),
        Arguments.of(
            "Svix's time missing, completed by the other set",
            with(
                without(headers(), "svix-timestamp"),
                "webhook-timestamp",
                Long.toString(TIMESTAMP))),
        Arguments.of(
            "Svix's signature missing, completed by the other set",
            with(without(headers(), "svix-signature"), "webhook-signature", SIGNATURE)),
        Arguments.of(
            "one header of Svix beside the other set, complete and valid",
            with(headers("webhook-", SIGNATURE), "svix-id", ID)),
        Arguments.of(
            "Svix's set wrong, the other right",
            with(headers("webhook-", SIGNATURE), headers("svix-", UNRELATED))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("forged")
  void refuses(String name, Map<String, String> headers) {
    assertThat(verify(authenticator(SECRET), headers, BODY)).isInstanceOf(Verdict.Refused.class);
  }

  @ParameterizedTest
  @ValueSource(longs = {-1_000_000_000, -301, 301, 1_000_000_000})
  void refusesTimesBeyondTheToleranceByTheHeadAlone(long ahead) {
    assertThat(authenticator(TIMESTAMP + ahead, SECRET).screen(head(headers())))
        .isInstanceOf(Verdict.Refused.class);
  }

  @Test
  void refusesAnotherBody() {
    assertThat(verify(authenticator(SECRET), headers(), "{\"test\":2432232314}".getBytes(UTF_8)))
        .as("the same JSON, restringified")
        .isInstanceOf(Verdict.Refused.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"svix-id", "svix-timestamp", "svix-signature"})
  void refusesARepeatedHeader(String name) {
    Map<String, List<String>> byName = new HashMap<>(head(headers()).byName());
    String value = byName.getOrDefault(name, List.of()).getFirst();

    byName.put(name, List.of(value, value));

    assertThat(authenticator(SECRET).screen(new FakeHead(byName, null, "192.0.2.1")))
        .isInstanceOf(Verdict.Refused.class);
  }

  @Test
  void refusesIdsThatSomethingElseCouldBeSignedAs() {
    String dotted = signedAs("a.1", TIMESTAMP);
    for (String id : List.of("a.1", "a b", "\u00e9", "a\n", "x".repeat(257))) {
      Map<String, String> headers = with(headers("svix-", dotted), "svix-id", id);
      assertThat(authenticator(SECRET).screen(head(headers)))
          .as(id)
          .isInstanceOf(Verdict.Refused.class);
    }
  }

  @Test
  void looksAtTheHeadBeforeItAsksForTheBody() {
    StandardWebhooksAuthenticator authenticator = authenticator(SECRET);

    assertThat(authenticator.needsBody()).isTrue();
    assertThat(authenticator.screen(head(headers()))).isEqualTo(Verdict.UNDECIDED);
    assertThat(authenticator.screen(head(signature(ED25519_SIGNATURE))))
        .as("no key of that kind")
        .isInstanceOf(Verdict.Refused.class);
    assertThat(authenticator(PUBLIC_KEY).screen(head(headers())))
        .as("no key of that kind")
        .isInstanceOf(Verdict.Refused.class);
  }

  @Test
  void refusesSignaturesOfEd25519ThatAreNotTheKeys() {
    StandardWebhooksAuthenticator authenticator = authenticator(PUBLIC_KEY);
    List<String> forged =
        List.of(
            ED25519_SIGNATURE.replace("v1a,", "v1,"),
            ED25519_SIGNATURE.replace("v1a,h", "v1a,i"),
            cut(ED25519_SIGNATURE, 2),
            cut(ED25519_SIGNATURE, 3) + "h==",
            "v1a," + "A".repeat(86) + "==",
            "v1a," + "/".repeat(85) + "w==",
            "v1a," + "*".repeat(88));

    assertThat(forged)
        .allSatisfy(
            signature ->
                assertThat(verify(authenticator, signature(signature), BODY))
                    .isInstanceOf(Verdict.Refused.class));
    assertThat(verify(authenticator, signature(ED25519_SIGNATURE), new byte[0]))
        .isInstanceOf(Verdict.Refused.class);
  }

  // Several public keys, and several of their signatures.

  @Test
  void acceptsWhatASenderListsThatChangesItsKey() throws Exception {
    PairOfKeys old = PairOfKeys.generated();
    PairOfKeys fresh = PairOfKeys.generated();
    String both = fresh.sign() + " " + old.sign();

    for (String[] listed :
        new String[][] {
          {old.secret()},
          {fresh.secret()},
          {old.secret(), fresh.secret()},
          {fresh.secret(), old.secret()},
          {SECRET, PUBLIC_KEY, old.secret()},
          {PUBLIC_KEY, PUBLIC_KEY, PUBLIC_KEY, PUBLIC_KEY, PUBLIC_KEY, PUBLIC_KEY, old.secret()}
        }) {
      assertThat(verify(authenticator(listed), signature(both), BODY))
          .as("%d listed", listed.length)
          .isEqualTo(Verdict.ACCEPTED);
      assertThat(verify(authenticator(listed), signature(both), new byte[0]))
          .isInstanceOf(Verdict.Refused.class);
    }
  }

  @Test
  void verifiesNoMoreSignaturesThanItCanAfford() throws Exception {
    PairOfKeys key = PairOfKeys.generated();
    String another = PairOfKeys.generated().sign() + " ";

    assertThat(verify(authenticator(key.secret()), signature(another.repeat(5) + key.sign()), BODY))
        .as("the sixth, under one key")
        .isEqualTo(Verdict.ACCEPTED);
    assertThat(verify(authenticator(key.secret()), signature(another.repeat(6) + key.sign()), BODY))
        .as("the seventh")
        .isInstanceOf(Verdict.Refused.class);
    assertThat(
            verify(
                authenticator(PUBLIC_KEY, key.secret()),
                signature(another.repeat(2) + key.sign()),
                BODY))
        .as("the third, under two keys")
        .isEqualTo(Verdict.ACCEPTED);
    assertThat(
            verify(
                authenticator(PUBLIC_KEY, key.secret()),
                signature(another.repeat(3) + key.sign()),
                BODY))
        .as("the fourth")
        .isInstanceOf(Verdict.Refused.class);
    for (int keys = 1; keys <= 3; keys++) {
      assertThat(keys * StandardWebhooksAuthenticator.signaturesPerKey(keys))
          .isLessThanOrEqualTo(SignedHead.MAX_ED25519);
    }
    assertThat(StandardWebhooksAuthenticator.signaturesPerKey(20)).isEqualTo(2);
  }

  /** A sender's key, whose signatures the JDK makes. */
  private record PairOfKeys(KeyPair pair) {

    static PairOfKeys generated() throws GeneralSecurityException {
      return new PairOfKeys(KeyPairGenerator.getInstance("Ed25519").generateKeyPair());
    }

    String secret() {
      byte[] x509 = pair.getPublic().getEncoded();
      byte[] key = Arrays.copyOfRange(x509, x509.length - 32, x509.length);
      return "whpk_" + Base64.getEncoder().encodeToString(key);
    }

    /** The example, as its header has it. */
    String sign() throws GeneralSecurityException {
      Signature signer = Signature.getInstance("Ed25519");
      signer.initSign(pair.getPrivate());
      signer.update((ID + "." + TIMESTAMP + ".").getBytes(UTF_8));
      signer.update(BODY);
      return "v1a," + Base64.getEncoder().encodeToString(signer.sign());
    }
  }

  // Several secrets.

  @Test
  void tellsEveryEntryThatMatches() {
    List<Integer> matched = new ArrayList<>();
    StandardWebhooksAuthenticator authenticator =
        new StandardWebhooksAuthenticator(
            secrets(OTHER_SECRET, SECRET, PUBLIC_KEY),
            TOLERANCE,
            () -> Instant.ofEpochSecond(TIMESTAMP),
            matched::add);

    assertThat(verify(authenticator, headers(), BODY)).isEqualTo(Verdict.ACCEPTED);
    assertThat(matched).containsExactly(1);

    matched.clear();
    String both = signed(OTHER_SECRET, BODY).get("svix-signature") + " " + SIGNATURE;
    assertThat(verify(authenticator, signature(both), BODY)).isEqualTo(Verdict.ACCEPTED);
    assertThat(matched).as("both, while a secret is being changed").containsExactly(0, 1);

    matched.clear();
    assertThat(verify(authenticator, signature(ED25519_SIGNATURE), BODY))
        .isEqualTo(Verdict.ACCEPTED);
    assertThat(matched).containsExactly(2);

    matched.clear();
    assertThat(verify(authenticator, signature(UNRELATED), BODY))
        .isInstanceOf(Verdict.Refused.class);
    assertThat(matched).isEmpty();
  }

  @Test
  void anEntryThatIsNoKeyMatchesNothingAndSpoilsNothing() {
    assertThat(verify(authenticator("no key", SECRET), headers(), BODY))
        .isEqualTo(Verdict.ACCEPTED);
    assertThat(verify(authenticator("no key"), headers(), BODY))
        .isInstanceOf(Verdict.Refused.class);
  }

  // Threads.

  @Test
  void computesWhatIsLargeOrAsymmetricOffTheEventLoopAndAnswersOnIt() throws Exception {
    byte[] large = new byte[(int) StandardWebhooksAuthenticator.MOST_ON_EVENT_LOOP + 1];
    Set<Boolean> heardOnEventLoop = ConcurrentHashMap.newKeySet();
    StandardWebhooksAuthenticator authenticator =
        new StandardWebhooksAuthenticator(
            secrets(SECRET, PUBLIC_KEY),
            TOLERANCE,
            () -> Instant.ofEpochSecond(TIMESTAMP),
            entry -> heardOnEventLoop.add(Context.isOnEventLoopThread()));
    CountDownLatch released = new CountDownLatch(1);
    onEventLoop(
        checked -> {
          // Nothing is computed elsewhere before this has been looked at.
          Vertx.currentContext().executeBlocking(() -> released.await(120, TimeUnit.SECONDS), true);
          boolean isAtOnce =
              authenticator.verify(head(headers()), BODY).isComplete()
                  && !authenticator.verify(head(signature(ED25519_SIGNATURE)), BODY).isComplete();
          released.countDown();
          authenticator
              .verify(head(signed(SECRET, large)), large)
              .onComplete(
                  result ->
                      checked.complete(
                          List.of(isAtOnce, result.result(), Context.isOnEventLoopThread())));
        },
        List.of(true, Verdict.ACCEPTED, true));
    assertThat(heardOnEventLoop).containsExactly(true);
  }

  @Test
  void isOverloadedBeforeTooManyWait() throws Exception {
    StandardWebhooksAuthenticator authenticator = authenticator(PUBLIC_KEY);
    FakeHead forged = head(signature(ED25519_SIGNATURE.replace("v1a,h", "v1a,i")));
    CountDownLatch released = new CountDownLatch(1);
    onEventLoop(
        checked -> {
          // Whoever is computed while the loop still runs would give its place back.
          Vertx.currentContext().executeBlocking(() -> released.await(120, TimeUnit.SECONDS), true);
          for (int i = 0; i < StandardWebhooksAuthenticator.MAX_WAITING; i++) {
            authenticator.verify(forged, BODY);
          }
          Verdict first = authenticator.verify(forged, BODY).result();
          released.countDown();
          // Given back one by one, on this very thread: the last one waits behind all others.
          Vertx.currentContext()
              .executeBlocking(() -> "all done", true)
              .onComplete(
                  done ->
                      authenticator
                          .verify(head(signature(ED25519_SIGNATURE)), BODY)
                          .onComplete(second -> checked.complete(List.of(first, second.result()))));
        },
        List.of(Verdict.OVERLOADED, Verdict.ACCEPTED));
  }

  private static void onEventLoop(Consumer<CompletableFuture<Object>> action, Object expected)
      throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      CompletableFuture<Object> checked = new CompletableFuture<>();
      vertx.runOnContext(on -> action.accept(checked));
      assertThat(checked.get(120, TimeUnit.SECONDS)).isEqualTo(expected);
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get(120, TimeUnit.SECONDS);
    }
  }

  @Test
  void showsNoSecret() {
    assertThat(authenticator(SECRET).toString() + WebhookKey.parse(Secret.of(SECRET)))
        .doesNotContain("MfKQ");
  }

  private static Map<String, String> signature(String signature) {
    return headers("svix-", signature);
  }

  private static String signedAs(String id, long timestamp) {
    return StandardWebhooksSignature.headers(
            Secret.of(SECRET), id, Instant.ofEpochSecond(timestamp), BODY)
        .orElseThrow()
        .getOrDefault("svix-signature", "");
  }

  private static Map<String, String> signed(String secret, byte[] body) {
    return StandardWebhooksSignature.headers(
            Secret.of(secret), ID, Instant.ofEpochSecond(TIMESTAMP), body)
        .orElseThrow();
  }

  private static String cut(String text, int chars) {
    return text.substring(0, text.length() - chars);
  }

  private static Map<String, String> with(Map<String, String> headers, String... namesAndValues) {
    Map<String, String> changed = new HashMap<>(headers);
    for (int i = 0; i < namesAndValues.length; i += 2) {
      changed.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return changed;
  }

  private static Map<String, String> with(Map<String, String> headers, Map<String, String> more) {
    Map<String, String> changed = new HashMap<>(headers);
    changed.putAll(more);
    return changed;
  }

  private static Map<String, String> without(Map<String, String> headers, String name) {
    Map<String, String> changed = new HashMap<>(headers);
    changed.remove(name);
    return changed;
  }
}
