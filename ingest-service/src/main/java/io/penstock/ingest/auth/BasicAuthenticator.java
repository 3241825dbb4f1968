package io.penstock.ingest.auth;

import io.penstock.ingest.auth.Verdict.Refused;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * {@code Authorization: Basic} (RFC 7617) with a user's name and any password of a list, both as
 * the bytes of UTF-8. The name is compared as the passwords are, and both always: an attacker
 * cannot find out which of the two was wrong.
 */
final class BasicAuthenticator extends HeadAuthenticator {

  private static final String TYPE = Place.BASIC.type();
  private static final String SCHEME = "Basic";
  private static final String HEADER = "the header " + AUTHORIZATION;

  private static final Objections OBJECTIONS =
      Objections.of(TYPE, HEADER, "the password in " + HEADER);
  private static final Refused OTHER_SCHEME = otherScheme(TYPE, SCHEME);
  private static final Refused MALFORMED =
      new Refused(TYPE, HEADER + " holds no base64 of a user's name, a colon and a password");
  private static final Refused OTHER_USER =
      new Refused(TYPE, "the user's name in " + HEADER + " is not the configured one");

  private final Secret username;

  /** Accepts this name with any of these passwords. */
  BasicAuthenticator(String username, SecretList passwords, MatchListener listener) {
    super(passwords, listener, head -> authorization(head, SCHEME), head -> OBJECTIONS.wrong());
    this.username = Secret.of(username);
  }

  /** RFC 7617, sections 2 and 2.1: it says how to encode the credentials. */
  @Override
  public String challenge() {
    return "Basic realm=\"penstock\", charset=\"UTF-8\"";
  }

  @Override
  public Verdict screen(RequestHead head) {
    byte[] credentials = decoded(authorization(head, SCHEME));
    int colon = colon(credentials);
    boolean isUser = username.matches(Arrays.copyOf(credentials, colon));
    if (isMatch(password(credentials, colon), isUser)) {
      return Verdict.ACCEPTED;
    }
    List<String> values = head.headers(AUTHORIZATION);
    if (!Objections.isOne(values)) {
      return OBJECTIONS.to(values);
    }
    if (!isOfScheme(values.getFirst(), SCHEME)) {
      return OTHER_SCHEME;
    }
    if (colon >= credentials.length) {
      return MALFORMED;
    }
    return isUser ? OBJECTIONS.wrong() : OTHER_USER;
  }

  private static int colon(byte[] credentials) {
    int colon = 0;
    while (colon < credentials.length && credentials[colon] != ':') {
      colon++;
    }
    return colon;
  }

  private static byte[] password(byte[] credentials, int colon) {
    return colon < credentials.length
        ? Arrays.copyOfRange(credentials, colon + 1, credentials.length)
        : NOTHING;
  }

  private static byte[] decoded(byte[] base64) {
    try {
      return Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      return NOTHING;
    }
  }
}
