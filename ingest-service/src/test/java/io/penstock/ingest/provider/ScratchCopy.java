package io.penstock.ingest.provider;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A copy of the project to which {@code docs/adding-a-provider.md} is applied: every block of the
 * page becomes the file that the page says it is. The page's providers get other names, so that
 * nothing that the tests have of the examples can stand in for what the page does not say.
 */
final class ScratchCopy {

  static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();

  private static final String PAGES = "docs/providers/";

  /** What the page's names become. */
  private static final Map<String, String> NAMES =
      Map.of("Acme", "Zenith", "acme", "zenith", "Meshy", "Nadir", "meshy", "nadir");

  private static final Set<String> LEFT_OUT =
      Set.of("target", ".git", "node_modules", ".idea", ".vscode");

  /** A comment with an instruction, and the block below it. */
  private static final Pattern BLOCK =
      Pattern.compile("(?ms)^<!-- ([^\\n]+): (\\S+) -->\\n(`{3,})\\w*\\n(.*?)^\\3$");

  /** A row of the page's table: number, file, what happens to it. */
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| ([0-9]+) \\| `([^`]+)` \\| (.+) \\|$");

  private final Path root;
  private final String page;

  private ScratchCopy(Path root, String page) {
    this.root = root;
    this.page = page;
  }

  /**
   * Copies parts of the project.
   *
   * @param parts directories and files; all of the project if there are none
   */
  static ScratchCopy of(Path root, String... parts) throws IOException {
    for (String part : parts.length == 0 ? new String[] {""} : parts) {
      copy(PROJECT.resolve(part), root.resolve(part));
    }
    return new ScratchCopy(root, Files.readString(PROJECT.resolve("docs/adding-a-provider.md")));
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
              throws IOException {
            if (LEFT_OUT.contains(directory.getFileName().toString())) {
              return FileVisitResult.SKIP_SUBTREE;
            }
            Files.createDirectories(to.resolve(from.relativize(directory).toString()));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (attributes.isRegularFile()) {
              Path copy = to.resolve(from.relativize(file).toString());
              Files.createDirectories(copy.resolveSibling("."));
              Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** A file of the copy. */
  Path file(String path) {
    return root.resolve(path);
  }

  /** The files of the page's table, by what happens to them. */
  Map<String, String> table() {
    Map<String, String> files = new LinkedHashMap<>();
    ROW.matcher(page).results().forEach(row -> files.put(row.group(2), row.group(3)));
    return files;
  }

  private static String renamed(String text) {
    String renamed = text;
    for (Map.Entry<String, String> name : NAMES.entrySet()) {
      renamed = renamed.replace(name.getKey(), name.getValue());
    }
    return renamed;
  }

  /**
   * Applies the page's blocks.
   *
   * @return the files that were made or changed, by their paths in the copy
   */
  List<String> applyPage() throws IOException {
    List<String> applied = new ArrayList<>();
    for (MatchResult block : BLOCK.matcher(page).results().toList()) {
      String instruction = block.group(1);
      String text = renamed(block.group(4));
      if (instruction.equals("code") && block.group(2).contains("/meshy/")) {
        continue; // a second provider: see applyWholeBodyExample
      }
      String path = renamed(instruction.equals("code") ? placeOf(block.group(2)) : block.group(2));
      Path file = file(path);
      if (instruction.startsWith("before ")) {
        String marker = instruction.substring("before ".length()).replaceAll("^\"|\"$", "");
        String before = Files.readString(file);
        assertThat(before).as(path).containsOnlyOnce(marker);
        Files.writeString(file, before.replace(marker, text + marker));
      } else {
        assertThat(file).as("new by the page").doesNotExist();
        Files.createDirectories(file.resolveSibling("."));
        Files.writeString(file, text);
      }
      applied.add(path);
    }
    return applied;
  }

  /** The place that the table gives a file which is shown as it stands among the tests. */
  private String placeOf(String shown) {
    String name = "/" + Path.of(shown).getFileName();
    return table().keySet().stream()
        .filter(file -> file.endsWith(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("the table has no place for " + shown));
  }

  /** Adds the page's second provider, whose files stand among the tests, in the same way. */
  void applyWholeBodyExample() throws IOException {
    Path tests = PROJECT.resolve("ingest-service/src/test");
    String main = "ingest-service/src/main/";
    String provider = "io/penstock/ingest/provider/meshy";
    place(tests.resolve("java").resolve(provider), main + "java/" + provider);
    place(tests.resolve("resources").resolve(provider), main + "resources/" + provider);
    place(
        tests.resolve("resources/io/penstock/schemas/MeshyEvent.avsc"),
        "schemas/src/main/avro/MeshyEvent.avsc");
    Path providers = file(main + "java/io/penstock/ingest/provider/Providers.java");
    String text = Files.readString(providers);
    Files.writeString(
        providers,
        text.replace(
                "import io.penstock.ingest.provider.csm.Csm;",
                "import io.penstock.ingest.provider.csm.Csm;\n"
                    + "import io.penstock.ingest.provider.nadir.Nadir;")
            .replace("          new Echo3d()", "          new Nadir(),\n          new Echo3d()"));
    // The page for operators and its link are as the first provider's.
    String operators = Files.readString(file(PAGES + "zenith.md"));
    Files.writeString(
        file(PAGES + "nadir.md"),
        operators.replace("zenith", "nadir").replace("ZENITH", "NADIR").replace("ACME", "NADIR"));
    String readme = Files.readString(file("README.md"));
    String link = "[Zenith](" + PAGES + "zenith.md),";
    Files.writeString(
        file("README.md"), readme.replace(link, link + "\n[Nadir](" + PAGES + "nadir.md),"));
  }

  private void place(Path from, String to) throws IOException {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(from)) {
      files = walk.filter(Files::isRegularFile).toList();
    }
    for (Path file : files) {
      if (!file.getFileName().toString().endsWith("Test.java")) {
        String rest = from.equals(file) ? "" : "/" + from.relativize(file);
        Path target = file(renamed(to + rest));
        Files.createDirectories(target.resolveSibling("."));
        Files.writeString(target, renamed(Files.readString(file)));
      }
    }
  }
}
