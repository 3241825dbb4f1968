package io.penstock.ingest.service;

import java.util.List;

/** The service cannot run as configured, and waiting does not help: the operator must act. */
public final class StartException extends Exception {

  private static final long serialVersionUID = 1L;

  @SuppressWarnings("serial") // an immutable list of texts
  private final List<String> problems;

  /**
   * @param problems each says what is wrong and what to do, and holds no secret
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
