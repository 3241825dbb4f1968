package io.penstock.ingest.observability;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.AbstractOutputStreamAppender;
import org.apache.logging.log4j.core.appender.AsyncAppender;
import org.apache.logging.log4j.core.appender.CountingNoOpAppender;
import org.apache.logging.log4j.core.appender.OutputStreamManager;
import org.apache.logging.log4j.status.StatusLogger;
import org.jspecify.annotations.Nullable;

/**
 * The queue through which a server's log lines are written, by a thread of its own: the reader of
 * the log may be slow, and an event loop must not wait for it. See {@code log4j2.xml}.
 */
public final class LogQueue {

  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private static final AtomicReference<@Nullable LineQueue> LINES = new AtomicReference<>();

  private LogQueue() {}

  /** Makes the log go through the queue. To be called before the first logger is made. */
  public static void use() {
    System.setProperty("penstock.log-appender", "queue");
  }

  /** Counts the lines that are dropped because the queue is full; registers nothing without one. */
  public static void bindTo(MeterRegistry registry) {
    if (LogManager.getContext(false) instanceof LoggerContext context
        && context.getConfiguration().getAppender("dropped")
            instanceof CountingNoOpAppender dropped) {
      // Log4j would also report dropped lines itself, without the queue, so that the dropping
      // thread
      // would wait. It has reported problems of its configuration by now.
      StatusLogger.getLogger().getFallbackListener().setLevel(Level.OFF);
      FunctionCounter.builder(
              Meters.LOG_LINES_DROPPED.meterName(), dropped, lines -> lines.getCount() + dropped())
          .description(Meters.LOG_LINES_DROPPED.description())
          .register(registry);
    }
  }

  private static long dropped() {
    LineQueue lines = LINES.get();
    return lines == null ? 0 : lines.dropped();
  }

  /**
   * A second queue, for lines that are JSON already, which are written where the first one's are.
   * The same for each call. Empty where lines are not JSON, or do not go through the queue.
   */
  public static Optional<LineQueue> lines() {
    if (LogManager.getContext(false) instanceof LoggerContext context
        && context.getConfiguration().getAppender("queue") instanceof AsyncAppender queue
        && List.of(queue.getAppenderRefStrings()).equals(List.of("json"))
        && context.getConfiguration().getAppender("json")
            instanceof AbstractOutputStreamAppender<?> appender) {
      synchronized (LINES) {
        LineQueue lines = LINES.get();
        if (lines == null) {
          lines = LineQueue.to(destination(appender.getManager()));
          LINES.set(lines);
        }
        return Optional.of(lines);
      }
    }
    return Optional.empty();
  }

  /** Not between the two parts of another line: both are written under the manager's lock. */
  private static LineQueue.Destination destination(OutputStreamManager manager) {
    return (lines, length) -> {
      synchronized (manager) {
        manager.writeBytes(lines, 0, length);
        manager.flush();
      }
    };
  }

  private static void end() {
    LineQueue lines = LINES.get();
    if (lines != null) {
      lines.close();
    }
    LogManager.shutdown();
  }

  /**
   * Waits until the queues are written, for three seconds at most; nothing is logged after that.
   */
  public static void close() {
    // Log4j bounds its wait for the queue, but not for the stream behind it.
    Thread end = Thread.ofPlatform().daemon().name("log-end").start(LogQueue::end);
    try {
      end.join(PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
