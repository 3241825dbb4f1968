package io.penstock.ingest.observability;

import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;

/** The lines that one class has logged since this was opened, each with its level first. */
public final class LogLines implements AutoCloseable {

  private final List<String> texts = new CopyOnWriteArrayList<>();
  private final Logger logger;
  private final Lines lines = new Lines();

  private final class Lines extends AbstractAppender {
    Lines() {
      super("lines", null, null, true, Property.EMPTY_ARRAY);
    }

    /** A line is the message and, behind a colon, its fields in the order of their names. */
    @Override
    public void append(LogEvent event) {
      String fields =
          new TreeMap<>(event.getContextData().toMap())
              .entrySet().stream().map(Object::toString).collect(Collectors.joining(" "));
      texts.add(
          event.getLevel()
              + " "
              + event.getMessage().getFormattedMessage()
              + (fields.isEmpty() ? "" : ": " + fields));
    }
  }

  /** Starts to collect the lines of a class. */
  public LogLines(Class<?> type) {
    logger = (Logger) LogManager.getLogger(type);
    lines.start();
    logger.addAppender(lines);
    logger.setAdditive(false);
  }

  /** All lines so far. */
  public List<String> all() {
    return List.copyOf(texts);
  }

  /** All lines so far; then clears them. */
  public List<String> take() {
    List<String> taken = List.copyOf(texts);
    texts.clear();
    return taken;
  }

  @Override
  public void close() {
    logger.removeAppender(lines);
    logger.setAdditive(true);
  }
}
