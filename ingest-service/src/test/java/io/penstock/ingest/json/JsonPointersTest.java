package io.penstock.ingest.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.ingest.json.JsonScan.Kind;
import io.penstock.ingest.json.JsonScan.Members;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonPointersTest {

  private static @Nullable String found(String body, String pointer) {
    JsonScan.Result result = JsonPointers.scan(List.of(pointer)).scan(body.getBytes(UTF_8));
    return result instanceof Members members ? members.stringOrNumber(pointer) : "malformed";
  }

  /** The document of RFC 6901, section 5, with texts and numbers. */
  private static final String DOCUMENT =
      """
      {"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\\\j": 5,
       "k\\"l": 6, " ": 7, "m~n": 8, "deep": {"er": [{"x": 9}, [10, 11]]}}""";

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "/foo/0;bar",
        "/foo/1;baz",
        "/a~1b;1",
        "/c%d;2",
        "/e^f;3",
        "/g|h;4",
        "/i\\j;5",
        "/k\"l;6",
        "/ ;7",
        "/m~0n;8",
        "/deep/er/0/x;9",
        "/deep/er/1/1;11",
      })
  void aPointerLeadsToItsValue(String pointer, String value) {
    assertThat(found(DOCUMENT, pointer)).isEqualTo(value);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/foo/2", "/foo/-", "/foo/00", "/foo/x", "/deep/er", "/a/b", "/foo/0/0"})
  void aPointerThatLeadsNowhereFindsNothing(String pointer) {
    assertThat(found(DOCUMENT, pointer)).isNull();
  }

  @Test
  void anArrayAtTheRootHasItems() {
    assertThat(found("[{\"id\":\"a\"},{\"id\":\"b\"}]", "/1/id")).isEqualTo("b");
    assertThat(found("\"text\"", "/1")).isNull();
    assertThat(found("[1,", "/1")).isEqualTo("malformed");
  }

  @Test
  void aValueAndWhatIsBelowItAreFoundTogether() {
    JsonScan scan = JsonPointers.scan(List.of("/a", "/a/1", "/a/1/b"));
    Members members = (Members) scan.scan("{\"a\":[0,{\"b\":2}]}".getBytes(UTF_8));

    assertThat(members.kind("/a")).isEqualTo(Kind.ARRAY);
    assertThat(members.kind("/a/1")).isEqualTo(Kind.OBJECT);
    assertThat(members.stringOrNumber("/a/1/b")).isEqualTo("2");
    assertThat(members.start("/a")).isEqualTo(5);
    assertThat(members.end("/a")).isEqualTo(16);
  }

  @Test
  void pathsOfNamesStillLeadThroughObjectsAlone() {
    Members members = (Members) JsonScan.of("a.0").scan("{\"a\":[\"x\"]}".getBytes(UTF_8));
    assertThat(members.kind("a.0")).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "a", "a/b", "/a~2", "/a~", "/\u0001"})
  void whatIsNoPointerIsRefused(String text) {
    assertThat(JsonPointers.isPointer(text)).isFalse();
    assertThatThrownBy(() -> JsonPointers.scan(List.of(text)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aPointerIsBounded() {
    assertThat(JsonPointers.isPointer("/a".repeat(32))).isTrue();
    assertThat(JsonPointers.isPointer("/a".repeat(33))).isFalse();
    assertThat(JsonPointers.isPointer("/" + "a".repeat(256))).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "1756711611, 1756711611000",
    "1756711611.484, 1756711611484",
    "1756711611484, 1756711611484",
    "2025-09-01T07:26:51.484Z, 1756711611484",
    "2025-09-01T09:26:51.484+02:00, 1756711611484",
  })
  void aTimeIsReadInAnyUsualForm(String text, long millis) {
    assertThat(JsonPointers.millisOrSeconds(text)).isEqualTo(millis);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "12", "1e999999999", "1.7E9", "soon", "99999999999999999999"})
  void whatIsDoubtfulIsNoTime(String text) {
    assertThat(JsonPointers.millisOrSeconds(text)).isNull();
  }
}
