package io.penstock.localstack;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * How long the event loops of a process were ready to run and had no processor, or waited for a
 * garbage collector that had none, as Linux counts it for each thread: so long nothing that they
 * did kept them busy. On an overloaded machine, Vert.x's check sees this first. Without these
 * counters of Linux, no block is excused.
 */
final class Starvation {

  /**
   * Linux keeps 15 characters of a name: the first, or of which Java makes the first 7, two dots
   * and the last 6.
   */
  private static final List<String> EVENT_LOOPS = List.of("vert.x-eventloo", "vert.x-..read-");

  /** The thread that collects garbage while all other threads are stopped. */
  private static final String COLLECTOR = "VM Thread";

  private static final Duration INTERVAL = Duration.ofMillis(40);

  private final Path tasks;
  private final Map<Path, String> names = new HashMap<>();
  private final Map<Path, Long> waited = new HashMap<>();

  /** The longest wait of any event loop since the last look, in nanoseconds, by the time. */
  private final NavigableMap<Instant, Long> waits = new ConcurrentSkipListMap<>();

  Starvation(Process process) {
    tasks = Path.of("/proc", Long.toString(process.pid()), "task");
    Thread watcher =
        new Thread(
            () -> {
              while (process.isAlive()) {
                look();
                LockSupport.parkNanos(INTERVAL.toNanos());
              }
            },
            "starvation");
    watcher.setDaemon(true);
    watcher.start();
  }

  static boolean isEventLoop(String name) {
    return EVENT_LOOPS.stream().anyMatch(name::startsWith);
  }

  private void look() {
    long eventLoop = 0;
    long collector = 0;
    try (DirectoryStream<Path> each = Files.newDirectoryStream(tasks)) {
      for (Path task : each) {
        String name = names.get(task);
        if (name == null) {
          name = Files.readString(task.resolve("comm")).strip();
          names.put(task, name);
        }
        if (isEventLoop(name)) {
          eventLoop = Math.max(eventLoop, more(task));
        } else if (name.equals(COLLECTOR)) {
          collector += more(task);
        }
      }
    } catch (IOException e) {
      return; // the process or one of its threads has ended, or this is no Linux
    }
    waits.put(Instant.now(), eventLoop + collector);
  }

  /** For how many nanoseconds more than last time. */
  private long more(Path task) throws IOException {
    long now = Long.parseLong(Files.readString(task.resolve("schedstat")).split(" ", -1)[1]);
    Long before = waited.put(task, now);
    return before == null ? 0 : now - before;
  }

  /** How long an event loop had no processor in the time before. */
  Duration before(Instant time, Duration length) {
    long nanos =
        waits
            .subMap(time.minus(length).minus(INTERVAL), time.plus(INTERVAL.multipliedBy(2)))
            .values()
            .stream()
            .mapToLong(Long::longValue)
            .sum();
    return Duration.ofNanos(Math.min(nanos, TimeUnit.MINUTES.toNanos(1)));
  }
}
