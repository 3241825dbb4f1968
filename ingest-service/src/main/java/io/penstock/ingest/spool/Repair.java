package io.penstock.ingest.spool;

import io.penstock.ingest.spool.Frames.Frame;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** Replaces a damaged segment by one that says what is lost. */
final class Repair {

  private final SpoolDirectory directory;
  private final Disk disk;

  Repair(SpoolDirectory directory, Disk disk) {
    this.directory = directory;
    this.disk = disk;
  }

  /**
   * Writes what can be read, and gaps for the rest, to a file that takes the other's place.
   *
   * @param first the number of the segment's first value
   * @param readLength up to where the damaged file can be read, in bytes
   * @param end the number behind the last value, lost or not
   * @return the length of the new file, in bytes
   */
  long replace(Path file, long first, long readSalt, long readLength, long end) throws IOException {
    Path written = file.resolveSibling(file.getFileName() + ".new");
    disk.delete(written);
    long length = Frames.FILE_HEADER;
    try (FrameReader reader = new FrameReader(file, readSalt, readLength, false);
        FileChannel channel = disk.create(written)) {
      disk.write(written, channel, Frames.fileHeader(directory.salt()));
      long expected = first;
      for (Frame frame = reader.next(); frame != null; frame = reader.next()) {
        long number = first + frame.index();
        length += number > expected ? gap(written, channel, first, expected, number) : 0;
        length += write(written, channel, frame);
        expected = number + frame.numbers();
      }
      length += end > expected ? gap(written, channel, first, expected, end) : 0;
      disk.force(written, channel);
    }
    disk.move(written, file);
    disk.forceDirectory(Disk.parent(file));
    return length;
  }

  private long gap(Path file, FileChannel channel, long first, long from, long to)
      throws IOException {
    byte[] count = ByteBuffer.allocate(Integer.BYTES).putInt(Math.toIntExact(to - from)).array();
    return write(file, channel, new Frame(Frames.GAP, Math.toIntExact(from - first), 0, count));
  }

  private long write(Path file, FileChannel channel, Frame frame) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(Frames.size(frame.value())));
    Frames.put(
        bytes, directory.salt(), frame.kind(), frame.index(), frame.receivedAt(), frame.value());
    disk.write(file, channel, bytes.flip());
    return Frames.size(frame.value());
  }
}
