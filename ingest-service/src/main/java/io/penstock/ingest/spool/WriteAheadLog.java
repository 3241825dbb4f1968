package io.penstock.ingest.spool;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.rocksdb.RocksDBException;

/**
 * Reads what can be read of a write-ahead log of RocksDB, where RocksDB itself gives it up: it does
 * not open a database if a damaged fragment lies amid a batch of writes.
 *
 * <p>A log is blocks of 32 KiB; a block holds fragments (masked CRC32C, length, type, bytes), of
 * which one or several make a batch: a header, and puts and deletions with lengths before their
 * parts. See "Write Ahead Log File Format" in RocksDB's documentation.
 */
final class WriteAheadLog {

  private static final int BLOCK = 32 * 1024;
  private static final int HEADER = 7;
  private static final int FULL = 1;
  private static final int FIRST = 2;
  private static final int MIDDLE = 3;
  private static final int LAST = 4;

  private static final int BATCH_HEADER = 12;
  private static final int DELETION = 0;
  private static final int VALUE = 1;
  private static final int FAMILY_DELETION = 4;
  private static final int FAMILY_VALUE = 5;

  private final byte[] file;
  private final Visitor visitor;
  private final ByteArrayOutputStream batch = new ByteArrayOutputStream();
  private boolean inBatch;

  /** Takes what was written, in order. */
  interface Visitor {
    void put(byte[] key, byte[] value) throws RocksDBException;

    void delete(byte[] key) throws RocksDBException;
  }

  private WriteAheadLog(byte[] file, Visitor visitor) {
    this.file = file;
    this.visitor = visitor;
  }

  /** Shows all that is readable, the beginnings of damaged batches included. */
  static void read(byte[] file, Visitor visitor) throws RocksDBException {
    WriteAheadLog log = new WriteAheadLog(file, visitor);
    for (int block = 0; block < file.length; block += BLOCK) {
      log.block(block, Math.min(block + BLOCK, file.length));
    }
    log.end();
  }

  private void block(int from, int to) throws RocksDBException {
    int at = from;
    while (at + HEADER <= to) {
      ByteBuffer header = ByteBuffer.wrap(file, at, HEADER).order(ByteOrder.LITTLE_ENDIAN);
      int checksum = header.getInt();
      int length = Short.toUnsignedInt(header.getShort());
      int type = header.get();
      int start = at + HEADER;
      if (start + length > to) {
        end();
        return;
      }
      if (type == 0 && length == 0) {
        return; // the rest of the block is empty
      }
      if (checksum == masked(at + HEADER - 1, length + 1)) {
        fragment(type, start, length);
      } else {
        end();
      }
      at = start + length;
    }
  }

  private void fragment(int type, int start, int length) throws RocksDBException {
    if (type == FULL || type == FIRST) {
      end();
      inBatch = true;
    }
    if (type >= FULL && type <= LAST && inBatch) {
      batch.write(file, start, length);
    }
    if (type == FULL || type == LAST) {
      end();
    } else if (type != FIRST && type != MIDDLE) {
      end(); // of no use to us
    }
  }

  /** A batch is complete, or never will be. */
  private void end() throws RocksDBException {
    if (inBatch) {
      entries(ByteBuffer.wrap(batch.toByteArray()));
    }
    inBatch = false;
    batch.reset();
  }

  private void entries(ByteBuffer bytes) throws RocksDBException {
    if (bytes.remaining() < BATCH_HEADER) {
      return;
    }
    bytes.position(BATCH_HEADER);
    try {
      while (bytes.hasRemaining()) {
        int tag = bytes.get();
        if (tag == FAMILY_VALUE || tag == FAMILY_DELETION) {
          length(bytes); // which family is told by the form of the key
        }
        switch (tag) {
          case VALUE, FAMILY_VALUE -> visitor.put(part(bytes), part(bytes));
          case DELETION, FAMILY_DELETION -> visitor.delete(part(bytes));
          default -> {
            return; // nothing that we write
          }
        }
      }
    } catch (BufferUnderflowException e) {
      // Where the damage begins.
    }
  }

  private static byte[] part(ByteBuffer bytes) {
    int length = length(bytes);
    if (length < 0 || length > bytes.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] part = new byte[length];
    bytes.get(part);
    return part;
  }

  /** Seven bits a byte, the lowest first. */
  private static int length(ByteBuffer bytes) {
    int length = 0;
    for (int shift = 0; shift < Integer.SIZE; shift += 7) {
      byte next = bytes.get();
      length |= (next & 0x7f) << shift;
      if (next >= 0) {
        return length;
      }
    }
    throw new BufferUnderflowException();
  }

  private int masked(int from, int length) {
    CRC32C checksum = new CRC32C();
    checksum.update(file, from, length);
    int crc = (int) checksum.getValue();
    return ((crc >>> 15) | (crc << 17)) + 0xa282ead8;
  }
}
