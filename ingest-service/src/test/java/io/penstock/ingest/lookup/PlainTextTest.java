package io.penstock.ingest.lookup;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlainTextTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void whatIsHarmlessStays() {
    for (String text : List.of("", "a b", "jøb-日本 😀", "\"quoted\" \\u0041 100 %")) {
      assertThat(PlainText.of(text)).isSameAs(text);
    }
  }

  @Test
  void whatATerminalObeysIsShownInstead() {
    assertThat(PlainText.of("a\u001b[2Jb")).isEqualTo("a\\u001b[2Jb");
    assertThat(PlainText.of("\r\n\t\b\u007f")).isEqualTo("\\u000d\\u000a\\u0009\\u0008\\u007f");
    assertThat(PlainText.of("\u009b31m")).as("C1").isEqualTo("\\u009b31m");
  }

  @Test
  void whatTurnsTheOrderOfTextAroundIsShownInstead() {
    assertThat(PlainText.of("\u202egnp.exe\u2066\u200f\u061c\ufeff\u2028"))
        .isEqualTo("\\u202egnp.exe\\u2066\\u200f\\u061c\\ufeff\\u2028");
  }

  @Test
  void halfAPairIsShownAsItsNumberAndAPairStays() {
    assertThat(PlainText.of("a\ud83d")).isEqualTo("a\\ud83d");
    assertThat(PlainText.of("\ude00a")).isEqualTo("\\ude00a");
    assertThat(PlainText.of("\ud83d\ud83d\ude00\ude00")).isEqualTo("\\ud83d😀\\ude00");
  }

  @Test
  void aPairThatIsInvisibleIsShownAsItsNumbers() {
    assertThat(PlainText.of("a\udb40\udc41b\u00ad")).isEqualTo("a\\udb40\\udc41b\\u00ad");
  }

  @Test
  void lineFeedsAndTabsOfATextOfSeveralLinesStay() {
    assertThat(PlainText.lines("a\n\tb\u202e\r\n")).isEqualTo("a\n\tb\\u202e\\u000d\n");
    String harmless = "a\n\tb";
    assertThat(PlainText.lines(harmless)).isSameAs(harmless);
  }

  @Test
  void everyCharacterSurvivesInALineOfJson() throws Exception {
    ObjectNode node = JSON.createObjectNode();
    for (int c = 0; c <= 0xFFFF; c++) {
      if (!Character.isSurrogate((char) c)) {
        node.put("c" + c, "a" + (char) c + "b");
      }
    }
    String line = ShownJson.line(node);

    assertThat(line.chars().noneMatch(c -> PlainText.isDangerous((char) c))).isTrue();
    assertThat(JSON.readTree(line)).isEqualTo(node);
  }

  @Test
  void jsonOfManyLinesBecomesOneLineWithTheSameValues() throws Exception {
    String pretty = "{\n\t\"a\": \"x\\n\u202ey\",\r\n  \"b\": [1,\n2]\n}\n";
    String line = PlainText.line(pretty);

    assertThat(line).doesNotContain("\n", "\r", "\t", "\u202e");
    assertThat(JSON.readTree(line)).isEqualTo(JSON.readTree(pretty));
  }
}
