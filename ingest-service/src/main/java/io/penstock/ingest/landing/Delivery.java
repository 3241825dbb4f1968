package io.penstock.ingest.landing;

import io.penstock.ingest.delivery.Reason;
import io.penstock.ingest.spool.Spool.Appended;
import org.jspecify.annotations.Nullable;

/**
 * One delivery on its way to being durable: what holds its bytes, and which answer its sender gets.
 * Safe for use by any number of threads; whatever the order of what happens to it, it is answered
 * once, and its bytes are given back once.
 */
final class Delivery {

  private static final AppendOutcome FULL = new AppendOutcome.Refused(Reason.SPOOL_FULL);
  private static final AppendOutcome FAILED = new AppendOutcome.Unknown(Reason.SPOOL_FULL);

  /** Nothing has it, and nothing will. */
  static final AppendOutcome GONE = new AppendOutcome.Refused(Reason.KAFKA_UNAVAILABLE);

  private static final AppendOutcome LATE = new AppendOutcome.Unknown(Reason.KAFKA_UNAVAILABLE);

  private enum Stage {
    /** Kafka's client has it, and the sender waits for Kafka. */
    SENT,
    /** The disk writes it, Kafka never got it, and the sender waits for the disk. */
    SPOOLING,
    /** The disk writes it since Kafka is late; the sender waits for whichever is first. */
    LATE,
    /** The disk writes it since Kafka's client gave it up, and Kafka may have it all the same. */
    LEFT_OPEN,
    /** The sender has its answer; Kafka's client and the disk still hold the bytes. */
    ANSWERED_HELD_BY_BOTH,
    /** The sender has its answer; Kafka's client still holds the bytes. */
    ANSWERED_HELD_BY_KAFKA,
    /** The sender has its answer; the disk still holds the bytes. */
    ANSWERED_HELD_BY_SPOOL,
    /** The sender has its answer, and nothing holds the bytes. */
    SETTLED
  }

  /** What its owner does about what happens to it. */
  interface Steps {

    /** Answers the sender; called once. */
    void answer(AppendOutcome outcome);

    /** Gives the bytes back; called once, and last. */
    void settle();

    /** Hands it to the disk, which calls {@link Delivery#spooled}. */
    void spool();
  }

  /**
   * @param answer null where the sender is not answered by this
   */
  private record StageChange(Stage to, @Nullable AppendOutcome answer) {}

  private final boolean hasSpool;
  private final Steps steps;
  private Stage stage;

  private Delivery(Stage stage, boolean hasSpool, Steps steps) {
    this.stage = stage;
    this.hasSpool = hasSpool;
    this.steps = steps;
  }

  /**
   * One that its owner hands to Kafka.
   *
   * @param hasSpool whether there is a disk for when Kafka is late
   */
  static Delivery toKafka(boolean hasSpool, Steps steps) {
    return new Delivery(Stage.SENT, hasSpool, steps);
  }

  /** One that its owner hands to the disk alone. */
  static Delivery toSpool(Steps steps) {
    return new Delivery(Stage.SPOOLING, true, steps);
  }

  /** Whether the sender waits for Kafka alone. */
  synchronized boolean waitsForKafka() {
    return stage == Stage.SENT;
  }

  /** Kafka's client has done with it. */
  void sent(SendOutcome outcome) {
    Stage before;
    StageChange move;
    synchronized (this) {
      before = stage;
      move =
          switch (stage) {
            case SENT -> sentInTime(outcome);
            case LATE ->
                switch (outcome) {
                  case SendOutcome.Acknowledged acknowledged ->
                      new StageChange(Stage.ANSWERED_HELD_BY_SPOOL, byKafka(acknowledged));
                  case SendOutcome.TooLarge tooLarge -> new StageChange(Stage.SPOOLING, null);
                  case SendOutcome.NotWritten notWritten -> new StageChange(Stage.SPOOLING, null);
                  case SendOutcome.Unknown unknown -> new StageChange(Stage.LEFT_OPEN, null);
                };
            case ANSWERED_HELD_BY_BOTH -> new StageChange(Stage.ANSWERED_HELD_BY_SPOOL, null);
            case ANSWERED_HELD_BY_KAFKA -> new StageChange(Stage.SETTLED, null);
            case SPOOLING, LEFT_OPEN, ANSWERED_HELD_BY_SPOOL, SETTLED ->
                new StageChange(stage, null);
          };
      stage = move.to();
    }
    perform(before, move);
  }

