package io.penstock.ingest.pipeline;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.WindowStore;
import org.apache.kafka.streams.state.WindowStoreIterator;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a lookup in the deduplication store of one partition costs, in a store that is empty or has
 * ids of the whole window. The store is the pipeline's own, on disk, with its settings of RocksDB
 * but without its changelog. {@code -p ids=5000000} fills it as a long window does.
 *
 * <p>It is in the pipeline's package, since it uses what the pipeline does not export.
 */
@NullMarked
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(1)
public class StoreBenchmark {

  private static final Instant START = Instant.parse("2026-11-26T00:00:00Z");
  private static final Duration WINDOW = Duration.ofDays(3);
  private static final int ID_BYTES = 16;

  /** How many ids the store has. */
  @Param({"0", "200000"})
  public int ids;

  private final SplittableRandom random = new SplittableRandom(7);
  private Path directory;
  private TopologyTestDriver driver;
  private WindowStore<byte[], byte[]> store;

  /** Has no state yet: see {@link #open}. */
  @SuppressWarnings("NullAway.Init") // JMH calls the set-up
  public StoreBenchmark() {}

  /** Fills the store: an id at each step of time, over the whole window. */
  @Setup(Level.Trial)
  public void open() throws IOException {
    directory = Files.createTempDirectory("penstock-store-");
    Properties properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "benchmark");
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "none:1");
    properties.put(StreamsConfig.STATE_DIR_CONFIG, directory.toString());
    properties.put(
        StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, BoundedRocksDb.class.getName());
    driver = new TopologyTestDriver(topology(), properties, START);
    store = driver.getWindowStore(Deduplicate.STORE);
    for (int i = 0; i < ids; i++) {
      byte[] id = id(i);
      store.put(id, Seen.of(i, id).bytes(), at(i));
    }
    store.commit(Map.of()); // onto the disk
    if (ids > 0 && (lookUp(id(ids / 2)) == null || lookUp(id(0)) == null)) {
      throw new IllegalStateException("The store has lost an id");
    }
  }

  private static Topology topology() {
    var bytes = Serdes.ByteArray();
    Topology topology = new Topology();
    topology.addSource("inbound", bytes.deserializer(), bytes.deserializer(), "inbound");
    topology.addProcessor(
        Deduplicate.NODE,
        () -> new Deduplicate(WINDOW, Parking.NONE, ReadinessJudge.NONE),
        "inbound");
    topology.addStateStore(
        Stores.windowStoreBuilder(
                Stores.persistentWindowStore(
                    Deduplicate.STORE, PipelineTopology.retention(WINDOW), WINDOW, false),
                bytes,
                bytes)
            .withLoggingDisabled(),
        Deduplicate.NODE);
    return topology;
  }

  /** Closes the store and deletes it. */
  @TearDown(Level.Trial)
  public void close() throws IOException {
    driver.close();
    List<Path> files;
    try (Stream<Path> all = Files.walk(directory)) {
      files = all.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : files) {
      Files.deleteIfExists(file);
    }
  }

  /** Looks for an id that is not there, as nearly every lookup does. */
  @Benchmark
  public byte[] absent() {
    return found(lookUp(id(-1 - random.nextInt(Integer.MAX_VALUE))));
  }

  /** Looks for an id that is there, at any place of the window. */
  @Benchmark
  public byte[] present() {
    return found(lookUp(id(ids == 0 ? -1 : random.nextInt(ids))));
  }

  private static byte[] found(byte @Nullable [] value) {
    return value == null ? new byte[0] : value;
  }

  /** As {@link Deduplicate} does at the end of the window. */
  private byte @Nullable [] lookUp(byte[] id) {
    long now = START.toEpochMilli() + WINDOW.toMillis();
    try (WindowStoreIterator<byte[]> copies =
        store.fetch(id, now - WINDOW.toMillis(), now + WINDOW.toMillis())) {
      return copies.hasNext() ? copies.next().value : null;
    }
  }

  private long at(int number) {
    return START.toEpochMilli() + (long) ((double) number / ids * WINDOW.toMillis());
  }

  /** Bytes as evenly spread as those of a digest. */
  private static byte[] id(int number) {
    SplittableRandom bits = new SplittableRandom(number);
    return ByteBuffer.allocate(ID_BYTES).putLong(bits.nextLong()).putLong(bits.nextLong()).array();
  }
}
