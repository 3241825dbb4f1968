package io.penstock.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Matterport's events of models that are processed and activated. What happens to a model, in the
 * order of its versions, is sent in another order; models of one entity follow each other.
 */
final class ModelSender implements Sender {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  /** What happens to a model: its type and its body. */
  private static final List<String> HAPPENS =
      List.of(
          state("pending"),
          "processed|{\"status\": \"failed\", \"error\": \"no space\"}",
          "processed|{\"status\": \"succeeded\"}",
          state("active"),
          state("inactive"),
          state("active"),
          "processed|{\"status\": \"succeeded\"}");

  private final Map<String, List<Integer>> left = new ConcurrentHashMap<>();
  private final Map<String, Integer> models = new ConcurrentHashMap<>();
  private final String password = Texts.secret();

  private static String state(String state) {
    return "activation_state_changed|{\"previous\": {\"state\": \"pending\"},"
        + " \"current\": {\"state\": \""
        + state
        + "\"}}";
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

  /** The next event of the entity's model; each entity has one thread. */
  @Override
  public String body(String id, String entity, long number, String text) {
    List<Integer> events = left.computeIfAbsent(entity, key -> new ArrayList<>());
    if (events.isEmpty()) {
      int begun = models.merge(entity, 1, Integer::sum);
      for (int i = 0; i < HAPPENS.size(); i++) {
        events.add(i);
      }
      Collections.shuffle(events, new Random(entity.hashCode() + 31L * begun));
    }
    int event = events.removeLast();
    int version = event + 1;
    // Some models are deleted amid all this, of which some come back.
    int model = models.getOrDefault(entity, 0);
    boolean isDeleted = model % 5 == 0 && event == 4;
    String[] happens = (isDeleted ? "deleted|{}" : HAPPENS.get(event)).split("\\|", 2);
    return """
    {"modelId": "%s-%d", "version": %d, "webhookId": "w", "webhookCustomKey": "%s", "timestamp": "%s", \
    "type": "%s", "body": %s}"""
        .formatted(
            entity, model, version, MARK + id, START.plusSeconds(version), happens[0], happens[1]);
  }

  @Override
  public String orderedWithin(String entity, String body) {
    return body.substring(0, body.indexOf(','));
  }

  @Override
  public String path() {
    return "/webhooks/twins";
  }

  @Override
  public Map<String, String> headers(String body, long number, Instant now) {
    return Map.of(
        "Authorization",
        "Basic " + Base64.getEncoder().encodeToString(("penstock:" + password).getBytes(UTF_8)));
  }
}
