package io.penstock.ingest.auth;

import io.penstock.ingest.auth.Verdict.Refused;
import java.util.List;
import java.util.function.Function;

/** {@code Authorization: Bearer} (RFC 6750) with any token of a list. */
final class BearerAuthenticator extends HeadAuthenticator {

  private static final String SCHEME = "Bearer";

  BearerAuthenticator(SecretList tokens, MatchListener listener) {
    super(tokens, listener, head -> authorization(head, SCHEME), objection());
  }

  private static Function<RequestHead, Refused> objection() {
    String type = Place.BEARER.type();
    Objections objections =
        Objections.of(
            type, "the header " + AUTHORIZATION, "the token in the header " + AUTHORIZATION);
    Refused otherScheme = otherScheme(type, SCHEME);
    return head -> {
      List<String> values = head.headers(AUTHORIZATION);
      boolean isOther = Objections.isOne(values) && !isOfScheme(values.getFirst(), SCHEME);
      return isOther ? otherScheme : objections.to(values);
    };
  }

  /** RFC 6750, section 3, without an error: all refusals are the same. */
  @Override
  public String challenge() {
    return "Bearer realm=\"penstock\"";
  }
}
