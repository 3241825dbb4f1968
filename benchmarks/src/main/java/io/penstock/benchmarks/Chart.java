package io.penstock.benchmarks;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * A picture of results as SVG: on the left latency against rate (p50 drawn through, p99 dashed, on
 * a logarithmic scale), on the right the processor time of each delivery.
 */
final class Chart {

  private static final int WIDTH = 1000;
  private static final int HEIGHT = 420;
  private static final int TOP = 50;
  private static final int BOTTOM = 360;
  private static final int LEFT = 60;
  private static final int RIGHT = 500;
  private static final int BARS_LEFT = 580;
  private static final int BARS_RIGHT = 980;
  private static final List<String> COLOURS = List.of("#777777", "#0b62a4", "#d9822b");
  private static final List<String> NAMES =
      List.of(Options.CEILING, Options.SERVICE, Options.QUIET);

  private final Results results;
  private final StringBuilder svg = new StringBuilder();

  private Chart(Results results) {
    this.results = results;
  }

  /**
   * Draws the results.
   *
   * @param caption a line below it
   */
  static String draw(Results results, String caption) {
    return new Chart(results).draw(caption);
  }

  private String draw(String caption) {
    append(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
        WIDTH, HEIGHT);
    text(LEFT, 20, "start", "Latency in ms against deliveries/s: p50, and p99 dashed");
    text(BARS_LEFT, 20, "start", "Processor time for each delivery, µs");
    latency();
    processor();
    for (int i = 0; i < NAMES.size(); i++) {
      append(
          "<rect x=\"%d\" y=\"28\" width=\"10\" height=\"10\" fill=\"%s\"/>\n",
          LEFT + 110 * i, COLOURS.get(i));
      text(LEFT + 110 * i + 14, 38, "start", NAMES.get(i));
    }
    text(LEFT, HEIGHT - 10, "start", caption);
    return svg.append("</svg>\n").toString();
  }

  private void latency() {
    double highest = 1;
    double fastest = 1;
    for (Load load : results.loads()) {
      for (String name : results.contenders(load)) {
        highest = Math.max(highest, results.median(load, name, Figures::p99Millis));
        fastest = Math.max(fastest, results.median(load, name, Figures::perSecond));
      }
    }
    double lowest = 0.1;
    double decades = Math.ceil(Math.log10(highest)) - Math.log10(lowest);
    for (int i = 0; i <= Math.round(decades); i++) {
      double y = BOTTOM - (BOTTOM - TOP) * i / decades;
      line(LEFT, y, RIGHT, y);
      text(LEFT - 6, y + 4, "end", number(lowest * Math.pow(10, i)));
    }
    for (int i = 0; i <= 4; i++) {
      double x = LEFT + (RIGHT - LEFT) * i / 4.0;
      text(x, BOTTOM + 18, "middle", number(Math.rint(fastest * i / 4)));
    }
    for (int i = 0; i < NAMES.size(); i++) {
      curve(i, fastest, lowest, decades, Figures::p50Millis, "");
      curve(i, fastest, lowest, decades, Figures::p99Millis, " stroke-dasharray=\"5 4\"");
    }
  }

  private void curve(
      int contender,
      double fastest,
      double lowest,
      double decades,
      ToDoubleFunction<Figures> figure,
      String style) {
    String name = NAMES.get(contender);
    StringBuilder points = new StringBuilder();
    for (Load load : results.loads()) {
      if (results.contenders(load).contains(name)) {
        double x = LEFT + (RIGHT - LEFT) * results.median(load, name, Figures::perSecond) / fastest;
        double value = Math.max(lowest, results.median(load, name, figure));
        double y = BOTTOM - (BOTTOM - TOP) * Math.log10(value / lowest) / decades;
        points.append(String.format(Locale.ROOT, "%.1f,%.1f ", x, y));
        append(
            "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>\n",
            x, y, COLOURS.get(contender));
      }
    }
    append(
        "<polyline fill=\"none\" stroke-width=\"2\" stroke=\"%s\"%s points=\"%s\"/>\n",
        COLOURS.get(contender), style, points.toString().strip());
  }

  private void processor() {
    double highest = 1;
    for (Load load : results.loads()) {
      for (String name : results.contenders(load)) {
        highest = Math.max(highest, results.median(load, name, Figures::micros));
      }
    }
    line(BARS_LEFT, BOTTOM, BARS_RIGHT, BOTTOM);
    double group = (BARS_RIGHT - BARS_LEFT) / (double) Math.max(1, results.loads().size());
    double bar = group / (NAMES.size() + 1);
    for (int i = 0; i < results.loads().size(); i++) {
      Load load = results.loads().get(i);
      double x = BARS_LEFT + i * group + bar / 2;
      for (int j = 0; j < NAMES.size(); j++) {
        if (results.contenders(load).contains(NAMES.get(j))) {
          double micros = results.median(load, NAMES.get(j), Figures::micros);
          double height = (BOTTOM - TOP - 20) * micros / highest;
          append(
              "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>\n",
              x + j * bar, BOTTOM - height, bar * 0.9, height, COLOURS.get(j));
          text(x + (j + 0.45) * bar, BOTTOM - height - 4, "middle", number(Math.rint(micros)));
        }
      }
      text(x + bar * NAMES.size() / 2, BOTTOM + 18, "middle", load.name());
    }
  }

  private static String number(double value) {
    return value == Math.rint(value)
        ? Long.toString(Math.round(value))
        : String.format(Locale.ROOT, "%.1f", value);
  }

  private void line(double x1, double y1, double x2, double y2) {
    append(
        "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#cccccc\"/>\n",
        x1, y1, x2, y2);
  }

  private void text(double x, double y, String anchor, String text) {
    append(
        "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n",
        x, y, anchor, text.replace("&", "&amp;").replace("<", "&lt;"));
  }

  @SuppressWarnings("AnnotateFormatMethod") // its few callers are above
  private void append(String format, Object... arguments) {
    svg.append(String.format(Locale.ROOT, format, arguments));
  }
}
