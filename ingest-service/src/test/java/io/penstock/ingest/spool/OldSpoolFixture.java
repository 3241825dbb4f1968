package io.penstock.ingest.spool;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.DBOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.WriteOptions;

/** Writes a spool as the version before did: a RocksDB with two column families. */
public final class OldSpoolFixture {

  private OldSpoolFixture() {}

  /**
   * Writes values under the numbers from 1 on.
   *
   * @param head the first number that has not left
   * @param flushed how many of them are in a table, and not only in the write-ahead log
   */
  static void write(Path spool, List<byte[]> values, List<byte[]> aside, long head, int flushed)
      throws Exception {
    Path database = Files.createDirectories(spool.resolve("db"));
    RocksDB.loadLibrary();
    List<ColumnFamilyHandle> handles = new ArrayList<>();
    try (ColumnFamilyOptions family = new ColumnFamilyOptions();
        WriteOptions write = new WriteOptions();
        FlushOptions flush = new FlushOptions().setWaitForFlush(true);
        DBOptions options =
            new DBOptions()
                .setCreateIfMissing(true)
                .setCreateMissingColumnFamilies(true)
                .setAvoidFlushDuringShutdown(true);
        RocksDB db =
            RocksDB.open(
                options,
                database.toString(),
                List.of(
                    new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, family),
                    new ColumnFamilyDescriptor("aside".getBytes(UTF_8), family)),
                handles)) {
      for (int i = 0; i < values.size(); i++) {
        db.put(handles.get(0), write, number(i + 1), values.get(i));
        if (i + 1 == flushed) {
          db.flush(flush, handles.get(0));
        }
      }
      for (int i = 0; i < aside.size(); i++) {
        byte[] key = ByteBuffer.allocate(9).put((byte) 'a').putLong(i + 1).array();
        db.put(handles.get(1), write, key, aside.get(i));
      }
      byte[] progress = ByteBuffer.allocate(16).putLong(head).putLong(values.size() + 1).array();
      db.put(handles.get(1), write, "progress".getBytes(UTF_8), progress);
      handles.forEach(ColumnFamilyHandle::close);
    }
    Files.write(spool.resolve("reserve"), new byte[1000]);
  }

  /**
   * Turns the spool of a process that has ended into one of the version before, in the order of its
   * lanes.
   *
   * @return how many values it has
   */
  public static int makeOld(Path spool) throws Exception {
    List<byte[]> values = new ArrayList<>();
    for (Path lane : SpoolDirectory.list(spool.resolve("log"))) {
      for (Path segment : SpoolDirectory.list(lane)) {
        Long salt = Frames.saltOf(segment);
        if (salt == null) {
          throw new IllegalStateException("damaged: " + segment);
        }
        try (FrameReader reader = new FrameReader(segment, salt, Files.size(segment), false)) {
          for (Frames.Frame frame = reader.next(); frame != null; frame = reader.next()) {
            values.add(frame.value());
          }
        }
      }
    }
    for (String name : List.of("log", "aside", "positions", "format")) {
      SpoolDirectory.delete(spool.resolve(name));
    }
    write(spool, values, List.of(), 1, values.size() / 2);
    return values.size();
  }

  private static byte[] number(long number) {
    return ByteBuffer.allocate(8).putLong(number).array();
  }
}
