package io.penstock.ingest.spool;

import io.penstock.ingest.spool.Frames.Frame;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads a segment from its first frame to its last. Behind bytes that are no frame it looks for the
 * next frame byte by byte. For one thread; needs memory for one frame.
 */
final class FrameReader implements AutoCloseable {

  private static final int CHUNK = 64 * 1024;
  private static final int SECTOR = 4096;

  private final FileChannel channel;
  private final long salt;
  private final boolean tolerant;

  private ByteBuffer buffer = ByteBuffer.allocate(CHUNK).limit(0);
  private long base;
  private long limit;
  private long position = Frames.FILE_HEADER;
  private int expected;
  private boolean unreadable;

  /**
   * Opens a segment.
   *
   * @param limit up to where it may be read, in bytes
   * @param tolerant whether sectors that the disk does not return are read as zeros; otherwise they
   *     fail
   */
  FrameReader(Path file, long salt, long limit, boolean tolerant) throws IOException {
    this.channel = FileChannel.open(file, StandardOpenOption.READ);
    this.salt = salt;
    this.limit = limit;
    this.tolerant = tolerant;
  }

  /** The segment has grown. */
  void limit(long grown) {
    limit = grown;
  }

  /** Up to where frames were read, in bytes: behind the last intact one. */
  long position() {
    return position;
  }

  /** The index that follows the last intact frame. */
  int expected() {
    return expected;
  }

  /** Whether the disk did not return something. */
  boolean isUnreadable() {
    return unreadable;
  }

  /** The next intact frame; null if there is none before the limit. */
  @Nullable Frame next() throws IOException {
    for (long at = position; at + Frames.HEADER <= limit; at++) {
      Frame frame = frameAt(at, -1);
      if (frame != null) {
        position = at + Frames.size(frame.value());
        expected = frame.index() + frame.numbers();
        return frame;
      }
    }
    return null;
  }

  /**
   * The frame that fills the segment from here to its limit, if only the length in it is damaged.
   */
  @Nullable Frame lastWithoutLength() throws IOException {
    long length = limit - position - Frames.HEADER;
    return length < 0 || length > Integer.MAX_VALUE ? null : frameAt(position, (int) length);
  }

  /**
   * Whether what follows the last intact frame looks like a write that was cut off: a frame that
   * goes on behind the end, or nothing but zeros.
   */
  boolean endsTorn() throws IOException {
    if (position + Frames.HEADER > limit) {
      return true;
    }
    require(position, Frames.HEADER);
    int length = buffer.getInt((int) (position - base) + 4);
    if (length >= 0 && position + Frames.HEADER + length > limit) {
      return true;
    }
    for (long at = position; at < limit; at++) {
      require(at, 1);
      if (buffer.get((int) (at - base)) != 0) {
        return false;
      }
    }
    return true;
  }

  private @Nullable Frame frameAt(long at, int knownLength) throws IOException {
    require(at, Frames.HEADER);
    int offset = (int) (at - base);
    int length = knownLength < 0 ? buffer.getInt(offset + 4) : knownLength;
    byte kind = buffer.get(offset + 8);
    int index = buffer.getInt(offset + 9);
    boolean plausible =
        length >= 0
            && at + Frames.HEADER + length <= limit
            && (kind == Frames.VALUE || (kind == Frames.GAP && length == Integer.BYTES))
            && index >= expected;
    if (!plausible) {
      return null;
    }
    require(at, Frames.HEADER + length);
    offset = (int) (at - base);
    int written = buffer.getInt(offset + 4);
    buffer.putInt(offset + 4, length);
    int checksum = Frames.checksum(salt, buffer.array(), offset, length);
    buffer.putInt(offset + 4, written);
    if (buffer.getInt(offset) != checksum) {
      return null;
    }
    int start = offset + Frames.HEADER;
    return new Frame(
        kind,
        index,
        buffer.getLong(offset + 13),
        Arrays.copyOfRange(buffer.array(), start, start + length));
  }

  /** Brings bytes of the segment into the buffer. */
  private void require(long at, int count) throws IOException {
    if (at >= base && at + count <= base + buffer.limit() && buffer.limit() > 0) {
      return;
    }
    int wanted = (int) Math.min(Math.max(count, CHUNK), limit - at);
    if (buffer.capacity() < wanted || buffer.capacity() > Math.max(wanted, 16 * CHUNK)) {
      buffer = ByteBuffer.allocate(wanted);
    }
    base = at;
    buffer.clear().limit(wanted);
    try {
      fill(at, wanted);
    } catch (IOException e) {
      if (!tolerant || !channel.isOpen()) {
        buffer.limit(0);
        throw e;
      }
      unreadable = true;
      fillSectors(at, wanted);
    }
    buffer.rewind();
  }

  private void fill(long from, int count) throws IOException {
    buffer.position((int) (from - base)).limit((int) (from - base) + count);
    for (long at = from; buffer.hasRemaining(); ) {
      int read = channel.read(buffer, at);
      if (read < 0) {
        throw new IOException("the file is shorter than it was");
      }
      at += read;
    }
  }

  private void fillSectors(long from, int count) {
    Arrays.fill(buffer.array(), 0, count, (byte) 0);
    for (int done = 0; done < count; done += SECTOR) {
      int some = Math.min(SECTOR, count - done);
      try {
        fill(from + done, some);
      } catch (IOException e) {
        Arrays.fill(buffer.array(), done, done + some, (byte) 0);
      }
    }
    buffer.limit(count);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
