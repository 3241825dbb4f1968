package io.penstock.ingest.spool;

import static io.penstock.ingest.spool.SpoolBench.id;
import static io.penstock.ingest.spool.SpoolBench.record;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log as RocksDB writes it, whole and damaged. */
class WriteAheadLogTest {

  private static final List<String> ALL = IntStream.range(0, 400).mapToObj(i -> "d" + i).toList();

  @TempDir static Path temporary;

  private static byte[] written = {};

  @BeforeAll
  static void write() throws Exception {
    Path spool = temporary.resolve("spool");
    try (SpoolBench bench = new SpoolBench(spool, 64L << 20)) {
      // Small ones and one that takes several blocks, alone and together.
      for (int i = 0; i < 400; i += 20) {
        int from = i;
        bench.append(
            IntStream.range(from, from + 20)
                .mapToObj(j -> record("k", "d" + j, j % 100 == 50 ? 100_000 : 300))
                .toList());
      }
    }
    try (var files = Files.list(spool.resolve("db"))) {
      Path log = files.filter(file -> file.toString().endsWith(".log")).findFirst().orElseThrow();
      written = Files.readAllBytes(log);
    }
  }

  /** The deliveries that can be read, as far as they are intact. */
  private static List<String> read(byte[] log) throws Exception {
    List<String> ids = new ArrayList<>();
    WriteAheadLog.read(
        log,
        new WriteAheadLog.Visitor() {
          @Override
          public void put(byte[] key, byte[] value) {
            if (key.length == Long.BYTES && SpoolFormat.isIntact(value)) {
              try {
                ids.add(id(SpoolFormat.decode(value)));
              } catch (SpoolFormat.UnreadableException e) {
                throw new AssertionError(e);
              }
            }
          }

          @Override
          public void delete(byte[] key) {}
        });
    return ids;
  }

  @Test
  void everythingIsReadOfAWholeLog() throws Exception {
    assertThat(read(written)).isEqualTo(ALL);
  }

  @Test
  void aFlippedBitCostsABatchAtMost() throws Exception {
    Random random = new Random(20261121);
    for (int i = 0; i < 500; i++) {
      byte[] damaged = written.clone();
      int at = random.nextInt(damaged.length);
      damaged[at] ^= (byte) (1 << random.nextInt(8));
      List<String> ids = read(damaged);
      assertThat(ALL).as("at %s", at).containsSubsequence(ids);
      // The length of a fragment is not trusted: its block is lost too, with batches before it.
      assertThat(ids).as("at %s", at).hasSizeGreaterThan(ALL.size() - 120);
    }
  }

  @Test
  void aCutLogIsReadAsFarAsItGoes() throws Exception {
    for (int length = 0; length < written.length; length += 7919) {
      List<String> ids = read(java.util.Arrays.copyOf(written, length));
      assertThat(ids).as("%s bytes", length).isEqualTo(ALL.subList(0, ids.size()));
    }
  }

  @Test
  void garbageIsNothing() throws Exception {
    byte[] garbage = new byte[200_000];
    new Random(20261121).nextBytes(garbage);
    assertThat(read(garbage)).isEmpty();
    assertThat(read(new byte[0])).isEmpty();
  }
}
