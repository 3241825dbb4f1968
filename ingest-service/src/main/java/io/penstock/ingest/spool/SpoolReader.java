package io.penstock.ingest.spool;

import io.penstock.ingest.spool.Spool.Stretch;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread that reads for the drain. Its methods may be called by any thread. */
final class SpoolReader implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(SpoolReader.class);

  private final SpoolDirectory directory;
  private final SpoolMeters meters;
  private final CompletableFuture<Void> failure;
  private final ThreadPoolExecutor thread;

  /** The thread's. */
  private final Map<Lane, LaneCursor> cursors = new HashMap<>();

  SpoolReader(SpoolDirectory directory, SpoolMeters meters, CompletableFuture<Void> failure) {
    this.directory = directory;
    this.meters = meters;
    this.failure = failure;
    this.thread =
        new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread made = new Thread(task, "spool-reader");
              made.setDaemon(true);
              return made;
            });
  }

  /** See {@link Spool#read}. */
  void read(Lane lane, long from, int entries, long bytes, Consumer<Stretch> done) {
    try {
      thread.execute(() -> done.accept(readNow(lane, from, entries, bytes)));
    } catch (RejectedExecutionException closed) {
      done.accept(new Stretch(List.of(), from));
    }
  }

  /** Segments of a lane were deleted: closes the one that is held open, on the reader's thread. */
  void release(Lane lane) {
    try {
      thread.execute(() -> releaseNow(lane));
    } catch (RejectedExecutionException closed) {
      log.debug("The reader of the spool is closed");
    }
  }

  private void releaseNow(Lane lane) {
    try {
      LaneCursor cursor = cursors.get(lane);
      if (cursor != null) {
        cursor.release();
      }
    } catch (IOException e) {
      log.debug("A file that was read could not be closed", e);
    }
  }

  private Stretch readNow(Lane lane, long from, int entries, long bytes) {
    try {
      return cursors
          .computeIfAbsent(lane, l -> new LaneCursor(l, this::lost))
          .read(from, entries, bytes);
    } catch (IOException e) {
      log.atError()
          .addKeyValue("lane", lane.number())
          .addKeyValue("number", from)
          .addKeyValue("cause", e.toString())
          .log("The spool cannot be read");
    } catch (RuntimeException | Error e) {
      log.error("The reader of the spool failed", e);
      failure.completeExceptionally(e);
    }
    return new Stretch(List.of(), from);
  }

  /** Values that were durable when they were written or found. */
  private void lost(Segment segment, long from, long to) {
    meters.lost(to - from);
    log.atError()
        .addKeyValue("file", segment.path())
        .addKeyValue("first", from)
        .addKeyValue("lost", to - from)
        .log("Deliveries in the spool cannot be read");
    try {
      directory.keep(segment.path());
    } catch (IOException e) {
      log.atError()
          .addKeyValue("file", segment.path())
          .addKeyValue("cause", e.toString())
          .log("A damaged file of the spool cannot be kept");
    }
  }

  /** Reads what was asked for, then ends. Does not wait. */
  @Override
  public void close() {
    if (!thread.isShutdown()) {
      thread.execute(this::closeCursors);
      thread.shutdown();
    }
  }

  boolean awaitEnd(Duration patience) throws InterruptedException {
    return thread.awaitTermination(patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void closeCursors() {
    for (LaneCursor cursor : cursors.values()) {
      try {
        cursor.close();
      } catch (IOException e) {
        log.debug("A file that was read could not be closed", e);
      }
    }
  }
}
