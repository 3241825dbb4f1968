package io.penstock.ingest.subscription;

/** A provider's API has not done what it was asked for. The message holds no secret. */
public final class ApiException extends Exception {

  private static final long serialVersionUID = 1L;

  private final Effect effect;

  /** What the request may have changed. */
  public enum Effect {
    /** Nothing. */
    NONE,
    /** It is not known whether it was done. */
    UNKNOWN
  }

  /**
   * @param sentence what is wrong, and what to do
   */
  public ApiException(String sentence, Effect effect) {
    super(sentence);
    this.effect = effect;
  }

  /** One that changed nothing. */
  public ApiException(String sentence) {
    this(sentence, Effect.NONE);
  }

  /** The message. */
  public String sentence() {
    return String.valueOf(getMessage());
  }

  /** What the request may have changed. */
  public Effect effect() {
    return effect;
  }
}
