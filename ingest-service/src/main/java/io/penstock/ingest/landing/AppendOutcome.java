package io.penstock.ingest.landing;

/** What is known of an append when the sender must be answered. */
public enum AppendOutcome {
  /** On disk, by all in-sync replicas. */
  ACKNOWLEDGED,
  /** Certainly not in the log, and never to be by this attempt. */
  REFUSED,
  /**
   * Not acknowledged in time; it may be in the log or still get there. The sender's next copy
   * settles it, and the pipeline removes the one that is too many.
   */
  UNKNOWN
}
