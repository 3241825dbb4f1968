package io.penstock.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * docs/testing.md lists every test that the gate leaves to the thorough stage, with what the gate
 * has instead. With {@code -Dpenstock.docs.write} the test writes the list.
 */
class StagesTest {

  private static final List<Path> TESTS =
      List.of(Path.of("src", "test", "java"), Path.of("..", "ledger", "src", "test", "java"));
  private static final Path PAGE = Path.of("..", "docs", "testing.md");
  private static final String HEAD = "| thorough | in the gate |\n|---|---|\n";
  private static final String TEXT = "(?<why>(?:\"[^\"]*\"\\s*\\+?\\s*)+)";
  private static final Pattern THOROUGH =
      Pattern.compile(
          "@Thorough\\(\\s*" + TEXT + "\\)[^;{]*?(?:class (?<type>\\w+)|void (?<method>\\w+)\\()");

  /** The fault suite's cases, which run in the long form too. */
  private static final Pattern CASE =
      Pattern.compile(
          "void (?<method>\\w+)\\(\\)[^{]*\\{\\s*form\\.isInTheGateBy\\(\\s*" + TEXT + "\\)");

  private static final Pattern CLASS_OF_CASES =
      Pattern.compile("disabledReason =\\s*\"thorough or long; the gate has (?<why>[^\"]*)\"");

  private static final Pattern CODE =
      Pattern.compile("`(?:(?<type>[A-Z]\\w*)#?)?(?<method>[a-z]\\w*)?`");

  /**
   * What the gate leaves out.
   *
   * @param test a class, or class and method with {@code #}
   * @param instead what the gate has, in Markdown
   */
  private record Row(String test, String instead) {

    static Row of(String name, @Nullable String method, String instead) {
      return new Row(method == null ? name : name + "#" + method, instead);
    }

    String text() {
      return "| `%s` | %s |\n".formatted(test, instead);
    }

    /** The tests that {@link #instead} names: a method without a class is of the same class. */
    List<String> named() {
      return CODE.matcher(instead)
          .results()
          .map(
              code -> {
                String type =
                    code.group("type") == null ? test.replaceAll("#.*", "") : code.group("type");
                return code.group("method") == null ? type : type + "#" + code.group("method");
              })
          .toList();
    }
  }

  @Test
  void thePageListsWhatTheGateLeavesOut() throws IOException {
    String page = Files.readString(PAGE);
    int start = page.indexOf(HEAD);
    assertThat(start).as("the table's head").isPositive();
    int end = page.indexOf("\n\n", start) + 1;
    String rows = rows().stream().map(Row::text).sorted().distinct().collect(Collectors.joining());
    if (System.getProperty("penstock.docs.write") != null) {
      Files.writeString(PAGE, page.substring(0, start) + HEAD + rows + page.substring(end));
      return;
    }
    assertThat(page.substring(start, end)).isEqualTo(HEAD + rows);
  }

  /** A promise must not be left to a test that the gate leaves out too. */
  @Test
  void whatTheGateHasInsteadIsInTheGate() throws IOException {
    List<Row> rows = rows();
    Set<String> leftOut = rows.stream().map(Row::test).collect(Collectors.toSet());
    for (Row row : rows) {
      assertThat(row.named()).as(row.test()).isNotEmpty().noneMatch(leftOut::contains);
      assertThat(row.named().stream().map(name -> name.replaceAll("#.*", "")))
          .as("classes that %s is left to", row.test())
          .noneMatch(leftOut::contains);
    }
  }

  private static List<Row> rows() throws IOException {
    List<Row> rows = new ArrayList<>();
    for (Path tests : TESTS) {
      try (Stream<Path> walk = Files.walk(tests)) {
        for (Path file : walk.filter(each -> each.toString().endsWith("IT.java")).toList()) {
          rows.addAll(rows(file));
        }
      }
    }
    return rows;
  }

  private static List<Row> rows(Path file) throws IOException {
    String source = Files.readString(file);
    String name = file.getFileName().toString().replace(".java", "");
    List<Row> rows = new ArrayList<>();
    THOROUGH
        .matcher(source)
        .results()
        .forEach(tag -> rows.add(Row.of(name, tag.group("method"), text(tag.group("why")))));
    CASE.matcher(source)
        .results()
        .forEach(tag -> rows.add(Row.of(name, tag.group("method"), text(tag.group("why")))));
    CLASS_OF_CASES
        .matcher(source)
        .results()
        .forEach(tag -> rows.add(Row.of(name, null, tag.group("why"))));
    assertThat(rows)
        .as("what %s leaves out", name)
        .hasSize(
            (int)
                Pattern.compile("@Thorough\\(|\\.isInTheGateBy\\(|thorough or long; the gate has")
                    .matcher(source)
                    .results()
                    .count());
    return rows;
  }

  /** The literal's text, which may be a sum of several. */
  private static String text(String literal) {
    String text = literal.replaceAll("\"\\s*\\+\\s*\"", "").strip();
    return text.substring(1, text.length() - 1);
  }
}
