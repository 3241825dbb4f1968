package io.penstock.ingest.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What {@code penstock serve} writes for those who collect logs. */
@ExtendWith(Stack.Shared.class)
class LogsIT {

  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void everyLineIsOneJsonObject(Stack stack) throws Exception {
    Settings settings = Settings.of(stack);
    try (Instance instance = Instance.ready(settings);
        Sender sender = new Sender()) {
      sender.send(Sender.shapes(instance, Sender.shape("f", "u")));
      sender.send(Sender.shapes(instance, new byte[0]));
      assertThat(instance.terminate()).isZero();
      assertThat(instance.log().lines())
          .isNotEmpty()
          .allSatisfy(
              line -> {
                JsonNode json = JSON.readTree(line);
                assertThat(Instant.parse(json.path("time").asText())).isBefore(Instant.MAX);
                assertThat(json.path("level").asText()).isIn("INFO", "WARN", "ERROR");
                assertThat(json.path("logger").asText()).contains(".");
                assertThat(json.path("thread").asText()).isNotEmpty();
                assertThat(json.path("message").asText()).isNotEmpty();
              })
          .anySatisfy(line -> assertThat(line).contains("Ports are open"))
          .anySatisfy(
              line ->
                  assertThat(line)
                      .contains("\"source\":\"shapes\"", "\"outcome\":\"acknowledged\"")
                      .contains("\"receipt_id\":\"", "\"kept_by\":\"kafka\""))
          .anySatisfy(
              line ->
                  assertThat(line)
                      .contains("\"outcome\":\"refused\"", "\"reason\":\"malformed-json\""));
    }
  }

  @Test
  void textIsForPeople(Stack stack) {
    Settings settings = Settings.of(stack).with("PENSTOCK_LOG_FORMAT", "text");
    try (Instance instance = Instance.start(settings)) {
      assertThat(instance.log()).contains(" INFO ", "Ports are open").doesNotContain("{\"time\"");
    }
  }
}
