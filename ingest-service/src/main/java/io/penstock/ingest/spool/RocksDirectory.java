package io.penstock.ingest.spool;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The spool's place on disk, held by one process at a time: {@code db} with the deliveries, {@code
 * owner} with the topics' prefix that they are for, {@code reserve}, which is given up when the
 * disk is full so that the deliveries can still be read and removed, and {@code broken-…}, what was
 * found broken and is kept for its operator.
 */
final class RocksDirectory implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(RocksDirectory.class);

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  /**
   * What this process holds: a second attempt to lock such a file would not only fail, but give the
   * lock back, which belongs to the process and not to the channel.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path path;
  private final FileChannel lock;
  private final InstantSource clock;

  private RocksDirectory(Path path, FileChannel lock, InstantSource clock) {
    this.path = path;
    this.lock = lock;
    this.clock = clock;
  }

  /**
   * Takes the directory, and makes it if need be, readable for its owner alone.
   *
   * @param prefix of the topics that its deliveries are for
   * @throws IOException with a message for the operator
   */
  static RocksDirectory take(Path configured, String prefix, InstantSource clock)
      throws IOException {
    Path path;
    FileChannel lock;
    try {
      Files.createDirectories(
          configured,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      path = configured.toRealPath();
      lock = lock(path);
    } catch (AccessDeniedException e) {
      throw new IOException("the directory cannot be written: " + configured, e);
    } catch (FileSystemException e) {
      throw new IOException("the directory cannot be used: " + e.getMessage(), e);
    }
    if (lock == null) {
      throw new IOException("the directory is in use by another process: " + configured);
    }
    RocksDirectory directory = new RocksDirectory(path, lock, clock);
    try {
      directory.claim(prefix);
      return directory;
    } catch (IOException | RuntimeException e) {
      directory.close();
      throw e;
    }
  }

  private static @Nullable FileChannel lock(Path path) throws IOException {
    if (!HELD.add(path)) {
      return null;
    }
    FileChannel channel = null;
    try {
      channel =
          FileChannel.open(
              path.resolve("in-use"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (channel.tryLock() != null) {
        FileChannel locked = channel;
        channel = null;
        return locked;
      }
      HELD.remove(path);
      return null;
    } catch (IOException | OverlappingFileLockException e) {
      HELD.remove(path);
      throw e;
    } finally {
      if (channel != null) {
        channel.close();
      }
    }
  }

  /** Deliveries that were acknowledged for other topics must not end in these. */
  private void claim(String prefix) throws IOException {
    Path owner = path.resolve("owner");
    String claim = "topics.prefix=" + prefix;
    if (Files.exists(owner)) {
      List<String> found = new String(Files.readAllBytes(owner), UTF_8).lines().toList();
      boolean intact = found.size() == 2 && found.get(1).equals(checksum(found.get(0)));
      if (intact && found.get(0).equals(claim)) {
        return;
      }
      if (intact) {
        throw new IOException(
            "the directory holds deliveries of "
                + found.get(0)
                + ", and this instance has "
                + claim
                + ": give each its own directory");
      }
      log.error("The file that says whose the spool is was damaged; it is written anew");
    }
    Path written = path.resolve("owner.new");
    Files.writeString(written, claim + "\n" + checksum(claim) + "\n");
    Files.move(written, owner, StandardCopyOption.ATOMIC_MOVE);
  }

  private static String checksum(String text) {
    CRC32C checksum = new CRC32C();
    checksum.update(text.getBytes(UTF_8));
    return "checksum=" + HexFormat.of().toHexDigits((int) checksum.getValue());
  }

  Path db() {
    return path.resolve("db");
  }

  Path path() {
    return path;
  }

  // What is broken is kept.

  /** A name that is free, which says what is there. */
  Path nameForBroken() {
    String name = "broken-" + TIME.format(clock.instant());
    Path free = path.resolve(name);
    for (int i = 2; Files.exists(free); i++) {
      free = path.resolve(name + "-" + i);
    }
    return free;
  }

  /**
   * Gives every file of the database a second name, so that its bytes outlive what opening does to
   * them. Costs no space.
   *
   * @return where; null if the file system cannot do that
   */
  @Nullable Path linkAside() throws IOException {
    Path links = path.resolve("opening");
    delete(links);
    Files.createDirectory(links);
    try {
      for (Path file : files(db())) {
        Files.createLink(links.resolve(file.getFileName().toString()), file);
      }
      return links;
    } catch (UnsupportedOperationException | FileSystemException e) {
      delete(links);
      return null;
    }
  }

  static List<Path> files(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    List<Path> all = new ArrayList<>();
    try (Stream<Path> tree = Files.walk(directory)) {
      tree.forEach(all::add);
    }
    all.sort(Comparator.reverseOrder());
    for (Path file : all) {
      Files.deleteIfExists(file);
    }
  }

  /** How many bytes the database and the reserve take on disk now. */
  long size() {
    long size = size(reserve());
    try {
      for (Path file : files(db())) {
        size += size(file);
      }
    } catch (IOException unreadable) {
      return size;
    }
    return size;
  }

  /** RocksDB removes files on threads of its own. */
  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException gone) {
      return 0;
    }
  }

  // The reserve.

  private Path reserve() {
    return path.resolve("reserve");
  }

  /** Whether the reserve is there, in its full size. */
  boolean hasReserve(long bytes) {
    try {
      return Files.size(reserve()) >= bytes;
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Takes space for the reserve, really: written, not only declared.
   *
   * @throws IOException if the disk has not that much; then nothing is taken
   */
  void makeReserve(long bytes) throws IOException {
    if (hasReserve(bytes)) {
      return;
    }
    try (FileChannel file =
        FileChannel.open(
            reserve(),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      ByteBuffer zeros = ByteBuffer.allocate(64 * 1024);
      for (long written = 0; written < bytes; ) {
        zeros.clear().limit((int) Math.min(zeros.capacity(), bytes - written));
        written += file.write(zeros);
      }
      file.force(true);
    } catch (IOException e) {
      giveReserve();
      throw e;
    }
  }

  void giveReserve() throws IOException {
    Files.deleteIfExists(reserve());
  }

  @Override
  public void close() {
    HELD.remove(path);
    try {
      lock.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
