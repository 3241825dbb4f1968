package io.penstock.ingest.config;

import org.jspecify.annotations.Nullable;

/** Judges the values of secrets, where a check can see them. */
@FunctionalInterface
public interface SecretCheck {

  /** Takes any value. */
  SecretCheck NONE = (spec, reference) -> null;

  /**
   * What is wrong with the value that a reference leads to.
   *
   * @param spec the way of authenticating that it is for
   * @return a sentence that names the reference, with nothing of the value in it; null where
   *     nothing is wrong
   */
  @Nullable String complaint(AuthSpec spec, SecretRef reference);
}
