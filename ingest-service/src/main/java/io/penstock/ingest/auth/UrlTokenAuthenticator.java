package io.penstock.ingest.auth;

import java.nio.charset.StandardCharsets;

/** An unguessable last segment of the address, compared with every entry of a list. */
public final class UrlTokenAuthenticator extends HeadAuthenticator {

  /** Accepts any of these tokens. */
  public UrlTokenAuthenticator(SecretList tokens, MatchListener listener) {
    super(tokens, listener);
  }

  @Override
  public Verdict screen(RequestHead head) {
    String token = head.urlToken();
    return compare((token == null ? "" : token).getBytes(StandardCharsets.UTF_8));
  }
}
