package io.penstock.localstack.child;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.util.Arrays;

/**
 * Runs another main class in a process that ends with its parent.
 *
 * <p>The parent holds the other end of standard input and never writes to it. However the parent
 * ends, the kernel closes that end.
 */
public final class GuardedMain {

  private static final int PARENT_GONE = 3;

  private GuardedMain() {}

  /** Takes the name of the main class, then its arguments. */
  public static void main(String[] args) throws Throwable {
    Thread guard = new Thread(GuardedMain::haltAtEndOfInput, "parent-guard");
    guard.setDaemon(true);
    guard.start();
    try {
      Class.forName(args[0])
          .getMethod("main", String[].class)
          .invoke(null, (Object) Arrays.copyOfRange(args, 1, args.length));
    } catch (InvocationTargetException e) {
      throw e.getCause() == null ? e : e.getCause();
    }
  }

  private static void haltAtEndOfInput() {
    try {
      while (System.in.read() != -1) {
        // Nothing is said on this pipe; only its end counts.
      }
    } catch (IOException broken) {
      // As good as its end.
    }
    Runtime.getRuntime().halt(PARENT_GONE);
  }
}
