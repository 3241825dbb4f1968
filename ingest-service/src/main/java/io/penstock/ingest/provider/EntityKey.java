package io.penstock.ingest.provider;

import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;

/**
 * Entity keys become the keys of Kafka's records, which are kept small whatever a provider calls
 * its entities.
 */
public final class EntityKey {

  /** The most bytes of UTF-8 that a name may have to be a key as it is. */
  public static final int MAX_BYTES = 256;

  private EntityKey() {}

  /**
   * The entity's name itself, or {@code sha256:} and the digest of its UTF-8 where it is too long.
   *
   * @param name how the provider calls the entity; not empty
   */
  public static String of(String name) {
    if (name.length() <= MAX_BYTES / 3) { // UTF-8 needs three bytes for a char at most
      return name;
    }
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    return bytes.length <= MAX_BYTES ? name : "sha256:" + Hashing.sha256().hashBytes(bytes);
  }
}
