package io.penstock.ingest.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Every change that the spool makes to its files. Tests replace it to make a disk fail, hang or
 * forget what was not synced.
 */
class Disk {

  private static final Set<PosixFilePermission> OWNER_FILE =
      PosixFilePermissions.fromString("rw-------");
  private static final Set<PosixFilePermission> OWNER_DIRECTORY =
      PosixFilePermissions.fromString("rwx------");

  /** The JDK copies what is written into a buffer outside the heap, which it keeps. */
  private static final int WRITTEN_AT_ONCE = 256 * 1024;

  static FileAttribute<?> ownersDirectory() {
    return PosixFilePermissions.asFileAttribute(OWNER_DIRECTORY);
  }

  /** Creates a file that only its owner may read. Fails if it exists. */
  FileChannel create(Path file) throws IOException {
    return FileChannel.open(
        file,
        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
        PosixFilePermissions.asFileAttribute(OWNER_FILE));
  }

  void write(Path file, FileChannel channel, ByteBuffer bytes) throws IOException {
    int end = bytes.limit();
    while (bytes.position() < end) {
      bytes.limit(Math.min(end, bytes.position() + WRITTEN_AT_ONCE));
      channel.write(bytes);
    }
  }

  /** Returns when everything that was written to the file is on the disk. */
  void force(Path file, FileChannel channel) throws IOException {
    channel.force(false);
  }

  /** Cuts a file, and syncs it. */
  void truncate(Path file, long length) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(length);
      force(file, channel);
    }
  }

  /** Returns when the names in a directory are on the disk. */
  void forceDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** Creates a directory for its owner alone, and syncs its name. Does nothing if it is there. */
  void createDirectory(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      Files.createDirectory(directory, ownersDirectory());
      forceDirectory(parent(directory));
    }
  }

  /** Renames a file or directory, replacing a file of that name, in one step. */
  void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Gives a file a second name; copies it where the file system has no links. */
  void link(Path file, Path second) throws IOException {
    try {
      Files.createLink(second, file);
    } catch (UnsupportedOperationException e) {
      Files.copy(file, second, StandardCopyOption.COPY_ATTRIBUTES);
    }
  }

  void delete(Path file) throws IOException {
    Files.deleteIfExists(file);
  }

  /** Replaces a small file: whole, or not at all. */
  void replace(Path file, byte[] content, boolean sync) throws IOException {
    Path written = file.resolveSibling(file.getFileName() + ".new");
    delete(written);
    try (FileChannel channel = create(written)) {
      write(written, channel, ByteBuffer.wrap(content));
      if (sync) {
        force(written, channel);
      }
    }
    move(written, file);
    if (sync) {
      forceDirectory(parent(file));
    }
  }

  /** Takes every right to a file or directory from all but its owner. */
  static void restrict(Path path) throws IOException {
    Files.setPosixFilePermissions(path, Files.isDirectory(path) ? OWNER_DIRECTORY : OWNER_FILE);
  }

  static Path parent(Path path) {
    Path parent = path.getParent();
    if (parent == null) {
      throw new IllegalArgumentException("has no parent: " + path);
    }
    return parent;
  }
}
