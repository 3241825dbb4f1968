package io.penstock.localstack;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Stream;
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
  private volatile Path log;
  private int lives;
  private boolean closed;

  ChildProcess(Spec spec, Watchdog watchdog) {
    this.spec = spec;
    this.watchdog = watchdog;
    this.log = spec.logs().apply(0);
  }

  /** Starts the process unless it runs, and waits until it is healthy. */
  void start() {
    launch();
    awaitHealthy(Deadline.in(spec.startTimeout()));
  }

  /** Starts the process unless it runs, and returns at once. */
  void launch() {
    launch(ProcessBuilder.Redirect::appendTo);
  }

  /**
   * The same.
   *
   * @param output where its output goes, by the file of its log
   */
  synchronized void launch(Function<File, ProcessBuilder.Redirect> output) {
    if (closed) {
      throw new IllegalStateException(spec.name() + " is closed");
    }
    if (isRunning()) {
      return;
    }
    try {
      log = spec.logs().apply(lives++);
      Process started = processBuilder(output.apply(log.toFile())).start();
      process = started;
      watchdog.watch(started);
    } catch (IOException e) {
      throw new LocalStackException("Cannot launch " + spec.name(), e);
    }
  }

  private ProcessBuilder processBuilder(ProcessBuilder.Redirect output) {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("/bin/sh", "-c", "trap '' INT HUP; exec \"$@\"", "sh"));
    command.addAll(spec.command());
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(spec.directory().toFile())
            .redirectErrorStream(true)
            .redirectOutput(output);
    builder.environment().keySet().retainAll(INHERITED_ENVIRONMENT);
    builder.environment().putAll(spec.environment());
    return builder;
  }

  /**
   * Waits until the launched process is healthy.
   *
   * @throws LocalStackException if it ends before, or the deadline passes
   */
  void awaitHealthy(Deadline deadline) {
    await("healthy", spec.health(), deadline);
  }

  /** Waits until the launched process is what the condition says; fails as the other does. */
  void await(String what, BooleanSupplier condition, Deadline deadline) {
    Process launched = launched();
    while (!condition.getAsBoolean()) {
      if (waitFor(launched, Duration.ofMillis(POLL_MILLIS))) {
        throw failure("ended with status " + launched.exitValue() + " before it was " + what);
      }
      if (deadline.isPast()) {
        throw failure("is not " + what + " in time");
      }
    }
  }

  /** SIGKILL; returns at once. */
  void beginKill() {
    Process running = process;
    if (running != null) {
      running.destroyForcibly();
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

  /** SIGTERM, and no wait for the end. */
  void askToEnd() {
    // Not Process.destroy(): that also closes the pipes, and the child could not say any more.
    launched().toHandle().destroy();
  }

  /** Waits until the process has ended by itself; its exit status. */
  int awaitEnd(Duration timeout) {
    Process awaited = launched();
    if (!waitFor(awaited, timeout)) {
      throw failure("does not end");
    }
    return awaited.exitValue();
  }

  /** Returns when no thread of the process runs any more, where the system can tell. */
  void pause() {
    Process paused = running();
    signal(paused, "STOP");
    // Sending a signal does not wait for what it does: a thread may answer one more request.
    Path tasks = Path.of("/proc", Long.toString(paused.pid()), "task");
    Deadline deadline = Deadline.in(SIGNAL_TIMEOUT);
    while (paused.isAlive() && Files.isDirectory(tasks) && !areStopped(tasks)) {
      if (deadline.isPast()) {
        throw failure("does not stop upon SIGSTOP");
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
  }

  private static boolean areStopped(Path tasks) {
    try (Stream<Path> each = Files.list(tasks)) {
      return each.allMatch(ChildProcess::isStopped);
    } catch (IOException | UncheckedIOException e) {
      return false; // a thread has just ended
    }
  }

  /** Whether a thread is in state T: proc(5), behind the name in parentheses. */
  private static boolean isStopped(Path task) {
    try {
      String stat = Files.readString(task.resolve("stat"), ISO_8859_1);
      return stat.startsWith("T", stat.lastIndexOf(')') + 2);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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

  /** Where the output of the last process that was launched goes. */
  Path log() {
    return log;
  }

  /** Kills the process for good. */
  void close() {
    synchronized (this) {
      closed = true;
    }
    kill();
  }

  /** The last process that was launched. */
  Process launched() {
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
        spec.name() + " " + what + "; the end of " + log + ":\n" + LogTail.of(log));
  }

  /**
   * What to run.
   *
   * @param name names the process in messages
   * @param directory its working directory
   * @param logs the file to which its output is appended, by the number of its life: 0, 1, ...
   * @param command the program and its arguments
   * @param environment besides the little that it inherits
   * @param health whether the process does its work; must answer within a few seconds
   * @param startTimeout bounds the wait for health after a start
   */
  record Spec(
      String name,
      Path directory,
      IntFunction<Path> logs,
      List<String> command,
      Map<String, String> environment,
      BooleanSupplier health,
      Duration startTimeout) {

    Spec {
      command = List.copyOf(command);
      environment = Map.copyOf(environment);
    }

    /** With one log for all its lives, in its directory, and nothing in its environment. */
    Spec(
        String name,
        Path directory,
        List<String> command,
        BooleanSupplier health,
        Duration startTimeout) {
      this(
          name,
          directory,
          life -> directory.resolve("log"),
          command,
          Map.of(),
          health,
          startTimeout);
    }
  }
}
