package io.penstock.ingest.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** A disk whose writes and syncs fail or hang as a test wants. */
class FaultyDisk extends Disk {

  static final Predicate<Path> SEGMENTS = Segment::isSegment;
  static final Predicate<Path> NONE = path -> false;

  volatile Predicate<Path> failingWrites = NONE;
  volatile Predicate<Path> failingSyncs = NONE;
  volatile Predicate<Path> failingTruncations = NONE;
  volatile Predicate<Path> failingMoves = NONE;
  volatile String message = "Input/output error";

  /** How much of a failing write reaches the file. */
  volatile int written = 0;

  volatile Predicate<Path> hangingSyncs = NONE;
  volatile CountDownLatch release = new CountDownLatch(1);
  final AtomicInteger hanging = new AtomicInteger();

  @Override
  void write(Path file, FileChannel channel, ByteBuffer bytes) throws IOException {
    if (failingWrites.test(file)) {
      bytes.limit(Math.min(bytes.limit(), written));
      super.write(file, channel, bytes);
      throw new IOException(message);
    }
    super.write(file, channel, bytes);
  }

  @Override
  void force(Path file, FileChannel channel) throws IOException {
    if (hangingSyncs.test(file)) {
      hanging.incrementAndGet();
      try {
        release.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
    if (failingSyncs.test(file)) {
      throw new IOException(message);
    }
    super.force(file, channel);
  }

  @Override
  void truncate(Path file, long length) throws IOException {
    if (failingTruncations.test(file)) {
      throw new IOException(message);
    }
    super.truncate(file, length);
  }

  @Override
  void move(Path from, Path to) throws IOException {
    if (failingMoves.test(to)) {
      throw new IOException(message);
    }
    super.move(from, to);
  }
}
