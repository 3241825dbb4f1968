package io.penstock.ingest.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Utf8;
import io.penstock.ingest.json.JsonScan.Members;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the short way takes, the long way takes too, with the same members. */
class PlainScanTest {

  private static final List<String> PATHS =
      List.of("type", "payload", "payload.id", "payload.deep.er", "time", "é");
  private static final JsonScan SCAN = JsonScan.of(PATHS.toArray(String[]::new));

  private static final List<String> BODIES =
      List.of(
          "{\"type\":\"a\",\"payload\":{\"id\":\"x\",\"deep\":{\"er\":[1,{\"a\":null}]}},\"time\":17}",
          " {\t\"time\" : -0.5e+10 ,\r\n\"type\": true, \"payload\" :null } \n",
          "{\"é\":\"ü€😀\",\"other\":\"\\u00e9\\n\\\"\",\"payload\":[{\"id\":1},[],{}]}",
          "{\"payload\":{\"deep\":5,\"id\":1e5,\"more\":[true,false,null]},\"type\":\"\"}",
          "{\"payload\":{\"deep\":null},\"type\":{},\"x\":{\"y\":{\"y\":{\"y\":0}}}}",
          "{}",
          "{\"type\":\"with \\u0041 escape\",\"payload\":{\"i\\u0064\":1}}",
          "{\"a\":0,\"b\":1,\"c\":2,\"aa\":3,\"payload\":{\"a\":1}}",
          "[1]",
          "\uFEFF{}");

  private static final String MADE_OF = "{}[]\",:\\ \t\n0123456789.eE+-truefalsnd\u0001é/b";

  @Test
  void everyChangeOfABodyIsReadAlike() {
    Random random = new Random(13);
    int plain = 0;
    for (int round = 0; round < 40_000; round++) {
      StringBuilder body = new StringBuilder(BODIES.get(random.nextInt(BODIES.size())));
      for (int changes = random.nextInt(4); changes > 0; changes--) {
        change(body, random);
      }
      byte[] bytes = body.toString().getBytes(UTF_8);
      if (Utf8.isWellFormed(bytes) && isReadAlike(bytes)) {
        plain++;
      }
    }
    assertThat(plain).isGreaterThan(5_000);
  }

  private static void change(StringBuilder body, Random random) {
    int at = random.nextInt(body.length());
    char made = MADE_OF.charAt(random.nextInt(MADE_OF.length()));
    switch (random.nextInt(4)) {
      case 0 -> body.setCharAt(at, made);
      case 1 -> body.insert(at, made);
      case 2 -> body.insert(at, body.substring(at, Math.min(body.length(), at + 9)));
      default -> {
        if (body.length() > 1) {
          body.deleteCharAt(at);
        }
      }
    }
  }

  private static boolean isReadAlike(byte[] body) {
    JsonScan.Result shortly = SCAN.scan(body);
    JsonScan.Result longly = SCAN.parse(body);
    String text = new String(body, UTF_8);
    if (!(longly instanceof Members expected)) {
      assertThat(shortly).as(text).isEqualTo(longly);
      return false;
    }
    assertThat(shortly).as(text).isInstanceOf(Members.class);
    Members found = (Members) shortly;
    assertThat(found.root()).as(text).isEqualTo(expected.root());
    assertThat(found.hasUnlisted()).as(text).isEqualTo(expected.hasUnlisted());
    for (String path : PATHS) {
      assertThat(found.kind(path)).as(text).isEqualTo(expected.kind(path));
      assertThat(found.text(path)).as(text).isEqualTo(expected.text(path));
      assertThat(found.stringOrNumber(path)).as(text).isEqualTo(expected.stringOrNumber(path));
      if (expected.kind(path) != null) {
        assertThat(found.start(path)).as(text).isEqualTo(expected.start(path));
        assertThat(found.end(path)).as(text).isEqualTo(expected.end(path));
      }
    }
    return expected.root() == JsonScan.Kind.OBJECT;
  }

  @ParameterizedTest
  @ValueSource(ints = {31, 32, 33, 1000, 1001})
  void depthsAreReadAlike(int depth) {
    isReadAlike(
        ("{\"type\":" + "[".repeat(depth - 1) + "]".repeat(depth - 1) + "}").getBytes(UTF_8));
    isReadAlike(("{\"a\":".repeat(depth) + "0" + "}".repeat(depth)).getBytes(UTF_8));
  }

  @ParameterizedTest
  @ValueSource(ints = {63, 64, 65, 500})
  void anyNumberOfNamesIsReadAlike(int count) {
    StringBuilder body = new StringBuilder("{");
    for (int i = 0; i < count; i++) {
      body.append("\"n").append(i).append("\":{\"type\":1},");
    }
    isReadAlike((body + "\"type\":\"t\"}").getBytes(UTF_8));
    isReadAlike((body + "\"n0\":\"t\"}").getBytes(UTF_8));
  }

  @Test
  void whatIsCutOffIsReadAlike() {
    for (String body : BODIES) {
      byte[] whole = body.getBytes(UTF_8);
      for (int length = 0; length < whole.length; length++) {
        byte[] cut = Arrays.copyOf(whole, length);
        if (Utf8.isWellFormed(cut)) {
          isReadAlike(cut);
        }
      }
    }
  }
}
