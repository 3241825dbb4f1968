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

  /**
   * On disk.
   *
   * @param at where in the landing log
   */
  record Acknowledged(Keeper by, LandedAt at) implements AppendOutcome {}

  /** Where a delivery stands in the landing log. */
  sealed interface LandedAt {

    /** There. */
    record Known(int partition, long offset) implements LandedAt {}

    /** It is in the spool, or Kafka has not said where. */
    record NotKnown() implements LandedAt {}
  }

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

  LandedAt NOT_KNOWN = new LandedAt.NotKnown();

  /** All in-sync replicas have it, and it is not known where. */
  AppendOutcome BY_KAFKA = new Acknowledged(Keeper.KAFKA, NOT_KNOWN);

  AppendOutcome BY_SPOOL = new Acknowledged(Keeper.SPOOL, NOT_KNOWN);
}
