package io.penstock.ingest.landing;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes to the log when Kafka counts as gone and when it does not any more: one line for each, and
 * one every few minutes while it lasts.
 */
final class BreakerLog implements Breaker.Listener {

  private static final Logger log = LoggerFactory.getLogger(BreakerLog.class);

  private final String deliveries;

  /**
   * @param spooled whether deliveries have a spool to go to
   */
  BreakerLog(boolean spooled) {
    this.deliveries = spooled ? "spooled" : "answered 503";
  }

  @Override
  public void gone(String cause) {
    log.atWarn()
        .addKeyValue("deliveries", deliveries)
        .addKeyValue("cause", cause)
        .log("Kafka counts as gone");
  }

  @Override
  public void stillGone(Duration since, String cause) {
    log.atWarn()
        .addKeyValue("deliveries", deliveries)
        .addKeyValue("seconds", since.toSeconds())
        .addKeyValue("cause", cause)
        .log("Kafka still counts as gone");
  }

  @Override
  public void back(Duration after, String evidence) {
    log.atInfo()
        .addKeyValue("seconds", after.toSeconds())
        .addKeyValue("evidence", evidence)
        .log("Kafka is back");
  }
}
