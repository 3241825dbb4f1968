package io.penstock.localstack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The classes that a program has loaded by the end of a run, in a file that its next start maps
 * into memory: loaded, linked and with their profiles (an AOT cache, JEP 514 and 515), or only
 * parsed (a dynamic archive, JEP 350) before Java 25. Half of the processor time of a start goes
 * into loading classes. Thread-safe, also between processes.
 *
 * @param file the archive
 * @param program the jars that it was made of, and directories of such jars: an archive that is
 *     older than one of them is not used
 */
public record ClassDataArchive(Path file, List<Path> program) {

  /** Whether tests of this run make the archives that are missing. */
  private static final String PROPERTY = "penstock.class-data-archives";

  private static final boolean HAS_CACHE = Runtime.version().feature() >= 25;

  public ClassDataArchive {
    program = List.copyOf(program);
  }

  /** The options of Java by which a start uses the archive; none if it is absent or outdated. */
  public List<String> options() {
    if (!isCurrent()) {
      return List.of();
    }
    // Java would say on standard output that it optimizes less with --enable-native-access.
    return HAS_CACHE
        ? List.of("-XX:AOTCache=" + file, "-Xlog:cds*=off", "-Xlog:aot*=off")
        : List.of("-XX:SharedArchiveFile=" + file, "-Xlog:cds=off");
  }

  /** Whether the archive is there and younger than the program. */
  public boolean isCurrent() {
    try {
      if (!Files.exists(file)) {
        return false;
      }
      FileTime made = Files.getLastModifiedTime(file);
      for (Path part : program) {
        try (Stream<Path> jars = Files.walk(part, 1)) {
          for (Path jar : jars.filter(Files::isRegularFile).toList()) {
            if (Files.getLastModifiedTime(jar).compareTo(made) >= 0) {
              return false;
            }
          }
        }
      }
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Makes the archive if it is missing and this run is to make archives: with the system property
   * {@code penstock.class-data-archives}. Java cannot archive classes of a directory, so a program
   * with one keeps its slow start.
   *
   * @param run starts the program with the given options of Java, has it do what it usually does,
   *     and ends it by SIGTERM: Java writes the archive at that end
   */
  public void ensure(Consumer<List<String>> run) {
    if (!Boolean.getBoolean(PROPERTY) || isCurrent() || program.stream().anyMatch(this::isNoJar)) {
      return;
    }
    Path lockFile = file.resolveSibling(file.getFileName() + ".lock");
    Path draft = file.resolveSibling(file.getFileName() + ".draft");
    synchronized (ClassDataArchive.class) {
      try (FileChannel channel =
              FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock lock = channel.lock()) {
        if (lock.isValid() && !isCurrent()) {
          Files.deleteIfExists(draft);
          run.accept(
              List.of((HAS_CACHE ? "-XX:AOTCacheOutput=" : "-XX:ArchiveClassesAtExit=") + draft));
          if (Files.exists(draft)) {
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private boolean isNoJar(Path part) {
    try {
      if (Files.isRegularFile(part)) {
        return false;
      }
      try (Stream<Path> files = Files.list(part)) {
        return files.noneMatch(each -> each.toString().endsWith(".jar"));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
