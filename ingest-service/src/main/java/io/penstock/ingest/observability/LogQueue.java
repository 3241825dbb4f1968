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
 * The lines of a server's log on their way out: a thread of their own writes them, since whoever
 * collects them may be slow, and an event loop must not wait. See {@code log4j2.xml}.
 */
public final class LogQueue {

  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private LogQueue() {}

  /** Lets the log go by it. To be called before the first logger is made. */
  public static void use() {
    System.setProperty("penstock.log-appender", "queue");
  }

  /** Counts the lines that found it full. Never, where the log does not go by it. */
  public static void bindTo(MeterRegistry registry) {
    if (LogManager.getContext(false) instanceof LoggerContext context
        && context.getConfiguration().getAppender("dropped")
            instanceof CountingNoOpAppender dropped) {
      // Log4j would say itself that lines are dropped: past the queue, so whoever drops one would
      // wait. What it has to say of its configuration is said by now.
      StatusLogger.getLogger().getFallbackListener().setLevel(Level.OFF);
      FunctionCounter.builder(
              Meters.LOG_LINES_DROPPED.meterName(), dropped, CountingNoOpAppender::getCount)
          .description(Meters.LOG_LINES_DROPPED.description())
          .register(registry);
    }
  }

  /**
   * Waits until what is in it is written, for three seconds at most; nothing is logged after that.
   */
  public static void close() {
    // Log4j's own patience ends with the queue: the stream behind it is closed by whoever writes to
    // it.
    Thread end = Thread.ofPlatform().daemon().name("log-end").start(LogManager::shutdown);
    try {
      end.join(PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
