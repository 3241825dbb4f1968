package io.penstock.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.schemas.SchemaEvolution.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.SchemaParseException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the check of schemas lets pass, and what not. */
class SchemaEvolutionTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String NESTED =
      """
      {"type": "record", "name": "Size", "namespace": "test.nested", "doc": "d", "fields": [
        {"name": "bytes", "type": ["null", "long"], "default": null, "doc": "d"}]}\
      """;

  private static final String RELEASED =
      """
      {"type": "record", "name": "Event", "namespace": "test", "doc": "d", "fields": [
        {"name": "id", "type": "string", "doc": "d"},
        {"name": "note", "type": ["null", "string"], "default": null, "doc": "d"},
        {"name": "at", "type": ["null", {"type": "long", "logicalType": "timestamp-millis"}], "default": null, "doc": "d"},
        {"name": "sizes", "type": {"type": "array", "items": %s}, "default": [], "doc": "d"},
        {"name": "labels", "type": {"type": "map", "values": "string"}, "default": {}, "doc": "d"},
        {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["A", "B"], "default": "B"}, "default": "A", "doc": "d"},
        {"name": "hash", "type": {"type": "fixed", "name": "Hash", "size": 16}, "doc": "d"},
        {"name": "created", "penstock.eventType": "created", "type": ["null", "test.nested.Size"], "default": null, "doc": "d"}]}\
      """
          .formatted(NESTED);

  private static List<Problem> changed(String text, String replacement) {
    assertThat(RELEASED).contains(text);
    return SchemaEvolution.problems(
        new Schema.Parser().parse(RELEASED),
        new Schema.Parser().parse(RELEASED.replace(text, replacement)));
  }

  private static void refuses(List<Problem> problems, String where, String what, String advice) {
    assertThat(problems).isNotEmpty();
    assertThat(problems.get(0).where()).isEqualTo(where);
    assertThat(problems.get(0).what()).isEqualTo(what);
    assertThat(problems.get(0).advice()).contains(advice).endsWith(".");
  }

  private static final String NOTE =
      "{\"name\": \"note\", \"type\": [\"null\", \"string\"], \"default\": null, \"doc\": \"d\"},";

  @Test
  void theSameSchemaMayFollow() {
    assertThat(changed("test", "test")).isEmpty();
  }

  @Test
  void aNewNullableFieldMayCome() {
    assertThat(changed(NOTE, NOTE + NOTE.replace("note", "remark"))).isEmpty();
  }

  @Test
  void otherWordsMayDescribeAField() {
    assertThat(changed("\"default\": {}, \"doc\": \"d\"", "\"default\": {}, \"doc\": \"Better.\""))
        .isEmpty();
  }

  @Test
  void aNewFieldWithoutDefaultMayNot() {
    refuses(
        changed(NOTE, NOTE + "{\"name\": \"remark\", \"type\": \"string\", \"doc\": \"d\"},"),
        "test.Event.remark",
        "is new and has no default",
        "nullable with default null");
  }

  @Test
  void aNewFieldWithoutDocMayNot() {
    refuses(
        changed(
            NOTE,
            NOTE + "{\"name\": \"remark\", \"type\": [\"null\", \"long\"], \"default\": null},"),
        "test.Event.remark",
        "has no doc",
        "Say what it holds");
  }

  @Test
  void aFieldWithoutDefaultMayNotGo() {
    refuses(
        changed("{\"name\": \"id\", \"type\": \"string\", \"doc\": \"d\"},", ""),
        "test.Event.id",
        "is gone",
        "no default");
  }

  @Test
  void aFieldWithDefaultMayNotGoEitherAlthoughAvroWouldLetIt() {
    refuses(changed(NOTE, ""), "test.Event.note", "is gone", "Put it back");
  }

  @Test
  void aFieldKeepsItsName() {
    refuses(
        changed("\"name\": \"note\"", "\"name\": \"remark\""),
        "test.Event.note",
        "is gone",
        "If remark is its new name");
  }

  @Test
  void aFieldKeepsItsType() {
    refuses(
        changed("\"name\": \"id\", \"type\": \"string\"", "\"name\": \"id\", \"type\": \"long\""),
        "test.Event.id",
        "was string and is long",
        "add a field of another name");
  }

  @Test
  void aFieldWithinANestedRecordIsNamedAsItsOwn() {
    refuses(
        changed("[\"null\", \"long\"]", "[\"null\", \"double\"]"),
        "test.nested.Size.bytes",
        "was long and is double",
        "add a field of another name");
  }

  @Test
  void aPromotionIsAChangeToo() {
    refuses(
        changed("[\"null\", \"long\"]", "[\"null\", \"float\"]"),
        "test.nested.Size.bytes",
        "was long and is float",
        "add a field");
  }

  @Test
  void aFieldBecomesNeitherNullableNorMandatory() {
    refuses(
        changed(
            "\"name\": \"id\", \"type\": \"string\"",
            "\"name\": \"id\", \"type\": [\"null\", \"string\"]"),
        "test.Event.id",
        "was string and is [null, string]",
        "add a field");
    refuses(
        changed(
            "\"type\": [\"null\", \"string\"], \"default\": null",
            "\"type\": \"string\", \"default\": \"\""),
        "test.Event.note",
        "was [null, string] and is string",
        "add a field");
  }

  @Test
  void aUnionKeepsItsBranches() {
    refuses(
        changed("[\"null\", \"string\"]", "[\"null\", \"string\", \"long\"]"),
        "test.Event.note",
        "was [null, string] and is [null, string, long]",
        "add a nullable field");
    refuses(
        changed(
            "[\"null\", \"string\"], \"default\": null",
            "[\"string\", \"null\"], \"default\": \"\""),
        "test.Event.note",
        "was null and is string",
        "add a field");
  }

  @Test
  void anEnumKeepsItsSymbols() {
    refuses(
        changed("[\"A\", \"B\"]", "[\"A\", \"B\", \"C\"]"),
        "test.Event.kind",
        "had the symbols [A, B] and has [A, B, C]",
        "use a string");
  }

  @Test
  void aFixedKeepsItsSize() {
    refuses(
        changed("\"size\": 16", "\"size\": 20"),
        "test.Event.hash",
        "had 16 bytes and has 20",
        "add a field");
  }

  @Test
  void itemsAndValuesKeepTheirTypes() {
    refuses(
        changed("\"values\": \"string\"", "\"values\": \"bytes\""),
        "test.Event.labels",
        "was string and is bytes",
        "add a field");
  }

  @Test
  void aNestedRecordKeepsItsNameAndItsNamespace() {
    List<Problem> renamed =
        SchemaEvolution.problems(
            new Schema.Parser().parse(RELEASED),
            new Schema.Parser()
                .parse(
                    RELEASED
                        .replace("\"Size\"", "\"Extent\"")
                        .replace("test.nested.Size", "test.nested.Extent")));
    refuses(
        renamed,
        "test.Event.sizes",
        "was test.nested.Size and is test.nested.Extent",
        "keep it, namespace included");
    refuses(
        changed("test.nested", "test.inner"),
        "test.Event.sizes",
        "was test.nested.Size and is test.inner.Size",
        "keep it, namespace included");
  }

  @Test
  void aDefaultMayNotChange() {
    refuses(
        changed("\"default\": \"A\"", "\"default\": \"B\""),
        "test.Event.kind",
        "had the default A and has B",
        "different values");
  }

  @Test
  void aLogicalTypeMayNotChange() {
    refuses(
        changed("timestamp-millis", "timestamp-micros"),
        "test.Event.at",
        "had the logical type timestamp-millis and has timestamp-micros",
        "Avro does not notice");
  }

  @Test
  void aFieldKeepsItsEventTypeAndItsForm() {
    refuses(
        changed("\"penstock.eventType\": \"created\"", "\"penstock.eventType\": \"uploaded\""),
        "test.Event.created",
        "had penstock.eventType created and has uploaded",
        "mean something else");
    refuses(
        changed(
            "\"penstock.eventType\": \"created\"",
            "\"penstock.eventType\": \"created\", \"penstock.eventForm\": \"v1\""),
        "test.Event.created",
        "had penstock.eventForm null and has v1",
        "mean something else");
    refuses(
        changed("\"name\": \"note\",", "\"name\": \"note\", \"penstock.opaque\": true,"),
        "test.Event.note",
        "had penstock.opaque null and has true",
        "mean something else");
  }

  @Test
  void typesWithoutAFieldMayComeAndNotGo() {
    String event = "\"name\": \"Event\", \"namespace\": \"test\",";
    String two = RELEASED.replace(event, event + "\"penstock.eventTypes\": [\"a\", \"b\"],");
    String one = RELEASED.replace(event, event + "\"penstock.eventTypes\": [\"a\"],");
    assertThat(two).isNotEqualTo(one);

    assertThat(SchemaEvolution.problems(parse(one), parse(two))).isEmpty();
    refuses(
        SchemaEvolution.problems(parse(two), parse(one)),
        "test.Event",
        "named the types [b] in penstock.eventTypes, and does not any more",
        "Put them back");
    assertThat(
            SchemaEvolution.problems(
                parse(two),
                parse(
                    one.replace(
                        "\"penstock.eventType\": \"created\"",
                        "\"penstock.eventType\": \"created\", \"penstock.x\": 1"))))
        .isNotEmpty();
  }

  private static Schema parse(String text) {
    return new Schema.Parser().parse(text);
  }

  /** What no released version forbids, and sinks and generators of code do not take. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      textBlock =
          """
          {"type": "record", "name": "Gone", "fields": []}                      | has no fields
          {"type": "array", "items": {"type": "array", "items": "long"}}        | is an array of arrays
          {"type": "array", "items": ["null", "string"]}                        | has items of a union
          {"type": "map", "values": ["null", "string"]}                         | has values of a union
          ["null", "string", "long"]                                            | is a union of something else
          ["string", "null"]                                                    | is a union of something else
          {"type": "enum", "name": "Kind2", "symbols": ["A"]}                   | is an enum without default
          "test.Event"                                                          | is test.Event, of which it is a part
          {"type": "string", "json": "x"}                                       | has the property json
          """)
  void whatSinksCannotTakeMayNotCome(String type, String what) {
    String nullable = type.startsWith("[") ? type : "[\"null\", " + type + "]";
    String defaultValue = type.startsWith("[\"string") ? "\"\"" : "null";
    assertThat(
            changed(
                NOTE,
                NOTE
                    + "{\"name\": \"fresh\", \"type\": %s, \"default\": %s, \"doc\": \"d\"},"
                        .formatted(nullable, defaultValue)))
        .extracting(Problem::what)
        .anySatisfy(text -> assertThat(text).startsWith(what));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "event", "delete", "type", "class", "object", "from", "func", "move", "user", "order",
        "fun", "def", "match", "default", "schema", "None", "Select"
      })
  void noFieldHasAKeywordForAName(String name) {
    assertThat(
            changed(
                NOTE,
                NOTE
                    + "{\"name\": \"%s\", \"type\": [\"null\", \"long\"], \"default\": null, \"doc\": \"d\"},"
                        .formatted(name)))
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.where()).isEqualTo("test.Event." + name);
              assertThat(problem.what()).startsWith("has a name that is a keyword of ");
            });
  }

  @Test
  void noTwoFieldsDifferInCaseAlone() {
    refuses(
        changed(NOTE, NOTE + NOTE.replace("note", "NOTE")),
        "test.Event.NOTE",
        "differs from another field in case alone",
        "another name");
  }

  @Test
  void propertiesHaveANamespace() {
    refuses(
        changed("\"name\": \"note\",", "\"name\": \"note\", \"json\": \"n\","),
        "test.Event.note",
        "has the property json",
        "penstock.");
  }

  @Test
  void theContractFollowsTheRules() {
    for (Contract.Topic topic : Contract.topics()) {
      assertThat(SchemaRules.problems(topic.schema())).isEmpty();
    }
  }

  @Test
  void docsMayNotGo() {
    refuses(
        changed("\"default\": {}, \"doc\": \"d\"", "\"default\": {}"),
        "test.Event.labels",
        "has no doc",
        "Say what it holds");
  }

  /** Over the real schemas: what Avro refuses in either direction, the check refuses by field. */
  @Test
  void whateverAvroRefusesIsRefusedWithItsField() {
    Random random = new Random(20261121);
    int refused = 0;
    for (Contract.Topic topic : Contract.topics()) {
      Schema released = topic.schema();
      for (int i = 0; i < 200; i++) {
        Schema mutant = mutant(released, random);
        if (mutant == null || avroAccepts(released, mutant)) {
          continue;
        }
        refused++;
        assertThat(SchemaEvolution.problems(released, mutant))
            .as("%s", mutant)
            .isNotEmpty()
            .allSatisfy(problem -> assertThat(problem.where()).doesNotContain(" at "));
      }
    }
    assertThat(refused).isGreaterThan(100);
  }

  private static boolean avroAccepts(Schema one, Schema other) {
    return SchemaCompatibility.checkReaderWriterCompatibility(one, other).getType()
            == SchemaCompatibilityType.COMPATIBLE
        && SchemaCompatibility.checkReaderWriterCompatibility(other, one).getType()
            == SchemaCompatibilityType.COMPATIBLE;
  }

  /** The schema with one field changed; null where that makes no schema. */
  @org.jspecify.annotations.Nullable
  private static Schema mutant(Schema schema, Random random) {
    try {
      ObjectNode tree = (ObjectNode) JSON.readTree(schema.toString());
      List<ArrayNode> records = new ArrayList<>();
      tree.findParents("fields").forEach(record -> records.add((ArrayNode) record.get("fields")));
      ArrayNode fields = records.get(random.nextInt(records.size()));
      int index = random.nextInt(fields.size());
      ObjectNode field = (ObjectNode) fields.get(index);
      switch (random.nextInt(6)) {
        case 0 -> fields.remove(index);
        case 1 -> field.put("name", field.get("name").asText() + "2");
        case 2 -> field.put("type", "int").remove("default");
        case 3 -> field.set("type", branches(field.get("type"), "\"boolean\""));
        case 4 -> fields.addObject().put("name", "new2").put("type", "string").put("doc", "d");
        default -> field.remove("default");
      }
      return new Schema.Parser().parse(tree.toString());
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    } catch (SchemaParseException e) {
      return null;
    } catch (AvroRuntimeException e) {
      return null;
    }
  }

  private static JsonNode branches(JsonNode type, String branch) throws JsonProcessingException {
    ArrayNode union = JSON.createArrayNode();
    if (type.isArray()) {
      union.addAll((ArrayNode) type);
    } else {
      union.add(type);
    }
    return union.add(JSON.readTree(branch));
  }
}
