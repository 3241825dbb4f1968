package io.penstock.ingest.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.ingest.it.Outsider.Read;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.Sample;
import io.penstock.ingest.provider.csm.Csm;
import io.penstock.ingest.provider.smartshape.SmartShape;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Promises 4 and 5, and every published sample of the providers, through HTTP, Kafka and the
 * registry.
 */
@ExtendWith(Stack.Shared.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // set before all tests
class SamplesIT {

  private static final ObjectMapper JSON = new ObjectMapper();

  private Settings settings;
  private Instance instance;
  private Sender sender;
  private Outsider outsider;

  @BeforeAll
  void start(Stack stack) {
    settings = Settings.of(stack);
    instance = Instance.ready(settings);
    sender = new Sender();
    outsider = new Outsider(settings);
  }

  @AfterAll
  void stop() {
    outsider.close();
    sender.close();
    instance.close();
  }

  @Test
  void everySmartShapeSampleComesOutTypedOnceAndWhole() throws IOException {
    Provider provider = new SmartShape();
    for (Sample sample : provider.samples()) {
      assertAcknowledged(sender.send(Sender.shapes(instance, sample.body())));
      assertAcknowledged(sender.send(Sender.shapes(instance, sample.body())));
    }

    List<Read> events = outsider.readAll(settings.smartshape());

    for (Sample sample : provider.samples()) {
      JsonNode json = JSON.readTree(sample.body());
      String type = json.path("event").asText();
      Read event = only(events, sample);
      assertMetadata(
          event,
          "shapes",
          "smartshape",
          type,
          Instant.ofEpochMilli(json.path("runTimestamp").asLong()));
      assertThat(event.key()).isEqualTo(json.path("file").asText());
      assertThat(event.value().get("uuid")).hasToString(json.path("uuid").asText());
      assertThat(event.value().get("owner")).hasToString(json.path("owner").asText());
      assertThat(setTypes(event)).containsExactly(camelCase(type));
    }
  }

  @Test
  void everyCsmSampleComesOutTypedOnceAndWhole() throws IOException {
    Provider provider = new Csm();
    for (Sample sample : provider.samples()) {
      assertAcknowledged(sender.send(Sender.generations(instance, sample.body())));
      assertAcknowledged(sender.send(Sender.generations(instance, sample.body())));
    }

    List<Read> events = outsider.readAll(settings.csm());

    for (Sample sample : provider.samples()) {
      JsonNode json = JSON.readTree(sample.body());
      JsonNode payload = json.path("payload");
      String type = json.path("type").asText();
      Read event = only(events, sample);
      assertMetadata(
          event,
          "generations",
          "csm",
          type,
          payload.has("timestamp") ? Instant.parse(payload.path("timestamp").asText()) : null);
      assertThat(event.key()).isEqualTo(payload.path("session_id").asText());
      assertThat(setTypes(event)).hasSize(1);
      if (type.equals("session_status_changed")) {
        GenericRecord typed = (GenericRecord) event.value().get("sessionStatusChanged");
        assertThat(typed.get("newStatus")).hasToString(payload.path("new_status").asText());
        assertThat(JSON.readTree(typed.get("sessionData").toString()))
            .isEqualTo(payload.path("session_data"));
      }
    }
  }

  private static Read only(List<Read> events, Sample sample) {
    List<Read> found =
        events.stream()
            .filter(
                event ->
                    event.value().get("json").toString().equals(new String(sample.body(), UTF_8)))
            .toList();
    assertThat(found).as(sample.name()).hasSize(1);
    return found.getFirst();
  }

  private static void assertMetadata(
      Read event,
      String source,
      String provider,
      String type,
      @org.jspecify.annotations.Nullable Instant occurredAt) {
    GenericRecord metadata = event.metadata();
    assertThat(metadata.get("source")).hasToString(source);
    assertThat(metadata.get("provider")).hasToString(provider);
    assertThat(metadata.get("type")).hasToString(type);
    assertThat(metadata.get("occurredAt"))
        .isEqualTo(occurredAt == null ? null : occurredAt.toEpochMilli());
    assertThat(metadata.get("eventId").toString()).matches("[0-9a-f]{32}");
    assertThat(event.headers())
        .containsEntry("ce_specversion", "1.0")
        .containsEntry("ce_id", metadata.get("eventId").toString())
        .containsEntry("ce_source", "/webhooks/" + source)
        .containsEntry("ce_type", type)
        .containsEntry("content-type", "application/avro");
    Instant time = Instant.parse(event.header("ce_time"));
    assertThat(time.toEpochMilli())
        .isEqualTo(
            occurredAt == null ? (long) metadata.get("receivedAt") : occurredAt.toEpochMilli());
  }

  private static Set<String> setTypes(Read event) {
    Set<String> set = new HashSet<>();
    event
        .value()
        .getSchema()
        .getFields()
        .forEach(
            field -> {
              if (field.getObjectProp("eventType") != null
                  && event.value().get(field.pos()) != null) {
                set.add(field.name());
              }
            });
    return set;
  }

  private static String camelCase(String type) {
    StringBuilder name = new StringBuilder();
    for (String word : type.split("_", -1)) {
      name.append(
          name.isEmpty() ? word : Character.toUpperCase(word.charAt(0)) + word.substring(1));
    }
    return name.toString();
  }

  private static void assertAcknowledged(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("{\"success\": true}");
    assertThat(answer.headers().firstValue("content-type")).contains("application/json");
  }

  @Test
  void fiveHundredEventsOfOneSessionComeOutInTheirOrder() {
    String session = "SESSION_" + UUID.randomUUID();
    Instant start = Instant.parse("2025-09-01T07:26:51.484Z");
    for (int i = 0; i < 500; i++) {
      String timestamp = start.plusMillis(i).toString();
      byte[] body =
          ("{\"type\":\"session_status_changed\",\"payload\":{\"session_id\":\""
                  + session
                  + "\",\"session_type\":\"image_to_3d\","
                  + "\"old_status\":\"incomplete\",\"new_status\":\"step-"
                  + i
                  + "\",\"timestamp\":\""
                  + timestamp
                  + "\",\"session_data\":{}}}")
              .getBytes(UTF_8);
      assertThat(sender.send(Sender.generations(instance, body)).statusCode()).isEqualTo(200);
    }

    List<Read> events = outsider.readAll(settings.csm(), read -> read.key().equals(session));

    assertThat(events).hasSize(500);
    assertThat(events.stream().map(read -> read.value().get("sessionStatusChanged").toString()))
        .zipSatisfy(
            IntStream.range(0, 500).mapToObj(i -> "step-" + i).toList(),
            (typed, step) -> assertThat(typed).contains("\"" + step + "\""));
    assertThat(events.stream().map(Read::partition).distinct()).hasSize(1);
  }

  @Test
  void aTraceIsPassedOn() {
    String traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    String uuid = UUID.randomUUID().toString();

    sender.send(
        Sender.request(instance.url() + "/webhooks/shapes", Sender.shape("f", uuid))
            .header("x-smartshape-token", Sender.SHAPES_TOKEN)
            .header("traceparent", traceparent)
            .build());

    assertThat(
            outsider.readAll(
                settings.smartshape(),
                read -> uuid.equals(String.valueOf(read.value().get("uuid")))))
        .singleElement()
        .satisfies(read -> assertThat(read.header("traceparent")).isEqualTo(traceparent));
  }
}
