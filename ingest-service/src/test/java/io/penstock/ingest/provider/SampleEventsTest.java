package io.penstock.ingest.provider;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.ingest.provider.Decoding.Decoded;
import io.penstock.ingest.provider.Identification.Identified;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.avro.util.ClassSecurityValidator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every sample of every provider. */
class SampleEventsTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Where a provider puts what its events' own records are read from, if not at the root. */
  private static final Map<String, String> CONTENT =
      Map.of("smartshape", "/data", "csm", "/payload", "matterport", "/body", "move", "/detail");

  /** What stands beside it where it is at the root: members without a place in a type's record. */
  private static final Set<String> ENVELOPE = Set.of("/type", "/modelId", "/timestamp", "/data");

  static Stream<Arguments> samples() {
    return Providers.all().stream()
        .flatMap(
            provider ->
                provider.samples().stream()
                    .map(sample -> Arguments.of(provider.name(), sample.name(), provider, sample)));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("samples")
  void isIdentifiedAndDecodedWithoutDeviation(
      String provider, String name, Provider rules, Sample sample) {
    assertThat(rules.identify(sample.body(), Map.of())).isInstanceOf(Identified.class);
    Decoded decoded = TestEvents.decode(rules, sample.body());
    assertThat(decoded.deviations()).isEmpty();
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("samples")
  void setsTheFieldOfItsTypeAndNoOther(
      String provider, String name, Provider rules, Sample sample) {
    Decoded decoded = TestEvents.decode(rules, sample.body());

    assertThat(setField(rules, decoded).getProp("eventType")).isEqualTo(decoded.type());
  }

  /** The one field of an event type that is set. */
  private static Schema.Field setField(Provider rules, Decoded decoded) {
    List<Schema.Field> set =
        rules.schema().getFields().stream()
            .filter(field -> field.getProp("eventType") != null)
            .filter(field -> decoded.event().get(field.pos()) != null)
            .toList();
    assertThat(set).hasSize(1);
    return set.getFirst();
  }

  /** echo3D's parallel lists have no place of their own; Echo3dTest looks at them. */
  static Stream<Arguments> samplesOfMembers() {
    return samples().filter(arguments -> !arguments.get()[0].equals("echo3d"));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("samplesOfMembers")
  void hasEveryMemberOfItsJsonInATypedField(
      String provider, String name, Provider rules, Sample sample) throws IOException {
    Decoded decoded = TestEvents.decode(rules, sample.body());
    JsonNode body = JSON.readTree(sample.body());
    JsonNode content = body.at(CONTENT.getOrDefault(provider, ""));
    Set<String> unread;
    if (content.isMissingNode()) {
      content = body;
      unread = new TreeSet<>(memberPaths(content));
      unread.removeAll(ENVELOPE);
    } else {
      unread = new TreeSet<>(memberPaths(content));
    }

    Schema.Field field = setField(rules, decoded);
    assertRecord((GenericRecord) decoded.event().get(field.name()), content, "", unread);
    assertThat(unread).isEmpty();
  }

  /**
   * Compares a record with the object it comes from, and takes the members that it read from the
   * unread ones.
   */
  private static void assertRecord(
      GenericRecord record, JsonNode object, String path, Set<String> unread) throws IOException {
    unread.remove(path); // an empty object
    for (Schema.Field field : record.getSchema().getFields()) {
      String member = field.getProp("json") == null ? field.name() : field.getProp("json");
      String pointer = member.isEmpty() ? "" : "/" + member.replace('.', '/');
      assertNullable(
          field.schema().getTypes().get(1),
          Boolean.TRUE.equals(field.getObjectProp("opaque")),
          record.get(field.pos()),
          object.at(pointer),
          path + pointer,
          unread);
    }
  }

  private static void assertNullable(
      Schema schema,
      boolean isOpaque,
      @Nullable Object value,
      JsonNode json,
      String path,
      Set<String> unread)
      throws IOException {
    boolean isAbsent = json.isMissingNode() || json.isNull();
    assertThat(value == null).as(path).isEqualTo(isAbsent);
    if (value == null) {
      unread.remove(path);
    } else {
      assertValue(schema, isOpaque, value, json, path, unread);
    }
  }

  private static void assertValue(
      Schema schema, boolean isOpaque, Object value, JsonNode json, String path, Set<String> unread)
      throws IOException {
    if (isOpaque) {
      assertThat(JSON.readTree((String) value)).as(path).isEqualTo(json);
      unread.removeIf(below -> below.equals(path) || below.startsWith(path + "/"));
      return;
    }
    switch (schema.getType()) {
      case RECORD -> {
        GenericRecord record = (GenericRecord) value;
        if (Boolean.TRUE.equals(schema.getObjectProp("anyValue"))) {
          assertThat(record.get("text")).as(path).isEqualTo(json.textValue());
          assertThat(record.get("json") == null).as(path).isEqualTo(json.isTextual());
          if (record.get("json") != null) {
            assertThat(JSON.readTree((String) record.get("json"))).as(path).isEqualTo(json);
          }
          unread.removeIf(below -> below.equals(path) || below.startsWith(path + "/"));
        } else {
          assertRecord(record, json, path, unread);
        }
      }
      case MAP -> {
        Map<?, ?> map = (Map<?, ?>) value;
        assertThat(map).as(path).hasSize(json.size());
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          String key = (String) entry.getKey();
          assertValue(
              schema.getValueType(),
              false,
              entry.getValue(),
              json.get(key),
              path + "/" + key,
              unread);
        }
      }
      case ARRAY -> {
        List<?> list = (List<?>) value;
        assertThat(list).as(path).hasSize(json.size());
        for (int i = 0; i < list.size(); i++) {
          assertValue(
              schema.getElementType(), false, list.get(i), json.get(i), path + "/" + i, unread);
        }
        unread.remove(path);
      }
      default -> {
        assertThat(value).as(path).isEqualTo(scalar(schema, json));
        unread.remove(path);
      }
    }
  }

  private static Object scalar(Schema schema, JsonNode json) {
    return switch (schema.getType()) {
      case STRING -> json.textValue();
      case BOOLEAN -> json.booleanValue();
      case DOUBLE -> json.doubleValue();
      case LONG ->
          json.isTextual() ? Instant.parse(json.textValue()).toEpochMilli() : json.longValue();
      default -> throw new AssertionError(schema);
    };
  }

  /** The pointers to all scalars and empty containers. */
  private static List<String> memberPaths(JsonNode node) {
    List<String> paths = new ArrayList<>();
    collect(node, "", paths);
    return paths;
  }

  private static void collect(JsonNode node, String path, List<String> paths) {
    if (node.isEmpty()) {
      paths.add(path);
    } else if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        collect(node.get(i), path + "/" + i, paths);
      }
    } else {
      node.properties()
          .forEach(member -> collect(member.getValue(), path + "/" + member.getKey(), paths));
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("samples")
  void survivesItsWayThroughAvro(String provider, String name, Provider rules, Sample sample)
      throws IOException {
    GenericRecord event =
        TestEvents.complete(TestEvents.decode(rules, sample.body()), sample.body());
    byte[] binary = TestEvents.encode(event);

    GenericRecord read = readGeneric(rules.schema(), binary);

    assertThat(tree(read)).isEqualTo(tree(event));
    assertThat(read.get("json")).hasToString(new String(sample.body(), UTF_8));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("samples")
  void isReadByTheGeneratedClasses(String provider, String name, Provider rules, Sample sample)
      throws IOException {
    GenericRecord event =
        TestEvents.complete(TestEvents.decode(rules, sample.body()), sample.body());
    byte[] binary = TestEvents.encode(event);

    SpecificRecord read = readSpecific(rules.schema(), binary);

    byte[] written = TestEvents.encode(read, new SpecificDatumWriter<>(read.getSchema()));
    assertThat(tree(readGeneric(rules.schema(), written))).isEqualTo(tree(event));
  }

  private static GenericRecord readGeneric(Schema schema, byte[] binary) throws IOException {
    return new GenericDatumReader<GenericRecord>(schema)
        .read(null, DecoderFactory.get().binaryDecoder(binary, null));
  }

  /** For comparison: Avro keeps no order in maps. */
  private static JsonNode tree(GenericRecord event) throws IOException {
    return JSON.readTree(event.toString());
  }

  /**
   * Avro 1.12.2 reads into no class that the JVM has not been told to trust. A consumer does that
   * with {@code -Dorg.apache.avro.SERIALIZABLE_PACKAGES=io.penstock.events}; here other tests share
   * the JVM.
   */
  @BeforeAll
  static void trustGeneratedClasses() {
    ClassSecurityValidator.setGlobal(
        ClassSecurityValidator.composite(
            type -> type.getPackageName().startsWith("io.penstock.events"),
            ClassSecurityValidator.DEFAULT));
  }

  @AfterAll
  static void trustThemNoMore() {
    ClassSecurityValidator.setGlobal(ClassSecurityValidator.DEFAULT);
  }

  private static SpecificRecord readSpecific(Schema writer, byte[] binary) throws IOException {
    @SuppressWarnings("unchecked") // SpecificDatumReader wants the class of what it is typed with
    Class<SpecificRecord> generated =
        (Class<SpecificRecord>) EventSchemasTest.generatedClass(writer);
    SpecificDatumReader<SpecificRecord> reader = new SpecificDatumReader<>(generated);
    reader.setSchema(writer);
    return reader.read(null, DecoderFactory.get().binaryDecoder(binary, null));
  }
}
