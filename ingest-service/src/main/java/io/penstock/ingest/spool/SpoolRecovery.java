package io.penstock.ingest.spool;

import io.penstock.ingest.spool.SpoolStore.Progress;
import io.penstock.ingest.spool.SpoolStore.Settings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileReader;
import org.rocksdb.SstFileReaderIterator;
import org.rocksdb.WALRecoveryMode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the spool's database whatever state it is in.
 *
 * <p>Strictly first; then with an incomplete end of the write-ahead log, which is what a crash
 * leaves; then with whatever is readable of it. Every file keeps a second name until everything was
 * read: if anything was lost on the way, the files are kept under {@code broken-…}, and what can
 * still be read of them one by one is put back under its number. If nothing opens, a new database
 * is made and filled so.
 */
final class SpoolRecovery {

  private static final Logger log = LoggerFactory.getLogger(SpoolRecovery.class);

  private static final Pattern SST = Pattern.compile("\\d+\\.sst");
  private static final Pattern WAL = Pattern.compile("\\d+\\.log");
  private static final int RESTORED_AT_ONCE = 1000;
  private static final long RESTORED_BYTES = 8L * 1024 * 1024;

  private final RocksDirectory directory;
  private final long writeBuffer;
  private boolean forgave;

  SpoolRecovery(RocksDirectory directory, long writeBuffer) {
    this.directory = directory;
    this.writeBuffer = writeBuffer;
  }

  /**
   * What came of it.
   *
   * @param saved how many deliveries are in the spool
   * @param lost how many are known to be missing or unreadable
   * @param broken where what was found broken is kept; null where nothing was
   */
  record Opened(SpoolStore store, long saved, long lost, @Nullable Path broken) {}

  /**
   * Opens it.
   *
   * @param visitor is shown every intact delivery that has not left, in order
   * @throws RocksDBException if the disk does not let it, for another reason than broken files
   */
  Opened open(SpoolStore.Visitor visitor) throws RocksDBException, IOException {
    if (RocksDirectory.files(directory.db()).stream().noneMatch(SpoolRecovery::isData)) {
      RocksDirectory.delete(directory.db());
      SpoolStore store = create(directory.db());
      store.position(1, 1);
      return new Opened(store, 0, 0, null);
    }
    Path links = directory.linkAside();
    SpoolStore store = openWhatIsThere();
    if (store != null) {
      try {
        return examined(store, links, visitor);
      } catch (RocksDBException | IOException | RuntimeException e) {
        store.abandon();
        throw e;
      }
    }
    Path broken = directory.nameForBroken();
    Files.move(directory.db(), broken);
    if (links != null) {
      RocksDirectory.delete(links);
    }
    store = create(directory.db());
    try {
      return filled(store, broken, null, visitor);
    } catch (RocksDBException | RuntimeException e) {
      store.abandon();
      throw e;
    }
  }

  private static boolean isData(Path file) {
    String name = file.getFileName().toString();
    return SST.matcher(name).matches()
        || WAL.matcher(name).matches()
        || name.startsWith("MANIFEST-")
        || name.equals("CURRENT");
  }

  private SpoolStore create(Path db) throws RocksDBException, IOException {
    return SpoolStore.open(
        db, new Settings(writeBuffer, true, false), WALRecoveryMode.TolerateCorruptedTailRecords);
  }

  private SpoolStore open(Path db, boolean forgiving, WALRecoveryMode mode)
      throws RocksDBException, IOException {
    return SpoolStore.open(db, new Settings(writeBuffer, false, forgiving), mode);
  }

  private @Nullable SpoolStore openWhatIsThere() throws RocksDBException, IOException {
    try {
      return open(directory.db(), false, WALRecoveryMode.AbsoluteConsistency);
    } catch (RocksDBException e) {
      throwUnlessBroken(e);
    }
    try {
      SpoolStore store = open(directory.db(), false, WALRecoveryMode.TolerateCorruptedTailRecords);
      log.info("The spool's last write was incomplete, as a crash leaves it, and was dropped");
      return store;
    } catch (RocksDBException e) {
      throwUnlessBroken(e);
      log.error("The spool's files are broken: cause={}", e.getMessage());
    }
    try {
      SpoolStore store = open(directory.db(), true, WALRecoveryMode.SkipAnyCorruptedRecords);
      forgave = true;
      return store;
    } catch (RocksDBException e) {
      throwUnlessBroken(e);
      log.error("The spool's database cannot be opened: cause={}", e.getMessage());
      return null;
    }
  }

  private static void throwUnlessBroken(RocksDBException e) throws RocksDBException {
    if (!SpoolStore.isCorruption(e)) {
      throw e;
    }
  }

  /** How much of a database can be read, and where it begins and ends. */
  private static final class Census implements SpoolStore.Visitor {
    private final SpoolStore.Visitor visitor;
    private long intact;
    private long damaged;
    private long first;
    private long last;

    Census(SpoolStore.Visitor visitor) {
      this.visitor = visitor;
    }

    static Census of(SpoolStore store, @Nullable Progress noted, SpoolStore.Visitor visitor) {
      Census census = new Census(visitor);
      census.restart();
      long from = noted == null ? 0 : noted.head();
      census.damaged += store.scan(from, census);
      long next = Math.max(census.last + 1, Math.max(from, 1));
      long end = Math.max(Math.max(next, store.end()), noted == null ? 1 : noted.next());
      census.damaged += end - next;
      store.position(noted == null ? Math.max(census.first, 1) : from, end);
      return census;
    }

    @Override
    public void restart() {
      visitor.restart();
    }

