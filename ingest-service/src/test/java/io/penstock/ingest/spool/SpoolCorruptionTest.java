package io.penstock.ingest.spool;

import static io.penstock.ingest.spool.SpoolBench.record;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are not as they were written: the start goes on, and what can be read is saved. */
@Timeout(300)
class SpoolCorruptionTest {

  private static final long SIZE = 16L * 1024 * 1024;
  private static final int DELIVERIES = 2050;
  private static final List<String> ALL =
      IntStream.range(0, DELIVERIES).mapToObj(i -> "d" + i).toList();

  @TempDir static Path whole;

  @TempDir Path temporary;

  /** A spool with several tables and a write-ahead log, closed in order. */
  @BeforeAll
  static void fill() throws Exception {
    try (SpoolBench bench = new SpoolBench(whole.resolve("spool"), SIZE)) {
      for (int i = 0; i < DELIVERIES; i += 50) {
        int from = i;
        bench.append(
            IntStream.range(from, from + 50)
                .mapToObj(j -> record("k" + j % 7, "d" + j, 600))
                .toList());
      }
    }
    assertThat(files(whole.resolve("spool/db"), ".sst")).hasSizeGreaterThan(2);
    assertThat(files(whole.resolve("spool/db"), ".log")).isNotEmpty();
  }

  private static List<Path> files(Path directory, String part) throws IOException {
    try (var files = Files.list(directory)) {
      return files
          .filter(file -> file.getFileName().toString().contains(part))
          .filter(file -> file.toFile().length() > 0)
          .filter(file -> !file.getFileName().toString().equals("LOG"))
          .sorted()
          .toList();
    }
  }

