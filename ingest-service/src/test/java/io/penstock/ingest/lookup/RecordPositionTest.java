package io.penstock.ingest.lookup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordPositionTest {

  @Test
  void isReadAsItIsWritten() {
    RecordPosition position = new RecordPosition("webhooks.inbound", 4, 1182);

    assertThat(position).hasToString("webhooks.inbound/4@1182");
    assertThat(RecordPosition.parse("webhooks.inbound/4@1182")).isEqualTo(position);
    assertThat(RecordPosition.parse("webhooks.inbound/4/1182")).isEqualTo(position);
    assertThat(RecordPosition.parse("webhooks.inbound-4@1182")).isEqualTo(position);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "3-127",
        "topic",
        "topic/1",
        "topic/-1@5",
        "topic/1@",
        "topic/1@x",
        "to/pic/1@2",
        "topic/1@99999999999999999999",
        "0197a1b2-0000-7000-8000-000000000000"
      })
  void whatIsNoPositionIsToldWithoutItsText(String text) {
    assertThat(RecordPosition.isPosition(text)).isFalse();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RecordPosition.parse(text))
        .withMessage("a position is TOPIC/PARTITION@OFFSET, such as webhooks.inbound/4@1182");
  }
}