    @Override
    public void delivery(long sequence, byte[] value) {
      if (first == 0) {
        first = sequence;
      }
      last = sequence;
      if (SpoolFormat.isIntact(value)) {
        intact++;
        visitor.delivery(sequence, value);
      } else {
        damaged++;
      }
    }
  }

  private Opened examined(SpoolStore store, @Nullable Path links, SpoolStore.Visitor visitor)
      throws RocksDBException, IOException {
    Progress noted = store.noted();
    Census census = Census.of(store, noted, visitor);
    if (census.damaged == 0 && !forgave) {
      if (links != null) {
        RocksDirectory.delete(links);
      }
      return new Opened(store, census.intact, 0, null);
    }
    if (links == null) {
      log.error("The file system of the spool has no links: what was broken could not be kept");
      return new Opened(store, census.intact, census.damaged, null);
    }
    Path broken = directory.nameForBroken();
    Files.move(links, broken);
    return filled(store, broken, noted, visitor);
  }

  // Salvage: file by file, what was kept.

  /** What was found in broken files. */
  private static final class Found {
    private final SpoolStore store;
    private final SortedMap<Long, byte[]> waiting = new TreeMap<>();
    private long waitingBytes;
    private @Nullable Progress progress;

    Found(SpoolStore store) {
      this.store = store;
    }

    void entry(byte[] key, byte[] value) throws RocksDBException {
      if (key.length == Long.BYTES) {
        delivery(ByteBuffer.wrap(key).getLong(), value);
      } else if (SpoolStore.isAsideKey(key)) {
        long sequence = ByteBuffer.wrap(key).getLong(1);
        store.setAside(sequence, value);
      } else if (Arrays.equals(key, SpoolStore.PROGRESS)) {
        progress(Progress.of(value));
      }
    }

    void removed(byte[] key) throws RocksDBException {
      if (SpoolStore.isAsideKey(key)) {
        store.removeAside(ByteBuffer.wrap(key).getLong(1));
      }
    }

    void progress(@Nullable Progress found) {
      if (found != null && (progress == null || found.head() > progress.head())) {
        progress = found;
      }
    }

    void delivery(long sequence, byte[] value) throws RocksDBException {
      if (sequence > 0 && SpoolFormat.isIntact(value) && !has(sequence)) {
        waiting.put(sequence, value);
        waitingBytes += value.length;
        if (waiting.size() >= RESTORED_AT_ONCE || waitingBytes >= RESTORED_BYTES) {
          write();
        }
      }
    }

    private boolean has(long sequence) {
      try {
        byte[] value = store.get(sequence);
        return value != null && SpoolFormat.isIntact(value);
      } catch (RocksDBException e) {
        return false;
      }
    }

    void write() throws RocksDBException {
      store.restore(waiting);
      waiting.clear();
      waitingBytes = 0;
    }
  }

  private Opened filled(
      SpoolStore store, Path broken, @Nullable Progress noted, SpoolStore.Visitor visitor)
      throws RocksDBException {
    Found found = new Found(store);
    found.progress(noted);
    try {
      List<Path> files = RocksDirectory.files(broken);
      for (Path file : files) {
        if (SST.matcher(file.getFileName().toString()).matches()) {
          readTable(file, found);
        }
      }
      for (Path file : files) {
        if (WAL.matcher(file.getFileName().toString()).matches()) {
          readLog(file, found);
        }
      }
      found.write();
    } catch (RocksDBException | IOException e) {
      // A disk that is full, say: what is broken is kept, and the start goes on.
      log.error(
          "Not everything could be read back: kept={} cause={}",
          broken.getFileName(),
          e.getMessage());
    }
    Census census = Census.of(store, found.progress, visitor);
    store.leave(store.head());
    return new Opened(store, census.intact, census.damaged, broken);
  }

  private static void readTable(Path file, Found found) throws RocksDBException {
    try (Options options = new Options();
        SstFileReader reader = new SstFileReader(options);
        ReadOptions read = new ReadOptions().setFillCache(false)) {
      try {
        reader.open(file.toString());
      } catch (RocksDBException e) {
        log.error("A file cannot be read at all: file={}", file.getFileName());
        return;
      }
      long entries = entries(reader);
      try (SstFileReaderIterator iterator = reader.newIterator(read)) {
        iterator.seekToFirst();
        long last = copy(iterator, found, 0);
        // Behind an unreadable block the next number that can be read is looked for; the numbers
        // are dense.
        for (long tried = 0; last >= 0 && tried < entries; tried++) {
          iterator.seek(SpoolStore.key(last + 1));
          last = copy(iterator, found, last + 1);
        }
      }
    }
  }

  private static long entries(SstFileReader reader) {
    try {
      return reader.getTableProperties().getNumEntries();
    } catch (RocksDBException e) {
      return 1 << 16;
    }
  }

  /**
   * Copies what follows.
   *
   * @return the last number that was reached; negative at the file's end
   */
  private static long copy(SstFileReaderIterator iterator, Found found, long from)
      throws RocksDBException {
    long last = from;
    while (iterator.isValid()) {
      byte[] key = iterator.key();
      if (key.length == Long.BYTES) {
        last = ByteBuffer.wrap(key).getLong();
      }
      found.entry(key, iterator.value());
      iterator.next();
    }
    try {
      iterator.status();
      return -1;
    } catch (RocksDBException e) {
      return last;
    }
  }

  private static void readLog(Path file, Found found) throws IOException, RocksDBException {
    WriteAheadLog.read(
        Files.readAllBytes(file),
        new WriteAheadLog.Visitor() {
          @Override
          public void put(byte[] key, byte[] value) throws RocksDBException {
            found.entry(key, value);
          }

          @Override
          public void delete(byte[] key) throws RocksDBException {
            found.removed(key);
          }
        });
  }
}
