package io.penstock.ingest.lookup;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.ingest.delivery.Reason;
import io.penstock.ingest.landing.LandingRecord;
import io.penstock.ingest.provider.EventSchemas;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;

class ShownJsonTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void membersArePickedByTheirPaths() throws Exception {
    ObjectNode node = (ObjectNode) JSON.readTree("{\"a\":{\"b\":[1],\"c\":null},\"d\":\"x\"}");

    assertThat(ShownJson.pick(node, List.of("d", "a.b", "a.c", "a.x", "y.z")))
        .isEqualTo(
            JSON.readTree("{\"d\":\"x\",\"a.b\":[1],\"a.c\":null,\"a.x\":null,\"y.z\":null}"));
  }

  private static ObjectNode landed(byte[] body) {
    return ShownJson.of(
        new Shown.Landed(
            new RecordPosition("w.inbound", 4, 1182),
            Instant.EPOCH,
            new LandingRecord.Refusal(
                new LandingRecord.LandingEnvelope(
                    "shapes", "smartshape", "r", 5, "r", null, null, Map.of("a", "b"), body),
                Reason.MISSING_IDENTITY,
                "no file"),
            false));
  }

  @Test
  void aBodyThatIsNotTextIsShownInBase64() throws Exception {
    assertThat(landed("{\"ü\":1}".getBytes(UTF_8)).path("text").asText()).isEqualTo("{\"ü\":1}");
    ObjectNode binary = landed(new byte[] {(byte) 0xFF, 0});
    assertThat(binary.has("text")).isFalse();
    assertThat(binary.path("base64").binaryValue()).containsExactly(0xFF, 0);
    assertThat(binary.path("reason").asText()).isEqualTo("missing-identity");
    assertThat(binary.path("headers").path("a").asText()).isEqualTo("b");
  }

  @Test
  void avroBecomesPlainJson() throws Exception {
    GenericRecord letter = new GenericData.Record(EventSchemas.deadLetter());
    letter.put("source", "shapes");
    letter.put("receivedAt", 5L);
    letter.put("headers", Map.of("a", "b"));
    letter.put("body", ByteBuffer.wrap("xyz".getBytes(UTF_8)));

    ObjectNode node = EventJson.of(letter, "reason");

    assertThat(node.path("source").asText()).isEqualTo("shapes");
    assertThat(node.path("receivedAt").asLong()).isEqualTo(5);
    assertThat(node.path("headers")).isEqualTo(JSON.readTree("{\"a\":\"b\"}"));
    assertThat(node.path("body").binaryValue()).isEqualTo("xyz".getBytes(UTF_8));
    assertThat(node.path("detail").isNull()).isTrue();
    assertThat(node.has("reason")).isFalse();
  }
}
