package io.penstock.ingest.ingress;

import io.penstock.ingest.delivery.Reason;

/** What the operator is told about refusals, in words without anything of a request. */
final class RefusalWords {

  static final String NO_ROOM =
      "the deliveries in flight hold as much as this source, or this instance, may have";

  static final String NO_CAPACITY_TO_VERIFY =
      "too many proofs wait that take long to verify, such as bcrypt hashes and Ed25519 signatures";

  static final String NO_ANSWER_IN_TIME =
      "no answer was found within the source's acknowledgement-deadline";

  static final String FAULT = "a fault of Penstock: the log has it under the same receipt id";

  private RefusalWords() {}

  /** What is to be said of every refusal for a reason; most have words of their own. */
  static String why(Reason reason) {
    return switch (reason) {
      case UNKNOWN_SOURCE -> "the address is that of no source";
      case METHOD_NOT_ALLOWED -> "the method is not POST";
      case UNSUPPORTED_CONTENT_TYPE -> "the body is compressed";
      case PAYLOAD_TOO_LARGE -> "the body is larger than the source's max-body-size";
      case AUTHENTICATION_FAILED -> "the sender is not authenticated";
      case MALFORMED_JSON -> "the body is not well-formed JSON";
      case MISSING_IDENTITY -> "the body lacks what identifies an event";
      case UNDECODABLE -> "the body could not be turned into an event";
      case RATE_LIMITED -> "the source's rate-limit was reached";
      case OVERLOADED -> NO_ROOM;
      case KAFKA_UNAVAILABLE ->
          "Kafka did not acknowledge within delivery.kafka-deadline, and there is no spool or it"
              + " could not be written";
      case SPOOL_FULL -> "Kafka did not acknowledge in time, and the spool is full";
      case SHUTTING_DOWN -> "this instance is shutting down";
    };
  }

  /** What the operator, or the owner of the sender, can do. */
  static String advice(Reason reason) {
    return switch (reason) {
      case UNKNOWN_SOURCE ->
          "Compare the address that the sender has with the names in sources, and with the address"
              + " that the provider's page gives.";
      case METHOD_NOT_ALLOWED ->
          "Deliveries are sent by POST. A browser or a check of reachability sends GET: harmless.";
      case UNSUPPORTED_CONTENT_TYPE ->
          "Switch compression off at the sender. The delivery is kept as a dead letter.";
      case PAYLOAD_TOO_LARGE -> "Raise the source's max-body-size, up to 64MiB.";
      case AUTHENTICATION_FAILED ->
          "Compare the sender's secret with the source's: after a change of secrets list both"
              + " until the sender has the new one. A stranger's attempts are refused as well, and"
              + " need no action.";
      case MALFORMED_JSON, MISSING_IDENTITY ->
          "The delivery is kept as a dead letter: look at its body, and ask the provider where its"
              + " format has changed.";
      case UNDECODABLE -> "The delivery is kept as a dead letter: look at its detail.";
      case RATE_LIMITED ->
          "The sender tries again later. Raise the source's rate-limit if it sends what it should.";
      case OVERLOADED ->
          "The sender tries again. If it lasts, see the alerts for deliveries refused by the runbook"
              + " and docs/capacity.md.";
      case KAFKA_UNAVAILABLE ->
          "The sender tries again. See /health/ready for what Kafka lacks; a spool would have kept"
              + " the delivery.";
      case SPOOL_FULL ->
          "The sender tries again. See /health/ready for what Kafka lacks, or raise"
              + " delivery.spool.max-size.";
      case SHUTTING_DOWN -> "The sender tries again, and another instance takes the delivery.";
    };
  }
}
