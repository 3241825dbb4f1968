package io.penstock.ingest.observability;

import java.util.List;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.config.Configurator;

/** Changes the levels of loggers while the process runs. Safe for use by any thread. */
public final class LogLevels {

  /** The levels that can be set. At TRACE, libraries log what they read and write. */
  public static final List<String> LEVELS = List.of("DEBUG", "INFO", "WARN", "ERROR");

  private static final List<String> LOGGERS = List.of("io.penstock", "org.apache.kafka");

  /** At DEBUG it may log what proves to a broker who the client is. */
  private static final String SECRETIVE = "org.apache.kafka.common.security";

  private LogLevels() {}

  /** Whether the level of a logger may be changed: not of those that may log what is secret. */
  public static boolean isAllowed(String logger) {
    return LOGGERS.stream().anyMatch(root -> logger.equals(root) || logger.startsWith(root + "."))
        && !logger.startsWith(SECRETIVE);
  }

  /**
   * Sets the level of a logger, and of those below it that have none of their own.
   *
   * @param level one of {@link #LEVELS}
   * @return the level that it had
   */
  public static String set(String logger, String level) {
    String before = LogManager.getLogger(logger).getLevel().name();
    if (LogManager.getContext(false) instanceof LoggerContext) {
      Configurator.setLevel(logger, Level.valueOf(level));
    }
    return before;
  }
}
