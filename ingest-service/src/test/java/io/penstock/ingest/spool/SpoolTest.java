package io.penstock.ingest.spool;

import static io.penstock.ingest.spool.SpoolFixture.id;
import static io.penstock.ingest.spool.SpoolFixture.ids;
import static io.penstock.ingest.spool.SpoolFixture.named;
import static io.penstock.ingest.spool.SpoolFixture.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.penstock.ingest.spool.Spool.Appended;
import io.penstock.ingest.spool.Spool.Entry;
import io.penstock.ingest.spool.Spool.Stretch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a spool keeps, in which order, and within which bounds. */
@Timeout(300)
class SpoolTest {

  private static final long MIB = 1024 * 1024;

  @TempDir Path temporary;

  private Path directory() {
    return temporary.resolve("spool");
  }

  private SpoolFixture open() throws IOException {
    return new SpoolFixture(directory(), 64 * MIB);
  }

  @Test
  void aValueComesBackAsItWas() throws Exception {
    byte[] value = value("one", 1000);
    try (SpoolFixture fixture = open()) {
      CompletableFuture<Appended> outcome = new CompletableFuture<>();
      fixture.spool.append(7, value, 42, outcome::complete);
      assertThat(outcome.get(60, TimeUnit.SECONDS)).isEqualTo(Appended.DURABLE);
    }
    try (SpoolFixture fixture = open()) {
      List<Entry> all = fixture.all(7);
      assertThat(all).hasSize(1);
      assertThat(all.get(0).value()).isEqualTo(value);
      assertThat(all.get(0).receivedAt()).isEqualTo(42);
      assertThat(all.get(0).number()).isEqualTo(1);
    }
  }

  @Test
  void manyWaitingValuesShareOneSync() throws Exception {
    try (SpoolFixture fixture = open()) {
      long before = fixture.spool.syncs();
      List<Appended> outcomes = fixture.append(named(0, 0, 2000, 200));
      assertThat(outcomes).hasSize(2000).containsOnly(Appended.DURABLE);
      assertThat(fixture.spool.syncs() - before).isBetween(1L, 200L);
    }
  }

  @Test
  void everyAppendThatIsAwaitedHasItsOwnSync() throws Exception {
    try (SpoolFixture fixture = open()) {
      long before = fixture.spool.syncs();
      for (int i = 0; i < 10; i++) {
        fixture.append(i % 3, "d" + i, 10);
      }
      assertThat(fixture.spool.syncs() - before).isGreaterThanOrEqualTo(10);
    }
  }

  @Test
  void valuesKeepTheirOrderOverRestartsAndWhatWasDroppedStaysAway() throws Exception {
    try (SpoolFixture fixture = open()) {
      fixture.append(named(3, 0, 50, 200));
      fixture.spool.drop(3, 21);
      assertThat(fixture.spool.depth()).isEqualTo(30);
    }
    try (SpoolFixture fixture = open()) {
      fixture.append(named(3, 50, 60, 200));
      assertThat(fixture.ids(3)).isEqualTo(ids(20, 60));
      assertThat(fixture.gauge("penstock.spool.depth")).isEqualTo(40);
    }
  }

  @Test
  void lanesHaveNumbersAndHeadsOfTheirOwn() throws Exception {
    try (SpoolFixture fixture = open()) {
      fixture.append(named(0, 0, 30, 10));
      fixture.append(named(11, 0, 20, 10));
      fixture.spool.drop(11, 16);
      fixture.spool.drop(11, 4); // older than what is known
      fixture.spool.drop(99, 4); // not a lane
    }
    try (SpoolFixture fixture = open()) {
      assertThat(fixture.spool.lanes()).containsExactly(0, 11);
      assertThat(fixture.ids(0)).isEqualTo(ids(0, 30));
      assertThat(fixture.ids(11)).isEqualTo(ids(15, 20));
      assertThat(fixture.spool.head(11)).isEqualTo(16);
      assertThat(fixture.spool.next(11)).isEqualTo(21);
      assertThat(fixture.spool.head(99)).isEqualTo(1);
    }
  }

