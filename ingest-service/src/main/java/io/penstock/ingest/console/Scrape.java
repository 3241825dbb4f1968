package io.penstock.ingest.console;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;

/**
 * The metrics of an instance at one moment, read from Prometheus' text format. What this class
 * cannot read of a line it leaves out: it is another program's text.
 *
 * @param samples by the metric's name
 */
public record Scrape(Map<String, List<Measured>> samples) {

  public Scrape {
    samples = Map.copyOf(samples);
  }

  /** One number with its labels. */
  public record Measured(Map<String, String> labels, double value) {
    public Measured {
      labels = Map.copyOf(labels);
    }

    /** The value of a label; empty where the sample has no such label. */
    public String label(String name) {
      return labels.getOrDefault(name, "");
    }

    boolean has(String... pairs) {
      for (int i = 0; i < pairs.length; i += 2) {
        if (!label(pairs[i]).equals(pairs[i + 1])) {
          return false;
        }
      }
      return true;
    }
  }

  /** Reads the lines of an answer, of metrics whose names begin with {@code penstock_} only. */
  static Scrape of(String text) {
    Map<String, List<Measured>> samples = new HashMap<>();
    text.lines()
        .filter(line -> line.startsWith("penstock_"))
        .forEach(
            line -> {
              int brace = line.indexOf('{');
              int space = line.indexOf(' ');
              int end = brace >= 0 && (space < 0 || brace < space) ? brace : space;
              int close = end == brace && brace >= 0 ? line.lastIndexOf('}') : end;
              if (end <= 0 || close < end) {
                return;
              }
              String[] rest = line.substring(close + 1).strip().split(" ", -1);
              try {
                double value = number(rest[0]);
                Map<String, String> labels =
                    close == end ? Map.of() : labels(line.substring(end + 1, close));
                samples
                    .computeIfAbsent(line.substring(0, end), name -> new ArrayList<>())
                    .add(new Measured(labels, value));
              } catch (NumberFormatException e) {
                // Left out.
              }
            });
    return new Scrape(samples);
  }

  private static double number(String text) {
    return switch (text) {
      case "+Inf" -> Double.POSITIVE_INFINITY;
      case "-Inf" -> Double.NEGATIVE_INFINITY;
      default -> Double.parseDouble(text);
    };
  }

  private static Map<String, String> labels(String text) {
    Map<String, String> labels = new HashMap<>();
    int at = 0;
    while (at < text.length()) {
      int quote = text.indexOf("=\"", at);
      if (quote < 0) {
        break;
      }
      String name = text.substring(at, quote).strip();
      StringBuilder value = new StringBuilder();
      int i = quote + 2;
      while (i < text.length() && text.charAt(i) != '"') {
        char c = text.charAt(i);
        if (c == '\\' && i + 1 < text.length()) {
          i++;
          c = text.charAt(i) == 'n' ? '\n' : text.charAt(i);
        }
        value.append(c);
        i++;
      }
      labels.put(name, value.toString());
      at = i + 1;
      while (at < text.length() && (text.charAt(at) == ',' || text.charAt(at) == ' ')) {
        at++;
      }
    }
    return labels;
  }

  /** All samples of a metric with these labels. */
  public List<Measured> all(String metric, String... pairs) {
    return samples.getOrDefault(metric, List.of()).stream()
        .filter(sample -> sample.has(pairs))
        .toList();
  }

  /** Whether there is such a sample. */
  public boolean has(String metric, String... pairs) {
    return !all(metric, pairs).isEmpty();
  }

  /** The sum of all samples of a metric with these labels; 0 where there is none. */
  public double sum(String metric, String... pairs) {
    return all(metric, pairs).stream()
        .mapToDouble(Measured::value)
        .filter(value -> !Double.isNaN(value))
        .sum();
  }

  /** The values that a label of a metric has, in alphabetical order. */
  public List<String> values(String metric, String label) {
    return List.copyOf(
        new TreeSet<>(
            all(metric).stream()
                .map(sample -> Objects.requireNonNull(sample.label(label)))
                .toList()));
  }
}
