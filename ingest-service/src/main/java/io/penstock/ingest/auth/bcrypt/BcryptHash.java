package io.penstock.ingest.auth.bcrypt;

import at.favre.lib.crypto.bcrypt.BCrypt;
import at.favre.lib.crypto.bcrypt.BCrypt.HashData;
import at.favre.lib.crypto.bcrypt.BCrypt.Version;
import at.favre.lib.crypto.bcrypt.IllegalBCryptFormatException;
import io.penstock.ingest.auth.Secret;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * The bcrypt hash of a secret, computed as OpenBSD and Node do: over all its bytes, zeros included,
 * and a zero behind them, or over the first 72 where there are more. {@code $2a$}, {@code $2b$} and
 * {@code $2y$} are then the same function. They differ only where some old program went wrong: with
 * {@code $2a$}, on secrets of 255 bytes and more.
 *
 * <p>A hash takes 2<sup>cost</sup> rounds: about 80 ms at cost 10, twice that at 11.
 */
public final class BcryptHash {

  /** What bcrypt can take of a secret; the rest makes no difference. */
  private static final int MAX_KEY_LENGTH = 72;

  /** Takes the key as it is: other hashers refuse a long key, or cut it by a strategy. */
  private static final BCrypt.Hasher HASHER = BCrypt.with(Version.VERSION_2Y_NO_NULL_TERMINATOR);

  private BcryptHash() {}

  /**
   * Makes the token that a sender with this secret would send.
   *
   * @param cost 4 to 31
   * @param random makes the salt
   * @return 60 characters, starting with {@code $2b$}
   */
  public static String token(Secret secret, int cost, SecureRandom random) {
    byte[] salt = new byte[BCrypt.SALT_LENGTH];
    random.nextBytes(salt);
    byte[] hash = hash(secret, cost, salt);
    byte[] text =
        Version.VERSION_2B.formatter.createHashMessage(
            new HashData(cost, Version.VERSION_2B, salt, hash));
    return new String(text, StandardCharsets.US_ASCII);
  }

  /** Whether a token is a hash of this secret. Takes as long as the token says. */
  static boolean matches(Secret secret, BcryptToken token) {
    HashData presented;
    try {
      presented = Version.VERSION_2B.parser.parse(token.bytes());
    } catch (IllegalBCryptFormatException e) {
      return false;
    }
    byte[] expected = hash(secret, presented.cost, presented.rawSalt);
    return MessageDigest.isEqual(expected, presented.rawHash);
  }

  private static byte[] hash(Secret secret, int cost, byte[] salt) {
    return secret.compute(
        value -> {
          byte[] key = Arrays.copyOf(value, Math.min(value.length + 1, MAX_KEY_LENGTH));
          try {
            return HASHER.hashRaw(cost, salt, key).rawHash;
          } finally {
            Arrays.fill(key, (byte) 0);
          }
        });
  }
}
