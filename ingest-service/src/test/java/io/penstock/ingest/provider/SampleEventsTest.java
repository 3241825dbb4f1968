package io.penstock.ingest.provider;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.ingest.provider.Decoding.Decoded;
import io.penstock.ingest.provider.Identification.Identified;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.avro.util.ClassSecurityValidator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every sample of every provider. */
class SampleEventsTest {

  private static final ObjectMapper JSON = new ObjectMapper();

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

    if (EventSchemas.typesWithoutField(rules.schema()).contains(decoded.type())
        && !name.startsWith("v1-")) {
      assertThat(setFields(rules, decoded)).isEmpty();
      return;
    }
    assertThat(setField(rules, decoded).getProp("penstock.eventType")).isEqualTo(decoded.type());
  }

  /** The one field of an event type that is set. */
  private static Schema.Field setField(Provider rules, Decoded decoded) {
    List<Schema.Field> set = setFields(rules, decoded);
    assertThat(set).hasSize(1);
    return set.getFirst();
  }

  private static List<Schema.Field> setFields(Provider rules, Decoded decoded) {
    return rules.schema().getFields().stream()
        .filter(field -> field.getProp("penstock.eventType") != null)
        .filter(field -> decoded.event().get(field.pos()) != null)
        .toList();
  }

  /** Those of types that have a record. Echo3dTest looks at echo3D's lists, which have none. */
  static Stream<Arguments> samplesWithRecord() {
    return samples()
        .filter(
            arguments -> {
              Provider rules = (Provider) arguments.get()[2];
              Sample sample = (Sample) arguments.get()[3];
              return !setFields(rules, TestEvents.decode(rules, sample.body())).isEmpty();
            });
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("samplesWithRecord")
  void hasEveryMemberOfItsJsonInATypedField(
      String provider, String name, Provider rules, Sample sample) throws IOException {
    Decoded decoded = TestEvents.decode(rules, sample.body());

    TypedFields.assertAllOf(
        sample.body(), rules, (GenericRecord) decoded.event().get(setField(rules, decoded).name()));
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
