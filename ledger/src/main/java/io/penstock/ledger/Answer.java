package io.penstock.ledger;

import java.time.Duration;

/**
 * How one request ended.
 *
 * @param status of HTTP; 0 where there is no answer
 * @param reason for what was not acknowledged: the problem's type, or what became of the connection
 * @param latency from before the request to the whole answer, or to the failure
 */
public record Answer(Kind kind, int status, String reason, Duration latency) {

  /** What the sender knows. */
  public enum Kind {
    /** Exactly what SmartShape wants to hear. */
    ACKNOWLEDGED,
    /** Refused with a status that says: later. */
    REFUSED,
    /** An answer that an authentic delivery must never get. */
    WRONG,
    /** No answer in the provider's time. */
    LATE,
    /** The connection failed once it was made: nobody knows what became of the request. */
    CUT,
    /** No connection. */
    UNREACHED
  }

  static Answer acknowledged(Duration latency) {
    return new Answer(Kind.ACKNOWLEDGED, 200, "", latency);
  }

  /** Whether the delivery may have been taken in all the same. */
  boolean mayHaveArrived() {
    return switch (kind) {
      case LATE, CUT -> true;
      // The service says itself that Kafka may still get it.
      case REFUSED -> reason.equals("kafka-unavailable");
      case ACKNOWLEDGED, WRONG, UNREACHED -> false;
    };
  }

  boolean isAcknowledged() {
    return kind == Kind.ACKNOWLEDGED;
  }
}
