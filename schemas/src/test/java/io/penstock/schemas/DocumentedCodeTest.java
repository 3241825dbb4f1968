package io.penstock.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Code in the documentation is the code that is compiled and tested: a block below {@code <!--
 * code: path -->} is that file of the project.
 */
class DocumentedCodeTest {

  private static final Path DOCS = Contract.PROJECT.resolve("docs");

  private static final Pattern BLOCK =
      Pattern.compile("(?ms)^<!-- code: (\\S+) -->\\n```(\\w*)\\n.*?^```$");

  static List<Path> pages() throws IOException {
    try (Stream<Path> files = Files.walk(DOCS)) {
      return files
          .filter(file -> file.toString().endsWith(".md"))
          .filter(file -> !file.toString().contains("node_modules"))
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void everyBlockIsItsFile(Path page) throws IOException {
    Committed.check(page, withCode(Files.readString(page)));
  }

  @Test
  void thereAreBlocks() throws IOException {
    assertThat(Files.readString(DOCS.resolve("consumers/java.md"))).containsPattern(BLOCK);
    assertThat(Files.readString(DOCS.resolve("consumers/node.md"))).containsPattern(BLOCK);
  }

  private static String withCode(String page) throws IOException {
    Matcher block = BLOCK.matcher(page);
    StringBuilder result = new StringBuilder();
    while (block.find()) {
      String code = Files.readString(Contract.PROJECT.resolve(block.group(1)));
      String text =
          "<!-- code: %s -->\n```%s\n%s```".formatted(block.group(1), block.group(2), code);
      block.appendReplacement(result, Matcher.quoteReplacement(text));
    }
    return block.appendTail(result).toString();
  }
}
