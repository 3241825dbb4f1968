package io.penstock.ingest.auth;

import java.util.List;

/** Some references to secrets cannot be resolved. Names each of them, and never a value. */
public final class SecretException extends Exception {

  private static final long serialVersionUID = 1L;

  private final transient List<String> problems;

  /**
   * Makes one of all that was found.
   *
   * @param problems one sentence each, such as "environment variable X is not set"
   */
  public SecretException(List<String> problems) {
    super(String.join("; ", problems));
    this.problems = List.copyOf(problems);
  }

  /** All problems, in the order of the configuration. */
  public List<String> problems() {
    return problems;
  }
}
