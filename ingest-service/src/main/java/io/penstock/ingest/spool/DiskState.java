package io.penstock.ingest.spool;

import io.penstock.ingest.observability.LastingWarning;
import io.penstock.ingest.spool.Spool.Appended;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Whether the disk takes values. After a failure it counts as unable to until a test file could be
 * written and synced. The writer changes it; any thread may ask.
 */
final class DiskState {

  /** As much room must be there before values are taken again. */
  private static final int TEST_BYTES = 1024 * 1024;

  private static final long SHORTEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
  private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final SpoolDirectory directory;
  private final Disk disk;
  private final LongSupplier nanos;
  private final LastingWarning troubled;
  private volatile @Nullable Appended refusal = Appended.UNAVAILABLE;
  private long pause;
  private long probeAt;

  DiskState(SpoolDirectory directory, Disk disk, LongSupplier nanos) {
    this.directory = directory;
    this.disk = disk;
    this.nanos = nanos;
    this.troubled = new LastingWarning(LoggerFactory.getLogger(DiskState.class), nanos);
  }

  /** What a value is refused with: it is full, or it failed; null if it takes values. */
  @Nullable Appended refusal() {
    return refusal;
  }

  void failed(IOException e) {
    refusal = isFull(e) ? Appended.FULL : Appended.UNAVAILABLE;
    troubled.holds(
        "The spool cannot be written. It takes nothing until it can", "cause", e.toString());
    pause = Math.clamp(2 * pause, SHORTEST_PAUSE_NANOS, LONGEST_PAUSE_NANOS);
    probeAt = nanos.getAsLong() + pause;
  }

  /** Whether a failure says that there is no room. */
  boolean isFull(IOException e) {
    String text = String.valueOf(e.getMessage());
    try {
      return text.contains("No space left")
          || text.contains("uota exceeded")
          || Files.getFileStore(directory.path()).getUsableSpace() < TEST_BYTES;
    } catch (IOException unknown) {
      return false;
    }
  }

  /** Tries again if the disk has failed and some time has passed. */
  void probeIfDue() {
    if (refusal != null && nanos.getAsLong() - probeAt >= 0) {
      probe();
    }
  }

  /** Writes and syncs a file, and deletes it. */
  void probe() {
    Path file = directory.path().resolve("probe");
    try {
      disk.createDirectory(directory.segments());
      disk.createDirectory(directory.aside());
      try {
        disk.delete(file);
        try (FileChannel channel = disk.create(file)) {
          disk.write(file, channel, ByteBuffer.allocate(TEST_BYTES));
          disk.force(file, channel);
        }
      } finally {
        disk.delete(file);
      }
      refusal = null;
      pause = 0;
      troubled.ends("The spool takes deliveries again");
    } catch (IOException e) {
      failed(e);
    }
  }

  /** Takes nothing more. */
  void end() {
    refusal = Appended.UNAVAILABLE;
  }
}
