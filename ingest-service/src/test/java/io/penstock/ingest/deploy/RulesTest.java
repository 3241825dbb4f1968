package io.penstock.ingest.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.Thorough;
import io.penstock.ingest.deploy.Monitoring.Rule;
import io.penstock.ingest.observability.KafkaSeries;
import io.penstock.ingest.observability.Meters;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Checks Prometheus' rules, their tests, and their documentation. */
class RulesTest {

  /** The suffixes that a histogram or a timer has in Prometheus. */
  private static final Pattern PARTS = Pattern.compile("_(bucket|count|sum|max)$");

  private static void promtool(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(PrometheusTools.find("promtool").toString()));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
  }

  static List<Path> files() {
    return Monitoring.ruleFiles();
  }

  @ParameterizedTest
  @MethodSource("files")
  void prometheusTakesEachFile(Path file) throws Exception {
    promtool("check", "rules", file.toString());
  }

  @Test
  void prometheusTakesItsConfiguration() throws Exception {
    promtool("check", "config", Monitoring.PROMETHEUS.resolve("prometheus.yml").toString());
  }

  /** Those that play days and weeks take as long as all others: they are thorough. */
  static List<Path> tests() {
    return Monitoring.ruleTests().stream()
        .filter(
            file ->
                Thorough.Run.isThorough()
                    || !file.toString().matches(".*-(days|weeks)[.]test[.]yml"))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("tests")
  void alertsFireWhenTheyShouldAndOnlyThen(Path file) throws Exception {
    promtool("test", "rules", file.toString());
  }

  private static Set<String> alerts() {
    return Monitoring.rules().stream()
        .filter(Rule::isAlert)
        .map(Rule::name)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void eachAlertHasOneNameAndATestInEachDirection() {
    assertThat(Monitoring.rules()).extracting(Rule::name).doesNotHaveDuplicates();
    Map<String, Set<Boolean>> tested = new TreeMap<>();
    for (Path file : Monitoring.ruleTests()) {
      for (Object test : Monitoring.list(Monitoring.yaml(file).get("tests"))) {
        Map<String, ?> definition = Monitoring.map(test);
        if (!definition.containsKey("alert_rule_test")) {
          continue; // a fault, in penstock-faults*.test.yml
        }
        for (Object node : Monitoring.list(definition.get("alert_rule_test"))) {
          Map<String, ?> expectation = Monitoring.map(node);
          tested
              .computeIfAbsent(
                  String.valueOf(expectation.get("alertname")), alert -> new TreeSet<>())
              .add(!Monitoring.list(expectation.get("exp_alerts")).isEmpty());
        }
      }
    }
    assertThat(tested.keySet()).isEqualTo(alerts());
    assertThat(tested).allSatisfy((alert, fires) -> assertThat(fires).containsExactly(false, true));
  }

  @Test
  void eachAlertSaysWhatItIsAndHasItsSectionInTheRunbook() {
    String alerts = Monitoring.text(Monitoring.RUNBOOK).split("\n## ", -1)[2];
    assertThat(alerts).startsWith("Alerts\n");
    Map<String, String> sections =
        Stream.of(alerts.split("\n### ", -1))
            .skip(1)
            .collect(Collectors.toMap(s -> s.substring(0, s.indexOf('\n')), s -> s));
    assertThat(new TreeSet<>(sections.keySet())).isEqualTo(alerts());
    assertThat(sections)
        .allSatisfy(
            (alert, text) ->
                assertThat(text)
                    .containsSubsequence("**Meaning.**", "**First look.**", "**Action.**"));
    for (Rule rule : Monitoring.rules()) {
      if (rule.isAlert()) {
        Map<String, ?> annotations = Monitoring.map(rule.definition().get("annotations"));
        assertThat(annotations.keySet().stream().map(String::valueOf))
            .as(rule.name())
            .containsExactlyInAnyOrder("summary", "description", "runbook_url");
        assertThat(annotations.get("runbook_url"))
            .isEqualTo("docs/runbook.md#" + rule.name().toLowerCase(java.util.Locale.ROOT));
        assertThat(Monitoring.map(rule.definition().get("labels")).get("severity"))
            .as(rule.name())
            .isIn("critical", "warning", "info");
      }
    }
  }

  private static final Pattern PAGED = Pattern.compile("alertname=\"(\\w+)\"");

  /** The alerts that page at some time of a fault; each list is complete. */
  private static Stream<Set<String>> pages() {
    return Monitoring.ruleTests().stream()
        .filter(file -> file.getFileName().toString().startsWith("penstock-faults"))
        .flatMap(file -> Monitoring.list(Monitoring.yaml(file).get("tests")).stream())
        .flatMap(test -> Monitoring.list(Monitoring.map(test).get("promql_expr_test")).stream())
        .map(Monitoring::map)
        .filter(question -> String.valueOf(question.get("expr")).contains("severity=\"critical\""))
        .map(
            question ->
                PAGED
                    .matcher(String.valueOf(question.get("exp_samples")))
                    .results()
                    .map(found -> found.group(1))
                    .collect(Collectors.toCollection(TreeSet::new)));
  }

  /** Which alerts Alertmanager does not send while this one fires. */
  private static Set<String> inhibitedBy(String alert) {
    Set<String> inhibited = new TreeSet<>();
    for (Object node :
        Monitoring.list(
            Monitoring.yaml(Monitoring.PROMETHEUS.resolve("alertmanager.yml"))
                .get("inhibit_rules"))) {
      Map<String, ?> rule = Monitoring.map(node);
      if (names(rule.get("source_matchers")).contains(alert)) {
        inhibited.addAll(names(rule.get("target_matchers")));
      }
    }
    return inhibited;
  }

  private static Set<String> names(@Nullable Object matchers) {
    return Pattern.compile("\\bPenstock\\w+")
        .matcher(String.valueOf(matchers))
        .results()
        .map(MatchResult::group)
        .collect(Collectors.toSet());
  }

  @Test
  void aFaultPagesOnce() {
    List<Set<String>> pages = pages().toList();
    assertThat(pages).hasSizeGreaterThan(25).anyMatch(page -> page.size() > 2);
    for (Set<String> page : pages) {
      Set<String> sent = new TreeSet<>(page);
      page.forEach(alert -> sent.removeAll(inhibitedBy(alert)));
      assertThat(sent).as("of %s", page).hasSize(page.isEmpty() ? 0 : 1);
    }
  }

  /** An engineer who is paged has a command or a query at hand that shows the cause. */
  @Test
  void theSectionOfEachPageHasACommandThatShowsTheCause() {
    String page = Monitoring.text(Monitoring.RUNBOOK);
    for (String alert : pages().flatMap(Set::stream).collect(Collectors.toSet())) {
      String section = page.substring(page.indexOf("\n### " + alert + "\n") + 1);
      String look =
          section.substring(section.indexOf("**First look.**"), section.indexOf("**Action.**"));
      assertThat(look)
          .as(alert)
          .containsAnyOf("```sh", "```promql", "`kubectl", "`kafka-", "`penstock_");
    }
  }

  @Test
  void theRunbookListsEachAlertUnderItsSeverity() {
    String page = Monitoring.text(Monitoring.RUNBOOK);
    for (String severity : List.of("critical", "warning", "info")) {
      String row =
          page.lines()
              .filter(line -> line.startsWith("| `" + severity + "`: "))
              .findFirst()
              .orElse("");
      assertThat(names(row.replaceAll("\\(#[a-z]+\\)", "")))
          .as(severity)
          .isEqualTo(
              Monitoring.rules().stream()
                  .filter(Rule::isAlert)
                  .filter(
                      rule ->
                          severity.equals(
                              Monitoring.map(rule.definition().get("labels")).get("severity")))
                  .map(Rule::name)
                  .collect(Collectors.toSet()));
    }
  }

  /** What the commands of the page use is set once, at its top. */
  @Test
  void theVariablesOfTheRunbooksCommandsAreSetAtItsTop() {
    String page = Monitoring.text(Monitoring.RUNBOOK);
    Pattern command = Pattern.compile("(?s)```sh\n(.*?)```");
    Set<String> set = new TreeSet<>();
    for (MatchResult block : command.matcher(page).results().toList()) {
      Pattern.compile("(?m)^([A-Z]+)=|\\bfor ([a-z]+) in")
          .matcher(block.group(1))
          .results()
          .forEach(found -> set.add(found.group(1) == null ? found.group(2) : found.group(1)));
      assertThat(
              Pattern.compile("\\$\\{?([A-Za-z]+)")
                  .matcher(block.group(1))
                  .results()
                  .map(found -> found.group(1)))
          .as(block.group(1))
          .isSubsetOf(set);
    }
    assertThat(set).contains("NS", "PREFIX", "KAFKA", "REGISTRY", "M");
  }

  @Test
  void theExampleForAlertmanagerNamesAlertsThatThereAre() {
    String example = Monitoring.text(Monitoring.PROMETHEUS.resolve("alertmanager.yml"));
    assertThat(
            Pattern.compile("\\bPenstock[A-Z]\\w+")
                .matcher(example)
                .results()
                .map(MatchResult::group))
        .hasSizeGreaterThan(10)
        .isSubsetOf(alerts());
  }

  /** An address says nothing to the engineer who is called, and changes with each restart. */
  @Test
  void alertsNameProcessesAndNotAddresses() {
    for (Rule rule : Monitoring.rules()) {
      assertThat(rule.definition().toString()).as(rule.name()).doesNotContain("instance)");
      assertThat(rule.definition().toString()).as(rule.name()).doesNotContain("$labels.instance");
      if (rule.isAlert()) {
        // Without an aggregation an alert has all labels of its series, the address among them.
        assertThat(rule.expression()).as(rule.name()).containsAnyOf(" by (", "absent(", "sum(");
      }
    }
  }

  /** What no rule, panel or page reads is not exposed, and what they read is. */
  @Test
  void theSeriesOfKafkasClientsAreThoseThatAreRead() {
    Pattern series =
        Pattern.compile("\\bkafka_(producer|consumer|admin_client|stream)_[a-z_]+[a-z]");
    Set<String> read = new TreeSet<>();
    Stream.of(
            Monitoring.rules().stream().map(Rule::expression),
            Monitoring.queries().stream().map(Monitoring.Query::expression),
            Stream.of(Monitoring.text(Monitoring.RUNBOOK)))
        .flatMap(texts -> texts)
        .forEach(text -> series.matcher(text).results().map(MatchResult::group).forEach(read::add));
    assertThat(new TreeSet<>(KafkaSeries.names())).isEqualTo(read);
    assertThat(Monitoring.mentionedInMetricsPage()).containsAll(read);
  }

  @Test
  void linksWithinTheRunbookLead() {
    String page = Monitoring.text(Monitoring.RUNBOOK);
    Set<String> anchors =
        Pattern.compile("(?m)^#+ (.+)$")
            .matcher(page)
            .results()
            .map(
                heading ->
                    heading
                        .group(1)
                        .toLowerCase(java.util.Locale.ROOT)
                        .replaceAll("[^a-z0-9 -]", "")
                        .replace(' ', '-'))
            .collect(Collectors.toSet());
    assertThat(Pattern.compile("\\(#([^)]+)\\)").matcher(page).results().map(link -> link.group(1)))
        .isNotEmpty()
        .isSubsetOf(anchors);
  }

  /** Finds series that are not exposed, without Prometheus. PrometheusIT checks the rest. */
  @Test
  void everySeriesThatIsReadIsDocumented() {
    Map<String, String> read = new TreeMap<>();
    Set<String> recorded = new TreeSet<>();
    for (Rule rule : Monitoring.rules()) {
      Promql.seriesNames(rule.expression()).forEach(name -> read.put(name, rule.toString()));
      if (!rule.isAlert()) {
        recorded.add(rule.name());
      }
    }
    Stream.concat(Monitoring.queries().stream(), Monitoring.sideQueries().stream())
        .forEach(
            query ->
                Promql.seriesNames(Dashboards.filledIn(query.expression(), ".*"))
                    .forEach(name -> read.put(name, query.toString())));
    Set<String> documented = Monitoring.documentedMetrics().keySet();
    Set<String> mentioned = Monitoring.mentionedInMetricsPage();
    read.forEach(
        (name, where) -> {
          if (name.startsWith("penstock_")) {
            assertThat(documented)
                .as(where)
                .containsAnyOf(name, PARTS.matcher(name).replaceFirst(""));
          } else if (name.contains(":")) {
            assertThat(recorded).as(where).contains(name);
          } else {
            assertThat(mentioned).as(where).contains(name);
          }
        });
  }

  @Test
  void everyMeterIsDocumentedAndNothingElse() {
    Set<String> documented =
        Monitoring.documentedMetrics().keySet().stream()
            .map(name -> name.replaceFirst("_total$", "").replaceFirst("_(seconds|bytes)$", ""))
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> meters =
        Stream.of(Meters.values())
            .map(meter -> meter.meterName().replace('.', '_'))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(documented).isEqualTo(meters);
  }
}
