package io.penstock.ingest.auth;

import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;

/** An unguessable last segment of the address, compared with every entry of a list. */
public final class UrlTokenAuthenticator implements Authenticator {

  private final SecretList tokens;
  private final MatchListener listener;

  /** Accepts any of these tokens. */
  public UrlTokenAuthenticator(SecretList tokens, MatchListener listener) {
    this.tokens = tokens;
    this.listener = listener;
  }

  @Override
  public Verdict screen(RequestHead head) {
    String presented = head.urlToken();
    // An absent token is compared too, as an empty one, which no secret is.
    byte[] bytes = (presented == null ? "" : presented).getBytes(StandardCharsets.UTF_8);
    int entry = tokens.current().indexOf(bytes);
    if (entry < 0) {
      return Verdict.REFUSED;
    }
    listener.matched(entry);
    return Verdict.ACCEPTED;
  }

  @Override
  public boolean needsBody() {
    return false;
  }

  @Override
  public Future<Verdict> verify(RequestHead head, byte[] body) {
    return Future.succeededFuture(screen(head));
  }
}
