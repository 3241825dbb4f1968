package io.penstock.ingest.provider;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What {@code docs/adding-a-provider.md} says of files is so. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // set before all tests
class AddingAProviderTest {

  private static final Path PROJECT = Path.of("..");
  private static final List<String> NUMBERS =
      List.of("Nine", "Ten", "Eleven", "Twelve", "Thirteen");

  /** A row of the table: its numbers, its files, what happens to them. */
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| ([0-9]+(?:, [0-9]+)*) \\| (.+) \\| (.+) \\|$");

  private static final Pattern FILE = Pattern.compile("`([^`]+)`");

  private String page;
  private List<MatchResult> rows;

  @BeforeAll
  void read() throws IOException {
    page = Files.readString(PROJECT.resolve("docs/adding-a-provider.md"));
    rows = ROW.matcher(page).results().toList();
  }

  private static List<String> files(MatchResult row) {
    return FILE.matcher(row.group(2)).results().map(file -> file.group(1)).toList();
  }

  @Test
  void theNumberOfFilesIsThatOfTheTable() {
    List<String> numbers =
        rows.stream().flatMap(row -> List.of(row.group(1).split(", ")).stream()).toList();
    List<String> files = rows.stream().flatMap(row -> files(row).stream()).toList();

    assertThat(files).hasSameSizeAs(numbers).doesNotHaveDuplicates();
    assertThat(numbers.getLast()).isEqualTo(Integer.toString(files.size()));
    assertThat(page).contains("**" + NUMBERS.get(files.size() - 9) + " files**");
  }

  @Test
  void whatIsNotNewIsThere() {
    List<String> old =
        rows.stream()
            .filter(row -> !row.group(3).startsWith("new"))
            .flatMap(row -> files(row).stream())
            .toList();

    assertThat(old)
        .hasSize(5)
        .allSatisfy(file -> assertThat(PROJECT.resolve(file)).isRegularFile());
  }

  /** The example's own files stand where the tests' are. */
  @Test
  void whatIsNewIsShown() {
    List<String> shown =
        Pattern.compile("<!-- code: (.+) -->")
            .matcher(page)
            .results()
            .map(code -> Path.of(code.group(1)).getFileName().toString())
            .toList();

    assertThat(shown)
        .isNotEmpty()
        .allSatisfy(
            name ->
                assertThat(rows)
                    .anySatisfy(row -> assertThat(row.group(2)).endsWith("/" + name + "`")));
  }
}
