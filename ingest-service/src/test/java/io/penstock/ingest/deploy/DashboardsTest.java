package io.penstock.ingest.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Checks the files of Grafana's dashboards. PrometheusIT evaluates their expressions. */
class DashboardsTest {

  private static final Pattern VARIABLE = Pattern.compile("\\$\\{?([a-zA-Z]\\w*)");
  private static final Pattern LINK = Pattern.compile("/d/([a-z-]+)");
  private static final Path GRAFANA = Path.of("..", "deploy", "grafana");

  static List<Path> files() {
    return Monitoring.dashboardFiles();
  }

  private static List<String> texts(JsonNode nodes, String name) {
    return StreamSupport.stream(nodes.spliterator(), false)
        .map(node -> node.path(name).asText())
        .toList();
  }

  private static Set<String> uids() {
    return files().stream()
        .map(file -> Monitoring.dashboard(file).path("uid").asText())
        .collect(Collectors.toSet());
  }

  @Test
  void thereIsOneForEachQuestion() {
    assertThat(uids())
        .containsExactlyInAnyOrder(
            "penstock-overview",
            "penstock-provider",
            "penstock-pipeline",
            "penstock-spool",
            "penstock-jvm")
        .hasSameSizeAs(files());
  }

  @ParameterizedTest
  @MethodSource("files")
  void everyPanelSaysWhatItShowsAndInWhichUnit(Path file) {
    JsonNode dashboard = Monitoring.dashboard(file);
    assertThat(dashboard.path("schemaVersion").asInt()).isGreaterThanOrEqualTo(39);
    assertThat(dashboard.path("description").asText()).isNotBlank();
    List<JsonNode> panels = Monitoring.panels(dashboard);
    assertThat(panels).extracting(panel -> panel.path("id").asInt()).doesNotHaveDuplicates();
    for (JsonNode panel : panels) {
      String title = panel.path("title").asText();
      assertThat(title).isNotBlank();
      if (!panel.path("type").asText().equals("row")) {
        assertThat(panel.path("description").asText()).as(title).isNotBlank();
        assertThat(panel.path("targets")).as(title).isNotEmpty();
        assertThat(texts(panel.path("targets"), "refId")).as(title).doesNotHaveDuplicates();
        assertThat(panel.at("/datasource/uid").asText()).as(title).isEqualTo("${datasource}");
        if (Set.of("stat", "timeseries").contains(panel.path("type").asText())) {
          assertThat(panel.at("/fieldConfig/defaults/unit").asText()).as(title).isNotBlank();
        }
      }
    }
  }

  /**
   * An engineer on call must see at once whether something is wrong: coloured fields come first.
   */
  @Test
  void theOverviewBeginsWithWhatIsColoured() {
    List<JsonNode> first =
        Monitoring.panels(Monitoring.dashboard(GRAFANA.resolve("dashboards/overview.json")))
            .stream()
            .filter(panel -> !panel.path("type").asText().equals("row"))
            .filter(panel -> panel.at("/gridPos/y").asInt() <= 6)
            .toList();
    assertThat(first).hasSize(16).allMatch(panel -> panel.path("type").asText().equals("stat"));
    assertThat(first)
        .filteredOn(panel -> panel.at("/fieldConfig/defaults/thresholds/steps").size() > 1)
        .hasSizeGreaterThanOrEqualTo(15);
  }

  /**
   * A field shows what is so now, and says so where nothing is known: an hour-old "reachable", or a
   * hundred percent of nothing, is worse than an empty field.
   */
  @ParameterizedTest
  @MethodSource("files")
  void aFieldShowsTheStateOfNow(Path file) {
    for (JsonNode panel : Monitoring.panels(Monitoring.dashboard(file))) {
      if (panel.path("type").asText().equals("stat")) {
        String title = panel.path("title").asText();
        for (JsonNode target : panel.path("targets")) {
          assertThat(target.path("instant").asBoolean()).as(title).isTrue();
          assertThat(target.path("range").asBoolean(true)).as(title).isFalse();
          assertThat(target.path("expr").asText()).as(title).doesNotContain("vector(");
        }
        assertThat(panel.at("/options/graphMode").asText()).as(title).isEqualTo("none");
        assertThat(panel.at("/fieldConfig/defaults/mappings").findValuesAsText("match"))
            .as(title)
            .contains("null");
      }
    }
  }

