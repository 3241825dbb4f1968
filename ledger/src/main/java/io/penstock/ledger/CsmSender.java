package io.penstock.ledger;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** CSM: an unguessable address, 5 s for an answer, three retries after 2, 4 and 8 s. */
final class CsmSender implements Sender {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00.001Z");

  private final String token = Texts.secret();

  @Override
  public String provider() {
    return "csm";
  }

  @Override
  public String sourceYaml() {
    return "{name: generations, provider: csm,"
        + " auth: [{type: url-token, tokens: [{env: CSM_URL_TOKEN}]}]}";
  }

  @Override
  public Map<String, String> environment() {
    return Map.of("CSM_URL_TOKEN", token);
  }

  @Override
  public Retries retries() {
    return new Retries(
        Duration.ofSeconds(5),
        List.of(Duration.ofSeconds(2), Duration.ofSeconds(4), Duration.ofSeconds(8)),
        false);
  }

  @Override
  public boolean hasIds() {
    return true;
  }

  @Override
  public String body(String id, String entity, long number, String text) {
    return """
    {"type": "session_status_changed",
     "payload": {"session_id": "%s", "user_id": "681dcde5253883b154accfde",
      "session_type": "image_to_3d", "old_status": "incomplete", "new_status": "complete",
      "timestamp": "%s",
      "session_data": {"mark": "%s", "input": {"name": "%s", "scaled_bbox": [1, 0.10, -1E+2]}}}}"""
        .formatted(entity, START.plusMillis(number), MARK + id, text);
  }

  @Override
  public String path() {
    return "/webhooks/generations/" + token;
  }
}
