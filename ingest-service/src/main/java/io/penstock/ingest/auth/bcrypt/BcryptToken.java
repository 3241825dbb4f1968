package io.penstock.ingest.auth.bcrypt;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A bcrypt hash as it travels: {@code $2b$10$}, 22 characters of salt, 31 of hash. It is a
 * credential, since a client that knows it can send it, and its text form is hidden.
 */
final class BcryptToken {

  static final int LENGTH = 60;

  private static final int COST = 4;

  /** {@code 2x} is left out on purpose: it marks the hashes of a program that got some wrong. */
  private static final Pattern FORM =
      Pattern.compile("\\$2[aby]\\$(0[4-9]|[12][0-9]|3[01])\\$[./A-Za-z0-9]{53}");

  private final String text;
  private final int cost;

  private BcryptToken(String text, int cost) {
    this.text = text;
    this.cost = cost;
  }

  /** Reads a header's value; null if it is of any other form. */
  static @Nullable BcryptToken parse(String text) {
    if (text.length() != LENGTH || !FORM.matcher(text).matches()) {
      return null;
    }
    return new BcryptToken(text, Integer.parseInt(text, COST, COST + 2, 10));
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
