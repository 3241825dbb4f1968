package io.penstock.ingest.provider;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.ingest.json.MappingProperties;
import io.penstock.ingest.json.MemberNames;
import io.penstock.ingest.provider.Decoding.Decoded;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;
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

  /** Values that identify nothing. */
  private static final List<String> NO_IDENTITY = List.of("true", "[]", "\"\"");

  private static final String WITHOUT_ZONE = "\"2025-09-01T07:26:51.484123\"";
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

    /** The path of its member in the body. */
    String member() {
      return String.join(".", path);
    }

    /** Whether it is what tells the time of the event. */
    boolean isTheTime() {
      return Shape.of(provider).times().equals(List.of(member()));
    }

    @Override
    public String toString() {
      return provider.name() + " " + sample.name() + " " + field;
    }
  }

  static Stream<Place> places() {
    return Providers.all().stream()
        .flatMap(
            provider -> provider.samples().stream().flatMap(sample -> places(provider, sample)));
  }

  private static Stream<Place> places(Provider provider, Sample sample) {
    Decoded decoded = TestEvents.decode(provider, sample.body());
    Schema.Field type = typeField(decoded);
    if (type == null) {
      return Stream.empty(); // its type has no field
    }
    Shape shape = Shape.of(provider);
    boolean isInside = !tree(sample.body()).at(Shape.pointer(shape.content())).isMissingNode();
    List<String> path =
        isInside && !shape.content().isEmpty() ? List.of(shape.content().split("\\.")) : List.of();
    List<Place> places = new ArrayList<>();
    collect(provider, sample, type, type.schema().getTypes().get(1), "", path, places);
    return places.stream()
        .filter(place -> !shape.required().contains(place.member()))
        .filter(place -> !shape.type().equals(place.member()));
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
      String member = Shape.of(provider).names().member(field);
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
    for (String value : spellings(place.schema, Shape.of(place.provider))) {
      Decoded decoded = with(place, value);

      assertThat(value(decoded, place)).as("%s: %s", place, value).isNotNull();
      assertThat(decoded.deviations())
          .as("%s: %s", place, value)
          .noneMatch(deviation -> deviation.startsWith(place.deviation()));
    }
  }

  /** Other spellings of what the field is documented to hold. */
  private static List<String> spellings(Schema schema, Shape shape) {
    return switch (schema.getType()) {
      case STRING -> List.of("\"text\"", "\"\"", "12", "-1.5e3", "true", "\"\\u0000\\ud800\"");
      case BOOLEAN -> List.of("true", "false", "\"true\"", "\"false\"");
      case DOUBLE -> List.of("1", "1.5", "-1.5e3", "\"1.5\"", "\"-2E+3\"", "\"7\"");
      case LONG ->
          schema.getLogicalType() instanceof LogicalTypes.TimestampMillis
              ? times(
                  shape,
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
                  "\"Mon, 01 Sep 2025 07:26:51 GMT\"")
              : List.of("1", "1.0", "1e3", "-7", "\"12\"", "\"12.0\"", "\"1e3\"");
      case ARRAY -> List.of("[]", "[\"a\"]", "[12]");
      case MAP, RECORD -> List.of("{}");
      default -> throw new AssertionError(schema);
    };
  }

  /** These, and one without a zone where the provider documents one. */
  private static List<String> times(Shape shape, String... spellings) {
    List<String> times = new ArrayList<>(List.of(spellings));
    if (shape.zone() != null) {
      times.add(WITHOUT_ZONE);
    }
    return times;
  }

  @ParameterizedTest
  @MethodSource("places")
  void whatIsDoubtfulIsNullAndCounted(Place place) {
    for (String value : doubtful(place.schema)) {
      if (NO_IDENTITY.contains(value) && !isEvent(place, value)) {
        continue; // an identity is made of this member
      }
      Decoded decoded = with(place, value);

      assertThat(value(decoded, place)).as("%s: %s", place, value).isNull();
      assertThat(decoded.deviations())
          .as("%s: %s", place, value)
          .containsExactlyInAnyOrderElementsOf(noted(decoded, place));
    }
  }

  /**
   * The field itself, fields at the root that are read from the same member, and the event's own
   * time where it is read from it.
   */
  private static Set<String> noted(Decoded decoded, Place place) {
    Set<String> noted = new HashSet<>(Set.of(place.deviation()));
    for (String deviation : decoded.deviations()) {
      Schema.Field own = decoded.event().getSchema().getField(deviation);
      boolean isTime = Shape.of(place.provider).times().contains(place.member());
      if (own != null && !own.name().equals(place.type.name())) {
        assertThat(decoded.event().get(deviation)).isNull();
        noted.add(deviation);
      } else if (isTime && deviation.equals("metadata.occurredAt")) {
        assertThat(decoded.occurredAt()).isNull();
        noted.add(deviation);
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
    return TestEvents.decode(place.provider, body(place.sample, place.member(), value));
  }

  private static boolean isEvent(Place place, String value) {
    byte[] body = body(place.sample, place.member(), value);
    return place.provider.identify(body, Map.of()) instanceof Identification.Identified;
  }

  private static byte[] body(Sample sample, String path, String value) {
    ObjectNode body = (ObjectNode) tree(sample.body());
    List<String> names = List.of(path.split("\\."));
    ObjectNode at = body;
    for (String name : names.subList(0, names.size() - 1)) {
      at = at.get(name) instanceof ObjectNode object ? object : at.putObject(name);
    }
    at.set(names.getLast(), tree(value.getBytes(UTF_8)));
    return bytes(body);
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
    Shape shape = Shape.of(provider);
    JsonNode content = body.at(Shape.pointer(shape.content()));
    Set<JsonNode> free = Collections.newSetFromMap(new IdentityHashMap<>());
    Schema.Field type = typeField(TestEvents.decode(provider, sample));
    if (type != null) {
      Schema record = type.schema().getTypes().get(1);
      addFree(record, content.isMissingNode() ? body : content, shape.names(), free);
    }
    List<ObjectNode> objects = new ArrayList<>();
    collect(body, objects);
    for (ObjectNode object : objects) {
      if (free.contains(object)) {
        continue;
      }
      boolean isOfTheRoot =
          object == body
              || (!content.isMissingNode() && content != object && !contains(content, object));
      for (String value : List.of("1", "null", "{\"a\":1}")) {
        object.set("brand_new", tree(value.getBytes(UTF_8)));

        Decoded decoded = TestEvents.decode(provider, bytes(body));

        assertThat(decoded.deviations())
            .as("%s", body)
            .singleElement()
            .asString()
            .endsWith(Decoding.UNDOCUMENTED)
            .matches(field -> isOfTheRoot == field.equals(Decoding.UNDOCUMENTED));
        object.remove("brand_new");
      }
    }
  }

  /** Collects the objects whose members the sender chooses: opaque ones, and maps. */
  private static void addFree(Schema schema, JsonNode node, MemberNames names, Set<JsonNode> free) {
    switch (schema.getType()) {
      case MAP -> {
        free.add(node);
        node.forEach(value -> addFree(schema.getValueType(), value, names, free));
      }
      case ARRAY -> node.forEach(item -> addFree(schema.getElementType(), item, names, free));
      case RECORD -> {
        if (Boolean.TRUE.equals(schema.getObjectProp(MappingProperties.ANY_VALUE))) {
          addAll(node, free);
          return;
        }
        if (schema.getObjectProp(MappingProperties.ELSEWHERE) instanceof List<?> elsewhere) {
          elsewhere.forEach(member -> addAll(node.path(member.toString()), free));
        }
        for (Schema.Field field : schema.getFields()) {
          JsonNode value = node.at(Shape.pointer(names.member(field)));
          if (Boolean.TRUE.equals(field.getObjectProp(MappingProperties.OPAQUE))) {
            addAll(value, free);
          } else {
            addFree(field.schema().getTypes().get(1), value, names, free);
          }
        }
      }
      default -> {}
    }
  }

  private static void addAll(JsonNode node, Set<JsonNode> free) {
    free.add(node);
    node.forEach(child -> addAll(child, free));
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
    assertThat(
            EventRecords.hasDocumentedType(decoded.type(), decoded.event(), decoded.deviations()))
        .isTrue();

    for (String type :
        List.of(decoded.type() + " ", decoded.type().toUpperCase(java.util.Locale.ROOT), "x")) {
      if (type.equals(decoded.type())) {
        continue;
      }
      Decoded unknown =
          TestEvents.decode(
              provider,
              body(
                  new Sample(name, sample),
                  Shape.of(provider).type(),
                  JSON.valueToTree(type).toString()));
      assertThat(unknown.type()).as("verbatim").isEqualTo(type);
      assertThat(
              EventRecords.hasDocumentedType(unknown.type(), unknown.event(), unknown.deviations()))
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

    assertThat(
            EventRecords.hasDocumentedType(decoded.type(), decoded.event(), decoded.deviations()))
        .isEqualTo(isKnown);
  }

  /** The event's own time is what the typed field says that is read from the same member. */
  @ParameterizedTest
  @MethodSource("places")
  void theTimeOfAnEventIsThatOfItsTypedField(Place place) {
    if (!place.isTheTime()) {
      return;
    }
    List<String> values = new ArrayList<>(spellings(place.schema, Shape.of(place.provider)));
    values.addAll(doubtful(place.schema));
    values.addAll(List.of("0", "\"1970-01-01T00:00:00Z\"", "\"2100-01-01T00:00:00Z\""));
    for (String value : values) {
      if (NO_IDENTITY.contains(value) && !isEvent(place, value)) {
        continue;
      }
      Decoded decoded = with(place, value);
      Object typed = value(decoded, place);
      assertThat(typed)
          .as(value)
          .isEqualTo(decoded.occurredAt() == null ? null : decoded.occurredAt().toEpochMilli());
    }
  }

  static Stream<Provider> providersWithOneTime() {
    return Providers.all().stream().filter(provider -> Shape.of(provider).times().size() == 1);
  }

  @ParameterizedTest
  @MethodSource("providersWithOneTime")
  void timesOfEventsAreReadAsTimesOfFieldsAre(Provider provider) {
    Schema time = LogicalTypes.timestampMillis().addToSchema(Schema.create(Schema.Type.LONG));
    Shape shape = Shape.of(provider);
    String path = shape.times().getFirst();
    for (Sample sample : provider.samples()) {
      for (String value : spellings(time, shape)) {
        Decoded decoded = TestEvents.decode(provider, body(sample, path, value));
        assertThat(decoded.occurredAt()).as(value).isNotNull();
      }
      List<String> doubtful = new ArrayList<>(doubtful(time));
      if (shape.zone() == null) {
        doubtful.add(WITHOUT_ZONE);
      }
      for (String value : doubtful) {
        byte[] body = body(sample, path, value);
        if (provider.identify(body, Map.of()) instanceof Identification.Identified) {
          Decoded decoded = TestEvents.decode(provider, body);
          assertThat(decoded.occurredAt()).as(value).isNull();
          assertThat(decoded.deviations()).as(value).isNotEmpty();
        }
      }
    }
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
