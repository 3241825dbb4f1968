package io.penstock.ingest.auth.standardwebhooks;

import io.penstock.ingest.auth.Secret;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.params.Ed25519PublicKeyParameters;

/**
 * What a webhook's signatures are verified with, read from one configured secret. Immutable; shows
 * nothing of itself.
 *
 * <p>Written after the specification, since the maintained libraries do less: those for Java
 * (com.svix, com.standardwebhooks) take the body as text and the time from a static clock, and know
 * nothing of {@code v1a}. They serve the tests as a second opinion, as the JDK does for Ed25519.
 */
sealed interface WebhookKey {

  /** What precedes a shared key, optionally. */
  String SHARED_PREFIX = "whsec_";

  /** What precedes a public key. */
  String PUBLIC_PREFIX = "whpk_";

  /** What precedes a private key, which only the sender may have. */
  String PRIVATE_PREFIX = "whsk_";

  /** The least that Standard Webhooks and Svix ask for. */
  int MIN_SHARED_BYTES = 24;

  /** Svix makes 75 at most. What is longer than this was meant to be something else. */
  int MAX_SHARED_BYTES = 512;

  /**
   * No key.
   *
   * @param complaint why, in words that go on after the name of the secret
   */
  record Malformed(String complaint) implements WebhookKey {}

  /** Reads a secret as Standard Webhooks and Svix write it. */
  static WebhookKey parse(Secret secret) {
    return secret.compute(WebhookKey::parse);
  }

  private static WebhookKey parse(byte[] value) {
    if (startsWith(value, PRIVATE_PREFIX)) {
      return new Malformed(
          "is a private key (whsk_), which only the sender may have: give the"
              + " public one (whpk_)");
    }
    boolean isPublic = startsWith(value, PUBLIC_PREFIX);
    int start = 0;
    if (isPublic) {
      start = PUBLIC_PREFIX.length();
    } else if (startsWith(value, SHARED_PREFIX)) {
      start = SHARED_PREFIX.length();
    }
    byte[] text = Arrays.copyOfRange(value, start, value.length);
    byte[] key = {};
    try {
      key = Base64.getDecoder().decode(text);
      return isPublic ? Ed25519.of(key) : Shared.of(key);
    } catch (IllegalArgumentException e) { // its message has a character of the secret
      return new Malformed("is not base64, with or without whsec_ or whpk_ in front");
    } finally {
      Arrays.fill(text, (byte) 0);
      Arrays.fill(key, (byte) 0);
    }
  }

  private static boolean startsWith(byte[] value, String prefix) {
    byte[] bytes = prefix.getBytes(StandardCharsets.US_ASCII);
    return value.length >= bytes.length
        && Arrays.equals(value, 0, bytes.length, bytes, 0, bytes.length);
  }

  /** A key that sender and receiver share: signatures of version {@code v1}. */
  final class Shared implements WebhookKey {

    private static final String HMAC = "HmacSHA256";

    /** Never used but to be cloned, which is three times as fast as a new one with this key. */
    private final Mac prototype;

    private Shared(Mac prototype) {
      this.prototype = prototype;
    }

    private static WebhookKey of(byte[] key) {
      if (key.length < MIN_SHARED_BYTES || key.length > MAX_SHARED_BYTES) {
        return new Malformed(
            "is base64 of fewer than "
                + MIN_SHARED_BYTES
                + " or more than "
                + MAX_SHARED_BYTES
                + " bytes: no key that Standard Webhooks allows");
      }
      try {
        Mac mac = Mac.getInstance(HMAC);
        mac.init(new SecretKeySpec(key, HMAC));
        return new Shared((Mac) mac.clone());
      } catch (GeneralSecurityException | CloneNotSupportedException e) {
        throw new IllegalStateException("every Java platform has an " + HMAC + " to clone", e);
      }
    }

    /**
     * The one signature of a message, as its header has it: base64 in ASCII.
     *
     * @param head what is signed before the body
     */
    byte[] sign(byte[] head, byte[] body) {
      try {
        Mac mac = (Mac) prototype.clone();
        mac.update(head);
        mac.update(body);
        return Base64.getEncoder().encode(mac.doFinal());
      } catch (CloneNotSupportedException e) {
        throw new IllegalStateException("it could be cloned before", e);
      }
    }

    @Override
    public String toString() {
      return "Shared[redacted]";
    }
  }

  /** The public half of a key that only the sender has: signatures of version {@code v1a}. */
  final class Ed25519 implements WebhookKey {

    private static final int BYTES = 32;

    /** What a signature has. */
    static final int SIGNATURE_BYTES = 64;

    /**
     * The points of small order and their other spellings, without the sign: "keys" of which any
     * client can guess signatures. All zeros, as an example configuration may have it, is one.
     */
    private static final Set<String> SMALL_ORDER =
        Set.of(
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0100000000000000000000000000000000000000000000000000000000000000",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");

    private final Ed25519PublicKeyParameters key;

    private Ed25519(Ed25519PublicKeyParameters key) {
      this.key = key;
    }

    private static WebhookKey of(byte[] key) {
      if (key.length != BYTES) {
        return new Malformed("is base64 of other than " + BYTES + " bytes: no public key");
      }
      byte[] unsigned = key.clone();
      unsigned[BYTES - 1] &= 0x7f;
      if (SMALL_ORDER.contains(HexFormat.of().formatHex(unsigned))) {
        return new Malformed("is not safe as a public key: anybody could sign for it");
      }
      try {
        return new Ed25519(new Ed25519PublicKeyParameters(key));
      } catch (IllegalArgumentException e) {
        return new Malformed("is not a public key of Ed25519");
      }
    }

    /**
     * Whether a signature is this key's. Takes about 0.08 ms and a millisecond for each 230 KiB;
     * not in constant time, but the key is no secret. By Bouncy Castle, because the JDK's own takes
     * 0.63 ms, and a client's few false signatures must not cost a millisecond; beyond some 200 KiB
     * the JDK would be the faster one.
     *
     * @param signed what was signed
     * @param signature of {@link #SIGNATURE_BYTES}, any
     */
    boolean verifies(byte[] signed, byte[] signature) {
      return key.verify(
          org.bouncycastle.math.ec.rfc8032.Ed25519.Algorithm.Ed25519,
          null,
          signed,
          0,
          signed.length,
          signature,
          0);
    }
  }
}
