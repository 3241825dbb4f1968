package io.penstock.ingest;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The life of the one instance of a process, from its start to its exit status. However it ends,
 * the process ends with it: a start that fails with any throwable, a thread that nobody replaces, a
 * signal at any moment.
 *
 * <p>Status 0: it was told to stop, while it ran or while it started, and has closed everything. 1:
 * it could not start, or could not go on.
 */
final class Life {

  /** A start takes a second or two: so long it may go on, to be closed in good order. */
  private static final Duration START_PATIENCE = Duration.ofSeconds(3);

  /** How long a start that is interrupted may take to end. */
  private static final Duration START_ENDS = Duration.ofSeconds(10);

  /** How long an instance may take to close after a thread of it has died. */
  private static final Duration DEAD = Duration.ofSeconds(40);

  private final PrintWriter err;
  private final Runnable closeLog;
  private final AtomicInteger status = new AtomicInteger();
  private final CompletableFuture<Service> started = new CompletableFuture<>();
  private final AtomicReference<@Nullable Throwable> death = new AtomicReference<>();

  private volatile boolean toldToStop;

  /**
   * @param closeLog waits until the log is written: what is told comes after it
   */
  Life(PrintWriter err, Runnable closeLog) {
    this.err = err;
    this.closeLog = closeLog;
  }

  /** Starts an instance. */
  interface Start {
    Service start() throws StartException, InterruptedException;
  }

  /**
   * Lives it on the calling thread. Registers what ends the process: to be called once in its life.
   *
   * @return the exit status
   */
  int live(Start start) {
    Thread caller = Thread.currentThread();
    Thread.setDefaultUncaughtExceptionHandler(this::died);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(caller), "shutdown"));
    return run(start);
  }

  /** Starts an instance and waits for its end. */
  int run(Start start) {
    try {
      Service service = start.start();
      started.complete(service);
      Throwable dead = death.get();
      if (dead != null) {
        service.failure().completeExceptionally(dead);
      }
      service.failure().get();
    } catch (InterruptedException e) {
      // Told to stop while it started: whoever interrupts this thread also ends the process.
      started.completeExceptionally(e);
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      started.completeExceptionally(e);
      fail(e.getCause());
    } catch (Throwable e) {
      started.completeExceptionally(e);
      if (!toldToStop) { // what was interrupted may say so in its own way
        fail(e);
      }
    }
    return status.get();
  }

  private void fail(@Nullable Throwable cause) {
    status.set(1);
    closeLog.run();
    Console.report(err, cause);
  }

  /**
   * A thread ends by what nobody has caught, and whatever it was for is not done any more: the
   * process ends, and is started again by whoever runs it.
   */
  void died(Thread thread, Throwable cause) {
    try {
      status.set(1);
      endInAnyCase();
      err.println("error: the thread " + thread.getName() + " died: " + Console.describe(cause));
      err.flush();
    } finally {
      death.compareAndSet(null, cause);
      if (started.isDone() && !started.isCompletedExceptionally()) {
        started.join().failure().completeExceptionally(cause);
      }
    }
  }

  private static void endInAnyCase() {
    Thread.ofPlatform()
        .daemon()
        .name("end-in-any-case")
        .start(
            () -> {
              try {
                new CompletableFuture<Void>().get(DEAD.toSeconds(), TimeUnit.SECONDS);
              } catch (InterruptedException | ExecutionException | TimeoutException e) {
                Runtime.getRuntime().halt(1);
              }
            });
  }

  /** What is to be closed, once its start is over. */
  private Service service(Thread caller)
      throws InterruptedException, ExecutionException, TimeoutException {
    try {
      return started.get(START_PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      caller.interrupt();
      return started.get(START_ENDS.toSeconds(), TimeUnit.SECONDS);
    }
  }

  /**
   * A drained instance ends well, whoever asked for it; a signal alone would end it with a status
   * of its own.
   */
  private void stop(Thread caller) {
    try {
      toldToStop = true;
      service(caller).close();
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      // It has not started, and has nothing to close any more.
    } catch (Throwable e) {
      status.set(1);
      Console.report(err, e);
    } finally {
      closeLog.run();
      Runtime.getRuntime().halt(status.get());
    }
  }
}
