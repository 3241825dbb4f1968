package io.penstock.ingest.auth;

import io.vertx.core.Future;

/**
 * Decides whether a request comes from whom it should. Safe for use by any number of event loops at
 * once; blocks none of them; never throws for anything that a request contains; keeps no reference
 * to the head.
 *
 * <p>Compares in time that does not depend on the secret, and gives no reason for a refusal: there
 * is but one.
 */
public interface Authenticator {

  /**
   * Decides from the head, before the body is read, so that the body of a stranger need not be
   * kept.
   *
   * @return {@link Verdict#UNDECIDED} where {@link #verify} must be asked
   */
  Verdict screen(RequestHead head);

  /**
   * Whether {@link #verify} looks at the body. Where it does not, it may be asked with an empty one
   * before any of the body is read, so that a stranger cannot make us keep bytes while we think.
   */
  default boolean needsBody() {
    return true;
  }

  /**
   * What a sender that has proved nothing is told to prove itself by (RFC 9110, section 11.6.1):
   * one challenge, the same whatever was wrong. No scheme is registered for most of what webhooks
   * use.
   */
  default String challenge() {
    return "Webhook realm=\"penstock\"";
  }

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