  /** Addresses change with each restart, and say nothing to people: the label is pod. */
  @ParameterizedTest
  @MethodSource("files")
  void processesHaveNamesAndNotAddresses(Path file) {
    JsonNode dashboard = Monitoring.dashboard(file);
    List<String> texts = new ArrayList<>(dashboard.findValuesAsText("expr"));
    texts.addAll(dashboard.findValuesAsText("legendFormat"));
    texts.addAll(dashboard.findValuesAsText("definition"));
    texts.addAll(dashboard.findValuesAsText("titleFormat"));
    assertThat(texts).noneMatch(text -> text.contains("instance"));
  }

  @Test
  void aFiringAlertLeadsToItsSection() {
    JsonNode overview = Monitoring.dashboard(GRAFANA.resolve("dashboards/overview.json"));
    JsonNode alerts =
        Monitoring.panels(overview).stream()
            .filter(panel -> panel.path("title").asText().equals("Firing alerts"))
            .findFirst()
            .orElseThrow();
    assertThat(alerts.findValuesAsText("url"))
        .containsExactly("${runbook}#${__data.fields.section}");
    // The sections' anchors are in lower case.
    assertThat(alerts.at("/transformations/0/id").asText()).isEqualTo("formatString");
    assertThat(alerts.at("/transformations/0/options/stringField").asText()).isEqualTo("section");
    assertThat(alerts.at("/transformations/0/options/outputFormat").asText())
        .isEqualTo("Lower Case");
    assertThat(overview.findValuesAsText("expr")).anyMatch(expr -> expr.contains("\"section\""));
  }

  @ParameterizedTest
  @MethodSource("files")
  void noPanelCoversAnother(Path file) {
    Set<List<Integer>> taken = new HashSet<>();
    for (JsonNode panel : Monitoring.panels(Monitoring.dashboard(file))) {
      JsonNode place = panel.path("gridPos");
      for (int x = 0; x < place.path("w").asInt(); x++) {
        for (int y = 0; y < place.path("h").asInt(); y++) {
          int column = place.path("x").asInt() + x;
          assertThat(column).as(panel.path("title").asText()).isLessThan(24);
          assertThat(taken.add(List.of(column, place.path("y").asInt() + y)))
              .as(panel.path("title").asText())
              .isTrue();
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void variablesAndLinksLead(Path file) {
    JsonNode dashboard = Monitoring.dashboard(file);
    Set<String> variables = new HashSet<>(texts(dashboard.at("/templating/list"), "name"));
    assertThat(variables).contains("datasource", "namespace");
    assertThat(
            VARIABLE
                .matcher(dashboard.toString())
                .results()
                .map(variable -> variable.group(1))
                .filter(name -> !name.startsWith("__")))
        .isSubsetOf(variables);
    assertThat(LINK.matcher(dashboard.toString()).results().map(link -> link.group(1)))
        .isSubsetOf(uids());
    assertThat(texts(dashboard.path("links"), "type")).contains("dashboards");
    assertThat(dashboard.at("/tags/0").asText()).isEqualTo("penstock");
  }

  /**
   * Without a label namespace the choice is empty, and "All" must match series without the label.
   */
  @ParameterizedTest
  @MethodSource("files")
  void allMatchesAlsoWhatHasNoSuchLabel(Path file) {
    for (JsonNode variable : Monitoring.dashboard(file).at("/templating/list")) {
      if (variable.path("includeAll").asBoolean()) {
        assertThat(variable.path("allValue").asText()).isEqualTo(".*");
      }
    }
  }

  @Test
  void grafanaFindsThemAndTheirDataSource() throws Exception {
    List<?> providers =
        Monitoring.list(
            Monitoring.yaml(GRAFANA.resolve("provisioning/dashboards/penstock.yml"))
                .get("providers"));
    assertThat(Monitoring.map(Monitoring.map(providers.getFirst()).get("options")).get("path"))
        .isEqualTo("/var/lib/grafana/dashboards/penstock");
    Map<String, ?> source =
        Monitoring.map(
            Monitoring.list(
                    Monitoring.yaml(GRAFANA.resolve("provisioning/datasources/prometheus.yml"))
                        .get("datasources"))
                .getFirst());
    assertThat(source.get("uid")).isEqualTo("prometheus");
    for (Path file : files()) {
      List<JsonNode> list = new ArrayList<>();
      Monitoring.dashboard(file).at("/templating/list").forEach(list::add);
      assertThat(list.getFirst().at("/current/value").asText()).isEqualTo(source.get("uid"));
    }
    try (var all = Files.list(GRAFANA.resolve("dashboards"))) {
      assertThat(all).hasSameSizeAs(files());
    }
  }
}
