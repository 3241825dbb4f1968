package io.penstock.ingest.landing;

import io.vertx.core.Future;

/** Where authentic deliveries become durable. */
public interface LandingLog {

  /**
   * Appends a delivery.
   *
   * @param settled run once, on any thread, when the record's bytes are held no longer: perhaps
   *     long after the outcome, when that is {@link AppendOutcome#UNKNOWN}
   * @return never failed; completed on the caller's context, no later than the configured deadline
   */
  Future<AppendOutcome> append(LandingRecord record, Runnable settled);

  /**
   * Whether an append now stands a chance: false until the log has been found, and while it is
   * known to be gone.
   */
  boolean isAvailable();
}
