package io.penstock.localstack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How long event loops of a process were blocked: Vert.x says so in the process's log, and what
 * Linux counts tells whether the loop was busy or only had no processor (see docs/testing.md). What
 * it finds is a figure; only a run that is to judge by the clock ({@link #isJudge}) makes a verdict
 * of it. Thread-safe.
 */
public final class EventLoopWatch {

  /** Where the figures of a module's tests are collected, in its directory: a table in Markdown. */
  public static final Path FIGURES = Path.of("target", "event-loops.md");

  private static final String HEAD =
      """
      | test | instance | longest block, ms | over 100 ms | of those excused | without a processor, ms |
      |---|---|---|---|---|---|
      """;

  /** The longest time that an event loop may be busy. */
  public static final Duration LONGEST = Duration.ofMillis(100);

  /** The option of Java by which the service checks its event loops for it. */
  public static final String OPTION =
      "-Dpenstock.blocked-thread-check-millis=" + LONGEST.toMillis();

  /** In either form of the log: a line of text begins with its time, a JSON object has it first. */
  private static final Pattern BLOCKED =
      Pattern.compile(
          "^(?:\\{\"time\":\")?(\\d{4}-\\d\\d-\\d\\dT[\\d:]{8}[.,]\\d{3}(?:Z|[+-]\\d\\d:?\\d\\d))"
              + ".*vert\\.x-eventloop-thread-\\d+ has been blocked for (\\d+) ms");

  private static final DateTimeFormatter TIME =
      new DateTimeFormatterBuilder()
          .append(DateTimeFormatter.ISO_LOCAL_DATE_TIME)
          .appendPattern("[XXX][XX]")
          .toFormatter(Locale.ROOT);

  private static final int SHOWN = 300;

  private final Starvation starvation;

  private EventLoopWatch(Starvation starvation) {
    this.starvation = starvation;
  }

  /** Watches a process that was just started with {@link #OPTION}, until it ends. */
  public static EventLoopWatch of(Process process) {
    return new EventLoopWatch(new Starvation(process));
  }

  /**
   * Whether a thread is an event loop of Vert.x.
   *
   * @param name as Linux has it, in {@code /proc/PID/task/TID/comm}
   */
  public static boolean isEventLoop(String name) {
    return Starvation.isEventLoop(name);
  }

  /**
   * Whether this run judges by the clock: with the system property {@code penstock.timed}, which
   * Maven's profile {@code timed} sets. Otherwise figures are printed and collected.
   */
  public static boolean isJudge() {
    return Boolean.getBoolean("penstock.timed");
  }

  /**
   * What one process showed.
   *
   * @param longest block, zero if none was longer than {@link #LONGEST}
   * @param blocks how many were longer than that
   * @param busy those that a lack of processors does not explain, as Vert.x logged them
   * @param starved for how long the blocked loops had no processor
   */
  public record Figure(Duration longest, int blocks, List<String> busy, Duration starved) {

    public Figure {
      busy = List.copyOf(busy);
    }

    private String row(String test, String instance) {
      return "| %s | %s | %d | %d | %d | %d |\n"
          .formatted(
              test, instance, longest.toMillis(), blocks, blocks - busy.size(), starved.toMillis());
    }
  }

  /**
   * The figure of a process, printed if an event loop was ever blocked.
   *
   * @param log what the process wrote to its standard streams
   */
  public Figure figure(String log) {
    Duration longest = Duration.ZERO;
    Duration starved = Duration.ZERO;
    int blocks = 0;
    List<String> busy = new ArrayList<>();
    for (String line : log.lines().toList()) {
      Matcher blocked = BLOCKED.matcher(line);
      if (!blocked.find()) {
        continue;
      }
      Duration length = Duration.ofMillis(Long.parseLong(blocked.group(2)));
      Duration waited =
          starvation.before(
              OffsetDateTime.parse(blocked.group(1).replace(',', '.'), TIME).toInstant(), length);
      boolean excused = length.minus(waited).compareTo(LONGEST) <= 0;
      String shown = line.substring(0, Math.min(line.length(), SHOWN));
      System.out.println(
          "Event loop %s, no processor for %d ms: %s"
              .formatted(excused ? "starved" : "busy", waited.toMillis(), shown));
      longest = length.compareTo(longest) > 0 ? length : longest;
      starved = starved.plus(waited);
      blocks++;
      if (!excused) {
        busy.add(shown);
      }
    }
    return new Figure(longest, blocks, busy, starved);
  }

  /**
   * Adds the figure of a process that has ended to those of its module, {@link #FIGURES}.
   *
   * @param test the test that started it
   * @param instance tells it apart from others of the test
   * @param log what the process wrote to its standard streams
   * @return the blocks that nothing excuses, if this run judges by the clock, and else none
   */
  public List<String> collect(String test, String instance, String log) {
    Figure figure = figure(log);
    synchronized (EventLoopWatch.class) {
      try {
        Files.createDirectories(FIGURES.toAbsolutePath().getParent());
        String head = Files.exists(FIGURES) ? "" : HEAD;
        Files.writeString(
            FIGURES,
            head + figure.row(test, instance),
            StandardOpenOption.CREATE,
            StandardOpenOption.APPEND);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return isJudge() ? figure.busy() : List.of();
  }
}
