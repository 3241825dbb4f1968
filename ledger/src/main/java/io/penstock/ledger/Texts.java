package io.penstock.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.random.RandomGenerator;

/** Secrets, digests, and texts that are not easily carried unharmed. */
final class Texts {

  private static final SecureRandom SECURE = new SecureRandom();

  /** In JSON as they stand: escapes, what UTF-8 takes two to four bytes for, spaces. */
  private static final String[] PIECES = {
    "plain ",
    "gr\u00fcn ",
    "\u6a21\u578b ",
    "\ud83d\udce6 ",
    "\\u00e9 ",
    "\\\"quoted\\\" ",
    "\\/ ",
    "a  b ",
    "\\n ",
    "\\ud83d\\ude80 ",
    "e\u0301 ",
    "\\u0000 ",
  };

  private static final int LONGEST = 400_000;

  private Texts() {}

  static String secret() {
    byte[] bytes = new byte[24];
    SECURE.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /**
   * What may stand between the quotation marks of a JSON text.
   *
   * @param bytes how long it is on average, roughly; one in fifty is ten times as long, but never
   *     too long for a body of 1 MiB
   */
  static String anything(RandomGenerator random, int bytes) {
    int most = random.nextInt(50) == 0 ? 20 * bytes : 2 * bytes;
    int wanted = random.nextInt(Math.min(most, LONGEST));
    StringBuilder text = new StringBuilder();
    while (text.length() < wanted) {
      text.append(PIECES[random.nextInt(PIECES.length)]);
    }
    return text.toString();
  }

  static String digest(String text) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
