package io.penstock.localstack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogTailTest {

  @TempDir Path directory;

  @Test
  void isTheWholeOfAShortLog() throws IOException {
    Path log = Files.writeString(directory.resolve("log"), "one\ntwo\n");

    assertThat(LogTail.of(log)).isEqualTo("one\ntwo\n");
  }

  @Test
  void isTheLastWholeLinesOfALongLog() throws IOException {
    Path log = Files.writeString(directory.resolve("log"), "a line\n".repeat(10_000) + "the end\n");

    assertThat(LogTail.of(log))
        .startsWith("a line\n")
        .endsWith("the end\n")
        .hasSizeBetween(8_000, 8_192);
  }

  @Test
  void saysWhyThereIsNone() {
    assertThat(LogTail.of(directory.resolve("absent"))).contains("FileNotFoundException");
  }
}
