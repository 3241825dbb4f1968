package io.penstock.ingest.landing;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in the log when Kafka counts as gone and when it does not any more: one line for each, and
 * one every few minutes while it lasts.
 */
public final class BreakerLog implements Breaker.Listener {

  private static final Logger log = LoggerFactory.getLogger(BreakerLog.class);

  private final String deliveries;

  /**
   * @param spooled whether deliveries have a spool to go to
   */
  public BreakerLog(boolean spooled) {
    this.deliveries = spooled ? "spooled" : "answered 503";
  }

  @Override
  public void gone(String cause) {
    log.warn("Kafka counts as gone: deliveries are {}: cause={}", deliveries, cause);
  }

  @Override
  public void stillGone(Duration since, String cause) {
    log.warn(
        "Kafka still counts as gone: deliveries are {}: seconds={} cause={}",
        deliveries,
        since.toSeconds(),
        cause);
  }

  @Override
  public void back(Duration after, String evidence) {
    log.info("Kafka is back: seconds={} evidence={}", after.toSeconds(), evidence);
  }
}
