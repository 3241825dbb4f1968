package org.apache.kafka.common.utils;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * A broker's clock that is as wrong as the file {@code clock-ahead} in its directory says, in
 * milliseconds. Stands before Kafka's own class of this name on the broker's class path: see
 * BrokerClock. Only the time of day is shifted, as when somebody sets it; durations go on.
 */
class SystemTime implements Time {

  private static final SystemTime SYSTEM_TIME = new SystemTime();
  private static final Path AHEAD = Path.of("clock-ahead").toAbsolutePath();
  private static final long LOOK_NANOS = 50_000_000;

  private volatile long ahead;
  private volatile long looked = System.nanoTime() - LOOK_NANOS;

  private SystemTime() {}

  public static SystemTime getSystemTime() {
    return SYSTEM_TIME;
  }

  @Override
  public long milliseconds() {
    long now = System.nanoTime();
    if (now - looked >= LOOK_NANOS) {
      looked = now;
      try {
        ahead = Files.exists(AHEAD) ? Long.parseLong(Files.readString(AHEAD)) : 0;
      } catch (IOException | NumberFormatException e) {
        // Half written: it is as it was.
      }
    }
    return System.currentTimeMillis() + ahead;
  }

  @Override
  public long nanoseconds() {
    return System.nanoTime();
  }

  @Override
  public void sleep(long millis) {
    Utils.sleep(millis);
  }

  @Override
  public void waitObject(Object object, Supplier<Boolean> condition, long deadline)
      throws InterruptedException {
    synchronized (object) {
      while (!condition.get()) {
        long now = milliseconds();
        if (now >= deadline) {
          throw new org.apache.kafka.common.errors.TimeoutException("Condition not satisfied");
        }
        object.wait(deadline - now);
      }
    }
  }
}
