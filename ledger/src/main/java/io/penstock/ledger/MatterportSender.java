package io.penstock.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * Matterport: version 2, registered with {@code credType: basic}. Nobody documents a time-out or a
 * retry, so there is one attempt.
 */
final class MatterportSender implements Sender {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  /** So many events of a model follow each other within a second and a version, if they collide. */
  private static final int TOGETHER = 4;

  private final boolean collides;
  private final Counters counters = new Counters();
  private final String password = Texts.secret();

  /**
   * @param collides whether events of one model, second and version differ in their bodies alone
   */
  MatterportSender(boolean collides) {
    this.collides = collides;
  }

  @Override
  public String provider() {
    return "matterport";
  }

  @Override
  public String sourceYaml() {
    return "{name: twins, provider: matterport,"
        + " auth: [{type: basic, username: penstock, passwords: [{env: TWINS_PASSWORD}]}]}";
  }

  @Override
  public Map<String, String> environment() {
    return Map.of("TWINS_PASSWORD", password);
  }

  @Override
  public Retries retries() {
    return new Retries(Duration.ofSeconds(10), List.of(), false);
  }

  @Override
  public boolean hasIds() {
    return true;
  }

  @Override
  public String body(String id, String entity, long number, String text) {
    if (collides) {
      long second = counters.next(entity) / TOGETHER;
      return body(entity, second, "ledger", START.plusSeconds(second), MARK + id + " " + text);
    }
    return body(entity, number, MARK + id, START.plusMillis(number), text);
  }

  private static String body(
      String entity, long version, String key, Instant time, String description) {
    return """
    {
      "modelId": "%s",
      "version": %d,
      "webhookId": "887n9rwrdxytnttms0t1h02mc",
      "webhookCustomKey": "%s",
      "timestamp": "%s",
      "type": "details_changed",
      "body": {"previous": {"description": ""}, "current": {"description": "%s"}}
    }
    """
        .formatted(entity, version, key, time, description);
  }

  @Override
  public String path() {
    return "/webhooks/twins";
  }

  @Override
  public Map<String, String> headers(String body, long number, Instant now) {
    String credentials = "penstock:" + password;
    return Map.of(
        "Authorization",
        "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(UTF_8)));
  }
}
