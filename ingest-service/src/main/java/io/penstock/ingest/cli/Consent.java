package io.penstock.ingest.cli;

import java.io.Console;
import java.lang.reflect.Method;
import java.util.Optional;

/** Asks the operator at the terminal. */
final class Consent {

  private Consent() {}

  /** Whether there is a terminal to ask at. */
  static boolean canBeAsked() {
    return terminal().isPresent();
  }

  /** Whether the answer is yes. */
  static boolean ask(String question) {
    return terminal()
        .map(console -> console.readLine("%s", question))
        .filter(answer -> answer.strip().equals("yes"))
        .isPresent();
  }

  /** Java 21 has no console without a terminal; later versions have one, and tell. */
  @SuppressWarnings("SystemConsoleNull")
  private static Optional<Console> terminal() {
    return Optional.ofNullable(System.console()).filter(Consent::isTerminal);
  }

  private static boolean isTerminal(Console console) {
    try {
      Method isTerminal = Console.class.getMethod("isTerminal");
      return Boolean.TRUE.equals(isTerminal.invoke(console));
    } catch (ReflectiveOperationException e) {
      return true; // it is of Java 21
    }
  }
}
