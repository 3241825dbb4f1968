package io.penstock.ingest.spool;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The format of a segment, version 1. All numbers are big-endian.
 *
 * <p>A segment begins with a header of 20 bytes: magic, version, salt, CRC32C of these. Frames
 * follow: CRC32C (of the salt and of the rest of the frame), length of the value, kind, index in
 * the segment, time of receipt, value. The number of a value in its lane is the number in the
 * segment's name plus the index. The salt is random and secret: a sender cannot write bytes into a
 * body that a salvage would take for a frame.
 */
final class Frames {

  static final int VERSION = 1;
  static final int FILE_HEADER = 20;
  static final int HEADER = 21;

  /** A frame with a value. */
  static final byte VALUE = 1;

  /** A frame that says how many numbers are lost from its own on: four bytes. */
  static final byte GAP = 2;

  private static final int MAGIC = 0x5053_4c47;

  private Frames() {}

  /**
   * A frame as it was read.
   *
   * @param receivedAt in milliseconds since the epoch
   */
  record Frame(byte kind, int index, long receivedAt, byte[] value) {

    /** How many numbers it stands for. */
    int numbers() {
      return kind == GAP ? ByteBuffer.wrap(value).getInt() : 1;
    }
  }

  static ByteBuffer fileHeader(long salt) {
    ByteBuffer header =
        ByteBuffer.allocate(FILE_HEADER).putInt(MAGIC).putInt(VERSION).putLong(salt);
    return header.putInt(checksum(header.array(), 0, 16)).flip();
  }

  /** The salt of a segment; null if its header is damaged. */
  static @Nullable Long salt(ByteBuffer header) throws UnknownVersionException {
    if (header.remaining() < FILE_HEADER
        || header.getInt(0) != MAGIC
        || header.getInt(16) != checksum(header.array(), 0, 16)) {
      return null;
    }
    if (header.getInt(4) != VERSION) {
      throw new UnknownVersionException(header.getInt(4));
    }
    return header.getLong(8);
  }

  /** The salt of a segment on the disk; null if its header is damaged. */
  static @Nullable Long saltOf(Path file) throws IOException, UnknownVersionException {
    try (InputStream in = Files.newInputStream(file)) {
      return salt(ByteBuffer.wrap(in.readNBytes(FILE_HEADER)));
    }
  }

  /** Intact, and of a version that this one cannot read. */
  static final class UnknownVersionException extends Exception {
    private static final long serialVersionUID = 1;

    UnknownVersionException(int version) {
      super("written in version " + version + " of the spool's format, and this version reads 1");
    }
  }

  static long size(byte[] value) {
    return HEADER + (long) value.length;
  }

  static void put(ByteBuffer into, long salt, byte kind, int index, long receivedAt, byte[] value) {
    int start = into.position();
    into.putInt(0).putInt(value.length).put(kind).putInt(index).putLong(receivedAt).put(value);
    into.putInt(start, checksum(salt, into.array(), into.arrayOffset() + start, value.length));
  }

  /** The checksum of a frame whose bytes begin at an offset. */
  static int checksum(long salt, byte[] bytes, int offset, int length) {
    CRC32C checksum = new CRC32C();
    checksum.update(ByteBuffer.allocate(Long.BYTES).putLong(salt).flip());
    checksum.update(bytes, offset + Integer.BYTES, HEADER - Integer.BYTES + length);
    return (int) checksum.getValue();
  }

  private static int checksum(byte[] bytes, int from, int to) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes, from, to - from);
    return (int) checksum.getValue();
  }
}
