package io.penstock.ingest.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.ingest.Thorough;
import java.net.http.HttpRequest;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The log lines of {@code penstock serve}, as a log collector reads them. */
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

  @Thorough("`everyLineIsOneJsonObject`")
  @Test
  void aLogThatNobodyReadsHoldsNothingUp(Stack stack) {
    // The clients' own lines fill the queue soon.
    Settings settings = Settings.of(stack).with("PENSTOCK_LOG_LEVEL_KAFKA", "trace");
    try (Instance instance = Instance.unread(settings);
        Sender sender = new Sender()) {
      for (int i = 0; i == 0 || instance.metric("penstock_log_lines_dropped_total") == 0; i++) {
        assertThat(i).as("deliveries, and no line was dropped").isLessThan(20_000);
        HttpRequest delivery = Sender.shapes(instance, Sender.shape("f", "unread-" + i));
        assertThat(sender.send(delivery).statusCode()).isEqualTo(200);
      }
      HttpRequest delivery = Sender.shapes(instance, Sender.shape("f", "unread"));
      assertThat(sender.send(delivery).statusCode()).isEqualTo(200);
      assertThat(instance.terminate()).isZero();
    }
  }
}
