package io.penstock.ingest.landing;

import io.penstock.ingest.delivery.Reason;

/** What is known of an append when the sender must be answered. */
public sealed interface AppendOutcome {

  /** Who keeps an acknowledged delivery. */
  enum Keeper {
    /** All in-sync replicas of the landing log. */
    KAFKA,
    /** The disk of this machine, until Kafka does. */
    SPOOL
  }

  /** On disk. */
  record Acknowledged(Keeper by) implements AppendOutcome {}

  /**
   * Certainly not kept, and never to be by this attempt.
   *
   * @param reason for the sender
   */
  record Refused(Reason reason) implements AppendOutcome {}

  /**
   * Not known to be kept in time; it may be or still get there. The sender's next copy settles it,
   * and the pipeline removes the one that is too many.
   *
   * @param reason for the sender
   */
  record Unknown(Reason reason) implements AppendOutcome {}

  AppendOutcome BY_KAFKA = new Acknowledged(Keeper.KAFKA);
  AppendOutcome BY_SPOOL = new Acknowledged(Keeper.SPOOL);
}
