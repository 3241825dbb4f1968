package io.penstock.localstack;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The directory of one stack, locked while the stack uses it. */
final class StackDirectory implements AutoCloseable {

  private final Path path;
  private final boolean temporary;
  private final FileChannel lock;

  private StackDirectory(Path path, boolean temporary, FileChannel lock) {
    this.path = path;
    this.temporary = temporary;
    this.lock = lock;
  }

  static StackDirectory temporary() throws IOException {
    return lock(Files.createTempDirectory("penstock-local-stack-").toRealPath(), true);
  }

  static StackDirectory open(Path path) throws IOException {
    return lock(Files.createDirectories(path).toRealPath(), false);
  }

  private static StackDirectory lock(Path path, boolean temporary) throws IOException {
    FileChannel channel =
        FileChannel.open(path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() != null) {
        return new StackDirectory(path, temporary, channel);
      }
    } catch (OverlappingFileLockException usedByThisProcess) {
      // As if another process had it.
    } catch (IOException | RuntimeException | Error e) {
      channel.close();
      throw e;
    }
    channel.close();
    throw new IllegalStateException("Another stack uses " + path);
  }

  Path path() {
    return path;
  }

  boolean isTemporary() {
    return temporary;
  }

  Path file(String name) {
    return path.resolve(name);
  }

  /** A directory for one process, made if absent, with room for its temporary files. */
  Path forProcess(String name) throws IOException {
    Path directory = path.resolve(name);
    Files.createDirectories(directory.resolve("tmp"));
    return directory;
  }

  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      throw new LocalStackException("Cannot unlock " + path, e);
    }
  }
}
