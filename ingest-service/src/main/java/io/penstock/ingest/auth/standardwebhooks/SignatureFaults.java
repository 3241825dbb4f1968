package io.penstock.ingest.auth.standardwebhooks;

import java.time.Duration;

/** The words for what is wrong with a signature, for the operator; none depends on a secret. */
final class SignatureFaults {

  /**
   * What a clock shows in milliseconds is beyond this, and in seconds is not before the year 5138.
   */
  private static final long MILLISECONDS = 100_000_000_000L;

  private SignatureFaults() {}

  /**
   * A signature whose time is too far away.
   *
   * @param set what the names of its headers begin with
   * @param age in seconds; negative where it is of the future
   * @param tolerance in seconds
   */
  static String stale(String set, long timestamp, long age, long tolerance) {
    String header = set + SignedHead.TIMESTAMP;
    if (timestamp >= MILLISECONDS) {
      return "the header " + header + " is in milliseconds, and must be in seconds";
    }
    return "the timestamp in the header "
        + header
        + " is "
        + words(Math.abs(age))
        + (age >= 0 ? " old" : " in the future by the clock of this machine")
        + ", and the source allows "
        + words(tolerance);
  }

  /**
   * No signature that any configured key could verify.
   *
   * @param hasShared whether any configured secret is a shared key
   * @param hasPublic whether any is a public key
   */
  static String unverifiable(String set, SignedHead signed, boolean hasShared, boolean hasPublic) {
    String header = "the header " + set + SignedHead.SIGNATURE;
    if (!hasShared && !hasPublic) {
      return "no configured secret is a key";
    }
    if (!hasPublic && !signed.ed25519().isEmpty()) {
      return header
          + " has signatures of version v1a alone, and no configured secret is a public"
          + " key (whpk_)";
    }
    if (!hasShared && !signed.shared().isEmpty()) {
      return header
          + " has signatures of version v1 alone, and no configured secret is a shared"
          + " key (whsec_)";
    }
    return header + " has no well-formed signature of version v1 or v1a";
  }

  /** In the largest unit of which there are two at least, rounded down. */
  private static String words(long seconds) {
    Duration time = Duration.ofSeconds(seconds);
    if (time.toDays() >= 2) {
      return time.toDays() + " days";
    }
    if (time.toHours() >= 2) {
      return time.toHours() + " hours";
    }
    return time.toMinutes() >= 2
        ? time.toMinutes() + " minutes"
        : seconds + (seconds == 1 ? " second" : " seconds");
  }
}
