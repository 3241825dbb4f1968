package io.penstock.ingest.auth;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.function.Function;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a secret. Immutable. {@link #toString} does not show it, and the value leaves only
 * by {@link #compute}, for code that must calculate with it.
 *
 * <p>Comparison is between two HMAC-SHA256 digests under a key that is random in every process. It
 * takes the same time whatever the two have in common, their length included, and what little a
 * caller might measure of the digests' bytes shows nothing of the secret's.
 */
public final class Secret {

  private static final String HMAC = "HmacSHA256";
  private static final SecretKeySpec PROCESS_KEY = randomKey();

  /**
   * One for each thread, with the key: to look for an implementation and to give it a key takes
   * longer than a digest. After each digest it is as before.
   */
  private static final ThreadLocal<Mac> MAC = ThreadLocal.withInitial(Secret::newMac);

  private final byte[] value;
  private final byte[] digest;

  private Secret(byte[] value) {
    this.value = value;
    this.digest = digest(value);
  }

  /**
   * Takes a copy of a value.
   *
   * @throws IllegalArgumentException if it is blank: see {@link #isBlank}
   */
  public static Secret of(byte[] value) {
    if (isBlank(value)) {
      throw new IllegalArgumentException("a secret cannot be blank");
    }
    return new Secret(value.clone());
  }

  /** As {@link #of(byte[])}, of the UTF-8 bytes of a text. */
  public static Secret of(String value) {
    return of(value.getBytes(StandardCharsets.UTF_8));
  }

  /** Whether a value is empty, or nothing but ASCII white space: an oversight, never a secret. */
  static boolean isBlank(byte[] value) {
    for (byte b : value) {
      if (b != ' ' && (b < '\t' || b > '\r')) {
        return false;
      }
    }
    return true;
  }

  /** Whether these bytes are the secret, in a time that does not depend on it. */
  public boolean matches(byte[] presented) {
    return hasDigest(digest(presented));
  }

  /** As {@link #matches}, for what has been through {@link #digest} already. */
  boolean hasDigest(byte[] presented) {
    return MessageDigest.isEqual(digest, presented);
  }

  /** What values are compared by. Of no use outside this process. */
  static byte[] digest(byte[] value) {
    return MAC.get().doFinal(value);
  }

  private static Mac newMac() {
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(PROCESS_KEY);
      return mac;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has " + HMAC, e);
    }
  }

  /**
   * Calculates with the value, such as a hash of it.
   *
   * @param computation gets a copy, which is overwritten when it returns: it must not keep it
   */
  public <T> T compute(Function<byte[], T> computation) {
    byte[] copy = value.clone();
    try {
      return computation.apply(copy);
    } finally {
      Arrays.fill(copy, (byte) 0);
    }
  }

  private static SecretKeySpec randomKey() {
    byte[] key = new byte[32];
    new SecureRandom().nextBytes(key);
    return new SecretKeySpec(key, HMAC);
  }

  /** Whether the other is a secret of the same value; in a time that does not depend on either. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Secret secret && hasDigest(secret.digest);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(digest);
  }

  @Override
  public String toString() {
    return "Secret[redacted]";
  }
}