  @Test
  void aLaneThatIsNotDrainedKeepsNoOthersFiles() throws Exception {
    try (SpoolFixture fixture = open()) {
      for (int i = 0; i < 40; i++) {
        fixture.append(named(0, 0, 1, 100_000));
        fixture.append(named(1, 0, 9, 100_000));
      }
      fixture.spool.drop(1, 361);
      await().untilAsserted(() -> assertThat(fixture.spool.size()).isLessThan(5 * MIB));
      assertThat(fixture.all(0)).hasSize(40);
    }
  }

  @Test
  void aNumberIsNeverGivenTwice() throws Exception {
    try (SpoolFixture fixture = open()) {
      fixture.append(named(0, 0, 10, 10));
      fixture.spool.drop(0, 11);
    }
    for (int life = 0; life < 3; life++) {
      try (SpoolFixture fixture = open()) {
        assertThat(fixture.spool.next(0)).isEqualTo(11 + life);
        fixture.append(0, "d", 10);
        assertThat(fixture.all(0)).hasSize(1);
        fixture.spool.drop(0, 12 + life);
      }
    }
  }

  @Test
  void aStretchIsBoundedInNumberAndBytesButHoldsOneAtLeast() throws Exception {
    try (SpoolFixture fixture = open()) {
      fixture.append(named(0, 0, 10, 200));
      Stretch three = fixture.read(0, 1, 3, MIB);
      assertThat(three.entries()).extracting(entry -> id(entry.value())).isEqualTo(ids(0, 3));
      Stretch one = fixture.read(0, three.next(), 100, 1);
      assertThat(one.entries()).extracting(entry -> id(entry.value())).containsExactly("d3");
      assertThat(fixture.read(0, 11, 5, MIB).entries()).isEmpty();
      assertThat(fixture.read(0, 2, 2, MIB).entries())
          .as("read again")
          .extracting(Entry::number)
          .containsExactly(2L, 3L);
      assertThat(fixture.read(5, 1, 2, MIB)).isEqualTo(new Stretch(List.of(), 1));
    }
  }

  @Test
  void whatIsAppendedIsCountedAndReadableBeforeItIsReported() throws Exception {
    try (SpoolFixture fixture = open()) {
      List<Long> seen = new ArrayList<>();
      CountDownLatch told = new CountDownLatch(2);
      fixture.spool.onAppend(
          lane -> {
            seen.add((long) lane);
            told.countDown();
          });
      fixture.spool.append(
          4,
          value("a", 10),
          1,
          outcome -> {
            seen.add(fixture.spool.depth());
            seen.add(fixture.spool.next(4));
            told.countDown();
          });
      assertThat(told.await(60, TimeUnit.SECONDS)).isTrue();
      assertThat(seen).containsExactly(1L, 2L, 4L);
    }
  }

  @Test
  void itTakesNoMoreThanItsSizeAndTakesAgainWhenItHasRoom() throws Exception {
    long limit = 16 * MIB;
    try (SpoolFixture fixture = new SpoolFixture(directory(), limit)) {
      int taken = 0;
      while (fixture.append(0, "d" + taken, 100_000) == Appended.DURABLE) {
        taken++;
        assertThat(taken).isLessThan(1000);
      }
      assertThat(taken).isGreaterThan(100);
      assertThat(fixture.count("penstock.spool.appends", "outcome", "full")).isEqualTo(1);
      assertThat(sizeOnDisk()).isLessThanOrEqualTo(limit);
      assertThat(fixture.ids(0)).isEqualTo(ids(0, taken));
      // when
      fixture.spool.drop(0, taken + 1);
      // then
      await()
          .untilAsserted(
              () -> assertThat(fixture.gauge("penstock.spool.size")).isLessThan(2 * MIB));
      assertThat(sizeOnDisk()).isLessThan(2 * MIB);
      assertThat(fixture.append(0, "again", 100_000)).isEqualTo(Appended.DURABLE);
    }
  }

