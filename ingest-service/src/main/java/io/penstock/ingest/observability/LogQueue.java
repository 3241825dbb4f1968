package io.penstock.ingest.observability;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.CountingNoOpAppender;
import org.apache.logging.log4j.status.StatusLogger;

/**
 * The queue through which a server's log lines are written, by a thread of its own: the reader of
 * the log may be slow, and an event loop must not wait for it. See {@code log4j2.xml}.
 */
public final class LogQueue {

  private static final Duration PATIENCE = Duration.ofSeconds(3);

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
              Meters.LOG_LINES_DROPPED.meterName(), dropped, CountingNoOpAppender::getCount)
          .description(Meters.LOG_LINES_DROPPED.description())
          .register(registry);
    }
  }

  /** Waits until the queue is written, for three seconds at most; nothing is logged after that. */
  public static void close() {
    // Log4j bounds its wait for the queue, but not for the stream behind it.
    Thread end = Thread.ofPlatform().daemon().name("log-end").start(LogManager::shutdown);
    try {
      end.join(PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
