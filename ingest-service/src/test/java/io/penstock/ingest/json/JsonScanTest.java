package io.penstock.ingest.json;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.penstock.ingest.json.JsonScan.Kind;
import io.penstock.ingest.json.JsonScan.Malformed;
import io.penstock.ingest.json.JsonScan.Members;
import io.penstock.ingest.json.JsonScan.Result;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.Charset;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonScanTest {

  private static final String ID = "id";
  private static final String PAYLOAD = "payload";
  private static final String PAYLOAD_ID = "payload.id";
  private static final String PAYLOAD_A_B = "payload.a.b";
  private static final JsonScan SCAN = JsonScan.of(ID, PAYLOAD, PAYLOAD_ID, PAYLOAD_A_B);

  @Test
  void capturesMembersAtEveryDepthWithTheirPlaceInTheBody() {
    String body =
        "{\"x\":{\"id\":9},\"payload\" : { \"a\":{\"b\":[1, {}]},\"id\":\"\\u00e9\"}"
            + " ,\"id\":-1.50e+2}";

    Members members = wellFormed(body);

    assertThat(members.root()).isEqualTo(Kind.OBJECT);
    assertThat(members.kind(ID)).isEqualTo(Kind.NUMBER);
    assertThat(members.text(ID)).isEqualTo("-1.50e+2");
    assertThat(slice(body, members, ID)).isEqualTo("-1.50e+2");
    assertThat(members.kind(PAYLOAD)).isEqualTo(Kind.OBJECT);
    assertThat(members.text(PAYLOAD)).isNull();
    assertThat(slice(body, members, PAYLOAD))
        .isEqualTo("{ \"a\":{\"b\":[1, {}]},\"id\":\"\\u00e9\"}");
    assertThat(members.kind(PAYLOAD_ID)).isEqualTo(Kind.STRING);
    assertThat(members.text(PAYLOAD_ID)).isEqualTo("é");
    assertThat(slice(body, members, PAYLOAD_ID)).isEqualTo("\"\\u00e9\"");
    assertThat(members.kind(PAYLOAD_A_B)).isEqualTo(Kind.ARRAY);
    assertThat(slice(body, members, PAYLOAD_A_B)).isEqualTo("[1, {}]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"id": true}  | BOOLEAN | true
          {"id": false} | BOOLEAN | false
          {"id":null }  | NULL    | null
          {"id":"a\\"b"} | STRING | "a\\"b"
          {"id":0}      | NUMBER  | 0
          {"id":{"id":1}} | OBJECT | {"id":1}
          """)
  void knowsTheKindAndTheExactTextOfAMember(String body, Kind kind, String exact) {
    Members members = wellFormed(body);

    assertThat(members.kind(ID)).isEqualTo(kind);
    assertThat(slice(body, members, ID)).isEqualTo(exact);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[{\"id\":1}]",
        "\"id\"",
        "1",
        "null",
        "{\"payload\":[{\"id\":1}]}",
        "{\"a\":{\"id\":1}}"
      })
  void findsNoMemberWhereThereIsNone(String body) {
    Members members = wellFormed(body);

    assertThat(members.kind(ID)).isNull();
    assertThat(members.stringOrNumber(ID)).isNull();
    assertThat(members.millis(ID)).isNull();
    assertThat(members.kind(PAYLOAD_ID)).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"a":{"b":{"c":1}},"p":{"q":1}}           | false
          {"new":1}                                 | true
          {"new":null}                              | true
          {"a":{"new":1}}                           | true
          {"a":{"b":{"c":1,"new":1}}}               | true
          {"a":{"b":{"c":{"new":1}}}}               | false
          {"a":1}                                   | true
          {"a":{"b":[{"c":1}]}}                     | true
          {"a":null}                                | false
          {"a":{"b":null}}                          | false
          {"p":{"new":1}}                           | false
          {"p":1}                                   | false
          """)
  void notesWhatStandsBesideAPathAtWhateverDepth(String body, boolean hasUnlisted) {
    JsonScan scan = JsonScan.of("a.b.c", "p", "p.q");

    assertThat(((Members) scan.scan(body.getBytes(UTF_8))).hasUnlisted()).isEqualTo(hasUnlisted);
  }

  @Test
  void readsATimeWithoutAZoneInTheZoneThatTheSenderIsKnownFor() {
    Members members = wellFormed("{\"id\":\"2025-09-01T07:26:51\"}");

    assertThat(members.millis(ID, ZoneOffset.UTC)).isEqualTo(1756711611000L);
    assertThat(members.millis(ID, ZoneOffset.ofHours(2))).isEqualTo(1756704411000L);
    assertThat(members.millis(ID)).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"id":7}     | 7
          {"id":"7"}   | 7
          {"id":7.0}   | 7
          {"id":"7x"}  |
          {"id":" 7"}  |
          {"id":true}  |
          """)
  void readsWholeNumbersInBothOfTheirForms(String body, Long number) {
    assertThat(wellFormed(body).integer(ID)).isEqualTo(number);
  }

  @Test
  void placesMembersRightBehindAByteOrderMark() {
    String body = "\uFEFF {\"id\":\"x\",\"payload\":{}}";

    Members members = wellFormed(body);

    assertThat(slice(body, members, ID)).isEqualTo("\"x\"");
    assertThat(slice(body, members, PAYLOAD)).isEqualTo("{}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"id":"x"}        | x
          {"id":12}         | 12
          {"id":1e5}        | 1e5
          {"id":""}         |
          {"id":true}       |
          {"id":null}       |
          {"id":["x"]}      |
          {"id":"\\ud800"}  |
          {"id":"\\udc00a"} |
          {"id":"\\ud83d\\ude00"} | 😀
          """)
  void identifiesByAStringOrANumberThatAllReadersReadAlike(String body, String identifier) {
    assertThat(wellFormed(body).stringOrNumber(ID)).isEqualTo(identifier);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"id":1550824906016}               | 2019-02-22T08:41:46.016Z
          {"id":"2025-09-01T07:26:51.484Z"}  | 2025-09-01T07:26:51.484Z
          {"id":"2025-09-01T09:26:51+02:00"} | 2025-09-01T07:26:51Z
          {"id":"2025-09-01T07:26:51"}       |
          {"id":"1550824906016"}             | 2019-02-22T08:41:46.016Z
          {"id":"1550824906"}                |
          {"id":1550824906}                  |
          {"id":"2025-09-01T07:26:51+0000"}  | 2025-09-01T07:26:51Z
          {"id":"+10000-01-01T00:00:00Z"}    |
          {"id":9223372036854775807}         |
          {"id":1.5}                         |
          {"id":true}                        |
          """)
  void readsTimesInBothOfTheirForms(String body, Instant time) {
    Long millis = wellFormed(body).millis(ID);

    assertThat(millis == null ? null : Instant.ofEpochMilli(millis)).isEqualTo(time);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "\uFEFF",
        "{",
        "}",
        "[",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{} {}",
        "{}x",
        "1 2",
        "{}]",
        "\"a\" \"b\"",
        "{} \u0000",
        "NaN",
        "[Infinity]",
        "[-Infinity]",
        "[+1]",
        "[01]",
        "[-]",
        "[1.]",
        "[.5]",
        "[1e]",
        "[0x1]",
        "tru",
        "truex",
        "True",
        "[nul]",
        "'a'",
        "{'a':1}",
        "{a:1}",
        "// c\n{}",
        "{}/**/",
        "{/* c */}",
        "# c\n{}",
        "\"\t\"",
        "\"\n\"",
        "\"\u0000\"",
        "\"\u001f\"",
        "{\"a\u0001\":1}",
        "\"\\x41\"",
        "\"\\u12g4\"",
        "\"\\u12\"",
        "\"abc",
        "{\"a\":\"b",
        "\uFEFF\uFEFF{}",
        "{}\uFEFF",
        "\u00a0{}",
        "[1\u000b]",
        "{\"a\":1 \"b\":2}",
        "{\"a\":1;\"b\":2}",
        "{\"\\ud800\":1}",
        "{\"\\ude00\\ud83d\":1}"
      })
  void refusesWhatIsNotJson(String body) {
    assertThat(ReferenceJson.accepts(body.getBytes(UTF_8))).isFalse();
    assertThat(SCAN.scan(body.getBytes(UTF_8))).isInstanceOf(Malformed.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "-0",
        "1E+2",
        "\"\"",
        "[]",
        "{}",
        " \t\r\n[ ] ",
        "null",
        "[1e999999999]",
        "\"\u007f\"",
        "\"\\u0000\"",
        "{\"\":1}",
        "{\"a\":{\"a\":{\"a\":1}}}",
        "[{\"a\":1},{\"a\":1}]",
        "\"\uFEFF\"",
        "\"\\ud800\"",
        "\"\u2028\"",
        "{\"\\ud83d\\ude00\":1}"
      })
  void acceptsEveryFormOfJson(String body) {
    assertThat(ReferenceJson.accepts(body.getBytes(UTF_8))).isTrue();
    assertThat(SCAN.scan(body.getBytes(UTF_8))).isInstanceOf(Members.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"\u00c0\u00af\"", // overlong
        "\"\u00e0\u0080\u00af\"", // overlong
        "\"\u00ed\u00a0\u0080\"", // a surrogate
        "\"\u00f4\u0090\u0080\u0080\"", // beyond Unicode
        "\"\u0080\"", // a continuation of nothing
        "\"\u00c3", // cut off
        "\u00ff\u00fe{\u0000}\u0000", // UTF-16 with its mark
      })
  void refusesWhatIsNotUtf8(String bytes) {
    assertThat(malformed(bytes.getBytes(ISO_8859_1))).startsWith("not UTF-8, at byte ");
  }

  @Test
  void tellsWhereUtf8Ends() {
    byte[] body = ("{\"" + "é".repeat(3000)).getBytes(UTF_8);
    body[4001] = 'x';

    assertThat(malformed(body)).isEqualTo("not UTF-8, at byte 4000");
  }

  @Test
  void refusesJsonInOtherEncodings() {
    for (Charset charset :
        new Charset[] {
          UTF_16BE, UTF_16LE, Charset.forName("UTF-32BE"), Charset.forName("UTF-32LE")
        }) {
      for (String json : new String[] {"{}", "1", "{\"id\":\"x\"}", "\uFEFF{}"}) {
        assertThat(SCAN.scan(json.getBytes(charset))).isInstanceOf(Malformed.class);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":1,\"a\":1}",
        "{\"id\":1,\"id\":2}",
        "{\"a\":1,\"b\":2,\"c\":3,\"\\u0061\":4}",
        "[[{\"x\":{\"y\":1,\"y\":2}}]]",
        "{\"payload\":{\"id\":1,\"other\":[],\"id\":\"\"}}",
        "{\"a\":1,\"a\":"
      })
  void refusesARepeatedNameAtAnyDepth(String body) {
    assertThat(malformed(body.getBytes(UTF_8)))
        .startsWith("an object repeats a member's name, near byte ");
  }

  @Test
  void refusesNestingBeyondItsLimit() {
    assertThat(SCAN.scan(nested(1000, "[", "]"))).isInstanceOf(Members.class);
    assertThat(malformed(nested(1001, "[", "]"))).startsWith("nested deeper than 1000 levels");
    assertThat(malformed(nested(1001, "{\"payload\":", "}"))).startsWith("nested deeper");
    assertThat(malformed("[".repeat(5_000_000).getBytes(UTF_8))).startsWith("nested deeper");
  }

  private static byte[] nested(int depth, String open, String close) {
    String innermost = open.startsWith("{") ? "1" : "";
    return (open.repeat(depth) + innermost + close.repeat(depth)).getBytes(UTF_8);
  }

  @Test
  void readsTokensOfAnyLengthInNoTime() {
    String digits = "1".repeat(2_000_000);
    String text = "x".repeat(30_000_000);
    for (String value :
        new String[] {
          digits,
          "-0." + digits,
          "1e" + digits,
          "1e999999999",
          '"' + text + '"',
          "{\"" + digits + "\":1}"
        }) {
      byte[] body = ("{\"other\":" + value + ",\"id\":1}").getBytes(UTF_8);
      byte[] plain = ("{\"other\":\"" + "x".repeat(value.length()) + "\"}").getBytes(UTF_8);

      // Whoever computes the number of so many digits takes a thousand times as long as for a text.
      assertThat(SCAN.scan(body)).isInstanceOf(Members.class);
      double timesAsLong = (double) nanos(body) / (MILLISECOND + nanos(plain));
      assertThat(timesAsLong).as(value.substring(0, 3)).isLessThan(30);
    }
  }

  private static final long MILLISECOND = 1_000_000;

  /** What a processor spends on it at least, of three times. */
  private static long nanos(byte[] body) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      long before = threads.getCurrentThreadCpuTime();
      assertThat(SCAN.scan(body)).isInstanceOf(Members.class);
      least = Math.min(least, threads.getCurrentThreadCpuTime() - before);
    }
    return least;
  }

  @Test
  void tellsWhereButNotWhat() {
    assertThat(malformed("{\"secret\":tokens}".getBytes(UTF_8)))
        .matches("not JSON, near byte \\d+");
    assertThat(malformed("{\"secret\":1,\"secret\":1}".getBytes(UTF_8))).doesNotContain("secret");
    assertThat(malformed("{} secret".getBytes(UTF_8))).doesNotContain("secret");
    assertThat(malformed("{} 1".getBytes(UTF_8))).isEqualTo("more than one JSON value, at byte 3");
    assertThat(malformed("\0{}".getBytes(UTF_8))).isEqualTo("a NUL, at byte 0");
    assertThat(malformed(new byte[0])).isEqualTo("empty");
  }

  @Test
  void isNotMadeOfPathsThatMeanNothing() {
    assertThatIllegalArgumentException().isThrownBy(() -> JsonScan.of("a..b"));
    assertThatIllegalArgumentException().isThrownBy(() -> JsonScan.of("a", "a"));
    assertThatIllegalArgumentException()
        .as("a path that the scan was not made with")
        .isThrownBy(() -> ((Members) SCAN.scan("{}".getBytes(UTF_8))).kind("other"));
  }

  private static Members wellFormed(String body) {
    Result result = SCAN.scan(body.getBytes(UTF_8));
    assertThat(result).isInstanceOf(Members.class);
    return (Members) result;
  }

  private static String malformed(byte[] body) {
    Result result = SCAN.scan(body);
    assertThat(result).isInstanceOf(Malformed.class);
    return ((Malformed) result).detail();
  }

  private static String slice(String body, Members members, String path) {
    int start = members.start(path);
    return new String(body.getBytes(UTF_8), start, members.end(path) - start, UTF_8);
  }
}
