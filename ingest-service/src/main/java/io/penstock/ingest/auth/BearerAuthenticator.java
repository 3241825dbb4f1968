package io.penstock.ingest.auth;

/** {@code Authorization: Bearer TOKEN} (RFC 6750), compared with every entry of a list. */
public final class BearerAuthenticator extends HeadAuthenticator {

  /** Accepts any of these tokens. */
  public BearerAuthenticator(SecretList tokens, MatchListener listener) {
    super(tokens, listener);
  }

  @Override
  public Verdict screen(RequestHead head) {
    return compare(Headers.authorization(head, "Bearer"));
  }
}
