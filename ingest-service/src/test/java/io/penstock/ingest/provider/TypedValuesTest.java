package io.penstock.ingest.provider;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.ingest.json.MappingProperties;
import io.penstock.ingest.provider.Decoding.Decoded;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a careful reader reads without doubt is typed, and what is doubtful is null and counted: for
 * every typed field of every provider, by its schema, and for every object that a member nobody
 * knows can stand in.
 */
class TypedValuesTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Where the record of a type is read from, if not at the root. */
  private static final Map<String, String> CONTENT =
      Map.of("smartshape", "data", "csm", "payload", "matterport", "body", "move", "detail");

  /** Members that identify an event, so that there is none without them. */
  private static final Set<String> IDENTITY = Set.of("payload/session_id");

  /** Values that identify nothing. */
  private static final List<String> NO_IDENTITY = List.of("true", "[]", "\"\"");

  private static final String TIME = "\"2025-09-01T07:26:51.484Z\"";

  /** A typed field, and where in a body it is read from. */
  record Place(
      Provider provider,
      Sample sample,
      Schema.Field type,
      String field,
      List<String> path,
      Schema schema) {

    String deviation() {
      return type.name() + "." + field;
    }

    @Override
    public String toString() {
      return provider.name() + " " + sample.name() + " " + field;
    }
  }

  static Stream<Place> places() {
    return Providers.all().stream()
        .filter(provider -> !provider.name().equals("echo3d")) // its lists have rules of their own
        .flatMap(
            provider -> provider.samples().stream().flatMap(sample -> places(provider, sample)));
  }

  private static Stream<Place> places(Provider provider, Sample sample) {
    Decoded decoded = TestEvents.decode(provider, sample.body());
    Schema.Field type = typeField(decoded);
    if (type == null) {
      return Stream.empty(); // its type has no field
    }
    String content = CONTENT.get(provider.name());
    JsonNode body = tree(sample.body());
    List<String> path = content != null && body.has(content) ? List.of(content) : List.of();
    List<Place> places = new ArrayList<>();
    collect(provider, sample, type, type.schema().getTypes().get(1), "", path, places);
    return places.stream().filter(place -> !IDENTITY.contains(String.join("/", place.path)));
  }

  private static Schema.@Nullable Field typeField(Decoded decoded) {
    return decoded.event().getSchema().getFields().stream()
        .filter(field -> field.getProp(MappingProperties.EVENT_TYPE) != null)
        .filter(field -> decoded.event().get(field.pos()) != null)
        .findFirst()
        .orElse(null);
  }

  private static void collect(
      Provider provider,
      Sample sample,
      Schema.Field type,
      Schema record,
      String prefix,
      List<String> path,
      List<Place> places) {
    for (Schema.Field field : record.getFields()) {
      String member =
          field.getProp(MappingProperties.JSON) == null
              ? field.name()
              : field.getProp(MappingProperties.JSON);
      List<String> below = new ArrayList<>(path);
      if (!member.isEmpty()) {
        below.addAll(List.of(member.split("\\.")));
      }
      Schema schema = field.schema().getTypes().get(1);
      String name = prefix + field.name();
      if (Boolean.TRUE.equals(field.getObjectProp(MappingProperties.OPAQUE))
          || Boolean.TRUE.equals(field.getObjectProp(MappingProperties.PRESENT))) {
        continue; // takes everything, or is of no member
      }
      if (!member.isEmpty()) {
        places.add(new Place(provider, sample, type, name, below, schema));
      }
      if (schema.getType() == Schema.Type.RECORD) {
        collect(provider, sample, type, schema, name + ".", below, places);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("places")
  void whatLeavesNoDoubtIsTyped(Place place) {
    for (String value : spellings(place.schema)) {
      Decoded decoded = with(place, value);

      assertThat(value(decoded, place)).as("%s: %s", place, value).isNotNull();
      assertThat(decoded.deviations())
          .as("%s: %s", place, value)
          .noneMatch(deviation -> deviation.startsWith(place.deviation()));
    }
  }

  /** Other spellings of what the field is documented to hold. */
  private static List<String> spellings(Schema schema) {
    return switch (schema.getType()) {
      case STRING -> List.of("\"text\"", "\"\"", "12", "-1.5e3", "true", "\"\\u0000\\ud800\"");
      case BOOLEAN -> List.of("true", "false", "\"true\"", "\"false\"");
      case DOUBLE -> List.of("1", "1.5", "-1.5e3", "\"1.5\"", "\"-2E+3\"", "\"7\"");
      case LONG ->
          schema.getLogicalType() instanceof LogicalTypes.TimestampMillis
              ? List.of(
                  "1756711611484",
                  "1756711611484.0",
                  "1.756711611484e12",
                  "\"1756711611484\"",
                  TIME,
                  "\"2025-09-01T07:26:51.484+0000\"",
                  "\"2025-09-01 09:26:51,4840000000001+02\"",
                  "\"2025-09-01t07:26:51z\"",
                  "\"2025-09-01T07:26:51-00:00\"",
                  "\"20250901T072651.484Z\"",
                  "\"2025-08-31T24:00:00Z\"",
                  "\"2016-12-31T23:59:60Z\"",
                  "\"Mon, 01 Sep 2025 07:26:51 GMT\"",
                  "\"2025-09-01T07:26:51.484123\"")
              : List.of("1", "1.0", "1e3", "-7", "\"12\"", "\"12.0\"", "\"1e3\"");
      case ARRAY -> List.of("[]", "[\"a\"]", "[12]");
      case MAP, RECORD -> List.of("{}");
      default -> throw new AssertionError(schema);
    };
  }

  @ParameterizedTest
  @MethodSource("places")
  void whatIsDoubtfulIsNullAndCounted(Place place) {
    for (String value : doubtful(place.schema)) {
      if (isOfAnIdentity(place) && NO_IDENTITY.contains(value)) {
        continue;
      }
      Decoded decoded = with(place, value);

      assertThat(value(decoded, place)).as("%s: %s", place, value).isNull();
      assertThat(decoded.deviations())
          .as("%s: %s", place, value)
          .containsExactlyInAnyOrderElementsOf(noted(decoded, place));
    }
  }

  /** CSM's timestamp tells one event from another. */
  private static boolean isOfAnIdentity(Place place) {
    return place.deviation().equals("sessionStatusChanged.timestamp");
  }

  /** The field itself, and those of the event's own that are read from the same member. */
  private static Set<String> noted(Decoded decoded, Place place) {
    Set<String> noted = new HashSet<>(Set.of(place.deviation()));
    if (place.provider.name().equals("move")) {
      // The event's own jobId and takeId are read from these too.
      for (String own : List.of("jobId", "takeId")) {
        if (decoded.deviations().contains(own)) {
          assertThat(decoded.event().get(own)).isNull();
          noted.add(own);
        }
      }
    }
    return noted;
  }

  private static List<String> doubtful(Schema schema) {
    return switch (schema.getType()) {
      case STRING -> List.of("{}", "[]", "[\"text\"]", "{\"a\":1}");
      case BOOLEAN ->
          List.of("0", "1", "\"True\"", "\"yes\"", "\"1\"", "\"\"", "\" true\"", "[true]", "{}");
      case DOUBLE ->
          List.of("\"\"", "\"1,5\"", "\" 1\"", "\"+1\"", "\"NaN\"", "1e400", "true", "[1]");
      case LONG ->
          schema.getLogicalType() instanceof LogicalTypes.TimestampMillis
              ? List.of(
                  "1756711611",
                  "1756711611484000",
                  "1756711611484.5",
                  "-1756711611484",
                  "1",
                  "true",
                  "[]",
                  "\"\"",
                  "\"1756711611\"",
                  "\"1756711611484000000\"",
                  "\" 1756711611484\"",
                  "\"2025-09-01\"",
                  "\"2025-09-01T07:26:60Z\"",
                  "\"2025-02-30T07:26:51Z\"",
                  "\"09/01/2025 07:26:51\"",
                  "\"soon\"")
              : List.of(
                  "1.5",
                  "1e19",
                  "true",
                  "[1]",
                  "{}",
                  "\"\"",
                  "\"1.5\"",
                  "\" 12 \"",
                  "\"+5\"",
                  "\"012\"",
                  "\"0x10\"",
                  "\"9223372036854775808\"");
      case ARRAY -> List.of("{}", "\"a\"", "1", "{\"0\":\"a\"}");
      case MAP, RECORD -> List.of("[]", "\"a\"", "1", "true", "[{}]");
      default -> throw new AssertionError(schema);
    };
  }

  /** A sample with another value in a field's place, whatever stands there or on the way to it. */
  private static Decoded with(Place place, String value) {
    ObjectNode body = (ObjectNode) tree(place.sample.body());
    ObjectNode at = body;
    for (String name : place.path.subList(0, place.path.size() - 1)) {
      at = at.get(name) instanceof ObjectNode object ? object : at.putObject(name);
    }
    at.set(place.path.getLast(), tree(value.getBytes(UTF_8)));
    return TestEvents.decode(place.provider, bytes(body));
  }

  private static @Nullable Object value(Decoded decoded, Place place) {
    Object value = decoded.event().get(place.type.name());
    for (String name : place.field.split("\\.", -1)) {
      value = ((GenericRecord) Objects.requireNonNull(value)).get(name);
    }
    return value;
  }

  static Stream<Arguments> samples() {
    return Providers.all().stream()
        .flatMap(
            provider ->
                provider.samples().stream()
                    .map(sample -> Arguments.of(provider, sample.name(), sample.body())));
  }

  @SuppressWarnings("ReferenceEquality") // the root, and no object that equals it
  @ParameterizedTest(name = "{1}")
  @MethodSource("samples")
  void aMemberThatNobodyKnowsIsCountedWhereverItStands(
      Provider provider, String name, byte[] sample) {
    ObjectNode body = (ObjectNode) tree(sample);
    List<ObjectNode> objects = new ArrayList<>();
    collect(body, objects);
    for (ObjectNode object : objects) {
      for (String value : List.of("1", "null", "{\"a\":1}")) {
        if (takesAnyMember(body, object)) {
          continue;
        }
        object.set("brand_new", tree(value.getBytes(UTF_8)));

        Decoded decoded = TestEvents.decode(provider, bytes(body));

        assertThat(decoded.deviations())
            .as("%s", body)
            .singleElement()
            .asString()
            .endsWith(Decoding.UNDOCUMENTED)
            .matches(field -> (object == body) == field.equals(Decoding.UNDOCUMENTED));
        object.remove("brand_new");
      }
    }
  }

  /** Objects of which the sender chooses the names, or the form. */
  @SuppressWarnings("ReferenceEquality") // this object, and no equal one
  private static boolean takesAnyMember(ObjectNode body, ObjectNode object) {
    List<String> free =
        List.of(
            "nodeIdToAttributes",
            "roles",
            "attributes",
            "favoritedBy",
            "targets",
            "tags",
            "permissions",
            "readPermissions",
            "writePermissions",
            "lockedBy",
            "cameraPosition",
            "cameraType",
            "environmentFile",
            "enabledLayers",
            "enabledEffects",
            "transparencyEffectParameters",
            "modifiers",
            "selectedNodes",
            "enabledClippingPlanes",
            "enabledQuotations",
            "session_data",
            "metadata",
            "address",
            "bundleOptions");
    return free.stream()
        .flatMap(name -> body.findValues(name).stream())
        .anyMatch(value -> value == object || contains(value, object));
  }

  @SuppressWarnings("ReferenceEquality") // this object, and no equal one
  private static boolean contains(JsonNode value, JsonNode object) {
    for (JsonNode child : value) {
      if (child == object || contains(child, object)) {
        return true;
      }
    }
    return false;
  }

  private static void collect(JsonNode node, List<ObjectNode> objects) {
    if (node instanceof ObjectNode object) {
      objects.add(object);
    }
    node.forEach(child -> collect(child, objects));
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("samples")
  void aTypeIsKnownIfAndOnlyIfTheSchemaHasAFieldForIt(
      Provider provider, String name, byte[] sample) {
    Decoded decoded = TestEvents.decode(provider, sample);
    assertThat(EventRecords.knowsTypeOf(decoded.type(), decoded.event(), decoded.deviations()))
        .isTrue();

    ObjectNode body = (ObjectNode) tree(sample);
    String member =
        Stream.of("event_name", "type", "event").filter(body::has).findFirst().orElseThrow();
    for (String type :
        List.of(decoded.type() + " ", decoded.type().toUpperCase(java.util.Locale.ROOT), "x")) {
      if (type.equals(decoded.type())) {
        continue;
      }
      body.put(member, type);
      Decoded unknown = TestEvents.decode(provider, bytes(body));
      assertThat(unknown.type()).as("verbatim").isEqualTo(type);
      assertThat(EventRecords.knowsTypeOf(unknown.type(), unknown.event(), unknown.deviations()))
          .isFalse();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          move       | {"event_name":"job.state.failed","timestamp":"2023-09-04T10:58:06Z","detail":{"job_id":"j"}}      | true
          move       | {"event_name":"ugc.job.state.started","timestamp":"2023-09-04T10:58:06Z","detail":{"job_id":"j"}} | true
          move       | {"event_name":"job.state.failed","timestamp":"2023-09-04T10:58:06Z"}                              | true
          move       | {"event_name":"volume.created","timestamp":"2023-09-04T10:58:06Z","detail":{}}                    | false
          matterport | {"type":"created","modelId":"m","timestamp":1663595798725,"data":{}}                              | false
          matterport | {"type":"uploaded","modelId":"m","timestamp":1663595798725,"webhookId":"w","body":{}}             | false
          matterport | {"type":"deleted","modelId":"m","webhookId":"w"}                                                  | true
          matterport | {"type":"created","modelId":"m","webhookId":"w"}                                                  | true
          matterport | {}                                                                                                | true
          smartshape | {"uuid":"u","file":"f","event":"file_uploaded","data":7}                                          | true
          """)
  void aTypeIsKnownByWhatBecameOfIt(String provider, String body, boolean isKnown) {
    Decoded decoded =
        TestEvents.decode(Providers.byName(provider).orElseThrow(), body.getBytes(UTF_8));

    assertThat(EventRecords.knowsTypeOf(decoded.type(), decoded.event(), decoded.deviations()))
        .isEqualTo(isKnown);
  }

  /** The event's own time, and what its typed field says. */
  @ParameterizedTest
  @MethodSource("places")
  void theTimeOfAnEventIsThatOfItsTypedField(Place place) {
    if (!isOfAnIdentity(place)) {
      return;
    }
    List<String> values = new ArrayList<>(spellings(place.schema));
    values.addAll(doubtful(place.schema));
    values.addAll(List.of("0", "\"1970-01-01T00:00:00Z\"", "\"2100-01-01T00:00:00Z\""));
    values.removeAll(NO_IDENTITY);
    for (String value : values) {
      Decoded decoded = with(place, value);
      Object typed = value(decoded, place);
      assertThat(typed)
          .as(value)
          .isEqualTo(decoded.occurredAt() == null ? null : decoded.occurredAt().toEpochMilli());
    }
  }

  @Test
  void timesOfEventsAreReadAsTimesOfFieldsAre() {
    Map<String, String> bodies =
        Map.of(
            "smartshape", "{\"uuid\":\"u\",\"file\":\"f\",\"event\":\"e\",\"runTimestamp\":%s}",
            "move", "{\"event_name\":\"e\",\"timestamp\":%s}",
            "csm", "{\"type\":\"e\",\"payload\":{\"session_id\":\"s\",\"timestamp\":%s}}",
            "matterport",
                "{\"type\":\"e\",\"modelId\":\"m\",\"webhookId\":\"w\",\"body\":{},\"timestamp\":%s}");
    Schema time = LogicalTypes.timestampMillis().addToSchema(Schema.create(Schema.Type.LONG));
    bodies.forEach(
        (name, body) -> {
          Provider provider = Providers.byName(name).orElseThrow();
          for (String value : spellings(time)) {
            boolean isDoubtful = value.endsWith("123\"") && name.equals("matterport");
            Decoded decoded = decode(provider, body, value);
            assertThat(decoded.occurredAt() == null).as(name + value).isEqualTo(isDoubtful);
            assertThat(decoded.deviations()).as(name + value).hasSize(isDoubtful ? 1 : 0);
          }
          for (String value : doubtful(time)) {
            Decoded decoded = decode(provider, body, value);
            assertThat(decoded.occurredAt()).as(name + value).isNull();
            assertThat(decoded.deviations()).as(name + value).hasSize(1);
          }
        });
  }

  private static Decoded decode(Provider provider, String body, String value) {
    return TestEvents.decode(provider, body.formatted(value).getBytes(UTF_8));
  }

  private static JsonNode tree(byte[] json) {
    try {
      return JSON.readTree(json);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] bytes(JsonNode body) {
    try {
      return JSON.writeValueAsBytes(body);
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }
}
