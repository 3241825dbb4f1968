package io.penstock.ingest.landing;

import io.vertx.core.Future;
import java.time.Duration;

/** Where authentic deliveries become durable. */
public interface LandingLog {

  /**
   * Appends a delivery.
   *
   * @param within how long the sender can wait for the outcome
   * @param settled run once, on any thread, when the record's bytes are held no longer: perhaps
   *     long after the outcome
   * @return never failed; completed on the caller's context, no later than asked for
   */
  Future<AppendOutcome> append(LandingRecord record, Duration within, Runnable settled);
}
