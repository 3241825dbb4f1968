package io.penstock.ingest.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.it.Outsider.Read;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Which models can be used, on a real Kafka and across a kill. */
@ExtendWith(Stack.Shared.class)
class ModelReadyIT {

  private static final String USUAL = "auth: [{type: url-token, tokens: [{env: CSM_URL_TOKEN}]}]";

  private static byte[] event(String model, String type, int version, String body) {
    return """
    {"modelId": "%s", "version": %d, "webhookId": "w", "timestamp": "2026-11-26T08:00:%02dZ", "type": "%s", "body": %s}"""
        .formatted(model, version, version, type, body)
        .getBytes(UTF_8);
  }

  private static byte[] processed(String model, int version) {
    return event(model, "processed", version, "{\"status\": \"succeeded\"}");
  }

  private static byte[] state(String model, int version, String state) {
    return event(
        model,
        "activation_state_changed",
        version,
        "{\"previous\": {\"state\": \"pending\"}, \"current\": {\"state\": \"%s\"}}"
            .formatted(state));
  }

  private static void send(Instance instance, Sender sender, byte[]... bodies) {
    for (byte[] body : bodies) {
      assertThat(sender.send(OtherProviders.request(instance, "twins", body)).statusCode())
          .isEqualTo(200);
    }
  }

  /** What was said of a model, in order. */
  private static List<String> told(List<Read> all, String model) {
    return all.stream()
        .filter(read -> read.key().equals(model))
        .map(read -> read.metadata().get("type") + " " + read.value().get("version"))
        .toList();
  }

  @Test
  void eachReadinessIsToldOnce(Stack stack) {
    Settings settings =
        Settings.of(stack)
            .withText(USUAL, USUAL + "\n  - {name: twins, provider: matterport, " + USUAL + "}")
            .with("PENSTOCK_PIPELINE_MODEL_READY_ENABLED", "true");
    try (Sender sender = new Sender();
        Outsider outsider = new Outsider(settings)) {
      try (Instance instance = Instance.ready(settings)) {
        send(instance, sender, processed("a", 1), processed("a", 1), state("a", 2, "active"));
        send(instance, sender, state("b", 2, "active"), processed("b", 3), processed("b", 3));
        send(instance, sender, processed("c", 1), state("d", 1, "active"));
        outsider.awaitPipeline();
        instance.kill();
      }
      try (Instance instance = Instance.ready(settings)) {
        send(instance, sender, state("a", 2, "active"), state("a", 4, "inactive"));
        send(instance, sender, state("a", 3, "active"), processed("b", 5));
        send(instance, sender, state("c", 2, "active"), event("d", "deleted", 2, "{}"));
        send(instance, sender, processed("d", 1));

        List<Read> all = outsider.readAll(settings.prefix() + ".matterport-model-ready");

        assertThat(told(all, "a")).containsExactly("model_ready 2", "model_withdrawn 4");
        assertThat(told(all, "b")).containsExactly("model_ready 3", "model_ready 5");
        assertThat(told(all, "c")).containsExactly("model_ready 2");
        assertThat(told(all, "d")).isEmpty();
        List<Read> events = outsider.readAll(settings.prefix() + ".matterport");
        assertThat(all)
            .allSatisfy(
                read -> {
                  assertThat(read.header("ce_id"))
                      .isEqualTo(read.metadata().get("eventId").toString());
                  assertThat(events.stream().map(event -> event.header("ce_id")))
                      .containsAll(
                          Stream.of("processedEventId", "activationEventId")
                              .map(field -> read.value().get(field).toString())
                              .toList());
                  assertThat(events)
                      .filteredOn(event -> event.key().equals(read.key()))
                      .allSatisfy(
                          event -> assertThat(event.partition()).isEqualTo(read.partition()));
                });
        assertThat(instance.metrics()).contains("penstock_model_ready_states 4.0");
      }
    }
  }
}
