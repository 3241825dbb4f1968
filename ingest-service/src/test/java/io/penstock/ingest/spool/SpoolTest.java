package io.penstock.ingest.spool;

import static io.penstock.ingest.spool.SpoolBench.id;
import static io.penstock.ingest.spool.SpoolBench.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.penstock.ingest.landing.LandingRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
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

  private SpoolBench open() throws IOException {
    return new SpoolBench(directory(), 64 * MIB);
  }

  private static List<LandingRecord> records(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> record("k" + i % 7, "d" + i, 200)).toList();
  }

  private static List<String> ids(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> "d" + i).toList();
  }

  @Test
  void aDeliveryComesBackAsItWas() throws Exception {
    LandingRecord record = record("entität", "one", 1000);
    try (SpoolBench bench = open()) {
      assertThat(bench.append(record)).isEqualTo(RocksSpool.Appended.DURABLE);
    }
    try (SpoolBench bench = open()) {
      assertThat(bench.all()).hasSize(1);
      assertThat(bench.all().get(0).record()).usingRecursiveComparison().isEqualTo(record);
    }
  }

  @Test
  void manyWaitingDeliveriesShareOneSync() throws Exception {
    try (SpoolBench bench = open()) {
      long before = bench.spool.syncs();
      List<RocksSpool.Appended> outcomes = bench.append(records(0, 2000));
      assertThat(outcomes).hasSize(2000).containsOnly(RocksSpool.Appended.DURABLE);
      assertThat(bench.spool.syncs() - before).isBetween(1L, 200L);
    }
  }

  @Test
  void everyAppendThatIsAwaitedHasItsOwnSync() throws Exception {
    try (SpoolBench bench = open()) {
      long before = bench.spool.syncs();
      for (LandingRecord record : records(0, 10)) {
        bench.append(record);
      }
      assertThat(bench.spool.syncs() - before).isGreaterThanOrEqualTo(10);
    }
  }

  @Test
  void deliveriesKeepTheirOrderOverRestartsAndWhatLeftStaysAway() throws Exception {
    try (SpoolBench bench = open()) {
      bench.append(records(0, 50));
      bench.spool.left(21);
      assertThat(bench.spool.depth()).isEqualTo(30);
    }
    try (SpoolBench bench = open()) {
      bench.append(records(50, 60));
      assertThat(bench.ids()).isEqualTo(ids(20, 60));
      assertThat(bench.gauge("penstock.spool.depth")).isEqualTo(40);
    }
  }

  @Test
  void aStretchIsBoundedInNumberAndBytesButHoldsOneAtLeast() throws Exception {
    try (SpoolBench bench = open()) {
      bench.append(records(0, 10));
      RocksSpool.Stretch three = bench.read(1, 3, MIB);
      assertThat(three.deliveries()).extracting(each -> id(each.record())).isEqualTo(ids(0, 3));
      RocksSpool.Stretch one = bench.read(three.next(), 100, 1);
      assertThat(one.deliveries()).extracting(each -> id(each.record())).containsExactly("d3");
      assertThat(bench.read(11, 5, MIB).deliveries()).isEmpty();
    }
  }

  @Test
  void aKeyIsHeldFromTheDecisionUntilItsDeliveryIsHandedOver() throws Exception {
    try (SpoolBench bench = open()) {
      assertThat(bench.spool.holds("k")).isFalse();
      List<Boolean> heldWhenDurable = new ArrayList<>();
      bench.spool.append(record("k", "a", 1), done -> heldWhenDurable.add(bench.spool.holds("k")));
      assertThat(bench.spool.holds("k")).isTrue();
      bench.append(record("k", "b", 1));
      assertThat(heldWhenDurable).containsExactly(true);
      List<RocksSpool.Spooled> both = bench.all();
      bench.spool.handedOver(both.get(0));
      assertThat(bench.spool.holds("k")).isTrue();
      bench.spool.handedOver(both.get(1));
      assertThat(bench.spool.holds("k")).isFalse();
      bench.spool.takenBack(both.get(1));
      assertThat(bench.spool.holds("k")).isTrue();
    }
    try (SpoolBench bench = open()) {
      assertThat(bench.spool.holds("k")).isTrue();
      assertThat(bench.spool.holds("other")).isFalse();
    }
  }

  @Test
  void itTakesNoMoreThanItsSizeAndTakesAgainWhenItHasRoom() throws Exception {
    long limit = 16 * MIB;
    try (SpoolBench bench = new SpoolBench(directory(), limit)) {
      int taken = 0;
      while (bench.append(record("k", "d" + taken, 100_000)) == RocksSpool.Appended.DURABLE) {
        taken++;
        assertThat(taken).isLessThan(1000);
      }
      assertThat(taken).isGreaterThan(100);
      assertThat(bench.count("penstock.spool.appends", "outcome", "full")).isEqualTo(1);
      assertThat(bench.spool.holds("k")).isTrue();
      assertThat(sizeOnDisk()).isLessThanOrEqualTo(limit);
      assertThat(bench.ids()).isEqualTo(ids(0, taken));
      // when
      bench.spool.left(bench.spool.head() + taken);
      // then
      await()
          .untilAsserted(() -> assertThat(bench.gauge("penstock.spool.size")).isLessThan(2 * MIB));
      assertThat(sizeOnDisk()).isLessThan(2 * MIB);
      assertThat(bench.append(record("k", "again", 100_000)))
          .isEqualTo(RocksSpool.Appended.DURABLE);
    }
  }

  @Test
  void whatIsRefusedLeavesNoMark() throws Exception {
    try (SpoolBench bench = new SpoolBench(directory(), 16 * MIB)) {
      assertThat(bench.append(record("k", "large", (int) (17 * MIB))))
          .isEqualTo(RocksSpool.Appended.FULL);
      assertThat(bench.spool.holds("k")).isFalse();
    }
  }

  @Test
  void filesAreDroppedWhileItDrains() throws Exception {
    try (SpoolBench bench = open()) {
      for (int i = 0; i < 40; i++) {
        bench.append(IntStream.range(0, 10).mapToObj(j -> record("k", "d", 100_000)).toList());
      }
      double full = bench.spool.size();
      assertThat(full).isGreaterThan(38 * MIB);
      bench.spool.left(301);
      await().untilAsserted(() -> assertThat(bench.spool.size()).isLessThan((long) (full / 2)));
      assertThat(bench.all()).hasSize(100);
    }
  }

  private long sizeOnDisk() throws IOException {
    try (var files = Files.walk(directory())) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
  }

  @Test
  void whatKafkaDoesNotTakeIsSetAsideAndTriedAgainAtTheNextStart() throws Exception {
    try (SpoolBench bench = open()) {
      bench.append(records(0, 3));
      List<RocksSpool.Spooled> all = bench.all();
      java.util.concurrent.CountDownLatch kept = new java.util.concurrent.CountDownLatch(1);
      bench.spool.setAside(all.get(0), done -> kept.countDown());
      kept.await();
      bench.spool.left(4);
      assertThat(bench.gauge("penstock.spool.set.aside")).isEqualTo(1);
    }
    try (SpoolBench bench = open()) {
      assertThat(bench.ids()).containsExactly("d0");
      assertThat(bench.spool.asideCount()).isZero();
      assertThat(bench.spool.holds("k0")).isTrue();
    }
  }

  @Test
  void itsAgeIsThatOfItsOldestDelivery() throws Exception {
    try (SpoolBench bench = open()) {
      assertThat(bench.gauge("penstock.spool.oldest.age")).isZero();
      bench.append(record("k", "old", 1));
      assertThat(bench.gauge("penstock.spool.oldest.age")).isGreaterThan(1000);
      bench.spool.left(2);
      assertThat(bench.gauge("penstock.spool.oldest.age")).isZero();
    }
  }

  @Test
  void onlyItsOwnerMayReadIt() throws Exception {
    try (SpoolBench bench = open()) {
      assertThat(bench.spool.accepts()).isTrue();
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory())))
          .isEqualTo("rwx------");
      assertThat(
              PosixFilePermissions.toString(
                  Files.getPosixFilePermissions(directory().resolve("db"))))
          .isEqualTo("rwx------");
    }
  }

  @Test
  void twoCannotShareADirectory() throws Exception {
    try (SpoolBench bench = open()) {
      assertThat(bench.spool.accepts()).isTrue();
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(this::open)
          .withMessageContaining("in use by another process");
    }
    open().close();
  }

  @Test
  void deliveriesOfOtherTopicsAreNotTaken() throws Exception {
    open().close();
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(
            () ->
                RocksSpool.open(
                    directory(),
                    64 * MIB,
                    "hooks",
                    InstantSource.system(),
                    System::nanoTime,
                    new SimpleMeterRegistry()))
        .withMessageContaining("topics.prefix=webhooks")
        .withMessageContaining("topics.prefix=hooks");
  }

  @Test
  void aDirectoryThatCannotBeMadeIsToldSo() throws Exception {
    Path file = Files.writeString(temporary.resolve("file"), "");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> new SpoolBench(file.resolve("spool"), 64 * MIB))
        .withMessageContaining("the directory cannot be used");
  }
}
