package io.penstock.ingest;

import java.util.List;

/** The service cannot run as configured, and no waiting will mend it. */
public final class StartException extends Exception {

  private static final long serialVersionUID = 1L;

  @SuppressWarnings("serial") // an immutable list of texts
  private final List<String> problems;

  /**
   * @param problems each says what is wrong and what to do; never a secret
   */
  public StartException(List<String> problems) {
    super(String.join("; ", problems));
    this.problems = List.copyOf(problems);
  }

  /** All of them. */
  public List<String> problems() {
    return problems;
  }
}
