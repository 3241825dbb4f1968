package io.penstock.ingest.auth;

/** {@code Authorization: Bearer TOKEN} (RFC 6750), compared with every entry of a list. */
public final class BearerAuthenticator extends HeadAuthenticator {

  /** Accepts any of these tokens. */
  public BearerAuthenticator(SecretList tokens, MatchListener listener) {
    super(tokens, listener);
  }

  /** RFC 6750, section 3, without an error: all that fail are told the same. */
  @Override
  public String challenge() {
    return "Bearer realm=\"penstock\"";
  }

  @Override
  public Verdict screen(RequestHead head) {
    return compare(Headers.authorization(head, "Bearer"));
  }
}