  @Test
  void aValueThatIsLargerThanTheSpoolIsRefused() throws Exception {
    try (SpoolFixture fixture = new SpoolFixture(directory(), 16 * MIB)) {
      assertThat(fixture.append(0, "large", (int) (17 * MIB))).isEqualTo(Appended.FULL);
      assertThat(fixture.append(0, "small", 10)).isEqualTo(Appended.DURABLE);
    }
  }

  @Test
  void filesAreDeletedWhileItDrains() throws Exception {
    try (SpoolFixture fixture = open()) {
      for (int i = 0; i < 40; i++) {
        fixture.append(named(0, 0, 10, 100_000));
      }
      double full = fixture.spool.size();
      assertThat(full).isGreaterThan(38 * MIB);
      fixture.spool.drop(0, 301);
      await().untilAsserted(() -> assertThat(fixture.spool.size()).isLessThan((long) (full / 2)));
      assertThat(fixture.all(0)).hasSize(100);
    }
  }

  private long sizeOnDisk() throws IOException {
    try (var files = Files.walk(directory())) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
  }

  @Test
  void whatKafkaDoesNotTakeIsSetAsideAndInItsLaneAgainAfterTheNextStart() throws Exception {
    try (SpoolFixture fixture = open()) {
      fixture.append(named(2, 0, 3, 200));
      assertThat(fixture.setAside(fixture.all(2).get(0))).isTrue();
      assertThat(fixture.setAside(fixture.all(2).get(2))).isTrue();
      fixture.spool.drop(2, 4);
      assertThat(fixture.gauge("penstock.spool.set.aside")).isEqualTo(2);
    }
    try (SpoolFixture fixture = open()) {
      assertThat(fixture.ids(2)).containsExactly("d0", "d2");
      assertThat(fixture.spool.head(2)).isEqualTo(4);
      assertThat(fixture.spool.asideCount()).isZero();
    }
    try (SpoolFixture fixture = open()) {
      assertThat(fixture.ids(2)).containsExactly("d0", "d2");
    }
  }

  @Test
  void itsAgeIsThatOfItsOldestValue() throws Exception {
    try (SpoolFixture fixture = open()) {
      assertThat(fixture.gauge("penstock.spool.oldest.age")).isZero();
      long now = System.currentTimeMillis();
      appendAt(fixture, 0, now - 9_000_000);
      assertThat(fixture.gauge("penstock.spool.oldest.age")).isGreaterThan(8_999);
      appendAt(fixture, 0, now - 5_000_000);
      appendAt(fixture, 1, now - 7_000_000);
      fixture.spool.drop(0, 2);
      await()
          .untilAsserted(
              () ->
                  assertThat(fixture.gauge("penstock.spool.oldest.age")).isBetween(6_999., 8_000.));
      fixture.spool.drop(1, 2);
      assertThat(fixture.gauge("penstock.spool.oldest.age")).isBetween(4_999., 6_000.);
      fixture.spool.drop(0, 3);
      assertThat(fixture.gauge("penstock.spool.oldest.age")).isZero();
      appendAt(fixture, 0, now - 3_000_000);
    }
    try (SpoolFixture fixture = open()) {
      assertThat(fixture.gauge("penstock.spool.oldest.age")).isBetween(2_999., 4_000.);
    }
  }

  private static void appendAt(SpoolFixture fixture, int lane, long receivedAt) throws Exception {
    CompletableFuture<Appended> outcome = new CompletableFuture<>();
    fixture.spool.append(lane, value("a", 10), receivedAt, outcome::complete);
    assertThat(outcome.get(60, TimeUnit.SECONDS)).isEqualTo(Appended.DURABLE);
  }

