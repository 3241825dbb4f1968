package io.penstock.ingest.pipeline;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.NativeLibraryLoader;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.WriteBufferManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One bounded cache for the stores of all tasks of this process. By default each of a store's
 * segments would take 50 MB of cache and 48 MB of write buffers: more than 3 GB for twelve
 * partitions.
 */
public final class BoundedRocksDb implements RocksDBConfigSetter {

  private static final Logger log = LoggerFactory.getLogger(BoundedRocksDb.class);

  private static final long CACHE_BYTES = 128L * 1024 * 1024;
  private static final long WRITE_BUFFER_BYTES = 64L * 1024 * 1024;
  private static final long ONE_WRITE_BUFFER_BYTES = 8L * 1024 * 1024;

  /** Made with the first store, when the library is there. */
  private static final class Shared {
    static final Cache CACHE = new LRUCache(CACHE_BYTES);
    static final WriteBufferManager WRITE_BUFFERS =
        new WriteBufferManager(WRITE_BUFFER_BYTES, CACHE);

    private Shared() {}
  }

  /**
   * Loads the native library from a directory that outlives the process. By default each process
   * leaves a copy of 15 MB among the temporary files if it is killed.
   *
   * @throws IOException if the library cannot be written there
   * @throws UnsatisfiedLinkError if it cannot be run from either place
   */
  static void load(Path directory) throws IOException {
    try {
      NativeLibraryLoader.getInstance().loadLibrary(directory.toString());
    } catch (UnsatisfiedLinkError e) {
      log.atInfo()
          .addKeyValue("directory", directory)
          .log("RocksDB's library cannot be run from this directory; the usual place is tried");
      RocksDB.loadLibrary();
    }
  }

  @Override
  public void setConfig(String storeName, Options options, Map<String, Object> configs) {
    BlockBasedTableConfig table = (BlockBasedTableConfig) options.tableFormatConfig();
    table.setBlockCache(Shared.CACHE);
    table.setCacheIndexAndFilterBlocks(true);
    table.setPinTopLevelIndexAndFilter(true);
    // Nearly every lookup is for an id that is not stored: the filter answers it without a read.
    table.setFilterPolicy(new BloomFilter(10, false));
    options.setTableFormatConfig(table);
    options.setWriteBufferManager(Shared.WRITE_BUFFERS);
    options.setWriteBufferSize(ONE_WRITE_BUFFER_BYTES);
    options.setMaxWriteBufferNumber(2);
  }

  @Override
  public void close(String storeName, Options options) {
    // Cache and write buffers are shared by all stores, and live as long as the process.
  }
}
