package io.penstock.ingest.pipeline;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

  private static final Logger log = LoggerFactory.getLogger(StateDirectory.class);

  private static final int MOST = 1000;

  /**
   * What this process holds: an attempt to lock such a file once more would not only fail, but give
   * the lock back, which belongs to the process and not to the channel.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private static final String LOCK = "in-use";
  private static final String INSTANCE_ID = "instance-id";
  private static final String RETENTION = "store-retention-ms";

  private final Path path;
  private final FileChannel lock;
  private final String instanceId;

  private StateDirectory(Path path, FileChannel lock) throws IOException {
    this.path = path;
    this.lock = lock;
    this.instanceId = instanceId(path);
  }

  private static StateDirectory of(
      Path path, FileChannel lock, String applicationId, Duration retention) throws IOException {
    StateDirectory directory = new StateDirectory(path, lock);
    try {
      directory.dropStoreOfAnother(applicationId, retention);
      return directory;
    } catch (IOException | RuntimeException e) {
      directory.close();
      throw e;
    }
  }

  /**
   * A store's files are named after multiples of half its retention: with another retention, Kafka
   * Streams would look for other names, find none, and take the store for one that has seen
   * nothing. So the files go, and the store is filled from its changelog, which keeps everything.
   */
  private void dropStoreOfAnother(String applicationId, Duration retention) throws IOException {
    Path written = path.resolve(RETENTION);
    Path store = path.resolve(applicationId);
    String wanted = Long.toString(retention.toMillis());
    String found = Files.exists(written) ? Files.readString(written).strip() : "";
    if (found.equals(wanted)) {
      return;
    }
    if (Files.exists(store)) {
      log.info(
          "The store is filled anew from its changelog, since deduplication.window has changed");
      List<Path> files;
      try (Stream<Path> all = Files.walk(store)) {
        files = all.sorted(Comparator.reverseOrder()).toList();
      }
      for (Path file : files) {
        Files.delete(file);
      }
    }
    Path next = path.resolve(RETENTION + ".new");
    Files.writeString(next, wanted);
    Files.move(next, written, StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * Takes a directory that no other process has.
   *
   * @param configured null for one of this process's own
   * @param clusterId as the brokers tell it
   * @param retention the store's; one that was made with another is removed
   * @throws IOException if it cannot be created or written, or is in use
   */
  static StateDirectory take(
      @Nullable Path configured, String clusterId, String applicationId, Duration retention)
      throws IOException {
    if (configured != null) {
      Path directory = Files.createDirectories(configured.resolve(clusterId));
      FileChannel lock = lock(directory);
      if (lock == null) {
        throw new IOException(directory + " is in use by another process");
      }
      return of(directory, lock, applicationId, retention);
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
        return of(candidate, lock, applicationId, retention);
      }
    }
    throw new IOException("all state directories below " + base + " are in use");
  }

  /** The open channel that holds the directory's lock; null if another process does. */
  private static @Nullable FileChannel lock(Path directory) throws IOException {
    Path held = directory.toRealPath();
    if (!HELD.add(held)) {
      return null;
    }
    FileChannel channel = null;
    try {
      channel =
          FileChannel.open(
              directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (channel.tryLock() != null) {
        FileChannel locked = channel;
        channel = null;
        return locked;
      }
      HELD.remove(held);
      return null;
    } catch (IOException e) {
      HELD.remove(held);
      throw e;
    } finally {
      if (channel != null) {
        channel.close();
      }
    }
  }

  private static String instanceId(Path directory) throws IOException {
    Path file = directory.resolve(INSTANCE_ID);
    // An empty one is what a power cut may leave of it.
    if (!Files.exists(file) || Files.readString(file).isBlank()) {
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
      HELD.remove(path.toRealPath());
      lock.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
