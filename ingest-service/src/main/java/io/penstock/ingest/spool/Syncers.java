package io.penstock.ingest.spool;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Threads that sync the files of a group at the same time. For one caller at a time. */
final class Syncers implements AutoCloseable {

  private static final int MOST = 16;

  private final ThreadPoolExecutor threads;

  Syncers() {
    threads =
        new ThreadPoolExecutor(
            MOST,
            MOST,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, "spool-sync");
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
  }

  /**
   * Syncs lanes and waits for all of them.
   *
   * @param failures takes those that failed
   */
  void force(List<Lane> lanes, Map<Lane, IOException> failures) {
    Map<Lane, Future<?>> others = new LinkedHashMap<>();
    for (Lane lane : lanes.subList(Math.min(1, lanes.size()), lanes.size())) {
      others.put(
          lane,
          threads.submit(
              () -> {
                lane.force();
                return lane;
              }));
    }
    if (!lanes.isEmpty()) {
      try {
        lanes.get(0).force();
      } catch (IOException e) {
        failures.put(lanes.get(0), e);
      }
    }
    others.forEach(
        (lane, sync) -> {
          try {
            sync.get();
          } catch (ExecutionException e) {
            failures.put(lane, new IOException(String.valueOf(e.getCause()), e.getCause()));
          } catch (InterruptedException e) {
            throw new IllegalStateException("nothing interrupts the writer", e);
          }
        });
  }

  @Override
  public void close() {
    threads.shutdown();
  }
}