  private StageChange sentInTime(SendOutcome outcome) {
    return switch (outcome) {
      case SendOutcome.Acknowledged acknowledged ->
          new StageChange(Stage.SETTLED, byKafka(acknowledged));
      // The spool could never drain it.
      case SendOutcome.TooLarge tooLarge -> new StageChange(Stage.SETTLED, GONE);
      case SendOutcome.NotWritten notWritten ->
          hasSpool ? new StageChange(Stage.SPOOLING, null) : new StageChange(Stage.SETTLED, GONE);
      case SendOutcome.Unknown unknown ->
          hasSpool ? new StageChange(Stage.LEFT_OPEN, null) : new StageChange(Stage.SETTLED, LATE);
    };
  }

  private static AppendOutcome byKafka(SendOutcome.Acknowledged acknowledged) {
    return new AppendOutcome.Acknowledged(AppendOutcome.Keeper.KAFKA, acknowledged.at());
  }

  /** Kafka has not acknowledged it in time. */
  void late() {
    StageChange move;
    synchronized (this) {
      if (stage != Stage.SENT) {
        return;
      }
      move =
          hasSpool
              ? new StageChange(Stage.LATE, null)
              : new StageChange(Stage.ANSWERED_HELD_BY_KAFKA, LATE);
      stage = move.to();
    }
    perform(Stage.SENT, move);
  }

  /** The disk has done with it. */
  void spooled(Appended appended) {
    Stage before;
    StageChange move;
    synchronized (this) {
      before = stage;
      move =
          switch (stage) {
            case SPOOLING -> new StageChange(Stage.SETTLED, answer(appended, FULL));
            case LEFT_OPEN -> new StageChange(Stage.SETTLED, answer(appended, FAILED));
            case LATE -> new StageChange(Stage.ANSWERED_HELD_BY_KAFKA, answer(appended, FAILED));
            case ANSWERED_HELD_BY_BOTH -> new StageChange(Stage.ANSWERED_HELD_BY_KAFKA, null);
            case ANSWERED_HELD_BY_SPOOL -> new StageChange(Stage.SETTLED, null);
            case SENT, ANSWERED_HELD_BY_KAFKA, SETTLED -> new StageChange(stage, null);
          };
      stage = move.to();
    }
    perform(before, move);
  }

  private static AppendOutcome answer(Appended appended, AppendOutcome notTaken) {
    return switch (appended) {
      case DURABLE -> AppendOutcome.BY_SPOOL;
      case FULL, UNAVAILABLE -> notTaken;
      case FAILED -> FAILED;
    };
  }

  /** The sender can wait no longer. A slow disk may still write it. */
  void timeIsUp() {
    Stage before;
    StageChange move;
    synchronized (this) {
      before = stage;
      move =
          switch (stage) {
            case SENT -> new StageChange(Stage.ANSWERED_HELD_BY_KAFKA, LATE);
            case SPOOLING, LEFT_OPEN -> new StageChange(Stage.ANSWERED_HELD_BY_SPOOL, FAILED);
            case LATE -> new StageChange(Stage.ANSWERED_HELD_BY_BOTH, FAILED);
            case ANSWERED_HELD_BY_BOTH, ANSWERED_HELD_BY_KAFKA, ANSWERED_HELD_BY_SPOOL, SETTLED ->
                new StageChange(stage, null);
          };
      stage = move.to();
    }
    perform(before, move);
  }

  /** Outside the lock: what is called here may come back. */
  private void perform(Stage before, StageChange move) {
    if (move.answer() != null) {
      steps.answer(move.answer());
    }
    if (move.to() == before) {
      return;
    }
    if (move.to() == Stage.SETTLED) {
      steps.settle();
    } else if (before == Stage.SENT && move.answer() == null) {
      steps.spool(); // SPOOLING, LATE or LEFT_OPEN
    }
  }
}
