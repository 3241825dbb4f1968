package io.penstock.localstack;

import java.nio.file.Path;
import java.util.List;

/** What all child JVMs have in common. */
final class ChildJvm {

  private ChildJvm() {}

  /**
   * The options that measured fastest to start. Temporary files, such as unpacked native libraries,
   * go to the process's own directory: a killed process does not tidy up after itself.
   */
  static List<String> options(Path directory) {
    return List.of(
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:-UsePerfData",
        "-XX:+ExitOnOutOfMemoryError",
        "-Djava.awt.headless=true",
        "-Djava.io.tmpdir=" + directory.resolve("tmp"));
  }
}
