package io.penstock.ingest.auth.standardwebhooks;

import static io.penstock.ingest.auth.standardwebhooks.Deliveries.verify;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.standardwebhooks.Webhook;
import io.penstock.ingest.auth.Verdict;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Messages that somebody else signed: the library of Standard Webhooks, and for Ed25519, which it
 * lacks, the JDK. Each is accepted, and with one bit changed it is not.
 */
class StandardWebhooksOracleTest {

  private static final int ROUNDS = 3000;
  private static final int ED25519_ROUNDS = 150;
  private static final int FLIPS = 8;
  private static final int MUTATIONS = 20_000;

  private static final String ID_CHARACTERS =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-:/";

  private final Random random = new Random(20261121);

  /** A signed message. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Message(String id, long timestamp, byte[] body, String signature) {

    Map<String, String> headers(String set) {
      Map<String, String> headers = new HashMap<>();
      headers.put(set + "id", id);
      headers.put(set + "timestamp", Long.toString(timestamp));
      headers.put(set + "signature", signature);
      return headers;
    }
  }

  @Test
  void whatTheLibrarySignsIsAcceptedAndNotWithAnyBitChanged() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      byte[] key = new byte[24 + random.nextInt(52)];
      random.nextBytes(key);
      String secret = "whsec_" + Base64.getEncoder().encodeToString(key);
      String id = id();
      long timestamp = 1L + random.nextInt(Integer.MAX_VALUE - 1);
      String text = text();
      String signature = new Webhook(secret).sign(id, timestamp, text);
      Message message = new Message(id, timestamp, text.getBytes(UTF_8), signature);

      assertOnlyExactly(message, secret, round % 2 == 0 ? "svix-" : "webhook-");
    }
  }

  @Test
  void whatTheJdkSignsByEd25519IsAcceptedAndNotWithAnyBitChanged() throws Exception {
    for (int round = 0; round < ED25519_ROUNDS; round++) {
      KeyPair pair = ed25519();
      byte[] x509 = pair.getPublic().getEncoded();
      byte[] key = Arrays.copyOfRange(x509, x509.length - 32, x509.length);
      Message message = signed(pair.getPrivate(), id(), text().getBytes(UTF_8));

      assertOnlyExactly(message, "whpk_" + Base64.getEncoder().encodeToString(key), "webhook-");
    }
  }

  private KeyPair ed25519() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
    SecureRandom seeded = SecureRandom.getInstance("SHA1PRNG");
    seeded.setSeed(random.nextLong());
    generator.initialize(255, seeded);
    return generator.generateKeyPair();
  }

  private Message signed(PrivateKey key, String id, byte[] body) throws GeneralSecurityException {
    long timestamp = 1L + random.nextInt(Integer.MAX_VALUE - 1);
    Signature signer = Signature.getInstance("Ed25519");
    signer.initSign(key);
    signer.update((id + "." + timestamp + ".").getBytes(UTF_8));
    signer.update(body);
    return new Message(
        id, timestamp, body, "v1a," + Base64.getEncoder().encodeToString(signer.sign()));
  }

  private void assertOnlyExactly(Message message, String secret, String set) {
    StandardWebhooksAuthenticator authenticator =
        Deliveries.authenticator(message.timestamp(), secret);
    Map<String, String> headers = message.headers(set);
    assertThat(verify(authenticator, headers, message.body()))
        .as("%s", message)
        .isEqualTo(Verdict.ACCEPTED);
    for (String name : headers.keySet()) {
      for (int i = 0; i < FLIPS; i++) {
        Map<String, String> changed = new HashMap<>(headers);
        changed.put(name, flipped(headers.getOrDefault(name, "")));
        assertThat(verify(authenticator, changed, message.body()))
            .as("%s with %s", message, changed)
            .isInstanceOf(Verdict.Refused.class);
      }
    }
    for (int i = 0; i < FLIPS && message.body().length > 0; i++) {
      byte[] changed = message.body().clone();
      changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
      assertThat(verify(authenticator, headers, changed))
          .as("%s", message)
          .isInstanceOf(Verdict.Refused.class);
    }
  }

  /** One bit of one character. */
  private String flipped(String text) {
    char[] chars = text.toCharArray();
    chars[random.nextInt(chars.length)] ^= (char) (1 << random.nextInt(8));
    return new String(chars);
  }

