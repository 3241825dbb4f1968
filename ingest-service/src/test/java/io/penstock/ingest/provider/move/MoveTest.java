package io.penstock.ingest.provider.move;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.hash.Hashing;
import io.penstock.ingest.provider.Decoding.Decoded;
import io.penstock.ingest.provider.Decoding.Undecodable;
import io.penstock.ingest.provider.Identification.Identified;
import io.penstock.ingest.provider.Identification.Malformed;
import io.penstock.ingest.provider.Identification.Missing;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MoveTest {

  private static final Map<String, String> HEADERS = Map.of("svix-id", "msg_1");

  private final Move move = new Move();

  @Test
  void recognizesByTheMessagesIdAndOrdersByTheJob() {
    assertThat(move.identify(sample("job.state.completed"), HEADERS))
        .isEqualTo(new Identified("9f1c2f9e-3a55-4f6b-8a57-3b8f6e1d2c44", List.of("msg_1")));
    assertThat(move.identify(sample("ugc.job.state.completed"), Map.of("webhook-id", "msg_2")))
        .isEqualTo(new Identified("d7bf57a2-6c1e-4b7f-9d35-0b2f0a6c9e21", List.of("msg_2")));
  }

  @Test
  void takesTheIdThatWasSigned() {
    assertThat(
            move.identify(
                sample("job.state.started"), Map.of("svix-id", "signed", "webhook-id", "forged")))
        .isInstanceOfSatisfying(
            Identified.class,
            identified -> assertThat(identified.uniqueParts()).containsExactly("signed"));
  }

  @Test
  void ordersWhatNamesNoJobByItsMessage() {
    assertThat(move.identify(bytes("{\"event_name\":\"volume.created\"}"), HEADERS))
        .isEqualTo(new Identified("msg_1", List.of("msg_1")));
  }

  @Test
  void recognizesWhatHasNoIdByAllOfIt() {
    byte[] body = bytes("{\"event_name\":\"volume.created\"}");
    String digest = Hashing.sha256().hashBytes(body).toString();

    assertThat(move.identify(body, Map.of()))
        .isEqualTo(new Identified("sha256:" + digest, List.of("sha256", digest)));
    assertThat(move.identify(body, Map.of("svix-id", " ")))
        .isEqualTo(move.identify(body, Map.of()));
  }

  @Test
  void keepsKeysSmall() {
    Map<String, String> headers = Map.of("svix-id", "m".repeat(1000));

    assertThat(move.identify(bytes("{\"event_name\":\"e\"}"), headers))
        .isInstanceOfSatisfying(
            Identified.class, identified -> assertThat(identified.entityKey()).hasSize(71));
  }

  @Test
  void keepsNoSignature() {
    assertThat(move.headers())
        .containsExactlyInAnyOrder("svix-id", "webhook-id", "svix-timestamp", "webhook-timestamp");
  }

  @Test
  void readsAnEventThatNamesItsJob() {
    Decoded decoded = decode(sample("job.state.completed"));

    assertThat(decoded.type()).isEqualTo("job.state.completed");
    assertThat(decoded.occurredAt()).isEqualTo(Instant.parse("2023-09-04T10:58:06Z"));
    assertThat(decoded.event().get("messageId")).isEqualTo("msg_1");
    assertThat(decoded.event().get("jobId")).isEqualTo("9f1c2f9e-3a55-4f6b-8a57-3b8f6e1d2c44");
    assertThat(decoded.event().get("takeId")).isNull();
    assertThat(decoded.event().get("jobStateCompleted"))
        .hasToString(
            "{\"apiName\": \"move-ugc-api\", \"clientId\":"
                + " \"client-3b1f0c9e-5f0a-4f0e-9a5e-0d6c4c1f7a11\","
                + " \"eventAttributes\": null}");
  }

  @Test
  void readsAnEventWithAttributes() {
    Decoded decoded = decode(sample("ugc.job.state.failed"));

    assertThat(decoded.deviations()).as("an empty created among them").isEmpty();
    assertThat(decoded.event().get("jobId")).isEqualTo("5e0d8f36-92b4-4a0b-a3c7-7c1d4e8b6f02");
    assertThat(decoded.event().get("takeId")).isEqualTo("b26c9c57-0e4d-4f7a-9b61-2a8f5c3d7e94");
    GenericRecord detail = (GenericRecord) decoded.event().get("ugcJobStateFailed");
    assertThat(Objects.requireNonNull(detail).get("eventAttributes"))
        .hasToString(
            "{\"job\": {\"id\": \"5e0d8f36-92b4-4a0b-a3c7-7c1d4e8b6f02\", \"created\": \"\","
                + " \"metadata\": \"{\\\"foo\\\":\\\"bar\\\"}\"}, \"take\": {\"id\":"
                + " \"b26c9c57-0e4d-4f7a-9b61-2a8f5c3d7e94\"}}");
  }

  @ParameterizedTest
  @CsvSource({
    "job.state.started, jobStateStarted",
    "job.state.completed, jobStateCompleted",
    "ugc.job.state.completed, ugcJobStateCompleted",
    "ugc.job.state.failed, ugcJobStateFailed",
    "job.state.failed, ugcJobStateFailed",
    "ugc.job.state.started, jobStateStarted"
  })
  void typesEventsWithAndWithoutThePrefixInEitherForm(String type, String field) {
    for (String form : List.of("job.state.completed", "ugc.job.state.completed")) {
      byte[] body =
          bytes(
              new String(sample(form), UTF_8)
                  .replace(
                      "\"event_name\":\"" + form + "\",\"timestamp",
                      "\"event_name\":\"" + type + "\",\"timestamp"));

      Decoded decoded = decode(body);

      assertThat(decoded.type()).as("verbatim").isEqualTo(type);
      assertThat(decoded.deviations()).isEmpty();
      assertThat(decoded.event().get("jobId")).isNotNull();
      GenericRecord detail = (GenericRecord) decoded.event().get(field);
      assertThat(detail).as(type + " like " + form).isNotNull();
      assertThat(Objects.requireNonNull(detail).get("apiName")).isEqualTo("move-ugc-api");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ugc.", "ugc.volume.state.completed", "x"})
  void publishesTypesThatNobodyKnows(String type) {
    Decoded decoded =
        decode(
            bytes(
                "{\"event_name\":\""
                    + type
                    + "\",\"timestamp\":\"2026-01-01T00:00:00Z\",\"detail\":{\"job_id\":\"j\",\"new\":1}}"));

    assertThat(decoded.type()).isEqualTo(type);
    assertThat(decoded.event().get("jobId")).isEqualTo("j");
    assertThat(decoded.deviations()).isEmpty();
    for (String field :
        List.of(
            "jobStateStarted", "jobStateCompleted", "ugcJobStateCompleted", "ugcJobStateFailed")) {
      assertThat(decoded.event().get(field)).isNull();
    }
  }

  @Test
  void notesWhatHasAnotherForm() {
    assertThat(decode(bytes("{\"event_name\":\"job.state.started\"}")).deviations())
        .containsExactlyInAnyOrder("jobStateStarted", "timestamp");
    assertThat(
            decode(
                    bytes(
                        "{\"event_name\":\"ugc.job.state.failed\",\"timestamp\":\"yesterday\",\"detail\":"
                            + "{\"client_id\":{},\"event_attributes\":{\"job\":[],\"take\":7}}}"))
                .deviations())
        .containsExactlyInAnyOrder(
            "timestamp",
            "ugcJobStateFailed.clientId",
            "ugcJobStateFailed.eventAttributes.job",
            "ugcJobStateFailed.eventAttributes.take");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"job_id":"j","event_attributes":{"take":{"id":"t"}}}                  | j | t |
          {"job_id":1,"event_attributes":{"take":{"id":2}}}                      | 1 | 2 |
          {"job_id":"","event_attributes":{"job":{"id":"j"},"take":{"id":""}}}   | j |   | takeId
          {"job_id":"","event_attributes":{"take":{"id":[]}}}                    |   |   | jobId takeId
          {"job_id":null,"event_attributes":{"take":{"id":null}}}                |   |   |
          """)
  void notesIdsThatNameNothing(
      String detail, @Nullable String job, @Nullable String take, @Nullable String noted) {
    Decoded decoded =
        decode(
            bytes(
                "{\"event_name\":\"new\",\"timestamp\":\"2023-09-04T10:58:06\",\"detail\":"
                    + detail
                    + "}"));

    assertThat(decoded.event().get("jobId")).isEqualTo(job);
    assertThat(decoded.event().get("takeId")).isEqualTo(take);
    assertThat(decoded.deviations()).isEqualTo(noted == null ? Set.of() : Set.of(noted.split(" ")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"foo\" : [1, {\"a\":null}]}", "\"{\\\"foo\\\":1}\"", "7", "[]"})
  void takesMetadataAsItIs(String metadata) {
    Decoded decoded =
        decode(
            bytes(
                new String(sample("ugc.job.state.completed"), UTF_8)
                    .replace("{\"foo\":\"bar\"}", metadata)));

    GenericRecord detail = (GenericRecord) decoded.event().get("ugcJobStateCompleted");
    GenericRecord attributes =
        (GenericRecord) Objects.requireNonNull(detail).get("eventAttributes");
    assertThat(((GenericRecord) attributes.get("job")).get("metadata")).isEqualTo(metadata);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "7", "{\"event_name\":\"\"}", "{\"event_name\":{}}"})
  void refusesWhatNamesNoType(String body) {
    String detail = "event_name is missing, empty or not text";

    assertThat(move.identify(bytes(body), HEADERS)).isEqualTo(new Missing(detail));
    assertThat(move.decode(bytes(body), HEADERS)).isEqualTo(new Undecodable(detail));
  }

  @Test
  void tellsThatAFifoEndpointIsTheWrongKind() {
    byte[] body = bytes("[" + new String(sample("job.state.started"), UTF_8) + "]");

    assertThat(move.identify(body, HEADERS))
        .isInstanceOfSatisfying(
            Missing.class, missing -> assertThat(missing.detail()).contains("FIFO"));
  }

  @Test
  void refusesAnEmptyBody() {
    assertThat(move.identify(new byte[0], HEADERS)).isEqualTo(new Malformed("empty"));
  }

  private Decoded decode(byte[] body) {
    return (Decoded) move.decode(body, HEADERS);
  }

  private byte[] sample(String name) {
    return move.samples().stream()
        .filter(sample -> sample.name().equals(name))
        .findFirst()
        .orElseThrow()
        .body();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
