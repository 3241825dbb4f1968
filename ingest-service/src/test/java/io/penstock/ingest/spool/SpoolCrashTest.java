package io.penstock.ingest.spool;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Processes that are killed while they append, and disks that take no more. */
@Timeout(300)
class SpoolCrashTest {

  private static final long MIB = 1024 * 1024;

  @TempDir Path temporary;

  /** What a writer said, to its end or until it has said so many lines. */
  private static final class Writer implements AutoCloseable {
    private final Process process;
    private final List<String> said = new ArrayList<>();

    Writer(Path directory, String prefix, int bodySize, long maxSize) throws IOException {
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(
          List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-Xmx256m"));
      command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp"));
      command.add(System.getProperty("java.class.path"));
      command.add(SpoolWriter.class.getName());
      command.addAll(
          List.of(
              directory.toString(), prefix, Integer.toString(bodySize), Long.toString(maxSize)));
      process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    }

    void listen(int lines) throws IOException {
      BufferedReader out = process.inputReader(UTF_8);
      for (int heard = 0; heard < lines; ) {
        String line = out.readLine();
        if (line == null) {
          return;
        }
        if (line.startsWith("+") || line.startsWith("-")) {
          said.add(line);
          heard++;
        }
      }
    }

    List<String> durable() {
      return said.stream().filter(line -> line.startsWith("+")).map(l -> l.substring(1)).toList();
    }

    void kill() throws Exception {
      // Not Process.destroyForcibly(): that would close the stream with what was said last.
      process.toHandle().destroyForcibly();
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
      listen(Integer.MAX_VALUE);
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }

  @Test
  void whatWasReportedAsDurableIsThereAfterEveryKill() throws Exception {
    Path directory = temporary.resolve("spool");
    Random random = new Random(20261121);
    LinkedHashSet<String> durable = new LinkedHashSet<>();
    for (int life = 0; life < 5; life++) {
      try (Writer writer = new Writer(directory, life + "-", 3000, 256 * MIB)) {
        writer.listen(200 + random.nextInt(1500));
        writer.kill();
        assertThat(writer.durable()).hasSizeGreaterThan(100);
        durable.addAll(writer.durable());
      }
    }
    try (SpoolFixture fixture = new SpoolFixture(directory, 256 * MIB)) {
      int found = 0;
      for (int lane = 0; lane < SpoolWriter.LANES; lane++) {
        int mine = lane;
        List<String> ids = fixture.ids(lane);
        assertThat(ids).doesNotHaveDuplicates();
        assertThat(ids.stream().filter(durable::contains).toList())
            .containsExactlyElementsOf(durable.stream().filter(id -> lane(id) == mine).toList());
        found += ids.size();
      }
      assertThat(found).isGreaterThanOrEqualTo(durable.size());
      assertThat(fixture.count("penstock.spool.lost")).isZero();
    }
    try (var kept = Files.list(directory)) {
      assertThat(kept.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.startsWith("broken"));
    }
  }

  private static int lane(String id) {
    return Integer.parseInt(id.substring(id.indexOf('-') + 1)) % SpoolWriter.LANES;
  }

  /** A limit on the size of each file: large batches fail, small ones do not. */
  @Test
  void aWriteThatFailsCostsItsBatchAloneAndTheSpoolComesBack() throws Exception {
    Path directory = temporary.resolve("spool");
    List<String> durable;
    try (Writer writer = new Writer(directory, "x-", 300_000, 64 * MIB)) {
      writer.listen(1);
      // More than the test file, less than what may wait together for one lane.
      assumeTrue(
          run("prlimit", "--pid", Long.toString(writer.process.pid()), "--fsize=" + 2 * MIB),
          "needs prlimit");
      writer.listen(100);
      assertThat(writer.said).as("the limit was met").anyMatch(line -> line.startsWith("-"));
      int before = writer.durable().size();
      while (writer.durable().size() < before + 10) {
        writer.listen(1);
        assertThat(writer.process.isAlive()).isTrue();
      }
      writer.kill();
      durable = writer.durable();
    }
    try (SpoolFixture fixture = new SpoolFixture(directory, 64 * MIB)) {
      for (int lane = 0; lane < SpoolWriter.LANES; lane++) {
        int mine = lane;
        assertThat(fixture.ids(lane))
            .containsSubsequence(durable.stream().filter(id -> lane(id) == mine).toList());
      }
      assertThat(fixture.count("penstock.spool.lost")).isZero();
    }
  }

  @Test
  void aFullDiskRefusesAndLosesNothingAndIsLeftWhenThereIsRoom() throws Exception {
    Path disk = Files.createDirectory(temporary.resolve("disk"));
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", disk.toString()),
        "needs the right to mount a small file system");
    try (SpoolFixture fixture = new SpoolFixture(disk.resolve("spool"), 64 * MIB)) {
      List<String> durable = new ArrayList<>();
      Spool.Appended outcome = Spool.Appended.DURABLE;
      for (int i = 0; outcome == Spool.Appended.DURABLE; i++) {
        assertThat(i).isLessThan(1000);
        outcome = fixture.append(0, "d" + i, 100_000);
        if (outcome == Spool.Appended.DURABLE) {
          durable.add("d" + i);
        }
      }
      assertThat(outcome).isEqualTo(Spool.Appended.FAILED);
      assertThat(durable).hasSizeGreaterThan(200);
      assertThat(fixture.append(0, "next", 100_000)).isEqualTo(Spool.Appended.FULL);
      assertThat(fixture.spool.accepts()).isFalse();
      // It can be read and drained all the same.
      assertThat(fixture.ids(0)).isEqualTo(durable);
      fixture.spool.drop(0, fixture.spool.next(0));
      org.awaitility.Awaitility.await()
          .atMost(java.time.Duration.ofMinutes(2))
          .until(fixture.spool::accepts);
      assertThat(fixture.append(0, "again", 100_000)).isEqualTo(Spool.Appended.DURABLE);
      assertThat(fixture.count("penstock.spool.lost")).isZero();
    }
    try (SpoolFixture fixture = new SpoolFixture(disk.resolve("spool"), 64 * MIB)) {
      assertThat(fixture.ids(0)).containsExactly("again");
      assertThat(fixture.count("penstock.spool.lost")).isZero();
    } finally {
      run("umount", disk.toString());
    }
  }

  private static boolean run(String... command) throws Exception {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(120, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
