package io.penstock.ingest.console.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventLinesTest {

  private static EventLines lines(String json, String event) {
    try {
      return EventLines.of(json, (ObjectNode) new ObjectMapper().readTree(event), "uploaded");
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  private static List<String> marked(List<EventLines.Line> lines) {
    return lines.stream()
        .filter(line -> !line.mark().isEmpty())
        .map(line -> line.text().strip() + " " + line.mark())
        .toList();
  }

  @Test
  void whatIsOnBothSidesIsNotMarked() {
    EventLines lines =
        lines(
            "{\"event\":\"uploaded\",\"n\":1.0,\"data\":{\"name\":\"a\"}}",
            "{\"json\":\"{}\",\"n\":1,\"uploaded\":{\"name\":\"a\"},\"other\":null}");
    assertThat(lines.differences()).isZero();
    assertThat(lines.event()).extracting(EventLines.Line::text).noneMatch(t -> t.contains("other"));
  }

  @Test
  void whatDiffersOrIsAloneIsMarked() {
    EventLines lines =
        lines(
            "{\"at\":\"2026-03-01\",\"extra\":[1,2],\"same\":true}",
            "{\"at\":1772323200000,\"same\":true,\"made\":\"x\"}");
    assertThat(marked(lines.json()))
        .containsExactly(
            "\"at\": \"2026-03-01\", differs", "1, only in the body", "2 only in the body");
    assertThat(marked(lines.event()))
        .containsExactly("\"at\": 1772323200000, differs", "\"made\": \"x\" only in the event");
    assertThat(lines.differences()).isEqualTo(4);
  }

  @Test
  void whatSendersWriteIsHarmlessAndBounded() {
    assertThat(lines("{\"a\\u202e\":\"\\u001b\"}", "{}").json().get(1).text())
        .isEqualTo("  \"a\\u202e\": \"\\u001B\"");
    assertThat(lines("no JSON", "{\"a\":1}").json()).isEmpty();
    EventLines many = lines("[" + "1,".repeat(50_000) + "1]", "{}");
    assertThat(many.cut()).isTrue();
    assertThat(many.json()).hasSizeLessThan(2_010);
    EventLines huge = lines("{\"a\":1e999999999,\"b\":-1e-999999999}", "{\"a\":2}");
    assertThat(huge.json()).as("not written in full").hasSizeLessThan(6);
    assertThat(huge.json().get(1).text()).hasSizeLessThan(60);
    assertThat(lines("{\"a\":\"" + "x".repeat(100_000) + "\"}", "{}").json().get(1).text())
        .hasSizeLessThan(2_100);
  }
}
