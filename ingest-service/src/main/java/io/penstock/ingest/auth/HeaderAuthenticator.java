package io.penstock.ingest.auth;

/** A header of some name, compared with every entry of a list. It must stand there once. */
public final class HeaderAuthenticator extends HeadAuthenticator {

  private final String name;

  /**
   * Accepts any of these values.
   *
   * @param name the header's, in lower case
   */
  public HeaderAuthenticator(String name, SecretList values, MatchListener listener) {
    super(values, listener);
    this.name = name;
  }

  @Override
  public Verdict screen(RequestHead head) {
    return compare(Headers.only(head, name));
  }
}