  /** Appends, drops and counts at once: no update of the depth is lost. */
  @Test
  void theDepthLosesNoUpdate() throws Exception {
    try (SpoolFixture fixture = open()) {
      List<Thread> threads = new ArrayList<>();
      AtomicInteger negative = new AtomicInteger();
      for (int lane = 0; lane < 4; lane++) {
        int mine = lane;
        threads.add(
            Thread.ofPlatform()
                .start(
                    () -> {
                      try {
                        for (int i = 0; i < 200; i += 2) {
                          fixture.append(named(mine, i, i + 2, 10));
                          fixture.spool.drop(mine, i + 2);
                          negative.addAndGet(fixture.spool.depth() < 0 ? 1 : 0);
                        }
                      } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                      }
                    }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(negative).hasValue(0);
      assertThat(fixture.spool.depth()).isEqualTo(4);
    }
  }

  @Test
  void aClosedSpoolAnswersEveryCall() throws Exception {
    SpoolFixture fixture = open();
    fixture.append(0, "d", 10);
    Entry entry = fixture.all(0).get(0);
    fixture.close();
    assertThat(fixture.append(0, "late", 10)).isEqualTo(Appended.UNAVAILABLE);
    assertThat(fixture.read(0, 1, 1, 1).entries()).isEmpty();
    assertThat(fixture.setAside(entry)).isFalse();
    assertThat(fixture.spool.accepts()).isFalse();
  }

  /** Whatever the directories were before: in a mounted one, and after a copy. */
  @Test
  void onlyItsOwnerMayReadIt() throws Exception {
    Path broken = directory().resolve("broken-20260101T000000Z");
    Files.createDirectories(broken);
    Files.writeString(broken.resolve("000001.log"), "a body");
    Files.createDirectories(directory().resolve("opening"));
    for (Path path : List.of(directory(), broken, directory().resolve("opening"))) {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    try (SpoolFixture fixture = open()) {
      fixture.append(0, "d", 10);
      fixture.setAside(fixture.all(0).get(0));
      try (var files = Files.walk(directory())) {
        for (Path path : files.toList()) {
          assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
              .as(path.toString())
              .isEqualTo(Files.isDirectory(path) ? "rwx------" : "rw-------");
        }
      }
    }
  }

  @Test
  void twoCannotShareADirectory() throws Exception {
    try (SpoolFixture fixture = open()) {
      assertThat(fixture.spool.accepts()).isTrue();
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(this::open)
          .withMessageContaining("in use by another process");
      // The attempt did not take the lock away.
      assertThatExceptionOfType(IOException.class).isThrownBy(this::open);
    }
    open().close();
  }

  @Test
  void valuesOfOtherTopicsAreNotTaken() throws Exception {
    open().close();
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(
            () ->
                Spool.open(
                    directory(),
                    64 * MIB,
                    "hooks",
                    SpoolFixture.PLACEMENT,
                    InstantSource.system(),
                    System::nanoTime,
                    new SimpleMeterRegistry()))
        .withMessageContaining("topics.prefix=webhooks")
        .withMessageContaining("topics.prefix=hooks");
  }

  @Test
  void anUnknownVersionIsRefusedAndNothingIsChanged() throws Exception {
    try (SpoolFixture fixture = open()) {
      fixture.append(0, "d", 10);
    }
    Path format = directory().resolve("format");
    String lines = "format=2\nwhat=ever";
    Files.writeString(format, lines + "\n" + Positions.checksum(lines) + "\n");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(this::open)
        .withMessageContaining("format=2")
        .withMessageContaining("start the version that wrote it");
    assertThat(Files.readString(format)).startsWith("format=2");
    Files.delete(format);
    try (SpoolFixture fixture = open()) {
      assertThat(fixture.ids(0)).containsExactly("d");
    }
  }

  @Test
  void aDirectoryThatCannotBeMadeIsToldSo() throws Exception {
    Path file = Files.writeString(temporary.resolve("file"), "");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> new SpoolFixture(file.resolve("spool"), 64 * MIB))
        .withMessageContaining("the directory cannot be used");
  }
}
