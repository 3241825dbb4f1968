package io.penstock.ingest.pipeline;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Where the store lives on disk: below a directory that belongs to one process, in one that belongs
 * to one cluster, since a store that was filled from another cluster would take new events for old
 * ones.
 *
 * <p>Without a configured directory, each process of a machine takes the first one below the
 * system's temporary directory that no living process holds: so several run beside each other, and
 * one that is started again, after a crash too, finds its store. The operating system gives a dead
 * process's lock back.
 */
final class StateDirectory implements AutoCloseable {

  private static final int MOST = 1000;

  private final Path path;
  private final @Nullable FileChannel lock;

  private StateDirectory(Path path, @Nullable FileChannel lock) {
    this.path = path;
    this.lock = lock;
  }

  /**
   * @param configured null for one of this process's own
   * @param clusterId as the brokers tell it
   * @throws IOException if it cannot be created or written
   */
  static StateDirectory take(@Nullable Path configured, String clusterId, String applicationId)
      throws IOException {
    if (configured != null) {
      return new StateDirectory(Files.createDirectories(configured.resolve(clusterId)), null);
    }
    String user = System.getProperty("user.name", "nobody").replaceAll("[^A-Za-z0-9_.-]", "_");
    Path base =
        Files.createDirectories(
            Path.of(
                System.getProperty("java.io.tmpdir"),
                "penstock-" + user,
                clusterId,
                applicationId));
    for (int i = 0; i < MOST; i++) {
      Path candidate = Files.createDirectories(base.resolve(Integer.toString(i)));
      FileChannel channel =
          FileChannel.open(
              candidate.resolve("in-use"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (isTaken(channel)) {
        return new StateDirectory(candidate, channel);
      }
      channel.close();
    }
    throw new IOException("all state directories below " + base + " are in use");
  }

  private static boolean isTaken(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  Path path() {
    return path;
  }

  @Override
  public void close() {
    if (lock != null) {
      try {
        lock.close();
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }
}
