package io.penstock.ingest.auth.standardwebhooks;

/** What a request presents: a {@link SignedHead}, or nothing that could be verified. */
sealed interface Presented permits SignedHead, Presented.Unreadable {

  /**
   * A head without all that a signature needs, or that no configured key can verify.
   *
   * @param why in words for the operator
   */
  record Unreadable(String why) implements Presented {}
}
