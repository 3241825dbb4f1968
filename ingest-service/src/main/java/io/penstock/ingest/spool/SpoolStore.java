package io.penstock.ingest.spool;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Statistics;
import org.rocksdb.Status;
import org.rocksdb.TickerType;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * The database of the spool, for one thread: its owner alone calls it, so that nothing native is
 * used after it was closed.
 *
 * <p>Deliveries stand in the default column family under dense sequence numbers (8 bytes,
 * big-endian, from 1). They come in order and leave in order: how far they have left is a number
 * under {@link #PROGRESS}, and files that lie wholly behind it are dropped as they are. Nothing is
 * deleted key by key, so nothing is ever compacted: a new file moves to the first level without
 * being rewritten.
 */
final class SpoolStore implements AutoCloseable {

  static {
    RocksDB.loadLibrary();
  }

  static final byte[] PROGRESS = "progress".getBytes(UTF_8);
  private static final String ASIDE_FAMILY = "aside";
  private static final byte ASIDE = 'a';
  private static final long CACHE = 4L * 1024 * 1024;

  private final DBOptions options;
  private final ColumnFamilyOptions familyOptions;
  private final LRUCache cache;
  private final Statistics statistics;
  private final WriteOptions sync = new WriteOptions().setSync(true);
  private final WriteOptions lazy = new WriteOptions();
  private final RocksDB db;
  private final ColumnFamilyHandle deliveries;
  private final ColumnFamilyHandle aside;
  private long head;
  private long next;
  private long reclaimed;
  private boolean progressSynced = true;

  /**
   * @param head the first that has not left
   * @param next the number that the next delivery gets
   */
  record Progress(long head, long next) {
    byte[] bytes() {
      return ByteBuffer.allocate(2 * Long.BYTES).putLong(head).putLong(next).array();
    }

    static @Nullable Progress of(byte @Nullable [] bytes) {
      if (bytes == null || bytes.length != 2 * Long.BYTES) {
        return null;
      }
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      return new Progress(buffer.getLong(), buffer.getLong());
    }
  }

  /** Takes the deliveries of a scan. */
  interface Visitor {

    /** Forget what was shown: the scan begins again. */
    void restart();

    /**
     * One that was found.
     *
     * @param value as it was read, perhaps damaged
     */
    void delivery(long sequence, byte[] value);
  }

  private SpoolStore(Path path, Settings settings, WALRecoveryMode mode) throws RocksDBException {
    cache = new LRUCache(CACHE);
    statistics = new Statistics();
    familyOptions = familyOptions(settings, cache);
    options = options(settings, mode).setStatistics(statistics);
    List<ColumnFamilyHandle> handles = new ArrayList<>();
    RocksDB opened = null;
    try {
      opened =
          RocksDB.open(
              options,
              path.toString(),
              List.of(
                  new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, familyOptions),
                  new ColumnFamilyDescriptor(ASIDE_FAMILY.getBytes(UTF_8), familyOptions)),
              handles);
    } finally {
      if (opened == null) {
        closeOptions();
      }
    }
    db = opened;
    deliveries = handles.get(0);
    aside = handles.get(1);
  }

  /**
   * What a database is opened with.
   *
   * @param writeBuffer in bytes: how much stands in the write-ahead log before it becomes a file
   * @param create only where there is nothing: RocksDB would take what it does not find for absent,
   *     and remove what it then does not know
   * @param forgiving whether what is missing or has the wrong size is found out when it is read
   */
  record Settings(long writeBuffer, boolean create, boolean forgiving) {}

  private static DBOptions options(Settings settings, WALRecoveryMode mode) {
    return new DBOptions()
        .setCreateIfMissing(settings.create())
        .setCreateMissingColumnFamilies(true)
        .setWalRecoveryMode(mode)
        .setParanoidChecks(!settings.forgiving())
        .setSkipCheckingSstFileSizesOnDbOpen(settings.forgiving())
        .setSkipStatsUpdateOnDbOpen(true)
        .setMaxTotalWalSize(2 * settings.writeBuffer())
        // What is counted is what is taken.
        .setAllowFAllocate(false)
        .setMaxManifestFileSize(256 * 1024)
        .setMaxOpenFiles(256)
        .setMaxBackgroundJobs(2)
        .setInfoLogLevel(InfoLogLevel.ERROR_LEVEL)
        .setKeepLogFileNum(2)
        .setMaxLogFileSize(256 * 1024)
        .setStatsDumpPeriodSec(0)
        .setStatsPersistPeriodSec(0);
  }

  private static ColumnFamilyOptions familyOptions(Settings settings, LRUCache cache) {
    return new ColumnFamilyOptions()
        .setWriteBufferSize(settings.writeBuffer())
        .setMaxWriteBufferNumber(3) // Spool counts on it
        .setCompressionType(CompressionType.NO_COMPRESSION)
        .setTableFormatConfig(
            new BlockBasedTableConfig().setBlockCache(cache).setBlockSize(16 * 1024))
        // A file moves on at once, since none overlaps another, and only files past level 0 can be
        // dropped; no amount of them slows a write down.
        .setLevel0FileNumCompactionTrigger(1)
        .setLevel0SlowdownWritesTrigger(10_000)
        .setLevel0StopWritesTrigger(20_000)
        .setMaxBytesForLevelBase(1L << 50)
        .setSoftPendingCompactionBytesLimit(0)
        .setHardPendingCompactionBytesLimit(0);
  }

  /** Opens what is there; {@link SpoolRecovery} knows what to do if that fails. */
  static SpoolStore open(Path path, Settings settings, WALRecoveryMode mode)
      throws RocksDBException, IOException {
    if (!Files.isDirectory(path)) {
      Files.createDirectory(
          path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    return new SpoolStore(path, settings, mode);
  }

  static byte[] key(long sequence) {
    return ByteBuffer.allocate(Long.BYTES).putLong(sequence).array();
  }

  // Reading, at the start.

  /** What was noted of how far the deliveries have left; null where nothing was, or is readable. */
  @Nullable Progress noted() {
    try {
      return Progress.of(db.get(aside, PROGRESS));
    } catch (RocksDBException e) {
      return null;
    }
  }

  /**
   * Shows every delivery that can be read, in order.
   *
   * @param from the first; 0 where it is not known
   * @return how many between the first and the last that can be read cannot, or are not there
   */
  long scan(long from, Visitor visitor) {
    long expected = from;
    long lost = 0;
    boolean ended = false;
    try (ReadOptions read = new ReadOptions().setFillCache(false);
        RocksIterator iterator = db.newIterator(deliveries, read)) {
      iterator.seek(key(from));
      while (iterator.isValid()) {
        long sequence = ByteBuffer.wrap(iterator.key()).getLong();
        if (expected > 0) {
          lost += sequence - expected;
        }
        expected = sequence + 1;
        visitor.delivery(sequence, iterator.value());
        iterator.next();
      }
      iterator.status();
      ended = true;
    } catch (RocksDBException e) {
      // Read one by one from here on: the numbers are dense, so what follows the bad block is
      // found.
    }
    if (!ended) {
      lost += scanSlowly(Math.max(expected, 1), visitor);
    }
    return lost;
  }

  private long scanSlowly(long from, Visitor visitor) {
    long lost = 0;
    long missing = 0;
    long end = end();
    for (long sequence = from; sequence < end; sequence++) {
      byte[] value = null;
      try {
        value = db.get(deliveries, key(sequence));
      } catch (RocksDBException e) {
        // Counted below.
      }
      if (value == null) {
        missing++;
      } else {
        lost += missing;
        missing = 0;
        visitor.delivery(sequence, value);
      }
    }
    return lost;
  }

  /** One past the highest number that any file or the write-ahead log is known to have held. */
  long end() {
    long end = 1;
    for (var file : db.getLiveFilesMetaData()) {
      byte[] largest = file.largestKey();
      if (new String(file.columnFamilyName(), UTF_8).equals("default")
          && largest.length == Long.BYTES) {
        end = Math.max(end, ByteBuffer.wrap(largest).getLong() + 1);
      }
    }
    Progress noted = noted();
    if (noted != null) {
      end = Math.max(end, noted.next());
    }
    // What is not in a file yet has higher numbers still.
    try {
      while (db.get(deliveries, key(end)) != null) {
        end++;
      }
    } catch (RocksDBException e) {
      return end;
    }
    return end;
  }

  /** Sets where the deliveries begin and end, once that is known. */
  void position(long first, long following) {
    head = first;
    next = following;
    reclaimed = first;
  }

  // Work.

  long head() {
    return head;
  }

  long next() {
    return next;
  }

  /** Writes all, in order, with one sync. On failure nothing is known of what was written. */
  void append(List<byte[]> values) throws RocksDBException {
    try (WriteBatch batch = new WriteBatch()) {
      long sequence = next;
      for (byte[] value : values) {
        batch.put(deliveries, key(sequence++), value);
      }
      db.write(sync, batch);
      next = sequence;
    }
  }

  /** Writes deliveries under the numbers that they had. */
  void restore(SortedMap<Long, byte[]> values) throws RocksDBException {
    try (WriteBatch batch = new WriteBatch()) {
      for (var entry : values.entrySet()) {
        batch.put(deliveries, key(entry.getKey()), entry.getValue());
      }
      db.write(sync, batch);
    }
  }

  /** Null if there is none. */
  byte @Nullable [] get(long sequence) throws RocksDBException {
    return db.get(deliveries, key(sequence));
  }

  /** Notes that all before this one have left. It may be forgotten in a crash. */
  void leave(long first) throws RocksDBException {
    head = first;
    db.put(aside, lazy, PROGRESS, new Progress(head, next).bytes());
    progressSynced = false;
  }

  /**
   * Drops the files of what has left.
   *
   * @param flush whether to make a file of the write-ahead log first, so that it can go as well
   */
  void reclaim(boolean flush) throws RocksDBException {
    if (head == reclaimed) {
      return;
    }
    syncProgress();
    if (flush) {
      try (var wait = new org.rocksdb.FlushOptions().setWaitForFlush(true)) {
        db.flush(wait, List.of(deliveries, aside));
      }
    }
    db.deleteFilesInRanges(deliveries, List.of(key(0), key(head)), false);
    reclaimed = head;
  }

  /** What is dropped must be known to have left, or it would count as lost after a crash. */
  private void syncProgress() throws RocksDBException {
    if (!progressSynced) {
      db.put(aside, sync, PROGRESS, new Progress(head, next).bytes());
      progressSynced = true;
    }
  }

  // What Kafka does not take.

  void setAside(long sequence, byte[] value) throws RocksDBException {
    db.put(aside, sync, asideKey(sequence), value);
  }

  void removeAside(long sequence) throws RocksDBException {
    db.delete(aside, sync, asideKey(sequence));
  }

  SortedMap<Long, byte[]> allAside() {
    SortedMap<Long, byte[]> all = new TreeMap<>();
    try (RocksIterator iterator = db.newIterator(aside)) {
      for (iterator.seek(new byte[] {ASIDE}); iterator.isValid(); iterator.next()) {
        byte[] key = iterator.key();
        if (isAsideKey(key)) {
          all.put(ByteBuffer.wrap(key).getLong(1), iterator.value());
        }
      }
    }
    return all;
  }

  static boolean isAsideKey(byte[] key) {
    return key.length == 1 + Long.BYTES && key[0] == ASIDE;
  }

  static byte[] asideKey(long sequence) {
    return ByteBuffer.allocate(1 + Long.BYTES).put(ASIDE).putLong(sequence).array();
  }

  /** How many times the write-ahead log was synced to the disk. */
  long syncs() {
    return statistics.getTickerCount(TickerType.WAL_FILE_SYNCED);
  }

  /** Whether a failure means that bytes are not as they were written, or not there. */
  static boolean isCorruption(RocksDBException e) {
    Status status = e.getStatus();
    if (status == null) {
      return true;
    }
    String state = String.valueOf(status.getState());
    return switch (status.getCode()) {
      case Corruption, NotFound, InvalidArgument, NotSupported -> true;
      case IOError ->
          status.getSubCode() != Status.SubCode.NoSpace
              && (state.contains("No such file") || state.contains("truncated"));
      default -> false;
    };
  }

  /** Everything that was written is on disk when this returns, if the disk takes it. */
  @Override
  public void close() {
    try {
      syncProgress();
    } catch (RocksDBException e) {
      // Copies will be sent of what has left, which the pipeline removes.
    }
    abandon();
  }

  /** Closes without a last write. */
  void abandon() {
    deliveries.close();
    aside.close();
    try {
      db.closeE();
    } catch (RocksDBException e) {
      db.close();
    }
    closeOptions();
  }

  private void closeOptions() {
    options.close();
    familyOptions.close();
    statistics.close();
    cache.close();
    sync.close();
    lazy.close();
  }
}
