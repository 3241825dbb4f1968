package io.penstock.ingest.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.penstock.ingest.json.TextFinder.Found;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextFinderTest {

  private static final TextFinder FINDER =
      new TextFinder(List.of("bold-sky-1234", "sky-9", "abcdef-01", "käse€😀"));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          bold-sky-1234                | [bold-sky-1234]
          xBold-SKY-1234x              | [Bold-SKY-1234]
          bold-sky-9999                | [sky-9]
          bold-sky-123                 | []
          bold-bold-sky-1234           | [bold-sky-1234]
          bold%2Dsky%2d1234            | [bold%2Dsky%2d1234]
          %62%6f%6C%64-sky-1234        | [%62%6f%6C%64-sky-1234]
          bold%252dsky-1234            | [bold%252dsky-1234]
          bold%25252dsky-1234          | [bold%25252dsky-1234]
          bold%2525252525252dsky-1234  | [bold%2525252525252dsky-1234]
          bold\\u002dsky-1234           | [bold\\u002dsky-1234]
          bold\\\\u002dsky-1234          | [bold\\\\u002dsky-1234]
          \\"bold\\u002Dsky-1234\\"       | [bold\\u002Dsky-1234]
          \\u0025362old-sky-1234        | []
          %25abcdef-01                 | [abcdef-01]
          %25abcdef%2D01               | [abcdef%2D01]
          %2Fabcdef%2D01%2F            | [abcdef%2D01]
          k\\u00e4se\\u20ac\\ud83d\\ude00  | [k\\u00e4se\\u20ac\\ud83d\\ude00]
          k%C3%A4se%E2%82%AC%F0%9F%98%80 | [k%C3%A4se%E2%82%AC%F0%9F%98%80]
          käse€😀                      | [käse€😀]
          %zzbold-sky-1234%2           | [bold-sky-1234]
          \\bold-sky-1234               | []
          \\\\bold-sky-1234              | [bold-sky-1234]
          bold-sky-1234 sky-9          | [bold-sky-1234, sky-9]
          """)
  void findsEverySpelling(String text, String found) {
    assertThat(found(text).toString()).isEqualTo(found);
  }

  @Test
  void joinsWhatOverlapsOrTouches() {
    TextFinder finder = new TextFinder(List.of("ababab"));
    byte[] text = "xabababababxabababababab".getBytes(UTF_8);

    assertThat(finder.find(text, 0, text.length).intervals()).containsExactly(1, 11, 12, 24);
  }

  @Test
  void neverCutsAnEscapeOfTheJson() {
    TextFinder finder = new TextFinder(List.of("nabcde"));
    byte[] text = "\\nabcde".getBytes(UTF_8);

    assertThat(finder.find(text, 0, text.length).isEmpty()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bold-sky-123",
        "%25",
        "%2525252525252525",
        "\\u0025",
        "\\\\",
        "%",
        "%5C",
        "%5C%5C%2525u0025",
        "%252",
        "bold-sky-1234",
        "%25bold%252Dsky-1234",
        "\\u00255C\\u0075"
      })
  void takesStepsInProportionToTheText(String unit) {
    long once = steps(unit, 20_000);
    long twice = steps(unit, 40_000);

    assertThat(twice).isBetween(once + once / 2, 2 * once + once / 4);
    assertThat(once).as("a fixed number of passes").isLessThan(30L * 20_000);
  }

  private static long steps(String unit, int length) {
    byte[] text = unit.repeat(length / unit.length()).getBytes(UTF_8);
    return FINDER.find(text, 0, text.length).steps();
  }

  @Test
  void findsWhatWasSpeltAtRandom() {
    Random random = new Random(20261126);
    for (int round = 0; round < 20_000; round++) {
      StringBuilder text = new StringBuilder("&x=");
      for (byte b : "bold-sky-1234".getBytes(UTF_8)) {
        text.append(spelt((char) b, random, random.nextInt(5)));
      }
      text.append("&y=1");
      assertThat(found(text.toString()))
          .as(text.toString())
          .containsExactly(text.substring(3, text.length() - 4));
    }
  }

  /** A character behind so many layers of escapes. */
  private static String spelt(char c, Random random, int layers) {
    String spelt = String.valueOf(c);
    for (int layer = 0; layer < layers; layer++) {
      StringBuilder next = new StringBuilder();
      for (int i = 0; i < spelt.length(); i++) {
        char inner = spelt.charAt(i);
        if (inner == '%' || inner == '\\' || spelt.length() == 1) {
          next.append(
              random.nextBoolean()
                  ? "%%%02x".formatted((int) inner)
                  : "\\u%04X".formatted((int) inner));
        } else {
          next.append(inner);
        }
      }
      spelt = next.toString();
    }
    return spelt;
  }

  @Test
  void refusesMoreThanItIsMadeFor() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TextFinder(List.of("x".repeat(TextFinder.MAX_BYTES + 1))));
    TextFinder largest = new TextFinder(List.of("x".repeat(TextFinder.MAX_BYTES)));
    byte[] text = "x".repeat(TextFinder.MAX_BYTES).getBytes(UTF_8);
    assertThat(largest.find(text, 0, text.length).intervals())
        .containsExactly(0, TextFinder.MAX_BYTES);
  }

  private static List<String> found(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    Found found = FINDER.find(bytes, 0, bytes.length);
    int[] intervals = found.intervals();
    return java.util.stream.IntStream.range(0, intervals.length / 2)
        .mapToObj(
            i ->
                new String(bytes, intervals[2 * i], intervals[2 * i + 1] - intervals[2 * i], UTF_8))
        .toList();
  }
}
