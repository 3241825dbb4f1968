package io.penstock.ingest.auth;

import org.jspecify.annotations.Nullable;

/**
 * What a value must look like to be a secret of some kind, for kinds that are more than any bytes:
 * so that a mistake is reported when the value is read, before it refuses every delivery.
 */
@FunctionalInterface
public interface SecretForm {

  /** Any bytes will do. */
  SecretForm ANY = secret -> null;

  /**
   * What is wrong with a value.
   *
   * @return words that go on after the name of its reference, such as "is not base64", with nothing
   *     of the value in them; null where nothing is wrong
   */
  @Nullable String complaint(Secret secret);

  /**
   * What is allowed and probably a mistake, such as a secret that can be guessed.
   *
   * @return as {@link #complaint} does; asked only of values without a complaint
   */
  default @Nullable String doubt(Secret secret) {
    return null;
  }
}
