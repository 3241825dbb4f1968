package io.penstock.ingest.spool;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.SecureRandom;
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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The spool's place on disk, held by one process at a time: {@code log} with a directory for each
 * lane, {@code aside} with what the landing log does not take, {@code positions}, {@code owner}
 * with the topics' prefix, {@code format} with the version and the salt of the checksums, and
 * {@code broken-…}, damaged files that are kept for the operator.
 */
final class SpoolDirectory implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(SpoolDirectory.class);

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
  private static final String VERSION = "format=" + Frames.VERSION;
  private static final String SALT = "salt=";

  /**
   * What this process holds. The lock of a file belongs to the process: closing a second channel
   * would release it.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path path;
  private final FileChannel lock;
  private final InstantSource clock;
  private final Disk disk;
  private long salt;
  private @Nullable Path broken;

  private SpoolDirectory(Path path, FileChannel lock, InstantSource clock, Disk disk) {
    this.path = path;
    this.lock = lock;
    this.clock = clock;
    this.disk = disk;
  }

  /**
   * Takes the directory, creates it if it is missing, and takes the rights to what is in it from
   * all users but its owner.
   *
   * @param prefix of the topics that its values are for
   * @throws IOException with a message for the operator
   */
  static SpoolDirectory take(Path configured, String prefix, InstantSource clock, Disk disk)
      throws IOException {
    Path path;
    FileChannel lock;
    try {
      create(configured.toAbsolutePath(), disk);
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
    SpoolDirectory directory = new SpoolDirectory(path, lock, clock, disk);
    try {
      directory.restrict();
      directory.claim(prefix);
      directory.salt = directory.readOrWriteFormat();
      return directory;
    } catch (IOException | RuntimeException e) {
      directory.close();
      throw e;
    }
  }

  /** With its parents. The name of each that was missing is synced. */
  private static void create(Path path, Disk disk) throws IOException {
    Path parent = path.getParent();
    if (!Files.isDirectory(path) && parent != null) {
      create(parent, disk);
      disk.createDirectory(path);
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

  /**
   * Bodies are in these files. A directory that belongs to another user, as the root of a mounted
   * volume does, stays as it is: everything in it is in directories of this process's user.
   */
  private void restrict() throws IOException {
    for (Path entry : list(path)) {
      Files.walkFileTree(
          entry,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path found, BasicFileAttributes attributes) {
              return restrict(found) ? FileVisitResult.CONTINUE : FileVisitResult.SKIP_SUBTREE;
            }

            @Override
            public FileVisitResult visitFile(Path found, BasicFileAttributes attributes) {
              restrict(found);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path found, IOException e) {
              return FileVisitResult.CONTINUE;
            }
          });
    }
    restrict(path);
  }

  private static boolean restrict(Path found) {
    try {
      Disk.restrict(found);
      return true;
    } catch (IOException e) {
      log.atInfo()
          .addKeyValue("path", found)
          .addKeyValue("cause", e.toString())
          .log("The rights to a path of the spool's directory are left as they are");
      return false;
    }
  }

  /** Deliveries that were acknowledged for other topics must not end in these. */
  private void claim(String prefix) throws IOException {
    Path owner = path.resolve("owner");
    String claim = "topics.prefix=" + prefix;
    List<String> found = lines(owner);
    if (found != null && found.size() == 1) {
      if (found.get(0).equals(claim)) {
        return;
      }
      throw new IOException(
          "the directory holds deliveries of "
              + found.get(0)
              + ", and this instance has "
              + claim
              + ": give each its own directory");
    }
    if (Files.exists(owner)) {
      log.error("The file that names the topics of the spool was damaged and is written again");
    }
    writeLines(owner, claim);
  }

  private long readOrWriteFormat() throws IOException {
    Path format = path.resolve("format");
    List<String> found = lines(format);
    if (found != null && !found.isEmpty() && !found.get(0).equals(VERSION)) {
      throw new IOException(
          "the directory was written by another version of the service ("
              + found.get(0)
              + ", and this version reads "
              + VERSION
              + "): start the version that wrote it, and let it drain the spool");
    }
    if (found != null && found.size() == 2) {
      return HexFormat.fromHexDigitsToLong(found.get(1).substring(SALT.length()));
    }
    if (Files.exists(format)) {
      log.error("The file with the format of the spool was damaged and is written again");
    }
    long chosen = saltOfSegments();
    writeLines(format, VERSION + "\n" + SALT + HexFormat.of().toHexDigits(chosen));
    return chosen;
  }

  private long saltOfSegments() throws IOException {
    for (Path lane : list(segments())) {
      for (Path file : list(lane)) {
        try {
          Long found = Segment.isSegment(file) ? Frames.saltOf(file) : null;
          if (found != null) {
            return found;
          }
        } catch (Frames.UnknownVersionException e) {
          throw new IOException("the directory was " + e.getMessage(), e);
        }
      }
    }
    return new SecureRandom().nextLong();
  }

  /** The lines of a file with a checksum; null if it is missing or damaged. */
  private static @Nullable List<String> lines(Path file) throws IOException {
    try {
      List<String> lines = new String(Files.readAllBytes(file), UTF_8).lines().toList();
      List<String> content = lines.subList(0, Math.max(0, lines.size() - 1));
      boolean intact =
          !lines.isEmpty()
              && lines.getLast().equals(Positions.checksum(String.join("\n", content)));
      return intact ? content : null;
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  private void writeLines(Path file, String text) throws IOException {
    disk.replace(file, (text + "\n" + Positions.checksum(text) + "\n").getBytes(US_ASCII), true);
  }

  // What is in it.

  Path path() {
    return path;
  }

  Path segments() {
    return path.resolve("log");
  }

  Path aside() {
    return path.resolve("aside");
  }

  Path positions() {
    return path.resolve("positions");
  }

  static Path lane(Path directory, int lane) {
    return directory.resolve("%05d".formatted(lane));
  }

  /** With what the checksums of new segments begin. */
  long salt() {
    return salt;
  }

  /** What is in a directory, in the order of the names; nothing if there is no directory. */
  static List<Path> list(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.sorted().toList();
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** Keeps the bytes of a file for the operator, whatever becomes of the file. */
  void keep(Path file) throws IOException {
    Path kept = broken();
    Path lane = Disk.parent(file);
    String name = lane.getFileName() + "-" + file.getFileName();
    Path as = kept.resolve(name);
    for (int i = 2; Files.exists(as); i++) {
      if (Files.isSameFile(as, file) || Files.mismatch(as, file) < 0) {
        return; // more of it is damaged
      }
      as = kept.resolve(name + "-" + i); // it was replaced since
    }
    disk.link(file, as);
    disk.forceDirectory(kept);
  }

  /** The directory with what was kept since the start; null if nothing was. */
  @Nullable Path kept() {
    return broken;
  }

  private Path broken() throws IOException {
    Path made = broken;
    if (made == null) {
      String name = "broken-" + TIME.format(clock.instant());
      made = path.resolve(name);
      for (int i = 2; Files.exists(made); i++) {
        made = path.resolve(name + "-" + i);
      }
      disk.createDirectory(made);
      broken = made;
    }
    return made;
  }

  /** Deletes a directory with everything in it. */
  static void delete(Path directory) throws IOException {
    List<Path> all = new ArrayList<>();
    try (Stream<Path> tree = Files.walk(directory)) {
      tree.forEach(all::add);
    } catch (NoSuchFileException e) {
      return;
    }
    all.sort(Comparator.reverseOrder());
    for (Path file : all) {
      Files.deleteIfExists(file);
    }
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
