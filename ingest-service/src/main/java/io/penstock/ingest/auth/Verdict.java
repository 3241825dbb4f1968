package io.penstock.ingest.auth;

/** What an authenticator thinks of a request. */
public sealed interface Verdict {

  /** The request is authenticated. */
  Verdict ACCEPTED = new Accepted();

  /** The head alone does not decide: ask again with the body, by {@link Authenticator#verify}. */
  Verdict UNDECIDED = new Undecided();

  /**
   * It could not be decided for want of capacity: infrastructure trouble, never held against the
   * sender.
   */
  Verdict OVERLOADED = new Overloaded();

  /** The type of {@link #ACCEPTED}. */
  record Accepted() implements Verdict {}

  /** The type of {@link #UNDECIDED}. */
  record Undecided() implements Verdict {}

  /** The type of {@link #OVERLOADED}. */
  record Overloaded() implements Verdict {}

  /**
   * The request is not authenticated. Its client gets the one answer that all such requests get;
   * the words are for the operator alone, to help the rightful owner of the sender.
   *
   * @param authenticator the {@code type} of the authenticator, as configured
   * @param why what is wrong, in words that go on a line of their own, with no full stop: made of
   *     the configuration's names and of numbers, never of what the client sent, and without any
   *     comparison beside those that led to the verdict
   */
  record Refused(String authenticator, String why) implements Verdict {}
}
