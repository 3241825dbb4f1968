package io.penstock.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * docs/testing.md lists every test that the gate leaves to the thorough stage, with what the gate
 * has instead. With {@code -Dpenstock.docs.write} the test writes the list.
 */
class StagesTest {

  private static final Path TESTS = Path.of("src", "test", "java");
  private static final Path PAGE = Path.of("..", "docs", "testing.md");
  private static final String HEAD = "| thorough | in the gate |\n|---|---|\n";
  private static final Pattern THOROUGH =
      Pattern.compile(
          "@Thorough\\(\\s*(?<why>(?:\"[^\"]*\"\\s*\\+?\\s*)+)\\)"
              + "[^;{]*?(?:class (?<type>\\w+)|void (?<method>\\w+)\\()");

  @Test
  void thePageListsWhatTheGateLeavesOut() throws IOException {
    String page = Files.readString(PAGE);
    int start = page.indexOf(HEAD);
    assertThat(start).as("the table's head").isPositive();
    int end = page.indexOf("\n\n", start) + 1;
    String rows = rows();
    if (System.getProperty("penstock.docs.write") != null) {
      Files.writeString(PAGE, page.substring(0, start) + HEAD + rows + page.substring(end));
      return;
    }
    assertThat(page.substring(start, end)).isEqualTo(HEAD + rows);
  }

  private static String rows() throws IOException {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(TESTS)) {
      files = walk.filter(file -> file.toString().endsWith("IT.java")).sorted().toList();
    }
    List<String> rows = new ArrayList<>();
    for (Path file : files) {
      String source = Files.readString(file);
      String name = file.getFileName().toString().replace(".java", "");
      Matcher tag = THOROUGH.matcher(source);
      while (tag.find()) {
        String why = tag.group("why").replaceAll("\"\\s*\\+\\s*\"", "").strip();
        String test = tag.group("type") == null ? name + "#" + tag.group("method") : name;
        rows.add("| `%s` | %s |\n".formatted(test, why.substring(1, why.length() - 1)));
      }
      assertThat(rows.stream().filter(row -> row.startsWith("| `" + name)).count())
          .as("annotations of %s", name)
          .isEqualTo(Pattern.compile("@Thorough\\(").matcher(source).results().count());
    }
    return String.join("", new TreeSet<>(rows));
  }
}
