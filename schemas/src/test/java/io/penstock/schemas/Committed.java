package io.penstock.schemas;

import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A file of the tree that is made of something else: compared with what it should be, or, with
 * {@code -Dpenstock.docs.write}, written.
 */
final class Committed {

  /** What to do when a file is out of date. */
  static final String COMMAND = "mvn test -pl schemas -Dpenstock.docs.write";

  private static final boolean WRITE = System.getProperty("penstock.docs.write") != null;

  private Committed() {}

  /** Fails, with the first line that differs, if the file does not hold this text. */
  static void check(Path file, String expected) {
    try {
      if (WRITE) {
        Files.createDirectories(file.resolveSibling("."));
        Files.writeString(file, expected);
        return;
      }
      String actual = Files.exists(file) ? Files.readString(file) : "";
      if (!actual.equals(expected)) {
        fail(
            "%s is made of other files, and is not what they give now.\n%s\nRun: %s",
            Contract.PROJECT.relativize(file), difference(actual, expected), COMMAND);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String difference(String actual, String expected) {
    List<String> is = actual.lines().toList();
    List<String> shouldBe = expected.lines().toList();
    int line = 0;
    while (line < Math.min(is.size(), shouldBe.size()) && is.get(line).equals(shouldBe.get(line))) {
      line++;
    }
    return "Line %d is:        %s\nand should be: %s"
        .formatted(line + 1, line(is, line), line(shouldBe, line));
  }

  private static String line(List<String> lines, int index) {
    return index < lines.size() ? lines.get(index) : "(the end)";
  }
}
