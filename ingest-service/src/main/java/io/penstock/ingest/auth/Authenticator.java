package io.penstock.ingest.auth;

import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;

/**
 * Decides whether a request is authentic. Safe for use by any number of event loops at once; blocks
 * none of them; never throws for anything that a request contains; keeps no reference to the head.
 *
 * <p>Compares in a time that does not depend on the secret, and gives the client no reason for a
 * refusal: all refusals are the same to it. The words for the operator ({@link Verdict.Refused})
 * are chosen only once the verdict is clear, by how the request is built and not by any secret.
 */
public interface Authenticator {

  /** For what HTTP has no scheme for. */
  String CHALLENGE = "Webhook realm=\"penstock\"";

  /**
   * Decides from the head, before the body is read, so that an unauthenticated body need not be
   * kept.
   *
   * @return {@link Verdict#UNDECIDED} where {@link #verify} must be asked
   */
  Verdict screen(RequestHead head);

  /**
   * Whether {@link #verify} looks at the body. Where it does not, it may be asked with an empty one
   * before any of the body is read, so that no unauthenticated bytes are kept meanwhile.
   */
  default boolean needsBody() {
    return true;
  }

  /**
   * How an unauthenticated client can authenticate (RFC 9110, section 11.6.1): one challenge, the
   * same whatever was wrong. No scheme is registered for most of what webhooks use.
   */
  default String challenge() {
    return CHALLENGE;
  }

  /** Registers what it counts, if anything. */
  default void bindTo(MeterRegistry registry, String source) {}

  /**
   * Decides for good. Called only after {@link #screen} answered {@link Verdict#UNDECIDED} for the
   * same request.
   *
   * @param head the same request's head
   * @param body the exact bytes received; not to be changed
   * @return never failed and never {@link Verdict#UNDECIDED}; completed on the caller's context
   */
  Future<Verdict> verify(RequestHead head, byte[] body);
}
