package io.penstock.ingest.auth;

import io.vertx.core.Future;

/**
 * Compares something that stands in a request's head with every entry of a list, in time that tells
 * nothing of them. What is absent or ambiguous is compared too, as no bytes at all, which no secret
 * is.
 */
abstract class HeadAuthenticator implements Authenticator {

  private final SecretList secrets;
  private final MatchListener listener;

  HeadAuthenticator(SecretList secrets, MatchListener listener) {
    this.secrets = secrets;
    this.listener = listener;
  }

  /** The verdict on what was presented. */
  final Verdict compare(byte[] presented) {
    return compare(presented, true);
  }

  /**
   * The verdict on what was presented.
   *
   * @param isAdmissible whether it may be accepted at all; it is compared in any case
   */
  final Verdict compare(byte[] presented, boolean isAdmissible) {
    int entry = secrets.current().indexOf(presented);
    if (entry < 0 || !isAdmissible) {
      return Verdict.REFUSED;
    }
    listener.matched(entry);
    return Verdict.ACCEPTED;
  }

  @Override
  public final boolean needsBody() {
    return false;
  }

  @Override
  public final Future<Verdict> verify(RequestHead head, byte[] body) {
    return Future.succeededFuture(screen(head));
  }
}
