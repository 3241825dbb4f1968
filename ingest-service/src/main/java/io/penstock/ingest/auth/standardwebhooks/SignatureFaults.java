package io.penstock.ingest.auth.standardwebhooks;

import io.penstock.ingest.auth.SigningTime;

/** The words for what is wrong with a signature, for the operator; none depends on a secret. */
final class SignatureFaults {

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
    if (SigningTime.isInMilliseconds(timestamp)) {
      return "the header " + header + " is in milliseconds, and must be in seconds";
    }
    return SigningTime.tooFar("the header " + header, age, tolerance);
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
}
