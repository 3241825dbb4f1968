package io.penstock.ingest.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends a command's work when a signal ends the process: SIGINT, as Ctrl-C sends it, or SIGTERM. The
 * process ends {@value #MOST_MILLIS} ms later at most, or when the work says, whether it has ended
 * or not.
 */
final class UntilSignal {

  private static final Logger log = LoggerFactory.getLogger(UntilSignal.class);

  private static final long MOST_MILLIS = 700;

  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread hook;

  /**
   * The work of a command.
   *
   * @param <E> what it may throw
   */
  @FunctionalInterface
  interface Work<E extends Exception> {

    /**
     * Does the work, and says what is to be said at its end.
     *
     * @return the exit status
     */
    int run() throws E;
  }

  /**
   * Works, until a signal comes.
   *
   * @param stop makes the work end soon; called by a thread of its own
   */
  static <E extends Exception> int run(Runnable stop, Work<E> work) throws E {
    return run(MOST_MILLIS, stop, work);
  }

  /**
   * Works, until a signal comes.
   *
   * @param most how long the end of the work may take after a signal, in milliseconds
   * @param stop makes the work end soon; called by a thread of its own
   */
  static <E extends Exception> int run(long most, Runnable stop, Work<E> work) throws E {
    UntilSignal signal = new UntilSignal(most, stop);
    try {
      return work.run();
    } finally {
      signal.ended();
    }
  }

  private UntilSignal(long most, Runnable stop) {
    hook =
        new Thread(
            () -> {
              stop.run();
              try {
                boolean inTime = ended.await(most, TimeUnit.MILLISECONDS);
                log.atDebug().addKeyValue("in_time", inTime).log("A signal ended a command");
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "until-signal");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private void ended() {
    ended.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      log.debug("The signal has come", e);
    }
  }
}
