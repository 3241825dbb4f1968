package io.penstock.localstack;

import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether an event loop of a process was ever blocked: Vert.x says so in the process's log, and
 * what Linux counts tells whether the loop was busy or only had no processor (see docs/testing.md).
 * Thread-safe.
 */
public final class EventLoopWatch {

  /** No event loop may be busy for longer. */
  public static final Duration LONGEST = Duration.ofMillis(100);

  /** The option of Java by which the service checks its event loops for it. */
  public static final String OPTION =
      "-Dpenstock.blocked-thread-check-millis=" + LONGEST.toMillis();

  private static final Pattern BLOCKED =
      Pattern.compile(
          "^(\\S+T\\S+) .*vert\\.x-eventloop-thread-\\d+ has been blocked for (\\d+) ms");

  private final Starvation starvation;

  private EventLoopWatch(Starvation starvation) {
    this.starvation = starvation;
  }

  /** Watches a process that was just started with {@link #OPTION}, until it ends. */
  public static EventLoopWatch of(Process process) {
    return new EventLoopWatch(new Starvation(process));
  }

  /**
   * The lines by which Vert.x tells that an event loop was blocked, but for the time in which it
   * only had no processor. Those that are excused are printed.
   *
   * @param log what the process wrote, in the text form
   */
  public List<String> blocked(String log) {
    return log.lines().filter(this::tellsOfABlockedEventLoop).toList();
  }

  private boolean tellsOfABlockedEventLoop(String line) {
    Matcher blocked = BLOCKED.matcher(line);
    if (!blocked.find()) {
      return false;
    }
    Duration length = Duration.ofMillis(Long.parseLong(blocked.group(2)));
    Duration waited =
        starvation.before(
            OffsetDateTime.parse(blocked.group(1).replace(',', '.')).toInstant(), length);
    boolean excused = length.minus(waited).compareTo(LONGEST) <= 0;
    System.out.println(
        (excused ? "Excused" : "Not excused")
            + ": no processor for "
            + waited.toMillis()
            + " ms: "
            + line);
    return !excused;
  }
}
