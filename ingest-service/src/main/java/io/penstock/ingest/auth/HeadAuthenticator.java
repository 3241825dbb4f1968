package io.penstock.ingest.auth;

import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;

/**
 * Compares something in a request's head with every entry of a list, in a time that does not depend
 * on the entries. What is absent or ambiguous is compared too, as no bytes at all, which no secret
 * is.
 */
class HeadAuthenticator implements Authenticator {

  static final byte[] NOTHING = {};

  private final SecretList secrets;
  private final MatchListener listener;
  private final Function<RequestHead, byte[]> text;

  /**
   * @param text what stands in the secret's place; no bytes where there is nothing, or several
   */
  HeadAuthenticator(
      SecretList secrets, MatchListener listener, Function<RequestHead, byte[]> text) {
    this.secrets = secrets;
    this.listener = listener;
    this.text = text;
  }

  @Override
  public Verdict screen(RequestHead head) {
    return compare(text.apply(head), true);
  }

  /**
   * The verdict on what stands in the secret's place.
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

  static byte[] urlToken(RequestHead head) {
    String token = head.urlToken();
    return token == null ? NOTHING : token.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] query(RequestHead head, String name) {
    List<String> values = head.queries(name);
    return values.size() == 1 ? values.getFirst().getBytes(StandardCharsets.UTF_8) : NOTHING;
  }

  /**
   * The bytes of a header's value. Empty where the header is absent or stands there more than once:
   * a proxy may read the first of two values and this service the last.
   *
   * @param name in lower case
   */
  static byte[] only(RequestHead head, String name) {
    List<String> values = head.headers(name);
    return values.size() == 1 ? bytes(values.getFirst()) : NOTHING;
  }

  /**
   * The credentials in the one Authorization header, if they are of this scheme (RFC 9110, section
   * 11.4), of which case does not matter; empty otherwise.
   */
  static byte[] authorization(RequestHead head, String scheme) {
    List<String> values = head.headers("authorization");
    if (values.size() != 1) {
      return NOTHING;
    }
    String value = values.getFirst();
    int start = scheme.length();
    if (!value.regionMatches(true, 0, scheme, 0, start)
        || start >= value.length()
        || value.charAt(start) != ' ') {
      return NOTHING;
    }
    while (start < value.length() && value.charAt(start) == ' ') {
      start++;
    }
    return bytes(value.substring(start));
  }

  /** HTTP's headers are bytes, of which each becomes a char. Others come from no wire. */
  private static byte[] bytes(String value) {
    for (int i = 0; i < value.length(); i++) {
      if (value.charAt(i) > 0xFF) {
        return NOTHING;
      }
    }
    return value.getBytes(StandardCharsets.ISO_8859_1);
  }
}
