package io.penstock.ingest.provider.echo3d;

import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * The fingerprint that replaces a collection's API key: {@code sha256/16:} and the first 16 bits of
 * a digest of the key, as four hexadecimal digits.
 *
 * <p>It is short on purpose. The keys are not random numbers but words and a few digits ({@code
 * bold-sky-1234}): there are about ten thousand million. A digest of usual length lets anyone find
 * its key within a second, with a public salt as well. More than a hundred thousand keys share each
 * 16 bits, so an attacker would have to ask echo3D about each of them. A digest with a secret key
 * could be longer, but all replicas would have to share that secret for ever, because events are
 * ordered by the fingerprint.
 *
 * <p>The price: among ten collections, two share a fingerprint with a probability of 0.07 %. Their
 * events then keep one common order, which does no harm; their sources tell them apart.
 */
final class ApiKey {

  private static final String PREFIX = "sha256/16:";
  private static final int DIGITS = 4;
  private static final Pattern FINGERPRINT = Pattern.compile(PREFIX + "[0-9a-f]{" + DIGITS + "}");

  /** Keeps the digest apart from those that others may make of the same key. */
  private static final String PURPOSE = "penstock echo3d apiKey\0";

  private ApiKey() {}

  /**
   * The fingerprint of a key; of a fingerprint, itself, so that what has been replaced stays so.
   *
   * @param key what the provider sent as the key
   */
  static String fingerprint(String key) {
    return FINGERPRINT.matcher(key).matches()
        ? key
        : PREFIX
            + Hashing.sha256()
                .hashString(PURPOSE + key, StandardCharsets.UTF_8)
                .toString()
                .substring(0, DIGITS);
  }
}
