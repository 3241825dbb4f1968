package io.penstock.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** The figures of all rounds, by load and contender, in the order in which they came. */
final class Results {

  private final Map<Load, Map<String, List<Figures>>> all = new LinkedHashMap<>();

  /** Adds a round's figures; each contender's list has one entry for each round. */
  void add(Load load, String contender, Figures figures) {
    all.computeIfAbsent(load, absent -> new LinkedHashMap<>())
        .computeIfAbsent(contender, absent -> new ArrayList<>())
        .add(figures);
  }

  List<Load> loads() {
    return List.copyOf(all.keySet());
  }

  List<String> contenders(Load load) {
    return List.copyOf(all.getOrDefault(load, Map.of()).keySet());
  }

  private List<Figures> rounds(Load load, String contender) {
    return all.getOrDefault(load, Map.of()).getOrDefault(contender, List.of());
  }

  /** The median of a figure over the rounds; NaN where there is none. */
  double median(Load load, String contender, ToDoubleFunction<Figures> figure) {
    return median(rounds(load, contender).stream().map(figure::applyAsDouble).toList());
  }

  /** The median of the ratios to the ceiling of the same round; null without a ceiling. */
  @Nullable Double ratio(Load load, String contender, ToDoubleFunction<Figures> figure) {
    List<Figures> own = rounds(load, contender);
    List<Figures> ceiling = rounds(load, Options.CEILING);
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < Math.min(own.size(), ceiling.size()); i++) {
      ratios.add(figure.applyAsDouble(own.get(i)) / figure.applyAsDouble(ceiling.get(i)));
    }
    return ratios.isEmpty() ? null : median(ratios);
  }

  private static double median(List<Double> values) {
    if (values.isEmpty()) {
      return Double.NaN;
    }
    List<Double> sorted = values.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  /** A Markdown table of medians, with the ratios to the ceiling in brackets. */
  String table() {
    StringBuilder table =
        new StringBuilder(
            """
            | load | | deliveries/s | p50 ms | p99 ms | p99.9 ms | processor µs for each | broker µs | client µs | MiB |
            |---|---|---|---|---|---|---|---|---|---|
            """);
    for (Load load : loads()) {
      for (String contender : contenders(load)) {
        table
            .append("| ")
            .append(load.name())
            .append(" | ")
            .append(contender)
            .append(cell(load, contender, "%.0f", Figures::perSecond, load.isSaturation()))
            .append(cell(load, contender, "%.2f", Figures::p50Millis, false))
            .append(cell(load, contender, "%.2f", Figures::p99Millis, true))
            .append(cell(load, contender, "%.2f", Figures::p999Millis, false))
            .append(cell(load, contender, "%.1f", Figures::micros, true))
            .append(cell(load, contender, "%.1f", Figures::brokerMicros, false))
            .append(cell(load, contender, "%.1f", Figures::clientMicros, false))
            .append(cell(load, contender, "%.0f", Figures::residentMebibytes, false))
            .append(" |\n");
      }
    }
    return table.toString();
  }

  private String cell(
      Load load,
      String contender,
      String format,
      ToDoubleFunction<Figures> figure,
      boolean withRatio) {
    Double ratio = withRatio ? ratio(load, contender, figure) : null;
    String text = " | " + format(format, median(load, contender, figure));
    return ratio == null || contender.equals(Options.CEILING)
        ? text
        : text + " (" + format("%.2f", ratio) + ")";
  }

  @SuppressWarnings("AnnotateFormatMethod") // the formats are the few above
  private static String format(String format, double value) {
    return String.format(java.util.Locale.ROOT, format, value);
  }
}
