package io.penstock.ingest.provider.echo3d;

import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * The fingerprint that takes the place of a collection's API key: {@code sha256/16:} and the first
 * 16 bits of a digest of the key, as four hexadecimal digits.
 *
 * <p>It is as short as that on purpose. The keys are no random numbers but words and a few digits
 * ({@code bold-sky-1234}), some ten thousand millions at most: whoever sees a digest of usual
 * length finds the key that it is of within a second, whether it is salted with something public or
 * not. Of 16 bits, more than a hundred thousand such keys have every one, which leaves nothing to
 * be found but by asking echo3D about each. A digest under a secret key would be longer for nothing
 * but another secret that all replicas and all times must share, since events are ordered by the
 * fingerprint.
 *
 * <p>The price: of ten collections, two share a fingerprint with a probability of 0.07 %. Their
 * events then stand in one order, which harms none, and are told apart by their sources.
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
