package io.penstock.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A promise whose test was renamed or removed must not go on claiming it. */
class NamedTestsTest {

  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final PathMatcher TESTS =
      FileSystems.getDefault().getPathMatcher("glob:**/src/test/java/**/*{Test,IT}.java");
  private static final Pattern CODE = Pattern.compile("`([^`\\s]+)`");
  private static final Pattern TEST_CLASS = Pattern.compile("[A-Z]\\w*(Test|IT)");
  private static final Pattern TEST_METHOD = Pattern.compile("[a-z][a-z]*([A-Z][a-z]*){3,}");

  @ParameterizedTest
  @ValueSource(strings = {"guarantees.md", "testing.md"})
  void everyTestThatThePageNamesExists(String page) throws IOException {
    Map<String, String> tests = tests();
    Set<String> named = new TreeSet<>();
    Set<String> missing = new TreeSet<>();
    Matcher code = CODE.matcher(Files.readString(ROOT.resolve("docs").resolve(page)));
    while (code.find()) {
      String name = code.group(1);
      if (TEST_CLASS.matcher(name).matches()) {
        named.add(name);
        if (!tests.containsKey(name)) {
          missing.add(name);
        }
      } else if (TEST_METHOD.matcher(name).matches()
          && tests.values().stream().noneMatch(source -> source.contains("void " + name + "("))) {
        missing.add(name);
      }
    }

    assertThat(named).contains("FaultsIT");
    assertThat(missing).isEmpty();
  }

  /** The sources of all tests, by the names of their classes. */
  private static Map<String, String> tests() throws IOException {
    Map<String, String> sources = new TreeMap<>();
    try (Stream<Path> modules = Files.list(ROOT)) {
      for (Path module : modules.map(path -> path.resolve("src/test/java")).toList()) {
        if (Files.isDirectory(module)) {
          try (Stream<Path> files = Files.walk(module)) {
            for (Path file : files.filter(TESTS::matches).toList()) {
              String name = file.getFileName().toString();
              sources.put(name.substring(0, name.length() - 5), Files.readString(file));
            }
          }
        }
      }
    }
    return sources;
  }
}