  @Test
  void everyBitOfTheSignaturesTextCounts() {
    StandardWebhooksAuthenticator authenticator =
        Deliveries.authenticator(Deliveries.SECRET, Deliveries.PUBLIC_KEY);
    for (String signature : new String[] {Deliveries.SIGNATURE, Deliveries.ED25519_SIGNATURE}) {
      for (int bit = 0; bit < 8 * signature.length(); bit++) {
        char[] chars = signature.toCharArray();
        chars[bit / 8] ^= (char) (1 << bit % 8);
        assertThat(
                verify(
                    authenticator, Deliveries.headers("svix-", new String(chars)), Deliveries.BODY))
            .as(new String(chars))
            .isInstanceOf(Verdict.Refused.class);
      }
    }
  }

  @Test
  void nothingThatIsDoneToAMessageMakesItThrow() {
    StandardWebhooksAuthenticator authenticator =
        Deliveries.authenticator(Deliveries.SECRET, Deliveries.PUBLIC_KEY);
    Map<String, String> original = Deliveries.headers();
    int accepted = 0;
    for (int round = 0; round < MUTATIONS; round++) {
      Map<String, String> headers =
          random.nextInt(50) == 0
              ? Deliveries.headers("svix-", Deliveries.ED25519_SIGNATURE)
              : new HashMap<>(original);
      String[] names = headers.keySet().toArray(String[]::new);
      for (int i = random.nextInt(3); i >= 0; i--) {
        String name = names[random.nextInt(names.length)];
        headers.put(name, mutated(headers.getOrDefault(name, "")));
      }
      if (random.nextInt(20) == 0) {
        headers.remove(names[random.nextInt(names.length)]);
      }
      Verdict verdict = verify(authenticator, headers, Deliveries.BODY);
      if (verdict instanceof Verdict.Accepted) {
        accepted++;
        assertThat(headers.get("svix-id")).isEqualTo(Deliveries.ID);
        assertThat(headers.get("svix-timestamp")).isEqualTo(Long.toString(Deliveries.TIMESTAMP));
        assertThat(headers.getOrDefault("svix-signature", "").split(" ", -1))
            .containsAnyOf(Deliveries.SIGNATURE, Deliveries.ED25519_SIGNATURE);
      } else {
        assertThat(verdict).isInstanceOf(Verdict.Refused.class);
      }
    }
    assertThat(accepted).as("mutations that left a signature whole").isPositive();
  }

  private String mutated(String text) {
    int at = random.nextInt(text.length() + 1);
    int to = Math.min(text.length(), at + random.nextInt(6));
    return switch (random.nextInt(6)) {
      case 0 -> text.substring(0, at) + text.substring(to);
      case 1 -> text.substring(0, at) + (char) random.nextInt(0x300) + text.substring(at);
      case 2 -> text.substring(0, at) + " ,v1=a9/".charAt(random.nextInt(8)) + text.substring(at);
      case 3 -> text + " " + text;
      case 4 -> "v1a," + "A".repeat(random.nextInt(90)) + " " + text;
      default -> text.substring(at) + text.substring(0, at);
    };
  }

  private String id() {
    StringBuilder id = new StringBuilder("msg_");
    for (int i = random.nextInt(40); i >= 0; i--) {
      id.append(ID_CHARACTERS.charAt(random.nextInt(ID_CHARACTERS.length())));
    }
    return id.toString();
  }

  /** Any text at all: signatures do not ask for JSON. */
  private String text() {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(200); i > 0; i--) {
      int c = random.nextInt(random.nextBoolean() ? 0x80 : Character.MAX_CODE_POINT + 1);
      text.appendCodePoint(c >= 0xd800 && c <= 0xdfff ? 0x1f600 : c);
    }
    return text.toString();
  }
}
