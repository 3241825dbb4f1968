package io.penstock.ingest.spool;

import static io.penstock.ingest.spool.SpoolFixture.ids;
import static io.penstock.ingest.spool.SpoolFixture.named;
import static io.penstock.ingest.spool.SpoolFixture.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.ingest.spool.Spool.Appended;
import io.penstock.ingest.spool.Spool.Entry;
import io.penstock.ingest.spool.SpoolFixture.Named;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A disk that fails to write or to sync, or does not answer. */
@Timeout(300)
class SpoolDiskFaultsTest {

  private static final long SIZE = 64L * 1024 * 1024;

  @TempDir Path temporary;

  private final FaultyDisk disk = new FaultyDisk();

  private SpoolFixture open() throws Exception {
    return new SpoolFixture(temporary.resolve("spool"), SIZE, disk);
  }

  private static void awaitWritable(SpoolFixture fixture) {
    await().until(fixture.spool::accepts);
  }

  /** Nothing of a failed write counts, whatever reached the file, and the spool goes on. */
  @ParameterizedTest
  @CsvSource({
    "0, false",
    "10, false",
    "300, false",
    "100000, false",
    "0, true",
    "10, true",
    "300, true",
    "100000, true"
  })
  void aFailedWriteCostsItsGroupAlone(int written, boolean truncationFails) throws Exception {
    try (SpoolFixture fixture = open()) {
      fixture.append(named(0, 0, 3, 200));
      disk.written = written;
      disk.failingWrites = FaultyDisk.SEGMENTS;
      disk.failingTruncations = truncationFails ? FaultyDisk.SEGMENTS : FaultyDisk.NONE;
      assertThat(fixture.append(named(0, 90, 95, 200))).contains(Appended.FAILED);
      disk.failingWrites = FaultyDisk.NONE;
      awaitWritable(fixture);
      assertThat(fixture.append(named(0, 3, 6, 200))).containsOnly(Appended.DURABLE);
      assertThat(fixture.ids(0)).isEqualTo(ids(0, 6));
    }
    disk.failingTruncations = FaultyDisk.NONE;
    assertAllAreThereAfterARestart();
  }

  /** The page cache is not trusted after a failed sync: the values are written to a new file. */
  @Test
  void aFailedSyncCostsItsGroupAloneAndEndsTheSegment() throws Exception {
    try (SpoolFixture fixture = open()) {
      fixture.append(named(0, 0, 3, 200));
      disk.failingSyncs = FaultyDisk.SEGMENTS;
      disk.failingTruncations = FaultyDisk.SEGMENTS;
      assertThat(fixture.append(0, "d90", 200)).isEqualTo(Appended.FAILED);
      assertThat(fixture.append(0, "d91", 200)).isEqualTo(Appended.UNAVAILABLE);
      assertThat(fixture.spool.accepts()).isFalse();
      assertThat(fixture.ids(0)).isEqualTo(ids(0, 3));
      disk.failingSyncs = FaultyDisk.NONE;
      disk.failingTruncations = FaultyDisk.NONE;
      awaitWritable(fixture);
      assertThat(fixture.append(named(0, 3, 6, 200))).containsOnly(Appended.DURABLE);
      assertThat(SpoolDirectory.list(temporary.resolve("spool/log/00000"))).hasSize(2);
      assertThat(fixture.count("penstock.spool.appends", "outcome", "failed")).isEqualTo(1);
      assertThat(fixture.count("penstock.spool.appends", "outcome", "unavailable")).isEqualTo(1);
    }
    assertAllAreThereAfterARestart();
  }

  private void assertAllAreThereAfterARestart() throws Exception {
    for (int life = 0; life < 2; life++) {
      try (SpoolFixture fixture = open()) {
        assertThat(fixture.ids(0)).isEqualTo(ids(0, 6));
        assertThat(fixture.count("penstock.spool.lost")).isZero();
        assertThat(fixture.spool.next(0)).isEqualTo(7);
      }
    }
  }

  @Test
  void aLaneWhoseSyncFailsCostsTheOthersNothing() throws Exception {
    try (SpoolFixture fixture = open()) {
      disk.failingSyncs =
          file -> FaultyDisk.SEGMENTS.test(file) && file.toString().contains("/00001/");
      List<Named> group = new ArrayList<>();
      for (int lane = 0; lane < 3; lane++) {
        group.add(new Named(lane, "d" + lane, 10));
      }
      // Groups form as they come: the first may be one value.
      List<Appended> outcomes = fixture.append(group);
      assertThat(outcomes).contains(Appended.DURABLE, Appended.FAILED);
      disk.failingSyncs = FaultyDisk.NONE;
      awaitWritable(fixture);
      assertThat(fixture.ids(0)).containsExactly("d0");
      assertThat(fixture.ids(1)).isEmpty();
      assertThat(fixture.append(1, "d", 10)).isEqualTo(Appended.DURABLE);
    }
  }

