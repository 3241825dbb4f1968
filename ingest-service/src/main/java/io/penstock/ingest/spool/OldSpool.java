package io.penstock.ingest.spool;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.DBOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WALRecoveryMode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The spool of the version before, a RocksDB in {@code db}, and its way into the lanes.
 *
 * <p>The database is opened for reading only and copied to segments under {@code db/import}. When
 * all of them are synced, {@code db} is renamed to {@code db.imported}, which is the one step that
 * decides. Before it, a start begins again; after it, a start moves what is left of the segments.
 */
final class OldSpool {

  private static final Logger log = LoggerFactory.getLogger(OldSpool.class);

  private static final int COPIED_AT_ONCE = 1000;
  private static final long COPIED_BYTES = 4L * 1024 * 1024;
  private static final long LARGEST_SEGMENT = 64L * 1024 * 1024;

  private final SpoolDirectory directory;
  private final Disk disk;
  private final Spool.Placement placement;
  private final Path database;
  private final Map<Integer, Lane> lanes = new HashMap<>();
  private final List<Old> waiting = new ArrayList<>();
  private long waitingBytes;
  private long copied;

  OldSpool(SpoolDirectory directory, Disk disk, Spool.Placement placement) {
    this.directory = directory;
    this.disk = disk;
    this.placement = placement;
    this.database = directory.path().resolve("db");
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Old(int lane, byte[] bytes, long receivedAt) implements Lane.LaneValue {}

  private Path imported() {
    return directory.path().resolve("db.imported");
  }

  /**
   * Moves everything of an old spool to the end of the lanes. Does nothing if there is none.
   *
   * @throws IOException if it cannot be read or copied, with a message for the operator; then
   *     nothing has changed
   */
  void moveTo(Recovery lanesFound) throws IOException {
    finish(lanesFound); // what an earlier start did not
    if (!holdsData()) {
      SpoolDirectory.delete(database);
      disk.delete(directory.path().resolve("reserve"));
      return;
    }
    try {
      copy();
    } catch (RocksDBException | IOException e) {
      throw new IOException(
          "the spool of the version before, in "
              + database
              + ", cannot be taken over ("
              + e.getMessage()
              + "). It has not been changed. If the disk is full, make room for a copy of it."
              + " Otherwise start the version before again, let it drain (penstock_spool_depth is"
              + " 0), and then this one; or move that directory away to give up what is in it",
          e);
    }
    finish(lanesFound);
    disk.delete(directory.path().resolve("reserve"));
    log.atInfo()
        .addKeyValue("deliveries", copied)
        .log("The spool of the version before was taken over");
  }

  private void finish(Recovery lanesFound) throws IOException {
    if (Files.isDirectory(imported())) {
      lanesFound.adopt(imported().resolve("import"));
      SpoolDirectory.delete(imported());
    }
  }

  private boolean holdsData() throws IOException {
    return SpoolDirectory.list(database).stream()
        .map(file -> file.getFileName().toString())
        .anyMatch(name -> name.matches("\\d+\\.(sst|log)|MANIFEST-.*|CURRENT"));
  }

  private void copy() throws RocksDBException, IOException {
    Path staged = database.resolve("import");
    SpoolDirectory.delete(staged);
    disk.createDirectory(staged);
    RocksDB.loadLibrary();
    List<ColumnFamilyHandle> handles = new ArrayList<>();
    try (ColumnFamilyOptions family = new ColumnFamilyOptions();
        DBOptions options =
            new DBOptions().setWalRecoveryMode(WALRecoveryMode.TolerateCorruptedTailRecords);
        RocksDB db =
            RocksDB.openReadOnly(
                options,
                database.toString(),
                List.of(
                    new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, family),
                    new ColumnFamilyDescriptor("aside".getBytes(UTF_8), family)),
                handles)) {
      try {
        copyDeliveries(db, handles.get(0), head(db, handles.get(1)));
        copyAside(db, handles.get(1));
      } finally {
        handles.forEach(ColumnFamilyHandle::close);
      }
    }
    flush();
    lanes.values().forEach(Lane::seal);
    disk.move(database, imported());
    disk.forceDirectory(directory.path());
  }

  /** The first delivery that is not in Kafka: the first of two numbers. */
  private static long head(RocksDB db, ColumnFamilyHandle aside) throws RocksDBException {
    byte[] progress = db.get(aside, "progress".getBytes(UTF_8));
    return progress == null || progress.length != 2 * Long.BYTES
        ? 0
        : ByteBuffer.wrap(progress).getLong();
  }

  /** Under their numbers, of eight bytes. */
  private void copyDeliveries(RocksDB db, ColumnFamilyHandle deliveries, long head)
      throws RocksDBException, IOException {
    try (RocksIterator each = db.newIterator(deliveries)) {
      for (each.seek(ByteBuffer.allocate(Long.BYTES).putLong(head).array());
          each.isValid();
          each.next()) {
        copy(each.value());
      }
      each.status();
    }
  }

  /** What the landing log did not take, under {@code a} and its number. */
  private void copyAside(RocksDB db, ColumnFamilyHandle aside)
      throws RocksDBException, IOException {
    try (RocksIterator each = db.newIterator(aside)) {
      for (each.seek(new byte[] {'a'}); each.isValid(); each.next()) {
        if (each.key().length == 1 + Long.BYTES && each.key()[0] == 'a') {
          copy(each.value());
        }
      }
      each.status();
    }
  }

  private void copy(byte[] value) throws IOException {
    waiting.add(new Old(placement.lane(value), value, placement.receivedAt(value)));
    waitingBytes += value.length;
    copied++;
    if (waiting.size() >= COPIED_AT_ONCE || waitingBytes >= COPIED_BYTES) {
      flush();
    }
  }

  private void flush() throws IOException {
    Map<Integer, List<Old>> byLane = new HashMap<>();
    for (Old value : waiting) {
      byLane.computeIfAbsent(value.lane(), lane -> new ArrayList<>()).add(value);
    }
    for (var entry : byLane.entrySet()) {
      Path path = SpoolDirectory.lane(database.resolve("import"), entry.getKey());
      Lane lane = lanes.computeIfAbsent(entry.getKey(), n -> new Lane(n, path, disk, 1, 1));
      lane.write(entry.getValue(), directory.salt());
      lane.force();
      lane.commit(LARGEST_SEGMENT);
    }
    waiting.clear();
    waitingBytes = 0;
  }
}
