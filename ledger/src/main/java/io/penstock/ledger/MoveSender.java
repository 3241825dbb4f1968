package io.penstock.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Move, by way of Svix: each attempt signed anew, eight attempts, and the identical request at once
 * when a connection fails.
 */
final class MoveSender implements Sender {

  private final byte[] key = Texts.secret().getBytes(UTF_8);
  private final Duration tolerance;

  /**
   * @param tolerance how far the service lets a signature's time be from its own, in whole seconds
   */
  MoveSender(Duration tolerance) {
    this.tolerance = tolerance;
  }

  @Override
  public String provider() {
    return "move";
  }

  @Override
  public String sourceYaml() {
    return "{name: captures, provider: move, auth: [{type: standard-webhooks,"
        + " secrets: [{env: MOVE_SECRET}], tolerance: "
        + tolerance.toSeconds()
        + "s}]}";
  }

  @Override
  public Map<String, String> environment() {
    return Map.of("MOVE_SECRET", "whsec_" + Base64.getEncoder().encodeToString(key));
  }

  @Override
  public Retries retries() {
    return new Retries(
        Duration.ofSeconds(15),
        List.of(
            Duration.ofSeconds(5),
            Duration.ofMinutes(5),
            Duration.ofMinutes(30),
            Duration.ofHours(2),
            Duration.ofHours(5),
            Duration.ofHours(10),
            Duration.ofHours(10)),
        true);
  }

  @Override
  public boolean hasIds() {
    return true;
  }

  @Override
  public String body(String id, String entity, long number, String text) {
    return """
    {"detail":{"api_name":"move-ugc-api","client_id":"client-3b1f0c9e","event_attributes":\
    {"job":{"created":"","id":"%s","metadata":{"mark":"%s","note":"%s"}},"take":{"id":"take-%d"}},\
    "event_name":"ugc.job.state.completed"},"event_name":"ugc.job.state.completed",\
    "timestamp":"2023-09-14T09:18:17Z"}"""
        .formatted(entity, MARK + id, text, number);
  }

  @Override
  public String path() {
    return "/webhooks/captures";
  }

  @Override
  public Map<String, String> headers(String body, long number, Instant now) {
    String id = "msg_" + number;
    String time = Long.toString(now.getEpochSecond());
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      byte[] signature = mac.doFinal((id + "." + time + "." + body).getBytes(UTF_8));
      return Map.of(
          "Svix-Id",
          id,
          "Svix-Timestamp",
          time,
          "Svix-Signature",
          "v1," + Base64.getEncoder().encodeToString(signature));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
