package io.penstock.ingest.spool;

import static io.penstock.ingest.spool.SpoolFixture.ids;
import static io.penstock.ingest.spool.SpoolFixture.named;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.ingest.spool.Spool.Appended;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A machine that loses its power: of a file only what was synced is there, and of a directory only
 * the names that were synced.
 */
@Timeout(300)
class SpoolPowerLossTest {

  private static final long SIZE = 64L * 1024 * 1024;

  @TempDir Path temporary;

  private final ForgetfulDisk disk = new ForgetfulDisk();

  /** Knows what would be left. */
  private static final class ForgetfulDisk extends Disk {

    /** The names in each directory as they were synced, and to which file each leads. */
    private final Map<Path, Map<String, Object>> names = new HashMap<>();

    /** The content of each file as it was synced. */
    private final Map<Object, byte[]> contents = new HashMap<>();

    /** The number of a deleted file may be given again. */
    @Override
    synchronized FileChannel create(Path file) throws IOException {
      FileChannel created = super.create(file);
      contents.remove(inode(file));
      return created;
    }

    @Override
    synchronized void createDirectory(Path directory) throws IOException {
      super.createDirectory(directory);
      contents.remove(inode(directory));
    }

    private static Object inode(Path path) throws IOException {
      return Objects.requireNonNull(Files.readAttributes(path, "unix:ino").get("ino"));
    }

    @Override
    synchronized void force(Path file, FileChannel channel) throws IOException {
      super.force(file, channel);
      contents.put(inode(file), Files.readAllBytes(file));
    }

    @Override
    synchronized void forceDirectory(Path directory) throws IOException {
      super.forceDirectory(directory);
      Map<String, Object> synced = new TreeMap<>();
      for (Path entry : SpoolDirectory.list(directory)) {
        synced.put(entry.getFileName().toString(), inode(entry));
      }
      names.put(directory, synced);
    }

    @Override
    synchronized void write(Path file, FileChannel channel, ByteBuffer bytes) throws IOException {
      super.write(file, channel, bytes);
    }

    /** Makes a copy of what is left. */
    synchronized Path left(Path from, Path to) throws IOException {
      Files.createDirectories(to);
      for (var entry : names.getOrDefault(from, Map.of()).entrySet()) {
        Path source = from.resolve(entry.getKey());
        byte[] content = contents.get(entry.getValue());
        if (content != null) {
          Files.write(to.resolve(entry.getKey()), content);
        } else if (names.containsKey(source)) {
          left(source, to.resolve(entry.getKey()));
        }
      }
      return to;
    }
  }

  private Path spool() throws IOException {
    return Files.createDirectories(temporary.resolve("spool")).toRealPath();
  }

  private SpoolFixture open() throws IOException {
    return new SpoolFixture(spool(), SIZE, disk);
  }

  /** After every append. */
  @Test
  void whatWasReportedAsDurableIsThereAfterAPowerFailure() throws Exception {
    try (SpoolFixture fixture = open()) {
      for (int i = 0; i < 12; i++) {
        // The larger ones begin a new segment each.
        int size = i % 3 == 0 ? 300_000 : 100;
        assertThat(fixture.append(i % 2, "d" + i, size)).isEqualTo(Appended.DURABLE);
        Path left = disk.left(spool(), temporary.resolve("left-" + i));
        try (SpoolFixture after = new SpoolFixture(left, SIZE)) {
          List<String> found = new ArrayList<>(after.ids(0));
          found.addAll(after.ids(1));
          assertThat(found).containsExactlyInAnyOrderElementsOf(ids(0, i + 1));
          assertThat(after.count("penstock.spool.lost")).isZero();
        }
      }
    }
  }

  /** What was deleted as drained is known to be drained. */
  @Test
  void aPowerFailureWhileItDrainsReportsNothingAsLost() throws Exception {
    try (SpoolFixture fixture = open()) {
      for (int i = 0; i < 8; i++) {
        fixture.append(named(0, i, i + 1, 300_000));
      }
      fixture.spool.drop(0, 6);
      await().until(() -> fixture.spool.size() < 1_000_000);
      fixture.append(named(0, 8, 9, 100));
      Path left = disk.left(spool(), temporary.resolve("left"));
      try (SpoolFixture after = new SpoolFixture(left, SIZE)) {
        assertThat(after.ids(0)).isEqualTo(ids(5, 9));
        assertThat(after.count("penstock.spool.lost")).isZero();
      }
    }
  }

  @Test
  void whatWasSetAsideIsThereAfterAPowerFailureAndIsMovedOnce() throws Exception {
    Path left;
    try (SpoolFixture fixture = open()) {
      fixture.append(named(0, 0, 2, 100));
      assertThat(fixture.setAside(fixture.all(0).get(0))).isTrue();
      fixture.spool.drop(0, 3);
      left = disk.left(spool(), temporary.resolve("left"));
    }
    ForgetfulDisk second = new ForgetfulDisk();
    try (SpoolFixture after = new SpoolFixture(left.toRealPath(), SIZE, second)) {
      // That all were dropped was not synced: copies are sent.
      assertThat(after.ids(0)).endsWith("d0");
      assertThat(after.count("penstock.spool.lost")).isZero();
    }
  }

  /** The lane of an acknowledged value and the directory of lanes are new at the first append. */
  @Test
  void everyDirectoryIsSyncedBeforeTheAnswer() throws Exception {
    try (SpoolFixture fixture = open()) {
      assertThat(fixture.append(17, "d0", 10)).isEqualTo(Appended.DURABLE);
      Path left = disk.left(spool(), temporary.resolve("left"));
      assertThat(left.resolve("log/00017").resolve(Segment.name(1))).exists();
      assertThat(left.resolve("owner")).exists();
      assertThat(left.resolve("format")).exists();
    }
  }

  @Test
  void aReplacedFileIsSyncedBeforeItTakesTheOthersPlace() throws Exception {
    Path spool = spool();
    try (SpoolFixture fixture = open()) {
      fixture.append(named(0, 0, 5, 100));
    }
    Path segment = spool.resolve("log/00000").resolve(Segment.name(1));
    byte[] bytes = Files.readAllBytes(segment);
    bytes[200] ^= 1;
    Files.write(segment, bytes);
    try (SpoolFixture fixture = open()) {
      assertThat(fixture.ids(0)).hasSize(4);
      Path left = disk.left(spool, temporary.resolve("left"));
      try (SpoolFixture after = new SpoolFixture(left, SIZE)) {
        assertThat(after.ids(0)).hasSize(4);
        assertThat(after.count("penstock.spool.lost")).isZero();
      }
    }
  }
}
