package io.penstock.ingest.provider.csm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.hash.Hashing;
import io.penstock.ingest.provider.Decoding.Decoded;
import io.penstock.ingest.provider.Decoding.Undecodable;
import io.penstock.ingest.provider.Identification.Identified;
import io.penstock.ingest.provider.Identification.Missing;
import io.penstock.ingest.provider.TestEvents;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CsmTest {

  private final Csm csm = new Csm();

  @Test
  void ordersBySessionAndRecognizesByItsTimestampAndStatuses() {
    assertThat(csm.identify(sample("session_status_changed-documented"), Map.of()))
        .isEqualTo(
            new Identified(
                "SESSION_1756711515_3265503",
                List.of(
                    "SESSION_1756711515_3265503",
                    "2025-09-01T07:26:51.484Z",
                    "\"incomplete",
                    "\"complete")));
  }

  @Test
  void recognizesAnythingElseByAllOfIt() {
    byte[] body = sample("preview_done");
    String digest = Hashing.sha256().hashBytes(body).toString();
    assertThat(csm.identify(body, Map.of()))
        .isEqualTo(new Identified("SESSION_P_44569824122", List.of("sha256", digest)));

    byte[] unknown = bytes("{\"type\":\"new\",\"payload\":{\"session_id\":\"s\",\"timestamp\":7}}");
    assertThat(csm.identify(unknown, Map.of()))
        .isEqualTo(
            new Identified("s", List.of("sha256", Hashing.sha256().hashBytes(unknown).toString())));
  }

  @Test
  void keepsKeysSmall() {
    String id = "S".repeat(1000);
    Identified identified =
        (Identified)
            csm.identify(
                bytes(
                    "{\"type\":\"session_status_changed\",\"payload\":{\"timestamp\":1,"
                        + "\"session_id\":\""
                        + id
                        + "\"}}"),
                Map.of());

    assertThat(identified.entityKey()).startsWith("sha256:");
    assertThat(identified.uniqueParts()).contains(id);
  }

  @Test
  void readsAStatusChange() {
    Decoded decoded = TestEvents.decode(csm, sample("session_status_changed-documented"));

    assertThat(decoded.type()).isEqualTo("session_status_changed");
    assertThat(decoded.occurredAt()).isEqualTo(Instant.parse("2025-09-01T07:26:51.484Z"));
    assertThat(decoded.event().get("sessionId")).isEqualTo("SESSION_1756711515_3265503");
    assertThat(decoded.event().get("sessionStatusChanged"))
        .hasToString(
            "{\"userId\":"
                + " \"681dcde5253883b154accfde\", \"sessionType\": \"image_to_3d\", \"oldStatus\":"
                + " \"incomplete\", \"newStatus\": \"complete\", \"timestamp\": 1756711611484,"
                + " \"sessionData\": \"{}\"}");
  }

  @Test
  void hasSessionDataExactlyAsSent() {
    byte[] body = sample("retopology-complete");

    String data = statusChange(TestEvents.decode(csm, body)).get("sessionData").toString();

    assertThat(data).startsWith("{\n      \"_id\": ").endsWith("}");
    assertThat(new String(body, UTF_8)).contains("\"session_data\": " + data + "\n");
  }

  @Test
  void hasNoTimeForTheOlderTypes() {
    Decoded decoded = TestEvents.decode(csm, sample("refine_failed"));

    assertThat(decoded.occurredAt()).isNull();
    assertThat(decoded.deviations()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"soon\"", "1756711611", "\"1970-01-01T00:00:00Z\"", "1e300"})
  void hasNoTimeWhereTheProvidersCannotBe(String timestamp) {
    String body =
        "{\"type\":\"session_status_changed\",\"payload\":{\"session_id\":\"s\",\"timestamp\":%s,\"new_status\":\"x\"}}"
            .formatted(timestamp);

    Decoded decoded = TestEvents.decode(csm, bytes(body));

    assertThat(decoded.occurredAt()).isNull();
    assertThat(decoded.deviations()).containsExactly("sessionStatusChanged.timestamp");
    assertThat(statusChange(decoded).get("timestamp")).isNull();
    assertThat(statusChange(decoded).get("newStatus")).isEqualTo("x");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {}                                               | type
          [{"type":"t","payload":{"session_id":"s"}}]      | type
          {"type":"","payload":{"session_id":"s"}}         | type
          {"type":"t"}                                     | payload.session_id
          {"type":"t","session_id":"s","payload":[]}       | payload.session_id
          {"type":"t","payload":{"session_id":{}}}         | payload.session_id
          {"type":"session_status_changed","payload":{"session_id":"s"}} | payload.timestamp
          {"type":"session_status_changed","payload":{"session_id":"s","timestamp":""}} | payload.timestamp
          """)
  void saysWhatIsMissing(String body, String field) {
    String detail = field + " is missing, empty or not text";

    assertThat(csm.identify(bytes(body), Map.of())).isEqualTo(new Missing(detail));
    assertThat(csm.decode(bytes(body), Map.of())).isEqualTo(new Undecodable(detail));
  }

  private static GenericRecord statusChange(Decoded decoded) {
    return (GenericRecord) Objects.requireNonNull(decoded.event().get("sessionStatusChanged"));
  }

  private byte[] sample(String name) {
    return csm.samples().stream()
        .filter(sample -> sample.name().equals(name))
        .findFirst()
        .orElseThrow()
        .body();
  }

  private static byte[] bytes(String body) {
    return body.getBytes(UTF_8);
  }
}
