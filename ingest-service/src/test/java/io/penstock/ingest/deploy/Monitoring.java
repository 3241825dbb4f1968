package io.penstock.ingest.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** Reads {@code deploy/prometheus}, {@code deploy/grafana} and {@code docs/metrics.md}. */
public final class Monitoring {

  /** Prometheus' configuration and rules. */
  public static final Path PROMETHEUS = Path.of("..", "deploy", "prometheus");

  private static final Path DASHBOARDS = Path.of("..", "deploy", "grafana", "dashboards");
  private static final Path METRICS_PAGE = Path.of("..", "docs", "metrics.md");
  static final Path RUNBOOK = Path.of("..", "docs", "runbook.md");

  /** Series that Penstock exposes, its Kafka clients' included; not those of the orchestrator. */
  private static final Pattern SERIES =
      Pattern.compile("\\b(penstock|kafka|jvm|process)_[a-z_]+[a-z]\\b");

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern METRIC_ROW =
      Pattern.compile("(?m)^\\| `(penstock_[a-z_]+)` \\| (\\w+) \\|([^|]*)\\|");
  private static final Pattern LABEL_ROW = Pattern.compile("(?m)^\\| `([a-z]+)` \\| ([^|]*) \\|");
  private static final Pattern CODE = Pattern.compile("`([^`\n]+)`");

  private Monitoring() {}

  /** A rule of Prometheus: an alert, or a series that is recorded. */
  public record Rule(String name, boolean isAlert, String expression, Map<String, ?> definition) {
    @Override
    public String toString() {
      return name + ": " + expression;
    }
  }

  /** An expression of a dashboard, with Grafana's variables in it. */
  public record Query(String dashboard, String panel, String expression) {
    @Override
    public String toString() {
      return dashboard + ", " + panel + ": " + expression;
    }
  }

  /**
   * A metric as the page describes it.
   *
   * @param type in Prometheus' terms
   */
  public record Metric(String type, Set<String> labels) {}

  /** The rule files. */
  public static List<Path> ruleFiles() {
    return files(PROMETHEUS.resolve("rules"), ".rules.yml");
  }

  static List<Path> ruleTests() {
    return files(PROMETHEUS.resolve("tests"), ".test.yml");
  }

  static List<Path> dashboardFiles() {
    return files(DASHBOARDS, ".json");
  }

  static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Map<String, ?> yaml(Path file) {
    return map(new Yaml(new SafeConstructor(new LoaderOptions())).load(text(file)));
  }

  @SuppressWarnings("unchecked")
  static Map<String, ?> map(@Nullable Object node) {
    return (Map<String, ?>) Objects.requireNonNull(node, "what was looked for is not there");
  }

  static List<?> list(@Nullable Object node) {
    return (List<?>) Objects.requireNonNull(node, "what was looked for is not there");
  }

  /** All rules, in their files' and groups' order. */
  public static List<Rule> rules() {
    List<Rule> rules = new ArrayList<>();
    for (Path file : ruleFiles()) {
      for (Object group : list(yaml(file).get("groups"))) {
        for (Object node : list(map(group).get("rules"))) {
          Map<String, ?> rule = map(node);
          boolean alert = rule.containsKey("alert");
          String name = String.valueOf(rule.get(alert ? "alert" : "record"));
          rules.add(new Rule(name, alert, String.valueOf(rule.get("expr")), rule));
        }
      }
    }
    return rules;
  }

  static JsonNode dashboard(Path file) {
    try {
      return JSON.readTree(text(file));
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": " + e.getMessage(), e);
    }
  }

  /** The panels, those of rows included. */
  static List<JsonNode> panels(JsonNode dashboard) {
    List<JsonNode> panels = new ArrayList<>();
    for (JsonNode panel : dashboard.path("panels")) {
      panels.add(panel);
      panel.path("panels").forEach(panels::add);
    }
    return panels;
  }

  /** The expressions of all panels and annotations. */
  public static List<Query> queries() {
    List<Query> queries = new ArrayList<>();
    for (Path file : dashboardFiles()) {
      JsonNode dashboard = dashboard(file);
      String title = dashboard.path("title").asText();
      for (JsonNode panel : panels(dashboard)) {
        for (JsonNode target : panel.path("targets")) {
          queries.add(new Query(title, panel.path("title").asText(), target.path("expr").asText()));
        }
      }
    }
    return queries;
  }

  /** The queries of variables and annotations: the selectors whose labels are the values. */
  public static List<Query> sideQueries() {
    Pattern labelValues = Pattern.compile("label_values\\((.*), (\\w+)\\)");
    List<Query> queries = new ArrayList<>();
    for (Path file : dashboardFiles()) {
      JsonNode dashboard = dashboard(file);
      String title = dashboard.path("title").asText();
      for (JsonNode variable : dashboard.path("templating").path("list")) {
        String name = variable.path("name").asText();
        Matcher query = labelValues.matcher(variable.path("query").path("query").asText());
        if (query.matches()) {
          // A Prometheus for one installation may have no label namespace.
          String selector = query.group(1);
          queries.add(
              new Query(
                  title,
                  "variable " + name,
                  name.equals("namespace")
                      ? selector
                      : selector.replace("}", "," + query.group(2) + "!=\"\"}")));
        }
      }
      for (JsonNode annotation : dashboard.path("annotations").path("list")) {
        queries.add(
            new Query(
                title,
                "annotation " + annotation.path("name").asText(),
                annotation.path("expr").asText()));
      }
    }
    return queries;
  }

  /** The Prometheus queries of the runbook. */
  public static List<Query> runbookQueries() {
    String page = text(RUNBOOK);
    Stream<String> blocks =
        Pattern.compile("(?s)```promql\n(.*?)\n```")
            .matcher(page)
            .results()
            .flatMap(block -> block.group(1).lines())
            .map(line -> line.replaceFirst(" +# .*", ""));
    Stream<String> inText =
        code(page.replaceAll("(?s)```.*?```", "")).stream()
            .filter(text -> SERIES.matcher(text).find() && !text.contains("…"));
    return Stream.concat(blocks, inText)
        .map(query -> new Query("docs/runbook.md", "", query))
        .toList();
  }

  /** {@code docs/metrics.md}'s rows of Penstock's own metrics. */
  public static Map<String, Metric> documentedMetrics() {
    Map<String, Metric> metrics = new TreeMap<>();
    METRIC_ROW
        .matcher(text(METRICS_PAGE))
        .results()
        .forEach(row -> metrics.put(row.group(1), new Metric(row.group(2), code(row.group(3)))));
    return metrics;
  }

  /** {@code docs/metrics.md}'s rows of labels; empty if the values are not listed. */
  public static Map<String, Set<String>> documentedLabels() {
    String page = text(METRICS_PAGE);
    String labels = page.substring(page.indexOf("\n## Labels\n"));
    return LABEL_ROW
        .matcher(labels.substring(0, labels.indexOf("\n## ", 1)))
        .results()
        .collect(Collectors.toMap(row -> row.group(1), row -> code(row.group(2))));
  }

  /** All inline code of the page, including the metrics of other tools. */
  static Set<String> mentionedInMetricsPage() {
    return code(text(METRICS_PAGE));
  }

  private static Set<String> code(String markdown) {
    return CODE.matcher(markdown)
        .results()
        .map(code -> code.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static List<Path> files(Path directory, String suffix) {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
