package io.penstock.ingest.delivery;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * What two deliveries of one event have in common and no others: 128 bits of a SHA-256, so that a
 * sender's choice of text can neither collide nor cost memory. It is also the event's id, in its
 * headers and its record.
 *
 * @param hex 32 lower-case hexadecimal digits
 */
public record DeduplicationId(String hex) {

  private static final int BYTES = 16;

  public DeduplicationId {
    if (hex.length() != 2 * BYTES) {
      throw new IllegalArgumentException("a deduplication id has 32 digits, not " + hex.length());
    }
    for (int i = 0; i < hex.length(); i++) {
      char digit = hex.charAt(i);
      if (!((digit >= '0' && digit <= '9') || (digit >= 'a' && digit <= 'f'))) {
        throw new IllegalArgumentException(
            "a deduplication id has lower-case hexadecimal digits alone");
      }
    }
  }

  /**
   * The id of what is unique within one source.
   *
   * @param source the source's name: ids of different sources never meet
   * @param parts the provider's own identification, in a fixed order
   */
  public static DeduplicationId of(String source, List<String> parts) {
    MessageDigest digest = sha256();
    update(digest, source);
    for (String part : parts) {
      update(digest, part);
    }
    return new DeduplicationId(HexFormat.of().formatHex(digest.digest(), 0, BYTES));
  }

  /** The same 128 bits as bytes, a new array. */
  public byte[] bytes() {
    return HexFormat.of().parseHex(hex);
  }

  /**
   * The UTF-16 units with their number before them: two lists of texts never give the same bytes,
   * not even texts with lone surrogates, which UTF-8 would turn into one and the same question
   * mark.
   */
  private static void update(MessageDigest digest, String part) {
    byte[] text = new byte[2 * part.length()];
    for (int i = 0; i < part.length(); i++) {
      text[2 * i] = (byte) (part.charAt(i) >>> 8);
      text[2 * i + 1] = (byte) part.charAt(i);
    }
    int length = text.length;
    digest.update((byte) (length >>> 24));
    digest.update((byte) (length >>> 16));
    digest.update((byte) (length >>> 8));
    digest.update((byte) length);
    digest.update(text);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
