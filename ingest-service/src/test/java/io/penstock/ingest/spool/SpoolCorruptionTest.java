package io.penstock.ingest.spool;

import static io.penstock.ingest.spool.SpoolFixture.ids;
import static io.penstock.ingest.spool.SpoolFixture.named;
import static io.penstock.ingest.spool.SpoolFixture.value;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.penstock.ingest.spool.Spool.Appended;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are not as they were written: the start goes on, and what can be read is saved. */
@Timeout(300)
class SpoolCorruptionTest {

  private static final long SIZE = 16L * 1024 * 1024;
  private static final int VALUES = 600;
  private static final List<String> ALL = ids(0, VALUES);
  private static final int FRAME = Frames.HEADER + "d0\n".length() + 600;

  @TempDir static Path whole;

  @TempDir Path temporary;

  /** A spool with several segments in one lane and one in another, closed in order. */
  @BeforeAll
  static void fill() throws Exception {
    try (SpoolFixture fixture = new SpoolFixture(whole.resolve("spool"), SIZE)) {
      for (int i = 0; i < VALUES; i += 50) {
        fixture.append(named(3, i, i + 50, 600));
      }
      fixture.append(named(5, 0, 3, 20));
    }
    assertThat(segments(whole.resolve("spool"), 3)).hasSizeGreaterThan(3);
  }

  private static List<Path> segments(Path spool, int lane) throws IOException {
    return SpoolDirectory.list(SpoolDirectory.lane(spool.resolve("log"), lane));
  }

  private static List<Path> broken(Path spool) throws IOException {
    return SpoolDirectory.list(spool).stream()
        .filter(path -> path.getFileName().toString().startsWith("broken-"))
        .toList();
  }

  private static Path copy(Path from, Path to) throws IOException {
    try (var files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
    return to;
  }

  private Path copy(String name) throws IOException {
    return copy(whole.resolve("spool"), temporary.resolve(name));
  }

  private static void flip(Path file, long at, int bit) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[(int) at] ^= (byte) (1 << bit);
    Files.write(file, bytes);
  }

  /** Opens what was damaged, twice, and returns how many values of lane 3 are gone. */
  private static int opened(Path spool, String damage, int most) throws Exception {
    List<String> ids;
    int missing;
    try (SpoolFixture fixture = new SpoolFixture(spool, SIZE)) {
      ids = new ArrayList<>(fixture.ids(3));
      assertThat(ALL).as(damage).containsSubsequence(ids);
      missing = VALUES - ids.size();
      assertThat(missing).as(damage).isLessThanOrEqualTo(most);
      assertThat(fixture.count("penstock.spool.lost")).as(damage).isEqualTo(missing);
      assertThat(!broken(spool).isEmpty() || missing == 0).as(damage + ": kept").isTrue();
      assertThat(fixture.ids(5)).as("another lane").isEqualTo(ids(0, 3));
      // It works on, under numbers that are free.
      assertThat(fixture.append(3, "new", 10)).isEqualTo(Appended.DURABLE);
      ids.add("new");
      assertThat(fixture.ids(3)).as(damage).isEqualTo(ids);
    }
    List<Path> kept = broken(spool);
    try (SpoolFixture again = new SpoolFixture(spool, SIZE)) {
      assertThat(again.ids(3)).as(damage + ": again").isEqualTo(ids);
      assertThat(again.count("penstock.spool.lost")).as("is reported once").isZero();
      assertThat(broken(spool)).isEqualTo(kept);
    }
    return missing;
  }

  @Test
  void aFlippedBitInALargeSegmentCostsOneValue() throws Exception {
    Random random = new Random(20261126);
    for (int i = 0; i < 12; i++) {
      Path spool = copy("copy-" + i);
      List<Path> segments = segments(spool, 3);
      Path file = segments.get(i % segments.size());
      long size = Files.size(file);
      long at = i == 0 ? size - 1 : Frames.FILE_HEADER + random.nextLong(size - 20);
      flip(file, at, random.nextInt(8));
      assertThat(opened(spool, file.getFileName() + " at " + at, 1)).isEqualTo(1);
    }
  }

