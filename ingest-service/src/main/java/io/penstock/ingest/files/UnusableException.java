package io.penstock.ingest.files;

/** A file, or a value, cannot be used. The message names it and says why, without any content. */
public final class UnusableException extends Exception {

  private static final long serialVersionUID = 1L;

  private final boolean isAbsent;

  /**
   * @param sentence such as "file /run/key is empty"
   * @param isAbsent whether there is nothing to judge, as on a machine without the secrets
   */
  public UnusableException(String sentence, boolean isAbsent) {
    super(sentence);
    this.isAbsent = isAbsent;
  }

  /** Something is there, and is wrong. */
  public UnusableException(String sentence) {
    this(sentence, false);
  }

  /** The message. */
  public String sentence() {
    return String.valueOf(getMessage());
  }

  /** Whether there is nothing to judge. */
  public boolean isAbsent() {
    return isAbsent;
  }
}