  @Test
  void aFullDiskIsToldFromABrokenOne() throws Exception {
    try (SpoolFixture fixture = open()) {
      disk.message = "No space left on device";
      disk.failingSyncs = file -> true;
      assertThat(fixture.append(0, "d", 10)).isEqualTo(Appended.FAILED);
      assertThat(fixture.append(0, "d", 10)).isEqualTo(Appended.FULL);
      disk.failingSyncs = FaultyDisk.NONE;
      awaitWritable(fixture);
      assertThat(fixture.append(0, "d", 10)).isEqualTo(Appended.DURABLE);
    }
  }

  /** It starts, can be drained, and takes deliveries when the disk does. */
  @Test
  void aDiskThatCannotBeWrittenAtTheStart() throws Exception {
    try (SpoolFixture fixture = open()) {
      fixture.append(named(0, 0, 3, 200));
    }
    disk.failingWrites = file -> true;
    disk.failingTruncations = file -> true;
    try (SpoolFixture fixture = open()) {
      assertThat(fixture.spool.accepts()).isFalse();
      assertThat(fixture.append(0, "d", 10)).isEqualTo(Appended.UNAVAILABLE);
      assertThat(fixture.ids(0)).isEqualTo(ids(0, 3));
      disk.failingWrites = FaultyDisk.NONE;
      awaitWritable(fixture);
      assertThat(fixture.append(0, "d3", 10)).isEqualTo(Appended.DURABLE);
      assertThat(fixture.ids(0)).isEqualTo(ids(0, 4));
    }
  }

  @Test
  void whileASyncHangsNothingIsAcknowledgedAndReadingGoesOn() throws Exception {
    try (SpoolFixture fixture = open()) {
      fixture.append(named(0, 0, 3, 200));
      disk.hangingSyncs = FaultyDisk.SEGMENTS;
      ConcurrentLinkedQueue<Appended> outcomes = new ConcurrentLinkedQueue<>();
      for (int i = 3; i < 6; i++) {
        fixture.spool.append(0, value("d" + i, 200), 1, outcomes::add);
      }
      await().until(() -> disk.hanging.get() > 0);
      assertThat(fixture.ids(0)).isEqualTo(ids(0, 3));
      assertThat(fixture.spool.depth()).isEqualTo(3);
      assertThat(outcomes).isEmpty();
      disk.hangingSyncs = FaultyDisk.NONE;
      disk.release.countDown();
      await().until(() -> outcomes.size() == 3);
      assertThat(outcomes).containsOnly(Appended.DURABLE);
      assertThat(fixture.ids(0)).isEqualTo(ids(0, 6));
    }
    assertAllAreThereAfterARestart();
  }

  /** Every append is answered, and once, also if the disk answers after that. */
  @Test
  void closingEndsWhileASyncHangs() throws Exception {
    SpoolFixture fixture = open();
    fixture.append(named(0, 0, 3, 200));
    disk.hangingSyncs = FaultyDisk.SEGMENTS;
    ConcurrentLinkedQueue<String> outcomes = new ConcurrentLinkedQueue<>();
    fixture.spool.append(0, value("d3", 200), 1, outcome -> outcomes.add("first " + outcome));
    await().until(() -> disk.hanging.get() > 0);
    fixture.spool.append(0, value("d4", 200), 1, outcome -> outcomes.add("second " + outcome));
    fixture.spool.setAside(fixture.all(0).get(0), kept -> outcomes.add("aside " + kept));
    fixture.close();
    assertThat(outcomes)
        .containsExactlyInAnyOrder("first FAILED", "second UNAVAILABLE", "aside false");
    disk.hangingSyncs = FaultyDisk.NONE;
    disk.release.countDown();
    await()
        .untilAsserted(
            () -> {
              try (SpoolFixture again = open()) {
                assertThat(again.ids(0)).startsWith("d0", "d1", "d2").doesNotContain("d4");
              }
            });
    assertThat(outcomes).hasSize(3);
  }

