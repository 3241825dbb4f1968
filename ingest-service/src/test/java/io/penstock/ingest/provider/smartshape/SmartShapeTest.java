package io.penstock.ingest.provider.smartshape;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.provider.Decoding.Decoded;
import io.penstock.ingest.provider.Decoding.Undecodable;
import io.penstock.ingest.provider.Identification.Identified;
import io.penstock.ingest.provider.Identification.Malformed;
import io.penstock.ingest.provider.Identification.Missing;
import io.penstock.ingest.provider.TestEvents;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SmartShapeTest {

  private final SmartShape smartShape = new SmartShape();

  @Test
  void ordersByFileAndRecognizesByUuid() {
    assertThat(smartShape.identify(sample("attribute_updated"), Map.of()))
        .isEqualTo(
            new Identified(
                "5c6aeed079bf3f432d3c929e", List.of("43a57abb-4ab6-435c-bdc4-d0a5e3bdeb96")));
  }

  @Test
  void readsTheEnvelope() {
    Decoded decoded = TestEvents.decode(smartShape, sample("attribute_updated"));

    assertThat(decoded.type()).isEqualTo("attribute_updated");
    assertThat(decoded.occurredAt()).isEqualTo(Instant.ofEpochMilli(1550824906016L));
    GenericRecord event = decoded.event();
    assertThat(event.get("file")).isEqualTo("5c6aeed079bf3f432d3c929e");
    assertThat(event.get("owner")).isEqualTo("test@smartshape.io");
    assertThat(event.get("uuid")).isEqualTo("43a57abb-4ab6-435c-bdc4-d0a5e3bdeb96");
    assertThat(event.get("runTimestamp")).isEqualTo(1550824906016L);
  }

  @Test
  void readsAttributesOfAnyForm() {
    Decoded decoded =
        decode(
            event(
                "attribute_updated",
                "{\"user\":{},\"nodeIdToAttributes\":{\"n\":{\"a b\":\"text\",\"c\":{\"d\":"
                    + " 1}}}}"));

    assertThat(decoded.event().get("attributeUpdated"))
        .hasToString(
            "{\"userEmail\": null, \"nodeIdToAttributes\": {\"n\": {\"a b\": {\"text\": \"text\","
                + " \"json\": null}, \"c\": {\"text\": null, \"json\": \"{\\\"d\\\": 1}\"}}}}");
  }

  @Test
  void keepsPermissionsInEitherOfTheirForms() {
    GenericRecord created = TestEvents.decode(smartShape, sample("annotation_created")).event();
    GenericRecord updated = TestEvents.decode(smartShape, sample("annotation_updated")).event();

    assertThat(at(created, "annotationCreated", "annotation", "permissions").toString())
        .startsWith("{\n            \"_id\": \"5c6fbb654fb090280ecc926a\",");
    assertThat(at(updated, "annotationUpdated", "after", "permissions")).hasToString("[]");
    assertThat(at(updated, "annotationUpdated", "before", "name")).hasToString("test1");
    assertThat(at(updated, "annotationUpdated", "after", "name")).hasToString("TITLE3");
  }

  @Test
  void acceptsTypesThatNobodyKnowsYet() {
    Decoded decoded = decode(event("file_teleported", "[1]"));

    assertThat(decoded.type()).isEqualTo("file_teleported");
    assertThat(decoded.deviations()).isEmpty();
    assertThat(decoded.event().getSchema().getFields())
        .filteredOn(field -> field.getProp("penstock.eventType") != null)
        .allSatisfy(field -> assertThat(decoded.event().get(field.name())).isNull());
  }

  @Test
  void acceptsNumbersForIds() {
    assertThat(smartShape.identify(bytes("{\"uuid\":12,\"file\":1e3,\"event\":4}"), Map.of()))
        .isEqualTo(new Identified("1e3", List.of("12")));
  }

  @Test
  void saysWhatDeviates() {
    assertThat(
            decode(event("file_uploaded", "{\"size\":\"big\",\"sceneTreeNames\":[{}]}"))
                .deviations())
        .containsExactlyInAnyOrder(
            "fileUploaded.document.size", "fileUploaded.document.sceneTreeNames[]");
    assertThat(decode(event("file_uploaded", "[]")).deviations()).containsExactly("fileUploaded");
    assertThat(
            decode("{\"uuid\":\"u\",\"file\":\"f\",\"event\":\"annotation_created\",\"owner\":{}}")
                .deviations())
        .containsExactlyInAnyOrder("annotationCreated", "owner", "runTimestamp");
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "1550824906", "1e300", "\"soon\"", "{}", "-1"})
  void hasNoTimeWhereTheProvidersCannotBe(String runTimestamp) {
    Decoded decoded =
        decode(
            "{\"uuid\":\"u\",\"file\":\"f\",\"event\":\"e\",\"runTimestamp\":"
                + runTimestamp
                + "}");

    assertThat(decoded.occurredAt()).isNull();
    assertThat(decoded.event().get("runTimestamp")).isNull();
    assertThat(decoded.deviations()).containsExactly("runTimestamp");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {}                                        | uuid
          []                                        | uuid
          {"uuid":"","file":"f","event":"e"}        | uuid
          {"uuid":null,"file":"f","event":"e"}      | uuid
          {"uuid":"\\ud800","file":"f","event":"e"} | uuid
          {"uuid":"u","event":"e"}                  | file
          {"uuid":"u","file":["f"],"event":"e"}     | file
          {"uuid":"u","file":"f","event":{}}        | event
          {"uuid":"u","file":"f","data":{"event":"e"}} | event
          """)
  void saysWhatIsMissing(String body, String field) {
    String detail = field + " is missing, empty or not text";

    assertThat(smartShape.identify(bytes(body), Map.of())).isEqualTo(new Missing(detail));
    assertThat(smartShape.decode(bytes(body), Map.of())).isEqualTo(new Undecodable(detail));
  }

  @Test
  void refusesTheDocumentedExampleThatIsNoJson() throws IOException {
    try (InputStream in = SmartShapeTest.class.getResourceAsStream("trailing-comma.json")) {
      assertThat(in).isNotNull();
      assertThat(smartShape.identify(in.readAllBytes(), Map.of())).isInstanceOf(Malformed.class);
    }
  }

  private Decoded decode(String body) {
    return TestEvents.decode(smartShape, bytes(body));
  }

  private static String event(String type, String data) {
    return "{\"uuid\":\"u\",\"file\":\"f\",\"runTimestamp\":1550824906016,\"event\":\"%s\",\"data\":%s}"
        .formatted(type, data);
  }

  private static Object at(GenericRecord record, String... path) {
    Object value = record;
    for (String name : path) {
      value = ((GenericRecord) value).get(name);
    }
    return value;
  }

  private byte[] sample(String name) {
    return smartShape.samples().stream()
        .filter(sample -> sample.name().equals(name))
        .findFirst()
        .orElseThrow()
        .body();
  }

  private static byte[] bytes(String body) {
    return body.getBytes(UTF_8);
  }
}