  /** Each byte of a segment with three values, one after the other. */
  @Test
  void aFlippedBitAnywhereCostsAtMostTheValueThatItIsIn() throws Exception {
    Path source = whole.resolve("spool");
    int size = (int) Files.size(segments(source, 5).get(0));
    for (int at = 0; at < size; at++) {
      Path spool = temporary.resolve("flip-" + at);
      Files.createDirectories(spool.resolve("log/00005"));
      for (String name : List.of("owner", "format")) {
        Files.copy(source.resolve(name), spool.resolve(name));
      }
      positions(spool, "5 1 4");
      Path file = spool.resolve("log/00005").resolve(Segment.name(1));
      Files.copy(segments(source, 5).get(0), file);
      flip(file, at, at % 8);
      byte[] damaged = Files.readAllBytes(file);
      try (SpoolFixture fixture = new SpoolFixture(spool, SIZE)) {
        List<String> expected = new ArrayList<>(ids(0, 3));
        int frame = (size - Frames.FILE_HEADER) / 3;
        if (at >= Frames.FILE_HEADER) {
          expected.remove((at - Frames.FILE_HEADER) / frame);
        }
        assertThat(fixture.ids(5)).as("byte " + at).isEqualTo(expected);
        assertThat(fixture.count("penstock.spool.lost")).isEqualTo(3 - expected.size());
        assertThat(broken(spool)).hasSize(1);
        assertThat(SpoolDirectory.list(broken(spool).get(0)).get(0)).hasBinaryContent(damaged);
        assertThat(fixture.spool.next(5)).isEqualTo(4);
      }
    }
  }

