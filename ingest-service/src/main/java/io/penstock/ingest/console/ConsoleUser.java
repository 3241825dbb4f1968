package io.penstock.ingest.console;

import io.penstock.ingest.config.ConsoleConfig.Right;

/**
 * The user behind a request.
 *
 * @param name as the log calls the user; never a secret
 * @param right what the user may do
 * @param proof by what the user is known
 */
public record ConsoleUser(String name, Right right, Proof proof) {

  /** The user of a console without {@code console.access}. */
  static final ConsoleUser LOCAL = new ConsoleUser("local", Right.OPERATOR, Proof.LOOPBACK);

  /** By what a user is known. */
  public enum Proof {
    /** The request came to the loopback port of a console that asks for nothing. */
    LOOPBACK,
    /** The header {@code Authorization}. */
    AUTHORIZATION,
    /** The cookie of a session that began in the login form. */
    SESSION,
    /** The header of a proxy. */
    PROXY
  }

  /** Whether the user may change things. */
  public boolean isOperator() {
    return right == Right.OPERATOR;
  }
}
