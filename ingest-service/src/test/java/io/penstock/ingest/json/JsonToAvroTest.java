package io.penstock.ingest.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.penstock.ingest.json.JsonToAvro.Conventions;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonToAvroTest {

  private static final Schema SCHEMA =
      new Schema.Parser()
          .parse(
              """
              {"type": "record", "name": "R", "fields": [
                {"name": "text", "type": ["null", "string"], "default": null},
                {"name": "flag", "type": ["null", "boolean"], "default": null},
                {"name": "whole", "type": ["null", "long"], "default": null},
                {"name": "real", "type": ["null", "double"], "default": null},
                {"name": "time", "type": ["null", {"type": "long", "logicalType": "timestamp-millis"}], "default": null},
                {"name": "any", "penstock.opaque": true, "type": ["null", "string"], "default": null},
                {"name": "id", "penstock.json": "_id", "type": ["null", "string"], "default": null},
                {"name": "deep", "penstock.json": "a.b.c", "type": ["null", "long"], "default": null},
                {"name": "deeper", "penstock.json": "a.b.d", "type": ["null", "long"], "default": null},
                {"name": "list", "type": ["null", {"type": "array", "items": "long"}], "default": null},
                {"name": "map", "type": ["null", {"type": "map", "values": {"type": "map", "values":
                  {"type": "record", "name": "V", "penstock.anyValue": true, "fields": [
                    {"name": "text", "type": ["null", "string"], "default": null},
                    {"name": "json", "penstock.opaque": true, "type": ["null", "string"], "default": null}]}}}], "default": null},
                {"name": "record", "type": ["null", {"type": "record", "name": "N", "fields": [
                    {"name": "list", "type": ["null", {"type": "array", "items": {"type": "record", "name": "I", "fields": [
                      {"name": "x", "type": ["null", "string"], "default": null}]}}], "default": null}]}],
                  "default": null}
              ]}
              """);
  private static final Conventions AS_NAMED = new Conventions(MemberNames.SAME, null);
  private static final JsonToAvro READER = JsonToAvro.of(SCHEMA, "event", AS_NAMED, Set.of());

  private final Set<String> deviations = new HashSet<>();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          text  | "a\\nb\\u00e9" | a\\nbé
          text  | ""             | ~~
          text  | -1.50e+2       | -1.50e+2
          text  | true           | true
          text  | null           |
          text  | "a\\ud83dz\\ud83d\\ude00\\ude00" | a\uFFFDz😀\uFFFD
          flag  | true           | true
          flag  | false          | false
          flag  | "true"         | true
          flag  | "false"        | false
          whole | 9223372036854775807  | 9223372036854775807
          whole | -9223372036854775808 | -9223372036854775808
          whole | -0             | 0
          whole | 1e3            | 1000
          whole | 1.0            | 1
          whole | 12.50e1        | 125
          whole | 0e999999999    | 0
          whole | "12"           | 12
          whole | "-3"           | -3
          whole | "1e3"          | 1000
          whole | "12.0"         | 12
          whole | "\\u0031"     | 1
          real  | 3.394551       | 3.394551
          real  | 1              | 1.0
          real  | 1e-999999999   | 0.0
          real  | "1.5"          | 1.5
          real  | "-2e-3"        | -0.002
          time  | 1550824906016  | 1550824906016
          time  | 0              | 0
          time  | 1.550824906016e12 | 1550824906016
          time  | "1550824906016"   | 1550824906016
          time  | "2019-02-22T08:41:46.016+0000"  | 1550824906016
          time  | "2019-02-22t08:41:46,016z"      | 1550824906016
          time  | "2016-12-31T23:59:60Z"          | 1483228799000
          time  | "1970-01-01T00:00:00.000Z"      | 0
          time  | "2019-01-20T09:39:08.5+01:00"   | 1547973548500
          time  | "0001-01-01T00:00:00Z" | -62135596800000
          any   | {"a" : [1 ,"x"], "b":{} } | {"a" : [1 ,"x"], "b":{} }
          any   | "é\\u00e9"     | "é\\u00e9"
          any   | 1.50           | 1.50
          any   | []             | []
          any   | false          | false
          any   | null           |
          list  | [1,2, 3e0]     | [1, 2, 3]
          list  | []             | []
          """)
  void readsWhatFits(String field, String json, String expected) {
    GenericRecord record = read("{\"x\":[{}],\"" + field + "\": " + json + " ,\"y\":{\"text\":1}}");

    Object value = record.get(field);
    assertThat(value == null ? null : value.toString().replace("\n", "\\n")).isEqualTo(expected);
    assertThat(deviations)
        .as("x and y, of which the schema says nothing")
        .containsExactly("event.*");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          text  | {"a":1}
          text  | ["a"]
          flag  | 1
          flag  | 0
          flag  | "True"
          flag  | "yes"
          flag  | "1"
          flag  | ""
          flag  | " true"
          whole | 1.5
          whole | "1.5"
          whole | " 12 "
          whole | "+5"
          whole | "012"
          whole | "0x10"
          whole | "1,000"
          whole | "12a"
          whole | ""
          whole | "9223372036854775808"
          whole | 9223372036854775808
          whole | 1e19
          whole | 1e999999999
          whole | 1e-999999999
          whole | 1e99999999999999999999
          whole | 1.00000000000000000000000000000000000000000000000000000000000000000000000000
          whole | true
          whole | {"whole":1}
          real  | 1e999999999
          real  | "NaN"
          real  | "1e400"
          real  | "1,5"
          real  | ".5"
          real  | true
          real  | -1e400
          time  | 1e15
          time  | true
          time  | 1550824906
          time  | 1550824906016000
          time  | 1
          time  | -1550824906016
          time  | "1550824906"
          time  | "1550824906016000"
          time  | "1550824906016.0"
          time  | "-1550824906016"
          time  | "+1550824906016"
          time  | " 1550824906016"
          time  | -62135596800001
          time  | 253402300800000
          time  | "10000-01-01T00:00:00Z"
          time  | "+999999999-12-31T23:59:59Z"
          time  | "2019-01-20T08:39:08.529"
          time  | "2019-01-20"
          time  | "yesterday"
          time  | ""
          time  | 1550824906016.5
          list  | {}
          list  | 1
          map   | []
          record | [{}]
          """)
  void leavesNullWhatDoesNotFitAndSaysWhere(String field, String json) {
    GenericRecord record = read("{\"" + field + "\":" + json + ",\"id\":1,\"_id\":\"after\"}");

    assertThat(record.get(field)).isNull();
    assertThat(deviations).containsExactlyInAnyOrder("event." + field, "event.*");
    assertThat(record.get("id")).isEqualTo("after");
  }

  @Test
  void readsMembersByTheirPath() {
    assertThat(read("{\"a\":{\"b\":{\"d\":2,\"c\":1}},\"deep\":3,\"_id\":\"x\",\"id\":\"y\"}"))
        .hasToString(
            "{\"text\": null, \"flag\": null, \"whole\": null, \"real\": null, \"time\": null,"
                + " \"any\": null, \"id\": \"x\", \"deep\": 1, \"deeper\": 2, \"list\": null,"
                + " \"map\": null, \"record\": null}");
    assertThat(deviations).containsExactly("event.*");
  }

  @Test
  void notesEveryFieldBelowAPathThatIsBlocked() {
    read("{\"a\":{\"b\":[{\"c\":1}]}}");
    assertThat(deviations).containsExactlyInAnyOrder("event.deep", "event.deeper");
  }

  @Test
  void takesNullOnTheWayForAbsence() {
    read("{\"a\":{\"b\":null}}");
    assertThat(deviations).isEmpty();
  }

  @Test
  void aListWithAnItemThatDoesNotFitIsNullSinceTheOthersWouldMove() {
    GenericRecord record = read("{\"list\":[1,\"two\",null,[3],{\"x\":4},5]}");

    assertThat(record.get("list")).isNull();
    assertThat(deviations).containsExactly("event.list[]");
  }

  @Test
  void readsRecordsInsideArrays() {
    GenericRecord record = read("{\"record\":{\"list\":[{\"x\":\"1\"},7,{\"x\":[]},{}]}}");

    assertThat(record.get("record")).hasToString("{\"list\": null}");
    assertThat(deviations)
        .containsExactlyInAnyOrder("event.record.list[]", "event.record.list[].x");
  }

  @Test
  void readsValuesOfAnyForm() {
    GenericRecord record =
        read(
            "{\"map\":{\"n\":{\"my attribute\":\"v\\t\",\"b\":null,\"c\":[1,"
                + " 2],\"d\":1.0,\"\":{}},\"m\":1}}");

    Map<?, ?> map = (Map<?, ?>) record.get("map");
    assertThat(map.get("n"))
        .hasToString(
            "{my attribute={\"text\": \"v\\t\", \"json\": null}, b={\"text\": null, \"json\":"
                + " \"null\"}, c={\"text\": null, \"json\": \"[1, 2]\"}, d={\"text\": null,"
                + " \"json\": \"1.0\"}, ={\"text\": null, \"json\": \"{}\"}}");
    assertThat(map).hasSize(1);
    assertThat(deviations).containsExactly("event.map[]");
  }

  @Test
  void notesUnknownMembersByTheRecordThatTheyStandIn() {
    read("{\"record\":{\"list\":[{\"x\":\"1\",\"y\":{}}]},\"a\":{\"b\":{\"c\":1}}}");
    assertThat(deviations).containsExactly("event.record.list[].*");

    deviations.clear();
    read("{\"a\":{\"b\":{\"c\":1,\"e\":2}},\"any\":{\"z\":1},\"map\":{\"z\":{\"z\":1}}}");
    assertThat(deviations).containsExactly("event.*");
  }

  @Test
  void namesTheFieldsThatHaveAMemberNullIncluded() {
    String fields =
        "{\"name\":\"present\",\"penstock.present\":true,\"type\":[\"null\",{\"type\":\"array\",\"items\":\"string\"}]},"
            + "{\"name\":\"a\",\"penstock.json\":\"x.y\",\"type\":[\"null\",\"string\"]},"
            + "{\"name\":\"b\",\"type\":[\"null\",\"string\"]},"
            + "{\"name\":\"c\",\"type\":[\"null\",\"long\"]}";
    byte[] body =
        "{\"x\":{\"y\":null},\"c\":\"no number\",\"unknown\":1,\"present\":[\"b\"]}"
            .getBytes(UTF_8);

    GenericRecord record = requireNonNull(reader(fields).read(body, 0, body.length, deviations));

    assertThat(record.get("present")).isEqualTo(List.of("a", "c"));
    assertThat(record.get("a")).isNull();
  }

  @Test
  void readsAFieldByEitherSpelling() {
    String field =
        "{\"name\":\"a\",\"penstock.json\":\"x\",\"penstock.jsonToo\":\"X\",\"type\":[\"null\",\"string\"]}";
    for (String spelling : List.of("x", "X")) {
      byte[] body = ("{\"" + spelling + "\":\"v\"}").getBytes(UTF_8);
      GenericRecord record = requireNonNull(reader(field).read(body, 0, body.length, deviations));
      assertThat(record.get("a")).isEqualTo("v");
    }
    assertThat(deviations).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"x":"v","X":"v"}   | v |
          {"x":"v","X":null}  | v |
          {"x":"v","X":"w"}   |   | a
          {"X":"w","x":"v"}   |   | a
          {"x":"v","X":{}}    |   | a
          """)
  void hasNoDoubtOfTwoSpellings(String json, @Nullable String value, @Nullable String deviation) {
    String field =
        "{\"name\":\"a\",\"penstock.json\":\"x\",\"penstock.jsonToo\":\"X\",\"type\":[\"null\",\"string\"]}";
    byte[] body = json.getBytes(UTF_8);

    GenericRecord record = requireNonNull(reader(field).read(body, 0, body.length, deviations));

    assertThat(record.get("a")).isEqualTo(value);
    assertThat(deviations).isEqualTo(deviation == null ? Set.of() : Set.of(deviation));
  }

  @Test
  void readsATimeWithoutAZoneInTheZoneThatTheSenderIsKnownFor() {
    byte[] body = "{\"time\":\"2019-02-22T08:41:46.016\",\"record\":{}}".getBytes(UTF_8);
    JsonToAvro inUtc =
        JsonToAvro.of(SCHEMA, "event", new Conventions(MemberNames.SAME, ZoneOffset.UTC), Set.of());

    GenericRecord record = requireNonNull(inUtc.read(body, 0, body.length, deviations));

    assertThat(record.get("time")).isEqualTo(1550824906016L);
    assertThat(deviations).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"id":"i","text":"t","a":{"b":{"c":1}},"none":{}}                |
          {"id":"i","new":1}                                               | *
          {"a":{"b":{"c":1},"new":1}}                                      | event.*
          {"a":{"b":{"c":1,"new":1}},"new":1}                              | event.* *
          {"none":{"new":1}}                                               | event.*
          {"none":1}                                                       | event.*
          {"none":null}                                                    |
          """)
  void readsARecordFromAmongAnEnvelope(String json, @Nullable String noted) {
    JsonToAvro root = JsonToAvro.ofRoot(SCHEMA, "event", AS_NAMED, Set.of("id"), Set.of("none"));
    byte[] body = json.getBytes(UTF_8);

    requireNonNull(root.read(body, 0, body.length, deviations));

    assertThat(deviations).isEqualTo(noted == null ? Set.of() : Set.of(noted.split(" ")));
  }

  @Test
  void readsAPartOfABody() {
    byte[] body = "\uFEFF[{}, {\"any\":  {\"é\":1} ,\"text\":\"x\"}, 7]".getBytes(UTF_8);

    GenericRecord record = requireNonNull(READER.read(body, 8, body.length - 4, deviations));

    assertThat(record.get("any")).isEqualTo("{\"é\":1}");
    assertThat(record.get("text")).isEqualTo("x");
  }

  @Test
  void readsNothingButObjects() {
    for (String json : List.of("[]", "1", "\"x\"", "null", "true")) {
      deviations.clear();
      assertThat(READER.read(json.getBytes(UTF_8), 0, json.length(), deviations)).isNull();
      assertThat(deviations).containsExactly("event");
    }
  }

  @Test
  void survivesDepthWhereverItIsAllowed() {
    String deep = "[".repeat(995) + "]".repeat(995);
    for (Schema.Field field : SCHEMA.getFields()) {
      read("{\"" + field.name() + "\":" + deep + ",\"a\":{\"b\":" + deep + "}}");
    }
    assertThat(read("{\"any\":" + deep + "}").get("any")).isEqualTo(deep);
  }

  @Test
  void refusesSchemasThatItCannotFill() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> reader("{\"name\": \"a\", \"type\": \"string\"}"))
        .withMessageContaining("Not a union of null and one type: a");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> reader("{\"name\": \"a\", \"type\": [\"null\", \"bytes\"]}"))
        .withMessageContaining("The mapping reads no BYTES (at a)");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                reader(
                    "{\"name\": \"a\", \"penstock.json\": \"x\", \"type\": [\"null\","
                        + " \"string\"]},{\"name\": \"b\", \"penstock.json\": \"x.y\", \"type\":"
                        + " [\"null\", \"string\"]}"))
        .withMessageContaining("Two fields of R are read from one member");
  }

  @Test
  void readsMembersByTheNamesThatTheSchemaDeclares() {
    Schema schema =
        new Schema.Parser()
            .parse(
                """
                {"type": "record", "name": "E", "penstock.jsonNames": "snake_case", "fields": [
                  {"name": "scanId", "type": ["null", "string"], "default": null},
                  {"name": "own", "penstock.json": "ownName", "type": ["null", "string"], "default": null},
                  {"name": "part", "type": ["null", {"type": "record", "name": "P", "fields": [
                    {"name": "sizeInBytes", "type": ["null", "long"], "default": null}]}], "default": null}]}
                """);
    JsonToAvro reader = JsonToAvro.of(schema, "", Conventions.of(schema, null), Set.of("type"));
    byte[] body =
        "{\"type\":{},\"scan_id\":\"s\",\"ownName\":\"o\",\"part\":{\"size_in_bytes\":7}}"
            .getBytes(UTF_8);

    GenericRecord record = requireNonNull(reader.read(body, 0, body.length, deviations));

    assertThat(record.get("scanId")).isEqualTo("s");
    assertThat(record.get("own")).isEqualTo("o");
    assertThat(((GenericRecord) record.get("part")).get("sizeInBytes")).isEqualTo(7L);
    assertThat(deviations).as("type is read elsewhere").isEmpty();
  }

  @Test
  void knowsNoOtherNamesOfMembers() {
    Schema schema = Schema.createRecord("E", null, null, false, List.of());
    schema.addProp("penstock.jsonNames", "kebab-case");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> MemberNames.of(schema))
        .withMessageContaining("E: penstock.jsonNames is kebab-case; the only value is snake_case");
  }

  private static JsonToAvro reader(String fields) {
    return JsonToAvro.of(
        new Schema.Parser()
            .parse("{\"type\": \"record\", \"name\": \"R\", \"fields\": [" + fields + "]}"),
        "",
        AS_NAMED,
        Set.of());
  }

  private GenericRecord read(String json) {
    byte[] body = json.getBytes(UTF_8);
    assertThat(JsonScan.of().scan(body)).isInstanceOf(JsonScan.Members.class);
    return requireNonNull(READER.read(body, 0, body.length, deviations));
  }
}
