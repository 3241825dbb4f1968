package io.penstock.ingest.console.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BodyTextTest {

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  @Test
  void jsonIsSetInLinesWithEachValueAsItCame() {
    BodyText text =
        BodyText.pretty(
            bytes("{\"a\":1.50e+3,\"a\":[],\"b\":[true,{\"c\":\"x,{\\\"\"}], \"d\" : {}}"));
    assertThat(text.text())
        .isEqualTo(
            """
            {
              "a": 1.50e+3,
              "a": [],
              "b": [
                true,
                {
                  "c": "x,{\\""
                }
              ],
              "d": {}
            }""");
    assertThat(text.cut()).isFalse();
    assertThat(text.notes()).isEmpty();
  }

  @Test
  void whatIsNoJsonIsShownToo() {
    assertThat(BodyText.pretty(bytes("}}]{\"a")).text()).contains("\"a");
    assertThat(BodyText.raw(bytes("<script>")).text()).isEqualTo("<script>");
  }

  @Test
  void whatAReaderWouldNotSeeIsWrittenOut() {
    BodyText text = BodyText.raw(bytes("a\u001b[31m\u202eb\u2066\u200f\tc\nd"));
    assertThat(text.text()).isEqualTo("a\\u001b[31m\\u202eb\\u2066\\u200f\tc\nd");
    assertThat(text.notes()).singleElement().asString().contains("escapes");
  }

  @Test
  void whatIsNotUtf8IsSaid() {
    BodyText text = BodyText.raw(new byte[] {'a', (byte) 0xff});
    assertThat(text.text()).isEqualTo("a\ufffd");
    assertThat(text.notes()).singleElement().asString().contains("not UTF-8");
  }

  @Test
  void largeBodiesAreCutAndNotSetInLines() {
    BodyText text = BodyText.pretty(bytes("{\"a\":\"" + "😀".repeat(1_250_000) + "\"}"));
    assertThat(text.text()).hasSizeLessThanOrEqualTo(BodyText.MOST).startsWith("{\"a\":\"");
    assertThat(text.text()).endsWith("😀");
    assertThat(text.cut()).isTrue();
    assertThat(text.size()).isEqualTo("5.0 MB");
    assertThat(text.notes()).singleElement().asString().contains("as it came");
  }
}
