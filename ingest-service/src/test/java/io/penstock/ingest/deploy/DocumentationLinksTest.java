package io.penstock.ingest.deploy;

import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every relative link of the documentation leads to a file, and every anchor to a heading. */
class DocumentationLinksTest {

  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
  private static final Pattern CODE_BLOCK = Pattern.compile("(?ms)^ *```.*?^ *```$");
  private static final Pattern CODE = Pattern.compile("`[^`\\n]*`");
  private static final Pattern HEADING = Pattern.compile("(?m)^#+ +(.+)$");
  private static final Pattern ELSEWHERE = Pattern.compile("[a-z]+:.*");

  /** A page that a source file names in a comment, a message or a URL. */
  private static final Pattern NAMED = Pattern.compile("\\bdocs/[a-z0-9/-]+\\.md(#[a-z0-9-]+)?");

  private static final Set<String> NOT_OURS =
      Set.of("target", ".git", "node_modules", "node", ".mvn");

  static List<Path> pages() throws IOException {
    return files(".md");
  }

  private static List<Path> files(String... endings) throws IOException {
    try (Stream<Path> files = Files.walk(Repository.ROOT)) {
      return files
          .filter(file -> Stream.of(endings).anyMatch(file.toString()::endsWith))
          .filter(DocumentationLinksTest::isOurs)
          .sorted()
          .toList();
    }
  }

  private static boolean isOurs(Path file) {
    for (Path part : Repository.ROOT.relativize(file)) {
      if (NOT_OURS.contains(part.toString())) {
        return false;
      }
    }
    return Files.isRegularFile(file);
  }

  /** The anchors of a page's headings, as GitHub makes them. */
  private static Set<String> anchors(Path page) throws IOException {
    Set<String> anchors = new HashSet<>();
    Map<String, Integer> times = new HashMap<>();
    String text = CODE_BLOCK.matcher(Files.readString(page)).replaceAll("");
    for (MatchResult heading : HEADING.matcher(text).results().toList()) {
      String anchor =
          heading
              .group(1)
              .replaceAll("\\[([^]]*)]\\([^)]*\\)", "$1")
              .toLowerCase(Locale.ROOT)
              .replaceAll("[^\\p{L}\\p{N}_ -]", "")
              .strip()
              .replace(' ', '-');
      int time = times.merge(anchor, 1, Integer::sum);
      anchors.add(time == 1 ? anchor : anchor + "-" + (time - 1));
    }
    return anchors;
  }

  /** What is wrong with a link; empty where it leads to a file and, if it has one, an anchor. */
  private static String problem(Path page, String link) throws IOException {
    int hash = link.indexOf('#');
    String path = hash < 0 ? link : link.substring(0, hash);
    Path target =
        path.isEmpty()
            ? page
            : page.resolveSibling(path).normalize(); // relative to the page, as browsers resolve it
    if (!Files.exists(target)) {
      return link + ": there is no such file";
    }
    if (hash >= 0 && !anchors(target).contains(link.substring(hash + 1))) {
      return link + ": the page has no such heading";
    }
    return "";
  }

  @ParameterizedTest
  @MethodSource("pages")
  void everyLinkLeads(Path page) throws IOException {
    String text = CODE_BLOCK.matcher(Files.readString(page)).replaceAll("");
    Set<String> problems = new TreeSet<>();
    for (MatchResult link : LINK.matcher(CODE.matcher(text).replaceAll("")).results().toList()) {
      if (!ELSEWHERE.matcher(link.group(1)).matches()) {
        problems.add(problem(page, link.group(1)));
      }
    }
    problems.remove("");
    assertThat(problems).isEmpty();
  }

  @Test
  void everyPageThatASourceFileNamesExists() throws IOException {
    Path root = Repository.ROOT.resolve("README.md");
    Set<String> problems = new TreeSet<>();
    for (Path file : files(".java", ".yaml", ".yml", ".json", ".xml", "Dockerfile")) {
      for (MatchResult name : NAMED.matcher(Files.readString(file)).results().toList()) {
        String problem = problem(root, name.group());
        if (!problem.isEmpty()) {
          problems.add(Repository.ROOT.relativize(file) + ": " + problem);
        }
      }
    }
    assertThat(problems).isEmpty();
  }

  @Test
  void theReadmeLeadsToEveryPage() throws IOException {
    Set<Path> reached = new HashSet<>();
    follow(Repository.ROOT.resolve("README.md"), reached);
    Set<Path> docs =
        pages().stream()
            .filter(page -> page.startsWith(Repository.ROOT.resolve("docs")))
            .collect(toCollection(TreeSet::new));
    assertThat(reached).containsAll(docs);
  }

  private static void follow(Path page, Set<Path> reached) throws IOException {
    if (!reached.add(page)) {
      return;
    }
    for (MatchResult link : LINK.matcher(Files.readString(page)).results().toList()) {
      Path target = page.resolveSibling(link.group(1).replaceFirst("#.*", "")).normalize();
      if (target.toString().endsWith(".md") && Files.isRegularFile(target)) {
        follow(target, reached);
      }
    }
  }
}
