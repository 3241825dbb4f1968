package io.penstock.ingest.subscription;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A file that this user alone may read, written as a whole or not at all. It is prepared before its
 * content is known, so that a directory that cannot be written to is found in time.
 */
public final class PrivateFile implements AutoCloseable {

  private final Path target;
  private final Path temporary;

  private PrivateFile(Path target, Path temporary) {
    this.target = target;
    this.temporary = temporary;
  }

  /**
   * Makes an empty temporary file beside a file.
   *
   * @throws IOException if its directory cannot be written to
   */
  public static PrivateFile prepare(Path target) throws IOException {
    Path absolute = target.toAbsolutePath();
    Path temporary =
        Files.createTempFile(
            absolute.getParent(),
            "." + absolute.getFileName(),
            ".new",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    return new PrivateFile(absolute, temporary);
  }

  /** Writes the content to the disk and gives the file its name, in place of another if any. */
  public void write(byte[] content) throws IOException {
    try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
      ByteBuffer buffer = ByteBuffer.wrap(content);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true);
    }
    Files.move(
        temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    try (FileChannel directory =
        FileChannel.open(target.resolveSibling("."), StandardOpenOption.READ)) {
      directory.force(true);
    }
  }

  /** Removes the temporary file, if nothing was written. */
  @Override
  public void close() throws IOException {
    Files.deleteIfExists(temporary);
  }
}
