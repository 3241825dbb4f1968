package io.penstock.ingest.auth.bcrypt;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.jspecify.annotations.Nullable;

/**
 * A bcrypt hash as it travels: {@code $2b$10$}, 22 characters of salt, 31 of hash. Of the form
 * {@code ^\$2[aby]\$(0[4-9]|[12][0-9]|3[01])\$[./A-Za-z0-9]{53}$}, checked in one pass.
 *
 * <p>Whoever knows it can send it: it is a credential, and its text form is hidden.
 */
final class BcryptToken {

  static final int LENGTH = 60;

  private static final int SALT = 7;

  private final String text;
  private final int cost;

  private BcryptToken(String text, int cost) {
    this.text = text;
    this.cost = cost;
  }

  /** Reads a header's value; null if it is of any other form. */
  static @Nullable BcryptToken parse(String text) {
    if (text.length() != LENGTH
        || text.charAt(0) != '$'
        || text.charAt(1) != '2'
        || !isVersion(text.charAt(2))
        || text.charAt(3) != '$'
        || !isDigit(text.charAt(4))
        || !isDigit(text.charAt(5))
        || text.charAt(6) != '$') {
      return null;
    }
    int cost = (text.charAt(4) - '0') * 10 + (text.charAt(5) - '0');
    if (cost < 4 || cost > 31) {
      return null;
    }
    for (int i = SALT; i < LENGTH; i++) {
      if (!isRadix64(text.charAt(i))) {
        return null;
      }
    }
    return new BcryptToken(text, cost);
  }

  /** {@code 2x} is left out on purpose: it marks the hashes of a program that got some wrong. */
  private static boolean isVersion(char c) {
    return c == 'a' || c == 'b' || c == 'y';
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isRadix64(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '.' && c <= '9');
  }

  /** The binary logarithm of how many rounds it takes: 4 to 31. */
  int cost() {
    return cost;
  }

  /** Its ASCII bytes. */
  byte[] bytes() {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** What it is remembered by. */
  Digest digest() {
    try {
      return Digest.of(MessageDigest.getInstance("SHA-256").digest(bytes()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  @Override
  public String toString() {
    return "BcryptToken[cost=" + cost + "]";
  }

  /** A SHA-256 digest, as a key. */
  record Digest(long first, long second, long third, long fourth) {
    private static Digest of(byte[] bytes) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      return new Digest(buffer.getLong(), buffer.getLong(), buffer.getLong(), buffer.getLong());
    }
  }
}
