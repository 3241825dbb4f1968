package io.penstock.ingest.auth;

import io.penstock.ingest.config.AuthSpec;
import java.time.InstantSource;
import java.util.Optional;

/**
 * A configured way to authenticate: everything that the service has to know of it. A new kind
 * implements this interface and {@link Authenticator} in a package of its own, and is registered by
 * one {@link io.penstock.ingest.config.AuthKind} in {@code source.AuthKinds}.
 */
public interface AuthMethod extends AuthSpec {

  /**
   * The method that a specification is.
   *
   * @throws IllegalArgumentException if it was not read by a kind of this package
   */
  static AuthMethod of(AuthSpec spec) {
    if (spec instanceof AuthMethod method) {
      return method;
    }
    throw new IllegalArgumentException(spec.type() + " does not implement AuthMethod");
  }

  /** What its secrets must look like. */
  SecretForm form();

  /**
   * What checks requests by it.
   *
   * @param secrets the current values of {@link #references}
   */
  Authenticator authenticator(SecretList secrets, MatchListener listener, Resources resources);

  /**
   * What all authenticators may use.
   *
   * @param slowWork computes hashes and the like
   * @param clock by which the age of a request is judged
   */
  record Resources(SlowWork slowWork, InstantSource clock) {}

  /** Its place among the methods of a source. What may have to wait has a higher number. */
  default int order() {
    return 0;
  }

  /** Whether its secret is a last segment of the source's address. */
  default boolean takesUrlToken() {
    return false;
  }

  /** The parameter of the source's address that holds its secret. */
  default Optional<String> queryParameter() {
    return Optional.empty();
  }

  /** The member at the body's root that holds its secret, which is masked before it is stored. */
  default Optional<String> bodyMember() {
    return Optional.empty();
  }

  /** What of it an operator of a development instance must know, and is no secret; or empty. */
  default String hint() {
    return "";
  }

  /** Adds to a sample what makes it pass. */
  void addTo(SampleRequest request);
}