  /** A large value may have no room where the deliveries that come have. */
  @Test
  void aValueThatAFullDiskCannotSetAsideKeepsNoOtherOut() throws Exception {
    try (SpoolFixture fixture = open()) {
      fixture.append(named(0, 0, 2, 200));
      disk.message = "No space left on device";
      disk.failingWrites = file -> file.toString().contains("/aside/");
      assertThat(fixture.setAside(fixture.all(0).get(0))).isFalse();
      assertThat(fixture.spool.accepts()).isTrue();
      assertThat(fixture.append(0, "d2", 200)).isEqualTo(Appended.DURABLE);
      disk.failingWrites = FaultyDisk.NONE;
      assertThat(fixture.setAside(fixture.all(0).get(0))).isTrue();
      assertThat(fixture.spool.asideCount()).isEqualTo(1);
    }
  }

  /** A disk that is full stays so for as long as it is, however often this is tried. */
  @Test
  void attemptsToSetAsideDoNotKeepAFullSpoolClosed() throws Exception {
    AtomicLong now = new AtomicLong();
    disk.message = "No space left on device";
    try (SpoolFixture fixture =
        new SpoolFixture(temporary.resolve("spool"), SIZE, disk, now::get)) {
      fixture.append(0, "d0", 200);
      disk.failingWrites = file -> true;
      assertThat(fixture.append(0, "d1", 200)).isEqualTo(Appended.FAILED);
      Entry entry = fixture.all(0).get(0);
      for (int i = 0; i < 5; i++) { // more often than the disk is tried
        now.addAndGet(Duration.ofMillis(200).toNanos());
        assertThat(fixture.setAside(entry)).isFalse();
      }
      disk.failingWrites = file -> file.toString().contains("/aside/");
      for (int i = 0; i < 60 && !fixture.spool.accepts(); i++) {
        now.addAndGet(Duration.ofMillis(200).toNanos());
        assertThat(fixture.setAside(entry)).isFalse();
      }
      assertThat(fixture.spool.accepts()).isTrue();
    }
  }

  @Test
  void aListenerOrATaskThatFailsDoesNotEndTheWriter() throws Exception {
    try (SpoolFixture fixture = open()) {
      fixture.spool.onAppend(
          lane -> {
            throw new IllegalStateException("a bug of the caller");
          });
      assertThat(fixture.append(0, "d0", 10)).isEqualTo(Appended.DURABLE);
      assertThat(fixture.append(0, "d1", 10)).isEqualTo(Appended.DURABLE);
      fixture.spool.setAside(
          fixture.all(0).get(0),
          kept -> {
            throw new IllegalStateException("another");
          });
      assertThat(fixture.append(0, "d2", 10)).isEqualTo(Appended.DURABLE);
      assertThat(fixture.append(0, "d3", 10)).isEqualTo(Appended.DURABLE);
      assertThat(fixture.spool.failure()).isNotDone();
    }
  }

  @Test
  void aCallbackThatFailsKeepsNoOtherFromItsAnswer() throws Exception {
    try (SpoolFixture fixture = open()) {
      fixture.spool.append(
          0,
          value("d0", 10),
          1,
          outcome -> {
            throw new IllegalStateException("a bug of the caller");
          });
      assertThat(fixture.append(0, "d1", 10)).isEqualTo(Appended.DURABLE);
      assertThat(fixture.ids(0)).isEqualTo(ids(0, 2));
    }
  }

  /** What was found damaged is read all the same, and the next start repairs it. */
  @Test
  void aSalvageThatIsInterruptedIsRepeated() throws Exception {
    try (SpoolFixture fixture = open()) {
      fixture.append(named(0, 0, 6, 200));
    }
    Path segment = temporary.resolve("spool/log/00000").resolve(Segment.name(1));
    byte[] bytes = java.nio.file.Files.readAllBytes(segment);
    bytes[Frames.FILE_HEADER + 300] ^= 1;
    java.nio.file.Files.write(segment, bytes);
    List<String> readable = List.of("d0", "d2", "d3", "d4", "d5");
    disk.failingMoves = FaultyDisk.SEGMENTS;
    for (int life = 0; life < 2; life++) {
      try (SpoolFixture fixture = open()) {
        assertThat(fixture.ids(0)).isEqualTo(readable);
        assertThat(fixture.count("penstock.spool.lost")).isEqualTo(1);
      }
    }
    disk.failingMoves = FaultyDisk.NONE;
    try (SpoolFixture fixture = open()) {
      assertThat(fixture.ids(0)).isEqualTo(readable);
      assertThat(fixture.count("penstock.spool.lost")).isEqualTo(1);
    }
    try (SpoolFixture fixture = open()) {
      assertThat(fixture.ids(0)).isEqualTo(readable);
      assertThat(fixture.count("penstock.spool.lost")).isZero();
    }
  }
}
