package io.penstock.ingest.spool;

import static io.penstock.ingest.spool.SpoolFixture.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.penstock.ingest.spool.Spool.Appended;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The spool of the version before, in RocksDB, is taken over at the start. */
@Timeout(300)
class OldSpoolTest {

  private static final long SIZE = 64L * 1024 * 1024;
  private static final int VALUES = 500;

  @TempDir static Path template;

  @TempDir Path temporary;

  private Path spool;

  @BeforeAll
  static void writeOnce() throws Exception {
    List<byte[]> values =
        IntStream.rangeClosed(1, VALUES).mapToObj(i -> value(name(i), 500)).toList();
    OldSpoolFixture.write(template, values, List.of(value("aside:1", 500)), 101, 300);
  }

  @BeforeEach
  void write() throws IOException {
    spool = temporary.resolve("spool");
    write(spool);
  }

  private static String name(int i) {
    return "d" + i + ":" + i % 3;
  }

  private static List<String> names(int from, int lane) {
    return IntStream.rangeClosed(from, VALUES)
        .filter(i -> i % 3 == lane)
        .mapToObj(OldSpoolTest::name)
        .toList();
  }

  private static void write(Path spool) throws IOException {
    try (var files = Files.walk(template)) {
      for (Path file : files.toList()) {
        Path copied = spool.resolve(template.relativize(file).toString());
        if (!Files.isDirectory(copied)) {
          Files.copy(file, copied);
        }
      }
    }
  }

  private static void assertTakenOver(Path spool, List<String> before) throws Exception {
    for (int life = 0; life < 2; life++) {
      try (SpoolFixture fixture = new SpoolFixture(spool, SIZE)) {
        for (int lane = 0; lane < 3; lane++) {
          List<String> expected = new ArrayList<>(lane == 2 ? before : List.of());
          expected.addAll(names(101, lane));
          if (lane == 1) {
            expected.add("aside:1");
          }
          assertThat(fixture.ids(lane)).isEqualTo(expected);
        }
        assertThat(fixture.count("penstock.spool.lost")).isZero();
      }
      assertThat(SpoolDirectory.list(spool))
          .extracting(path -> path.getFileName().toString())
          .doesNotContain("db", "db.imported", "reserve");
    }
  }

  @Test
  void everythingThatHasNotLeftIsInItsLaneAndInItsOrder() throws Exception {
    assertTakenOver(spool, List.of());
  }

  /** A write to the old one that a crash has cut off was not acknowledged. */
  @Test
  void anIncompleteEndOfItsLogIsDropped() throws Exception {
    Path wal = wal(spool);
    byte[] bytes = Files.readAllBytes(wal);
    Files.write(wal, Arrays.copyOf(bytes, bytes.length - 3)); // the note of its progress
    try (SpoolFixture fixture = new SpoolFixture(spool, SIZE)) {
      assertThat(fixture.ids(0)).endsWith("d498:0");
    }
  }

  private static Path wal(Path spool) throws IOException {
    return SpoolDirectory.list(spool.resolve("db")).stream()
        .filter(file -> file.toString().endsWith(".log") && file.toFile().length() > 0)
        .toList()
        .getLast();
  }

  /** The version before can read more of it than this one, and says what is lost. */
  @Test
  void aDamagedOneIsRefusedAndNotChanged() throws Exception {
    for (String kind : List.of("sst", "log", "MANIFEST", "CURRENT")) {
      Path damaged = temporary.resolve("damaged-" + kind);
      write(damaged);
      Path file =
          SpoolDirectory.list(damaged.resolve("db")).stream()
              .filter(path -> path.getFileName().toString().contains(kind))
              .filter(path -> path.toFile().length() > 0)
              .toList()
              .getFirst();
      byte[] bytes = Files.readAllBytes(file);
      Arrays.fill(bytes, bytes.length / 4, bytes.length / 2, (byte) 0x55);
      Files.write(file, bytes);
      Map<String, byte[]> before = contents(damaged.resolve("db"));
      assertThatExceptionOfType(IOException.class)
          .as(kind)
          .isThrownBy(() -> new SpoolFixture(damaged, SIZE))
          .withMessageContaining("Otherwise start the version before again")
          .withMessageContaining(damaged.toRealPath().resolve("db").toString());
      Map<String, byte[]> after = contents(damaged.resolve("db"));
      before.forEach((name, content) -> assertThat(after.get(name)).as(name).isEqualTo(content));
      // The operator gives it up.
      Files.move(damaged.resolve("db"), temporary.resolve("away-" + kind));
      new SpoolFixture(damaged, SIZE).close();
    }
  }

  private static Map<String, byte[]> contents(Path directory) throws IOException {
    Map<String, byte[]> contents = new TreeMap<>();
    for (Path file : SpoolDirectory.list(directory)) {
      if (Files.isRegularFile(file)) {
        contents.put(file.getFileName().toString(), Files.readAllBytes(file));
      }
    }
    return contents;
  }

  /** Fails at one change of the files after the other, as a kill would. */
  @Test
  void aTakeOverThatIsInterruptedAnywhereIsCompletedByTheNextStart() throws Exception {
    for (int step = 1; ; step++) {
      Path interrupted = temporary.resolve("interrupted-" + step);
      write(interrupted);
      Interrupting disk = new Interrupting(step);
      boolean ended = false;
      try {
        new SpoolFixture(interrupted, SIZE, disk).close();
        ended = disk.steps < step;
      } catch (IOException | IllegalStateException e) {
        assertThat(e.toString()).contains("killed");
      }
      assertTakenOver(interrupted, List.of());
      if (ended) {
        assertThat(step).isGreaterThan(10);
        return;
      }
    }
  }

  /** Every change after a number of them fails. */
  private static final class Interrupting extends Disk {
    private final int last;
    private int steps;

    Interrupting(int last) {
      this.last = last;
    }

    private void step() throws IOException {
      if (++steps >= last) {
        throw new IOException("killed");
      }
    }

    @Override
    FileChannel create(Path file) throws IOException {
      step();
      return super.create(file);
    }

    @Override
    void write(Path file, FileChannel channel, ByteBuffer bytes) throws IOException {
      step();
      super.write(file, channel, bytes);
    }

    @Override
    void createDirectory(Path directory) throws IOException {
      step();
      super.createDirectory(directory);
    }

    @Override
    void move(Path from, Path to) throws IOException {
      step();
      super.move(from, to);
    }
  }

  /** Down to the version before, and up again. */
  @Test
  void anOldSpoolComesBehindWhatTheNewOneHolds() throws Exception {
    Path both = temporary.resolve("both");
    try (SpoolFixture fixture = new SpoolFixture(both, SIZE)) {
      assertThat(fixture.append(2, "earlier", 10)).isEqualTo(Appended.DURABLE);
    }
    write(both);
    assertTakenOver(both, List.of("earlier"));
  }

  @Test
  void aDiskWithoutRoomForACopyRefusesTheStartAndKeepsTheOldOne() throws Exception {
    FaultyDisk full = new FaultyDisk();
    full.message = "No space left on device";
    full.failingWrites = FaultyDisk.SEGMENTS;
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> new SpoolFixture(spool, SIZE, full))
        .withMessageContaining("No space left on device")
        .withMessageContaining("make room for a copy");
    assertTakenOver(spool, List.of());
  }
}
