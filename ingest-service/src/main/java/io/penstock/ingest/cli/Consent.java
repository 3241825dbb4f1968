package io.penstock.ingest.cli;

import java.io.Console;
import java.lang.reflect.Method;

/** Asks the operator at the terminal. */
final class Consent {

  private Consent() {}

  /** Whether there is a terminal to ask at. */
  static boolean canBeAsked() {
    Console console = System.console();
    if (console == null) {
      return false;
    }
    try {
      // Since Java 22 there may be a console without a terminal.
      Method isTerminal = Console.class.getMethod("isTerminal");
      return Boolean.TRUE.equals(isTerminal.invoke(console));
    } catch (ReflectiveOperationException e) {
      return true;
    }
  }

  /** Whether the answer is yes. */
  static boolean ask(String question) {
    Console console = System.console();
    String answer = console == null ? null : console.readLine("%s", question);
    return answer != null && answer.strip().equals("yes");
  }
}
