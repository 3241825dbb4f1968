package io.penstock.ingest.subscription;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.ingest.files.RegularFile;
import io.penstock.ingest.files.UnusableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * A file that remembers what was registered for a time, so that it can be removed although the
 * program was killed. It is locked while its program lives. Holds no secret. For one thread.
 */
public final class ListenRecord implements AutoCloseable {

  private static final int MOST_BYTES = 1024 * 1024;
  private static final String ENDING = ".json";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final FileChannel channel;
  private final FileLock lock;
  private final String source;
  private final Set<String> before = new TreeSet<>();
  private final Set<String> events = new TreeSet<>();
  private final Set<String> made = new TreeSet<>();
  private boolean isComplete;

  private ListenRecord(Path file, FileChannel channel, FileLock lock, String source) {
    this.file = file;
    this.channel = channel;
    this.lock = lock;
    this.source = source;
  }

  /**
   * Begins one, before anything is registered.
   *
   * @param directory made if it is not there
   * @param registered what is registered now
   * @param events what is going to be registered for
   */
  public static ListenRecord begin(
      Path directory, String source, List<Registration> registered, Set<String> events)
      throws IOException {
    Files.createDirectories(directory);
    Path file =
        Files.createTempFile(
            directory,
            source + "-",
            ENDING,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    ListenRecord begun = locked(file, source).orElseThrow(() -> new IOException("it is locked"));
    registered.forEach(each -> begun.before.add(each.id()));
    begun.events.addAll(events);
    begun.write();
    return begun;
  }

  /** Those of a source whose program has ended without its end. */
  public static List<ListenRecord> left(Path directory, String source) throws IOException {
    List<ListenRecord> left = new ArrayList<>();
    if (!Files.isDirectory(directory)) {
      return left;
    }
    List<Path> files;
    try (Stream<Path> all = Files.list(directory)) {
      files = all.filter(file -> file.toString().endsWith(ENDING)).sorted().toList();
    }
    for (Path file : files) {
      Optional<ListenRecord> one = locked(file, source);
      if (one.isPresent()) {
        if (one.get().read()) {
          left.add(one.get());
        } else {
          one.get().close();
        }
      }
    }
    return left;
  }

  /** Empty where its program lives. */
  private static Optional<ListenRecord> locked(Path file, String source) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return Optional.of(new ListenRecord(file, channel, lock, source));
      }
    } catch (OverlappingFileLockException e) {
      // It lives in this process.
    }
    channel.close();
    return Optional.empty();
  }

  /** Whether it is one of this source. */
  private boolean read() {
    try {
      JsonNode root = JSON.readTree(RegularFile.read(file, MOST_BYTES));
      root.path("before").forEach(id -> before.add(id.asText()));
      root.path("events").forEach(event -> events.add(event.asText()));
      root.path("made").forEach(id -> made.add(id.asText()));
      isComplete = root.path("complete").asBoolean(false);
      return root.path("source").asText("").equals(source);
    } catch (UnusableException | IOException e) {
      return false;
    }
  }

  private void write() throws IOException {
    ObjectNode root = JSON.createObjectNode().put("source", source).put("complete", isComplete);
    before.forEach(root.putArray("before")::add);
    events.forEach(root.putArray("events")::add);
    made.forEach(root.putArray("made")::add);
    ByteBuffer bytes = ByteBuffer.wrap((root + "\n").getBytes(StandardCharsets.UTF_8));
    channel.truncate(0);
    channel.position(0);
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
    channel.force(true);
  }

  /** Something was registered. */
  public void made(Registration registration) throws IOException {
    made.add(registration.id());
    write();
  }

  /** Nothing more will be registered. */
  public void complete() throws IOException {
    isComplete = true;
    write();
  }

  /**
   * What of the registrations at a source's address was made by the program of this record: what it
   * has noted, and, if it was killed before it noted all, what has come since it began and is for
   * nothing but its events.
   */
  public List<Registration> ownOf(List<Registration> registered) {
    List<Registration> own = new ArrayList<>();
    for (Registration each : registered) {
      Set<String> others = new HashSet<>(each.events());
      others.removeAll(events);
      boolean mayBe = !isComplete && !before.contains(each.id()) && others.isEmpty();
      if (made.contains(each.id()) || mayBe) {
        own.add(each);
      }
    }
    return own;
  }

  /** All that it stands for is removed. */
  public void delete() throws IOException {
    Files.deleteIfExists(file);
  }

  /** Lets go of the file, which stays. */
  @Override
  public void close() throws IOException {
    lock.close();
    channel.close();
  }
}