  private Path copy(String name) throws IOException {
    Path copy = temporary.resolve(name);
    try (var files = Files.walk(whole.resolve("spool"))) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(whole.resolve("spool").relativize(file).toString()));
      }
    }
    return copy;
  }

  /** Opens what was damaged, and says how many deliveries are gone. */
  private static int opened(Path spool, String damage, int most) throws Exception {
    try (SpoolBench bench = new SpoolBench(spool, SIZE)) {
      List<String> ids = bench.ids();
      assertThat(ALL).as(damage).containsSubsequence(ids);
      int missing = DELIVERIES - ids.size();
      assertThat(missing).as(damage).isLessThanOrEqualTo(most);
      // Of what stood last, nobody can say whether it was there.
      int within = ids.isEmpty() ? 0 : ALL.indexOf(ids.getLast()) + 1 - ids.size();
      assertThat(bench.count("penstock.spool.lost"))
          .as(damage)
          .isBetween(1.0 * within, 1.0 * missing);
      assertThat(bench.spool.holds("k3")).as(damage).isTrue();
      boolean kept = !files(spool, "broken-").isEmpty();
      assertThat(kept || missing == 0).as(damage + ": the files are kept").isTrue();
      // It works on, under numbers that are free.
      assertThat(bench.append(record("k", "new", 10))).isEqualTo(RocksSpool.Appended.DURABLE);
      List<String> now = new ArrayList<>(ids);
      now.add("new");
      assertThat(bench.ids()).as(damage).isEqualTo(now);
      return missing;
    }
  }

  /** A bound of what one flipped bit may cost: a block, or all of a table. */
  @ParameterizedTest
  @CsvSource({
    ".log, 8, 200",
    ".sst, 10, 900",
    "MANIFEST, 6, 0",
    "CURRENT, 4, 0",
    "OPTIONS, 3, 0",
    "IDENTITY, 2, 0"
  })
  void aFlippedBit(String kind, int times, int most) throws Exception {
    Random random = new Random(kind.hashCode());
    TreeSet<Integer> losses = new TreeSet<>();
    for (int i = 0; i < times; i++) {
      Path spool = copy("copy-" + i);
      List<Path> candidates = files(spool.resolve("db"), kind);
      Path file = candidates.get(random.nextInt(candidates.size()));
      byte[] bytes = Files.readAllBytes(file);
      int at = i == 0 ? bytes.length - 1 : random.nextInt(bytes.length);
      bytes[at] ^= (byte) (1 << random.nextInt(8));
      Files.write(file, bytes);
      losses.add(opened(spool, file.getFileName() + " at " + at + " of " + bytes.length, most));
    }
    if (kind.equals(".sst") || kind.equals(".log")) {
      assertThat(losses.last()).as("some of it mattered").isGreaterThan(0);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"CURRENT", "MANIFEST", "OPTIONS", "IDENTITY"})
  void aFileThatIsGone(String kind) throws Exception {
    Path spool = copy("copy");
    for (Path file : files(spool.resolve("db"), kind)) {
      Files.delete(file);
    }
    assertThat(opened(spool, kind, 0)).isZero();
  }

  @Test
  void aTableThatIsGoneCostsWhatWasInIt() throws Exception {
    Path spool = copy("copy");
    Files.delete(files(spool.resolve("db"), ".sst").get(1));
    assertThat(opened(spool, "a table", 900)).isGreaterThan(100);
  }

  @Test
  void aTruncatedManifestLosesNothing() throws Exception {
    Path spool = copy("copy");
    Path manifest = files(spool.resolve("db"), "MANIFEST").get(0);
    byte[] bytes = Files.readAllBytes(manifest);
    for (int length : new int[] {0, 100, bytes.length / 2, bytes.length - 3}) {
      Path again = copy("copy-" + length);
      Files.write(
          again.resolve("db").resolve(manifest.getFileName()),
          java.util.Arrays.copyOf(bytes, length));
      assertThat(opened(again, "a manifest of " + length + " bytes", 0)).isZero();
    }
  }

  /**
   * What a crash leaves: a last write that is there in part. Nobody was told that it is durable.
   */
  @Test
  void aTornEndIsDroppedWithoutAlarm() throws Exception {
    Path spool = temporary.resolve("spool");
    try (SpoolBench bench = new SpoolBench(spool, SIZE)) {
      for (int i = 0; i < 20; i++) {
        bench.append(record("k", "d" + i, 600));
      }
      // As it is after a kill: nothing was closed.
      Path killed = temporary.resolve("killed");
      try (var files = Files.walk(spool)) {
        for (Path file : files.toList()) {
          Files.copy(file, killed.resolve(spool.relativize(file).toString()));
        }
      }
      Path log = files(killed.resolve("db"), ".log").get(0);
      byte[] bytes = Files.readAllBytes(log);
      Files.write(log, java.util.Arrays.copyOf(bytes, bytes.length - 100));
      try (SpoolBench torn = new SpoolBench(killed, SIZE)) {
        assertThat(torn.ids()).isEqualTo(ALL.subList(0, 19));
        assertThat(torn.count("penstock.spool.lost")).isZero();
        assertThat(files(killed, "broken-")).isEmpty();
        assertThat(torn.append(record("k", "new", 10))).isEqualTo(RocksSpool.Appended.DURABLE);
      }
    }
  }

  @Test
  void aDamagedOwnerIsWrittenAnew() throws Exception {
    Path spool = copy("copy");
    Files.writeString(spool.resolve("owner"), "topics.prefix=webhookz\nchecksum=00000000\n");
    assertThat(opened(spool, "owner", 0)).isZero();
  }

  @Test
  void garbageAloneIsKeptAndANewSpoolBegins() throws Exception {
    Path spool = Files.createDirectories(temporary.resolve("spool"));
    Path db = Files.createDirectories(spool.resolve("db"));
    byte[] garbage = new byte[10_000];
    new Random(7).nextBytes(garbage);
    for (String name : List.of("CURRENT", "MANIFEST-000001", "000004.log", "000005.sst")) {
      Files.write(db.resolve(name), garbage);
    }
    try (SpoolBench bench = new SpoolBench(spool, SIZE)) {
      assertThat(bench.ids()).isEmpty();
      assertThat(bench.append(record("k", "new", 10))).isEqualTo(RocksSpool.Appended.DURABLE);
    }
    Path kept = files(spool, "broken-").get(0);
    assertThat(kept.resolve("000005.sst")).hasBinaryContent(garbage);
  }
}
