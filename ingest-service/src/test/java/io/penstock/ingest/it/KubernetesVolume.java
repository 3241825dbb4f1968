package io.penstock.ingest.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A directory as Kubernetes mounts a Secret: each file is a symbolic link to {@code ..data/FILE},
 * {@code ..data} one to a directory named after a time. Replaced as the kubelet's {@code
 * AtomicWriter} does it: a new directory, {@code ..data_tmp} that leads to it, renamed to {@code
 * ..data}, and the old directory deleted.
 */
final class KubernetesVolume {

  private final Path directory;
  private int generation;

  KubernetesVolume(Path directory) {
    this.directory = directory;
  }

  Path file(String name) {
    return directory.resolve(name);
  }

  /** Replaces all files at once. */
  void replace(Map<String, String> contents) {
    try {
      Path data = directory.resolve("..data");
      Path old = Files.exists(data) ? data.toRealPath() : null;
      generation++;
      Path fresh =
          Files.createDirectory(
              directory.resolve("..2026_11_21_12_00_0" + generation + ".1234567"));
      for (Map.Entry<String, String> file : contents.entrySet()) {
        Files.writeString(fresh.resolve(file.getKey()), file.getValue());
      }
      Path next = Files.createSymbolicLink(directory.resolve("..data_tmp"), fresh.getFileName());
      Files.move(next, data, StandardCopyOption.ATOMIC_MOVE);
      for (String name : contents.keySet()) {
        if (!Files.exists(file(name))) {
          Files.createSymbolicLink(file(name), Path.of("..data", name));
        }
      }
      delete(old);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(@Nullable Path old) throws IOException {
    if (old == null) {
      return;
    }
    List<Path> files;
    try (Stream<Path> all = Files.list(old)) {
      files = all.toList();
    }
    for (Path file : files) {
      Files.delete(file);
    }
    Files.delete(old);
  }
}
