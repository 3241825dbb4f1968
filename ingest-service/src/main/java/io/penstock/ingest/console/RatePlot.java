package io.penstock.ingest.console;

import io.penstock.ingest.console.RateHistory.Tally;
import java.util.List;
import java.util.Locale;

/**
 * A small plot of one source's last hour, as paths of SVG in a box of {@value #WIDTH} by {@value
 * #HEIGHT}.
 *
 * @param taken the path of what was taken
 * @param refused the path of what was refused
 * @param words what the plot shows, for those who do not see it
 * @param perMinute how many were taken in the last minute
 */
record RatePlot(String taken, String refused, String words, long perMinute) {

  static final int WIDTH = 360;
  static final int HEIGHT = 56;

  /** One point stands for so many steps: half a minute. */
  private static final int GROUP = 3;

  private static final int STEPS_OF_A_MINUTE = 6;

  /**
   * Draws; the newest step stands at the right edge.
   *
   * @param steps the oldest first
   */
  static RatePlot of(List<Tally> steps) {
    long[] taken = new long[RateHistory.STEPS / GROUP];
    long[] refused = new long[taken.length];
    for (int i = 0; i < steps.size(); i++) {
      int group = taken.length - 1 - (steps.size() - 1 - i) / GROUP;
      if (group >= 0) {
        taken[group] += steps.get(i).taken();
        refused[group] += steps.get(i).refused();
      }
    }
    long most = 1;
    long allTaken = 0;
    long allRefused = 0;
    for (int i = 0; i < taken.length; i++) {
      most = Math.max(most, Math.max(taken[i], refused[i]));
      allTaken += taken[i];
      allRefused += refused[i];
    }
    long lastMinute =
        steps.stream()
            .skip(Math.max(0, steps.size() - STEPS_OF_A_MINUTE))
            .mapToLong(Tally::taken)
            .sum();
    String words =
        String.format(
            Locale.ROOT,
            "%s taken and %s refused within the last hour; %s taken in the last minute",
            Templates.grouped(allTaken),
            Templates.grouped(allRefused),
            Templates.grouped(lastMinute));
    int first = taken.length - Math.max(1, (steps.size() + GROUP - 1) / GROUP);
    return new RatePlot(
        path(taken, most, Math.max(0, first)),
        allRefused == 0 ? "" : path(refused, most, Math.max(0, first)),
        words,
        lastMinute);
  }

  private static String path(long[] values, long most, int first) {
    StringBuilder path = new StringBuilder();
    for (int i = first; i < values.length; i++) {
      double x = (double) WIDTH * i / (values.length - 1);
      double y = HEIGHT - 2 - (HEIGHT - 4) * (double) values[i] / most;
      path.append(String.format(Locale.ROOT, "%s%.1f %.1f", i == first ? "M" : "L", x, y));
    }
    return path.toString();
  }
}
