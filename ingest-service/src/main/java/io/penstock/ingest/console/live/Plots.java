package io.penstock.ingest.console.live;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The last hour of each source as lines to be drawn: 60 wide, 20 high. */
public final class Plots {

  /** How many sources are drawn: the busiest. */
  private static final int MOST = 8;

  private static final int HEIGHT = 20;

  private Plots() {}

  /**
   * The plot of one source.
   *
   * @param landed the points of the line of deliveries
   * @param failed the points of the line of refusals and dead letters; empty where there are none
   * @param most deliveries in one minute
   */
  public record Plot(
      String source, String landed, String failed, int most, long total, long failures) {

    /** What a screen reader says instead of the lines. */
    public String words() {
      return source
          + ": "
          + total
          + (total == 1 ? " delivery" : " deliveries")
          + " in the last hour, at most "
          + most
          + " in a minute, "
          + (failures == 0 ? "none" : failures)
          + " refused or a dead letter";
    }

    /** The address's query that filters by the source. */
    public String query() {
      return new LiveFilter(source, "", "", "", "").query();
    }

    JsonObject json() {
      return new JsonObject()
          .put("source", source)
          .put("landed", landed)
          .put("failed", failed)
          .put("total", total)
          .put("failures", failures)
          .put("words", words());
    }
  }

  /**
   * The busiest sources, the busiest first.
   *
   * @param refused by source, the refusals of each of the last {@link LiveRates#MINUTES} minutes by
   *     the metrics of the ingress, the oldest first
   */
  static List<Plot> of(Map<String, LiveRates.Hour> hours, Map<String, int[]> refused) {
    List<Plot> plots = new ArrayList<>();
    Set<String> sources = new TreeSet<>(hours.keySet());
    sources.addAll(refused.keySet());
    sources.forEach(
        source -> {
          LiveRates.Hour hour = hours.getOrDefault(source, LiveRates.Hour.empty());
          int[] failed = hour.failed(refused.getOrDefault(source, new int[LiveRates.MINUTES]));
          int most =
              Math.max(
                  1,
                  Math.max(
                      Arrays.stream(hour.landed()).max().orElse(0),
                      Arrays.stream(failed).max().orElse(0)));
          long failures = Arrays.stream(failed).asLongStream().sum();
          plots.add(
              new Plot(
                  source,
                  points(hour.landed(), most),
                  failures == 0 ? "" : points(failed, most),
                  Arrays.stream(hour.landed()).max().orElse(0),
                  Arrays.stream(hour.landed()).asLongStream().sum(),
                  failures));
        });
    plots.sort(
        Comparator.comparingLong((Plot plot) -> plot.total() + plot.failures())
            .reversed()
            .thenComparing(Plot::source));
    return plots.size() > MOST ? List.copyOf(plots.subList(0, MOST)) : plots;
  }

  private static String points(int[] counts, int most) {
    StringBuilder points = new StringBuilder();
    for (int i = 0; i < counts.length; i++) {
      points
          .append(i == 0 ? "" : " ")
          .append(i)
          .append(',')
          .append(HEIGHT - Math.round((HEIGHT - 1f) * Math.min(counts[i], most) / most));
    }
    return points.toString();
  }

  static JsonArray json(List<Plot> plots) {
    JsonArray array = new JsonArray();
    plots.forEach(plot -> array.add(plot.json()));
    return array;
  }
}
