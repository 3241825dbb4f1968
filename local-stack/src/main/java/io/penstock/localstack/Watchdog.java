package io.penstock.localstack;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/**
 * A shell that kills the children and removes the temporary directory once this process is gone.
 *
 * <p>Each child notices the end of this process by itself, except while it is paused: a stopped
 * process runs no code. This one is never paused. It reads the process ids from a pipe; the end of
 * the pipe means that the stack was closed or that this process died, by whatever signal.
 */
final class Watchdog implements AutoCloseable {

  /** Removes again and again: a process that is being killed may still make a file. */
  private static final String SCRIPT =
      """
      trap '' INT TERM HUP QUIT
      pids=' '
      while read -r verb pid; do
        case $verb in
          watch) pids="$pids$pid " ;;
          forget) pids="${pids%% $pid *} ${pids#* $pid }" ;;
        esac
      done
      [ "$pids" = ' ' ] || kill -9 $pids 2>/dev/null
      [ -n "$1" ] || exit 0
      for attempt in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        rm -rf -- "$1" 2>/dev/null && exit 0
        sleep 0.1
      done
      exit 1
      """;

  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

  private final Process shell;
  private final OutputStream pipe;

  private Watchdog(Process shell) {
    this.shell = shell;
    this.pipe = shell.getOutputStream();
  }

  /** Starts watching; the directory is removed at the end if it is a temporary one. */
  static Watchdog start(StackDirectory directory) {
    return start(directory.isTemporary() ? directory.path().toString() : "");
  }

  /** Watches what belongs to no stack, for as long as this process lives. */
  static Watchdog shared() {
    return Shared.WATCHDOG;
  }

  private static final class Shared {
    private static final Watchdog WATCHDOG = start("");
  }

  private static Watchdog start(String removable) {
    try {
      return new Watchdog(
          new ProcessBuilder(List.of("/bin/sh", "-c", SCRIPT, "local-stack-watchdog", removable))
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start());
    } catch (IOException e) {
      throw new LocalStackException("Cannot start the watchdog", e);
    }
  }

  /** Ties the life of a child to that of this process. */
  void watch(Process child) throws IOException {
    tell("watch", child.pid());
    var unused =
        child
            .onExit()
            .thenAccept(
                ended -> {
                  try {
                    tell("forget", ended.pid());
                  } catch (IOException closed) {
                    // The watchdog has ended, so it does not need the end of this child.
                  }
                });
  }

  private synchronized void tell(String verb, long pid) throws IOException {
    pipe.write((verb + " " + pid + "\n").getBytes(StandardCharsets.US_ASCII));
    pipe.flush();
  }

  /** Ends the watch; returns when the temporary directory is gone. */
  @Override
  public void close() {
    synchronized (this) {
      try {
        pipe.close();
      } catch (IOException alreadyGone) {
        // The watchdog has ended already.
      }
    }
    if (!Waiting.uninterruptibly(shell, CLOSE_TIMEOUT)) {
      shell.destroyForcibly();
    }
  }
}
