package io.penstock.ingest.console;

/** Something that a page shows cannot be read now, for a reason that a sentence can say. */
public final class NotReadableException extends Exception {

  private static final long serialVersionUID = 1L;

  /**
   * @param sentence what cannot be read, why, and what to do; holds no secret
   */
  public NotReadableException(String sentence) {
    super(sentence);
  }

  /** What cannot be read, why, and what to do. */
  public String sentence() {
    return String.valueOf(getMessage());
  }
}
