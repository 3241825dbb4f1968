package io.penstock.ingest.console;

/** What to do about a refusal of which only the reason is known. */
final class RefusalAdvice {

  private RefusalAdvice() {}

  /**
   * One or two sentences; empty for a reason that is not known here.
   *
   * @param reason its code
   */
  static String of(String reason) {
    return switch (reason) {
      case "authentication-failed" ->
          "Compare the secret at the provider with the configured one. The clock of this machine"
              + " must be right where deliveries are signed.";
      case "unknown-source" -> "Compare the address at the provider with those of the sources.";
      case "method-not-allowed" -> "Deliveries are POST requests: this is what a browser sees.";
      case "unsupported-content-type" -> "Switch compression of bodies off at the sender.";
      case "payload-too-large" ->
          "Raise max-body-size of the source, and max.message.bytes of the topics.";
      case "malformed-json", "missing-identity" ->
          "The delivery is a dead letter: look at it, and ask the provider.";
      case "rate-limited" -> "Raise rate-limit of the source, or let the sender send less.";
      case "overloaded" ->
          "Add replicas or memory; max-in-flight-bytes says how much may be held at a time.";
      case "kafka-unavailable" -> "Look at Health: Kafka did not acknowledge in time.";
      case "spool-full" -> "Look at Health: the spool has no room, or its disk fails.";
      case "shutting-down" -> "Nothing: the provider tries again at another replica.";
      default -> "";
    };
  }
}
