package io.penstock.ingest.auth;

import java.util.Arrays;
import java.util.Base64;

/**
 * {@code Authorization: Basic} (RFC 7617) with a user's name and any password of a list, both as
 * the bytes of UTF-8. The name is compared as the passwords are, and both always: an attacker
 * cannot find out which of the two was wrong.
 */
final class BasicAuthenticator extends HeadAuthenticator {

  private final Secret username;

  /** Accepts this name with any of these passwords. */
  BasicAuthenticator(String username, SecretList passwords, MatchListener listener) {
    super(passwords, listener, head -> authorization(head, "Basic"));
    this.username = Secret.of(username);
  }

  /** RFC 7617, sections 2 and 2.1: it says how to encode the credentials. */
  @Override
  public String challenge() {
    return "Basic realm=\"penstock\", charset=\"UTF-8\"";
  }

  @Override
  public Verdict screen(RequestHead head) {
    byte[] credentials = decoded(authorization(head, "Basic"));
    int colon = colon(credentials);
    boolean isUser = username.matches(Arrays.copyOf(credentials, colon));
    return compare(password(credentials, colon), isUser);
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
