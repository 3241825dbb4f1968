package io.penstock.ingest.auth;

/** What an authenticator thinks of a request. */
public enum Verdict {
  /** The request is authenticated. */
  ACCEPTED,
  /** It did not. The request gets the one answer that all such requests get. */
  REFUSED,
  /** The head alone does not decide: ask again with the body, by {@link Authenticator#verify}. */
  UNDECIDED,
  /**
   * It could not be decided for want of capacity: infrastructure trouble, never held against the
   * sender.
   */
  OVERLOADED
}
