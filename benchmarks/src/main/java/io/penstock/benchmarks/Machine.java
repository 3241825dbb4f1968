package io.penstock.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** What must stand beside every figure: the machine, the Java, the date, the commit. */
final class Machine {

  private Machine() {}

  /** One line of text. */
  static String describe(Path root, Instant now) throws IOException {
    return "%d processors, %d MiB of memory, Linux %s, %s %s; %s, commit %s"
        .formatted(
            Runtime.getRuntime().availableProcessors(),
            memoryMebibytes(),
            System.getProperty("os.version"),
            System.getProperty("java.vm.name"),
            Runtime.version(),
            now.truncatedTo(ChronoUnit.MINUTES),
            commit(root));
  }

  private static long memoryMebibytes() throws IOException {
    return Files.readAllLines(Path.of("/proc/meminfo")).stream()
            .filter(line -> line.startsWith("MemTotal:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
            .findFirst()
            .orElse(0)
        / 1024;
  }

  private static String commit(Path root) {
    try {
      Process git =
          new ProcessBuilder("git", "-C", root.toString(), "describe", "--always", "--dirty")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      try (BufferedReader out = git.inputReader(UTF_8)) {
        String line = out.readLine();
        return line == null ? "unknown" : line;
      }
    } catch (IOException e) {
      return "unknown"; // without git
    }
  }
}
