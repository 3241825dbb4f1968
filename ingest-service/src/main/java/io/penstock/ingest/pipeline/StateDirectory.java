package io.penstock.ingest.pipeline;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
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
  private static final String LOCK = "in-use";
  private static final String INSTANCE_ID = "instance-id";

  private final Path path;
  private final FileChannel lock;
  private final String instanceId;

  private StateDirectory(Path path, FileChannel lock) throws IOException {
    this.path = path;
    this.lock = lock;
    this.instanceId = instanceId(path);
  }

  /**
   * Takes a directory that no other process has.
   *
   * @param configured null for one of this process's own
   * @param clusterId as the brokers tell it
   * @throws IOException if it cannot be created or written, or is in use
   */
  static StateDirectory take(@Nullable Path configured, String clusterId, String applicationId)
      throws IOException {
    if (configured != null) {
      Path directory = Files.createDirectories(configured.resolve(clusterId));
      FileChannel lock = lock(directory);
      if (lock == null) {
        throw new IOException(directory + " is in use by another process");
      }
      return new StateDirectory(directory, lock);
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
      FileChannel lock = lock(candidate);
      if (lock != null) {
        return new StateDirectory(candidate, lock);
      }
    }
    throw new IOException("all state directories below " + base + " are in use");
  }

  /** The open channel that holds the directory's lock; null if somebody else does. */
  private static @Nullable FileChannel lock(Path directory) throws IOException {
    FileChannel channel =
        FileChannel.open(
            directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() != null) {
        return channel;
      }
    } catch (OverlappingFileLockException e) {
      // Held by this very process.
    }
    channel.close();
    return null;
  }

  private static String instanceId(Path directory) throws IOException {
    Path file = directory.resolve(INSTANCE_ID);
    if (!Files.exists(file)) {
      Path written = directory.resolve(INSTANCE_ID + ".new");
      Files.writeString(written, UUID.randomUUID().toString());
      Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
    }
    return Files.readString(file).strip();
  }

  Path path() {
    return path;
  }

  /**
   * What the store's owner is called in its group. It stays with the store: an instance that is
   * started again takes its own partitions back at once, without waiting for its former life's
   * session to run out.
   */
  String instanceId() {
    return instanceId;
  }

  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