  private static void positions(Path spool, String text) throws IOException {
    Files.writeString(spool.resolve("positions"), text + "\n" + Positions.checksum(text) + "\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"positions", "format", "owner", "in-use"})
  void aDamagedFileBesideTheSegmentsCostsNothing(String name) throws Exception {
    Path flipped = copy("flipped");
    if (!name.equals("in-use")) {
      flip(flipped.resolve(name), 1, 3);
      assertThat(opened(flipped, name, 0)).isZero();
    }
    Path gone = copy("gone");
    Files.delete(gone.resolve(name));
    assertThat(opened(gone, name, 0)).isZero();
  }

  /** The checksums need the salt, which the format and each segment have. */
  @Test
  void aSegmentWithoutItsHeaderIsReadAlsoIfTheFormatIsGone() throws Exception {
    Path spool = copy("copy");
    Files.delete(spool.resolve("format"));
    flip(segments(spool, 3).get(0), 10, 1);
    assertThat(opened(spool, "header and format", 0)).isZero();
  }

  @Test
  void aSegmentThatIsGoneCostsWhatWasInIt() throws Exception {
    for (int which : new int[] {0, 1, -1}) {
      Path spool = copy("copy" + which);
      List<Path> segments = segments(spool, 3);
      Files.delete(which < 0 ? segments.getLast() : segments.get(which));
      List<String> ids;
      try (SpoolFixture fixture = new SpoolFixture(spool, SIZE)) {
        ids = fixture.ids(3);
        assertThat(ALL).containsSubsequence(ids);
        assertThat(ids).hasSizeLessThan(VALUES);
        assertThat(fixture.count("penstock.spool.lost")).isEqualTo(VALUES - ids.size());
        assertThat(fixture.spool.next(3)).as("no number is given twice").isEqualTo(VALUES + 1);
      }
      try (SpoolFixture again = new SpoolFixture(spool, SIZE)) {
        assertThat(again.ids(3)).isEqualTo(ids);
        assertThat(again.count("penstock.spool.lost")).isZero();
      }
    }
  }

  @Test
  void aLaneThatIsGoneIsReported() throws Exception {
    Path spool = copy("copy");
    SpoolDirectory.delete(spool.resolve("log/00005"));
    try (SpoolFixture fixture = new SpoolFixture(spool, SIZE)) {
      assertThat(fixture.count("penstock.spool.lost")).isEqualTo(3);
      assertThat(fixture.ids(3)).isEqualTo(ALL);
    }
  }

  @Test
  void aSegmentOfGarbageIsKeptAndTheOthersAreRead() throws Exception {
    Path spool = copy("copy");
    Path file = segments(spool, 3).get(1);
    byte[] garbage = new byte[(int) Files.size(file)];
    new Random(7).nextBytes(garbage);
    Files.write(file, garbage);
    assertThat(opened(spool, "garbage", 200)).isGreaterThan(50);
    assertThat(SpoolDirectory.list(broken(spool).get(0)).get(0)).hasBinaryContent(garbage);
  }

  @Test
  void aSegmentOfANewerFormatIsRefused() throws Exception {
    Path spool = copy("copy");
    Path file = segments(spool, 3).get(1);
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer header = ByteBuffer.wrap(bytes).putInt(4, 9);
    CRC32C checksum = new CRC32C();
    checksum.update(bytes, 0, 16);
    header.putInt(16, (int) checksum.getValue());
    Files.write(file, bytes);
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> new SpoolFixture(spool, SIZE))
        .withMessageContaining("version 9")
        .withMessageContaining("start the version that wrote it");
    assertThat(file).hasBinaryContent(bytes);
  }

  /**
   * What a crash leaves: a last write that is there in part. No sender was told that it is durable.
   */
  @Test
  void anEndThatWasCutOffAnywhereIsRemovedWithoutAlarm() throws Exception {
    Path killed = killed();
    Path segment = Path.of("log/00000").resolve(Segment.name(1));
    int size = (int) Files.size(killed.resolve(segment));
    for (int cut = 1; cut <= FRAME + 2; cut += cut < 40 || cut > FRAME - 40 ? 1 : 30) {
      Path torn = copy(killed, temporary.resolve("torn-" + cut));
      truncate(torn.resolve(segment), size - cut);
      positions(torn, "0 1 20");
      try (SpoolFixture fixture = new SpoolFixture(torn, SIZE)) {
        // One byte more than the last value's is in the one before, which was acknowledged.
        int whole = cut > FRAME + 1 ? 18 : 19;
        assertThat(fixture.ids(0)).as("cut by " + cut).isEqualTo(ids(0, whole));
        assertThat(fixture.count("penstock.spool.lost")).isEqualTo(19 - whole);
        assertThat(broken(torn)).hasSize(19 - whole);
        assertThat(fixture.append(0, "new", 10)).isEqualTo(Appended.DURABLE);
        assertThat(fixture.ids(0)).endsWith("new");
      }
    }
  }

  /** A file system may have made a file longer and not have written it yet. */
  @Test
  void anEndOfZerosIsRemovedWithoutAlarm() throws Exception {
    Path torn = killed();
    Path segment = torn.resolve("log/00000").resolve(Segment.name(1));
    byte[] bytes = Files.readAllBytes(segment);
    Arrays.fill(bytes, bytes.length - FRAME - 1, bytes.length, (byte) 0);
    Files.write(segment, bytes);
    positions(torn, "0 1 20");
    try (SpoolFixture fixture = new SpoolFixture(torn, SIZE)) {
      assertThat(fixture.ids(0)).isEqualTo(ids(0, 19));
      assertThat(fixture.count("penstock.spool.lost")).isZero();
      assertThat(broken(torn)).isEmpty();
    }
  }

  /** It was acknowledged, and the note says so. */
  @Test
  void anEndThatWasCutOffAndWasDurableIsReported() throws Exception {
    Path torn = killed();
    Path segment = torn.resolve("log/00000").resolve(Segment.name(1));
    truncate(segment, Files.size(segment) - 5);
    positions(torn, "0 1 21");
    try (SpoolFixture fixture = new SpoolFixture(torn, SIZE)) {
      assertThat(fixture.ids(0)).isEqualTo(ids(0, 19));
      assertThat(fixture.count("penstock.spool.lost")).isEqualTo(1);
      assertThat(broken(torn)).hasSize(1);
      assertThat(fixture.spool.next(0)).isEqualTo(21);
    }
  }

  /** Only its length is wrong, so it was there as a whole. */
  @Test
  void theLastValueWithADamagedLengthIsNotTakenForACut() throws Exception {
    Path torn = killed();
    Path segment = torn.resolve("log/00000").resolve(Segment.name(1));
    flip(segment, Files.size(segment) - FRAME - 1 + 4, 2);
    positions(torn, "0 1 20");
    try (SpoolFixture fixture = new SpoolFixture(torn, SIZE)) {
      assertThat(fixture.ids(0)).isEqualTo(ids(0, 19));
      assertThat(fixture.count("penstock.spool.lost")).isEqualTo(1);
      assertThat(broken(torn)).hasSize(1);
    }
  }

  /** Twenty values, as they are on the disk while the process runs. */
  private Path killed() throws Exception {
    Path spool = temporary.resolve("running");
    try (SpoolFixture fixture = new SpoolFixture(spool, SIZE)) {
      fixture.append(named(0, 0, 20, 600));
      Path killed = Files.createDirectory(temporary.resolve("killed"));
      for (String name : List.of("log", "owner", "format")) { // not what changes meanwhile
        copy(spool.resolve(name), killed.resolve(name));
      }
      return killed;
    }
  }

  private static void truncate(Path file, long length) throws IOException {
    Files.write(file, Arrays.copyOf(Files.readAllBytes(file), (int) length));
  }

  @Test
  void damageThatIsMetWhileReadingIsReportedOnceAndPassedOver() throws Exception {
    Path spool = copy("copy");
    try (SpoolFixture fixture = new SpoolFixture(spool, SIZE)) {
      assertThat(fixture.count("penstock.spool.lost")).isZero();
      List<Path> segments = segments(spool, 3);
      flip(segments.get(1), 3000, 1);
      flip(segments.getLast(), Files.size(segments.getLast()) - 1, 1);
      List<String> ids = fixture.ids(3);
      assertThat(ALL).containsSubsequence(ids);
      assertThat(ids).hasSize(VALUES - 2);
      assertThat(fixture.ids(3)).as("again").isEqualTo(ids);
      assertThat(fixture.count("penstock.spool.lost")).isEqualTo(2);
      assertThat(SpoolDirectory.list(broken(spool).get(0))).hasSize(2);
      assertThat(fixture.append(3, "new", 10)).isEqualTo(Appended.DURABLE);
      assertThat(fixture.ids(3)).endsWith("new");
    }
  }

  @Test
  void aFileThatWasRepairedAndIsDamagedAgainIsKeptTwice() throws Exception {
    Path spool = copy("copy");
    Path segment = segments(spool, 3).get(1);
    flip(segment, 3000, 1);
    try (SpoolFixture fixture = new SpoolFixture(spool, SIZE)) {
      assertThat(fixture.count("penstock.spool.lost")).isEqualTo(1);
      flip(segment, 8000, 1);
      flip(segment, 12000, 1);
      assertThat(fixture.ids(3)).hasSize(VALUES - 3);
      assertThat(fixture.count("penstock.spool.lost")).isEqualTo(3);
      assertThat(SpoolDirectory.list(broken(spool).get(0))).hasSize(2);
    }
  }

  /** A salvage looks for frames byte by byte, and a sender chooses the bytes of a body. */
  @Test
  void aFrameThatASenderWroteIntoABodyIsNotTakenForADelivery() throws Exception {
    Path spool = temporary.resolve("spool");
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.write("hostile\n".getBytes(UTF_8));
    for (int index = 0; index < 8; index++) {
      byte[] forged = value("forged", 10);
      ByteBuffer frame = ByteBuffer.allocate((int) Frames.size(forged));
      Frames.put(frame, 0, Frames.VALUE, index, 1, forged);
      body.write(frame.array());
    }
    try (SpoolFixture fixture = new SpoolFixture(spool, SIZE)) {
      fixture.append(0, "before", 10);
      CompletableFuture<Appended> outcome = new CompletableFuture<>();
      fixture.spool.append(0, body.toByteArray(), 1, outcome::complete);
      assertThat(outcome.get(60, TimeUnit.SECONDS)).isEqualTo(Appended.DURABLE);
      fixture.append(0, "after", 10);
    }
    Path segment = segments(spool, 0).get(0);
    flip(segment, Frames.FILE_HEADER + Frames.size(value("before", 10)) + 2, 1);
    try (SpoolFixture fixture = new SpoolFixture(spool, SIZE)) {
      assertThat(fixture.ids(0)).containsExactly("before", "after");
      assertThat(fixture.count("penstock.spool.lost")).isEqualTo(1);
    }
  }
}
