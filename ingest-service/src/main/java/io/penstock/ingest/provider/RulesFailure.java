package io.penstock.ingest.provider;

/**
 * A bug in a provider's rules, fit for a log: where it happened, and of what class, without the
 * original message, in which a part of a body may stand.
 */
public final class RulesFailure extends RuntimeException {

  private static final long serialVersionUID = 1;

  private RulesFailure(Throwable cause) {
    super(cause.getClass().getName(), null, false, true);
    setStackTrace(cause.getStackTrace());
  }

  /** What may be logged of a failure. */
  public static RulesFailure of(Throwable cause) {
    return new RulesFailure(cause);
  }
}
