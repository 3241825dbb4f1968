package io.penstock.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the sources of the service must look like, beyond what {@link ArchitectureTest} sees. */
class SourceRulesTest {

  private static final Path MAIN = Path.of("src/main/java/io/penstock/ingest");

  private static final int MOST_LINES = 400;

  /** Classes that are above the limit still. */
  private static final Set<String> LONG = Set.of();

  /** A dead letter to be published, and one that was read again, each within its package. */
  private static final Set<String> TWICE = Set.of("DeadLetter");

  /** Packages that interpolate facts into log messages still. */
  private static final Set<String> INTERPOLATE = Set.of();

  private static final Pattern COMMENT = Pattern.compile("/\\*.*?\\*/|//[^\n]*", Pattern.DOTALL);
  private static final Pattern TEXT =
      Pattern.compile("\"\"\".*?\"\"\"|\"(?:[^\"\\\\\n]|\\\\.)*\"", Pattern.DOTALL);
  private static final Pattern TYPE =
      Pattern.compile("(?:class|record|interface|enum) ([A-Z]\\w*)(?=[^\n;]*[({<\n ])");

  /** A call of a logger, up to the end of its statement. */
  private static final Pattern LOG_CALL =
      Pattern.compile(
          "(?:\\blog(?:ger)?\\s*\\.\\s*(?:trace|debug|info|warn|error)|\\.log)\\((.*?)\\);\n",
          Pattern.DOTALL);

  private static Map<String, String> sources() {
    Map<String, String> sources = new TreeMap<>();
    try (Stream<Path> files = Files.walk(MAIN)) {
      files
          .filter(file -> file.toString().endsWith(".java"))
          .forEach(
              file -> {
                try {
                  sources.put(
                      MAIN.relativize(file).toString().replace('\\', '/'), Files.readString(file));
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assertThat(sources).containsKey("Penstock.java");
    return sources;
  }

  /** {@code sources draft} marks what its reader has to write; a provider lands without marks. */
  @Test
  void noDraftIsLeftUnfinished() throws IOException {
    Set<String> unfinished = new TreeSet<>();
    sources()
        .forEach(
            (file, text) -> {
              if (TEXT.matcher(text).replaceAll("\"\"").contains("TODO")) {
                unfinished.add(file);
              }
            });
    try (Stream<Path> schemas = Files.list(Path.of("..", "schemas", "src", "main", "avro"))) {
      for (Path schema : schemas.toList()) {
        if (Files.readString(schema).contains("TODO")) {
          unfinished.add(schema.getFileName().toString());
        }
      }
    }
    assertThat(unfinished).isEmpty();
  }

  @Test
  void noClassIsTooLongToBeRead() {
    Set<String> tooLong = new TreeSet<>();
    sources()
        .forEach(
            (file, text) -> {
              if (text.lines().count() > MOST_LINES) {
                tooLong.add(file);
              }
            });
    assertThat(tooLong).as("above %d lines", MOST_LINES).isSubsetOf(LONG);
  }

  /** A nested type may share its name with other nested ones: they are read with their owner's. */
  @Test
  void theNameOfATopLevelTypeIsThatOfNoOtherType() {
    Map<String, List<String>> types = new TreeMap<>();
    Set<String> topLevel = new TreeSet<>();
    sources()
        .forEach(
            (file, text) -> {
              String own = file.substring(file.lastIndexOf('/') + 1).replace(".java", "");
              topLevel.add(own);
              String code = TEXT.matcher(COMMENT.matcher(text).replaceAll("")).replaceAll("\"\"");
              Matcher type = TYPE.matcher(code);
              while (type.find()) {
                types.computeIfAbsent(type.group(1), name -> new ArrayList<>()).add(file);
              }
            });
    types.keySet().retainAll(topLevel);
    types.values().removeIf(files -> files.size() == 1);
    assertThat(types.keySet()).as("%s", types).isSubsetOf(TWICE);
  }

  @Test
  void factsOfALogLineAreFieldsAndNotPartsOfItsMessage() {
    List<String> found = new ArrayList<>();
    sources()
        .forEach(
            (file, text) -> {
              Matcher call = LOG_CALL.matcher(text);
              while (call.find()) {
                if (call.group(1).contains("{}")
                    && INTERPOLATE.stream().noneMatch(name -> file.startsWith(name + "/"))) {
                  found.add(file + ": " + call.group());
                }
              }
            });
    assertThat(found).isEmpty();
  }
}
