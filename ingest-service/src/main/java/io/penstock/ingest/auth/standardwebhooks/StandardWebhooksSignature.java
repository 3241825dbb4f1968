package io.penstock.ingest.auth.standardwebhooks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.penstock.ingest.auth.Secret;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** The headers that a sender with a shared secret would sign a delivery with. */
public final class StandardWebhooksSignature {

  private StandardWebhooksSignature() {}

  /** Whether a secret can sign: a public key can not. */
  public static boolean canSign(Secret secret) {
    return WebhookKey.parse(secret) instanceof WebhookKey.Shared;
  }

  /**
   * Signs a body, in the names of Svix.
   *
   * @param id of the message: visible ASCII without a dot
   * @return by their lower-case names; empty if the secret cannot sign
   */
  public static Optional<Map<String, String>> headers(
      Secret secret, String id, Instant time, byte[] body) {
    if (!(WebhookKey.parse(secret) instanceof WebhookKey.Shared key)) {
      return Optional.empty();
    }
    String timestamp = Long.toString(time.getEpochSecond());
    byte[] signature = key.sign((id + "." + timestamp + ".").getBytes(US_ASCII), body);
    return Optional.of(
        Map.of(
            SignedHead.SVIX + SignedHead.ID,
            id,
            SignedHead.SVIX + SignedHead.TIMESTAMP,
            timestamp,
            SignedHead.SVIX + SignedHead.SIGNATURE,
            "v1," + new String(signature, US_ASCII)));
  }
}
