package io.penstock.ingest.cli;

import io.penstock.ingest.observability.FailureText;
import io.penstock.ingest.service.Service;
import io.penstock.ingest.service.StartException;
import java.io.PrintWriter;
import java.io.Writer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Runs the one instance of a process, from its start to its exit status. The process ends when the
 * instance ends: by a start that fails with any throwable, by a thread that dies and is not
 * replaced, or by a signal at any moment.
 *
 * <p>Status 0: a signal stopped the instance, while it ran or while it started, and everything was
 * closed. Status 1: the instance could not start, or could not go on.
 */
final class ProcessLife {

  /** A start takes a second or two: after a signal it may go on for so long, and is then closed. */
  private static final Duration START_PATIENCE = Duration.ofSeconds(3);

  /** How long a start may take to end once it is interrupted. */
  private static final Duration START_ENDS = Duration.ofSeconds(10);

  /** How long an instance may take to close after a thread of it has died. */
  private static final Duration DEAD = Duration.ofSeconds(40);

  /** Made here, since it must not need a new class when there is no memory for one. */
  private static final Runnable HALT_LATER = ProcessLife::haltLater;

  private final PrintWriter err;
  private final Runnable closeLog;
  private final AtomicInteger status = new AtomicInteger();
  private final CompletableFuture<Service> started = new CompletableFuture<>();
  private final AtomicReference<@Nullable Throwable> death = new AtomicReference<>();

  private volatile boolean stopRequested;

  /**
   * @param closeLog waits until the log is written, so that the problems are printed after it
   */
  ProcessLife(PrintWriter err, Runnable closeLog) {
    this.err = err;
    this.closeLog = closeLog;
  }

  /** Starts an instance. */
  interface Start {
    Service start() throws StartException, InterruptedException;
  }

  /**
   * Runs the instance on the calling thread. Registers the handlers that end the process, so it is
   * called once in a process.
   *
   * @return the exit status
   */
  int live(Start start) {
    Thread caller = Thread.currentThread();
    // A process without memory for a further class must still be able to print its last line.
    CommandProblems.report(
        new PrintWriter(Writer.nullWriter()), new OutOfMemoryError("not of memory"));
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
      // A signal came during the start: the shutdown thread, which interrupts this one, ends the
      // process.
      started.completeExceptionally(e);
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      started.completeExceptionally(e);
      fail(e.getCause());
    } catch (Throwable e) {
      started.completeExceptionally(e);
      if (!stopRequested) { // an interrupted call may throw any exception
        fail(e);
      }
    }
    return status.get();
  }

  private void fail(@Nullable Throwable cause) {
    status.set(1);
    closeLog.run();
    CommandProblems.report(err, cause);
  }

  /**
   * A thread has ended by an uncaught exception, and its work is not done any more. The process
   * ends, so that its supervisor (Kubernetes, say) starts it again.
   */
  void died(Thread thread, Throwable cause) {
    try {
      status.set(1);
      endInAnyCase();
      err.println("error: the thread " + thread.getName() + " died: " + FailureText.of(cause));
      err.flush();
    } finally {
      death.compareAndSet(null, cause);
      if (started.isDone() && !started.isCompletedExceptionally()) {
        started.join().failure().completeExceptionally(cause);
      }
    }
  }

  private static void endInAnyCase() {
    Thread.ofPlatform().daemon().name("end-in-any-case").start(HALT_LATER);
  }

  private static void haltLater() {
    try {
      new CompletableFuture<Void>().get(DEAD.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      Runtime.getRuntime().halt(1);
    }
  }

  /** The instance to close, once its start is over. */
  private Service service(Thread caller)
      throws InterruptedException, ExecutionException, TimeoutException {
    try {
      return started.get(START_PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      caller.interrupt();
      return started.get(START_ENDS.toSeconds(), TimeUnit.SECONDS);
    }
  }

  /** Closes the instance and ends with our status: after a signal, Java's own status is another. */
  private void stop(Thread caller) {
    try {
      stopRequested = true;
      service(caller).close();
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      // The start has failed, and has closed what it had opened.
    } catch (Throwable e) {
      status.set(1);
      CommandProblems.report(err, e);
    } finally {
      closeLog.run();
      Runtime.getRuntime().halt(status.get());
    }
  }
}
