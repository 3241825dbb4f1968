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
  static final String AUTHORIZATION = "authorization";

  private final SecretList secrets;
  private final MatchListener listener;
  private final Function<RequestHead, byte[]> text;
  private final Function<RequestHead, Verdict.Refused> objection;

  /**
   * @param text what stands in the secret's place; no bytes where there is nothing, or several
   * @param objection what is wrong with a head whose text is no secret
   */
  HeadAuthenticator(
      SecretList secrets,
      MatchListener listener,
      Function<RequestHead, byte[]> text,
      Function<RequestHead, Verdict.Refused> objection) {
    this.secrets = secrets;
    this.listener = listener;
    this.text = text;
    this.objection = objection;
  }

  /** What the one value of a header is compared for. */
  static HeadAuthenticator ofHeader(String name, SecretList secrets, MatchListener listener) {
    Objections objections =
        Objections.of(Place.HEADER.type(), "the header " + name, "the value of the header " + name);
    return new HeadAuthenticator(
        secrets, listener, head -> only(head, name), head -> objections.to(head.headers(name)));
  }

  /** What the one value of a parameter is compared for. */
  static HeadAuthenticator ofQuery(String name, SecretList secrets, MatchListener listener) {
    String place = "the parameter " + name + " in the address";
    Objections objections =
        Objections.of(
            Place.QUERY.type(), place, "the value of the parameter " + name + " in the address");
    return new HeadAuthenticator(
        secrets, listener, head -> query(head, name), head -> objections.to(head.queries(name)));
  }

  /** What the address's last segment is compared for. */
  static HeadAuthenticator ofUrlToken(SecretList secrets, MatchListener listener) {
    String place = "the token in the address";
    Objections objections = Objections.of(Place.URL_TOKEN.type(), place, place);
    return new HeadAuthenticator(
        secrets,
        listener,
        HeadAuthenticator::urlToken,
        head -> {
          String token = head.urlToken();
          return objections.to(token == null ? List.of() : List.of(token));
        });
  }

  @Override
  public Verdict screen(RequestHead head) {
    return isMatch(text.apply(head), true) ? Verdict.ACCEPTED : objection.apply(head);
  }

  /**
   * Whether what stands in the secret's place is a secret of the list; the listener hears of it.
   *
   * @param isAdmissible whether it may be accepted at all; it is compared in any case
   */
  final boolean isMatch(byte[] presented, boolean isAdmissible) {
    int entry = secrets.current().indexOf(presented);
    if (entry < 0 || !isAdmissible) {
      return false;
    }
    listener.matched(entry);
    return true;
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
    List<String> values = head.headers(AUTHORIZATION);
    if (values.size() != 1) {
      return NOTHING;
    }
    String value = values.getFirst();
    int start = scheme.length();
    if (!isOfScheme(value, scheme)) {
      return NOTHING;
    }
    while (start < value.length() && value.charAt(start) == ' ') {
      start++;
    }
    return bytes(value.substring(start));
  }

  /** The objection to an Authorization header of another scheme than this. */
  static Verdict.Refused otherScheme(String type, String scheme) {
    return new Verdict.Refused(
        type, "the header " + AUTHORIZATION + " is of another scheme than " + scheme);
  }

  static boolean isOfScheme(String value, String scheme) {
    int end = scheme.length();
    return value.regionMatches(true, 0, scheme, 0, end)
        && end < value.length()
        && value.charAt(end) == ' ';
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
