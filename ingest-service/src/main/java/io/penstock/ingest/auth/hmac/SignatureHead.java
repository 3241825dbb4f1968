package io.penstock.ingest.auth.hmac;

import java.util.List;

/** What the head of a request presents. */
sealed interface SignatureHead {

  /**
   * What may be right.
   *
   * @param signatures of the right length; not empty
   * @param timestamp as it stands in the request; empty where the scheme has none
   */
  record Signed(List<byte[]> signatures, String timestamp) implements SignatureHead {
    public Signed {
      signatures = List.copyOf(signatures);
    }
  }

  /**
   * No signature that could be right.
   *
   * @param why in words for the operator
   */
  record Unreadable(String why) implements SignatureHead {}
}
