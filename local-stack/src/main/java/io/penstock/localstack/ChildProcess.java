package io.penstock.localstack;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The life of one child JVM: launched, healthy, paused, killed, launched again.
 *
 * <p>Its output is appended to a file, so that it never blocks on a full pipe. Its standard input
 * is the pipe by which it notices the end of this process. It ignores SIGINT and SIGHUP: a Ctrl-C
 * reaches the whole foreground group, and the parent decides the order in which its children end.
 */
final class ChildProcess {

  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration KILL_TIMEOUT = Duration.ofMinutes(1);
  private static final Duration SIGNAL_TIMEOUT = Duration.ofMinutes(1);
  private static final long POLL_MILLIS = 20;
  private static final Set<String> INHERITED_ENVIRONMENT = Set.of("PATH", "HOME", "LANG", "LC_ALL");

  private final Spec spec;
  private final Watchdog watchdog;
  private volatile @Nullable Process process;
  private boolean closed;

  ChildProcess(Spec spec, Watchdog watchdog) {
    this.spec = spec;
    this.watchdog = watchdog;
  }

  /** Starts the process unless it runs, and waits until it is healthy. */
  void start() {
    launch();
    awaitHealthy(Deadline.in(spec.startTimeout()));
  }

  /** Starts the process unless it runs, and returns at once. */
  synchronized void launch() {
    if (closed) {
      throw new IllegalStateException("The stack of " + spec.name() + " is closed");
    }
    if (isRunning()) {
      return;
    }
    try {
      Process started = processBuilder().start();
      process = started;
      watchdog.watch(started);
    } catch (IOException e) {
      throw new LocalStackException("Cannot launch " + spec.name(), e);
    }
  }

  private ProcessBuilder processBuilder() {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("/bin/sh", "-c", "trap '' INT HUP; exec \"$@\"", "sh"));
    command.addAll(spec.command());
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(spec.directory().toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(spec.log().toFile()));
    builder.environment().keySet().retainAll(INHERITED_ENVIRONMENT);
    return builder;
  }

  /**
   * Waits until the launched process is healthy.
   *
   * @throws LocalStackException if it ends before, or the deadline passes
   */
  void awaitHealthy(Deadline deadline) {
    Process launched = launched();
    while (!spec.health().getAsBoolean()) {
      if (waitFor(launched, Duration.ofMillis(POLL_MILLIS))) {
        throw failure("ended with status " + launched.exitValue() + " before it was healthy");
      }
      if (deadline.isPast()) {
        throw failure("is not healthy in time");
      }
    }
  }

  /** SIGKILL; returns when the process is gone. */
  void kill() {
    Process running = process;
    if (running != null) {
      kill(running);
    }
  }

  private void kill(Process running) {
    running.destroyForcibly();
    if (!Waiting.uninterruptibly(running, KILL_TIMEOUT)) {
      throw failure("survives SIGKILL");
    }
  }

  /** SIGTERM, then SIGKILL after 10 s; returns when the process is gone. */
  void stop() {
    Process running = process;
    if (running == null || !running.isAlive()) {
      return;
    }
    // Not Process.destroy(): that also closes the pipe, at whose end the child halts at once.
    running.toHandle().destroy();
    signal(running, "CONT"); // A paused process would keep its SIGTERM for later.
    if (!waitFor(running, STOP_TIMEOUT)) {
      kill(running);
    }
  }

  void pause() {
    signal(running(), "STOP");
  }

  void resume() {
    signal(running(), "CONT");
  }

  boolean isRunning() {
    Process current = process;
    return current != null && current.isAlive();
  }

  long pid() {
    return launched().pid();
  }

  Path directory() {
    return spec.directory();
  }

  /** Kills the process for good. */
  void close() {
    synchronized (this) {
      closed = true;
    }
    kill();
  }

  private Process launched() {
    Process current = process;
    if (current == null) {
      throw new IllegalStateException(spec.name() + " has not been launched");
    }
    return current;
  }

  private Process running() {
    Process current = launched();
    if (!current.isAlive()) {
      throw new IllegalStateException(spec.name() + " does not run");
    }
    return current;
  }

  private void signal(Process target, String signal) {
    try {
      Process kill =
          new ProcessBuilder("kill", "-" + signal, Long.toString(target.pid()))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      boolean ended = Waiting.uninterruptibly(kill, SIGNAL_TIMEOUT);
      if ((!ended || kill.exitValue() != 0) && target.isAlive()) {
        throw failure("cannot be sent SIG" + signal);
      }
    } catch (IOException e) {
      throw new LocalStackException("Cannot run kill -" + signal, e);
    }
  }

  private boolean waitFor(Process awaited, Duration timeout) {
    try {
      return awaited.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LocalStackException("Interrupted while waiting for " + spec.name(), e);
    }
  }

  private LocalStackException failure(String what) {
    return new LocalStackException(
        spec.name() + " " + what + "; the end of " + spec.log() + ":\n" + LogTail.of(spec.log()));
  }

  /**
   * What to run.
   *
   * @param name names the process in messages
   * @param directory its working directory; holds its log
   * @param command the program and its arguments
   * @param health whether the process does its work; must answer within a few seconds
   * @param startTimeout bounds the wait for health after a start
   */
  record Spec(
      String name,
      Path directory,
      List<String> command,
      BooleanSupplier health,
      Duration startTimeout) {

    Spec {
      command = List.copyOf(command);
    }

    Path log() {
      return directory.resolve("log");
    }
  }
}
