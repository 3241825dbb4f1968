package io.penstock.ingest.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.avro.JsonProperties;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.specific.SpecificData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What keeps the schemas fit for evolution under FULL_TRANSITIVE, and for readers who cannot ask
 * us.
 */
class EventSchemasTest {

  /** The only fields that can never go: everything else may be null. */
  private static final Map<String, Set<String>> MANDATORY =
      Map.of(
          "EventMetadata",
          Set.of("eventId", "source", "provider", "type", "entityKey", "receivedAt", "receiptId"),
          "DeadLetter",
          Set.of("source", "provider", "reason", "receiptId", "receivedAt", "body"));

  private static final Set<String> MANDATORY_IN_EVENTS = Set.of("metadata", "json");

  static Stream<Schema> topics() {
    return Stream.concat(
        Providers.all().stream().map(Provider::schema), Stream.of(EventSchemas.deadLetter()));
  }

  @ParameterizedTest
  @MethodSource("topics")
  void everyRecordAndFieldIsDocumented(Schema topic) {
    for (Schema record : records(topic)) {
      assertThat(record.getDoc()).as(record.getFullName()).isNotBlank();
      for (Schema.Field field : record.getFields()) {
        assertThat(field.doc())
            .as(record.getFullName() + "." + field.name())
            .isNotBlank()
            .endsWith(".");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("topics")
  void everyFieldButTheMandatoryOnesHasADefault(Schema topic) {
    for (Schema record : records(topic)) {
      Set<String> mandatory =
          MANDATORY.getOrDefault(
              record.getName(), record.equals(topic) ? MANDATORY_IN_EVENTS : Set.of());
      for (Schema.Field field : record.getFields()) {
        String name = record.getFullName() + "." + field.name();
        if (mandatory.contains(field.name())) {
          assertThat(field.hasDefaultValue()).as(name).isFalse();
        } else if (field.schema().getType() == Schema.Type.MAP) {
          assertThat(field.defaultVal()).as(name).isEqualTo(Map.of());
        } else {
          assertThat(field.schema().isNullable()).as(name).isTrue();
          assertThat(field.defaultVal()).as(name).isEqualTo(JsonProperties.NULL_VALUE);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("topics")
  void nothingInASchemaStandsInTheWayOfItsEvolution(Schema topic) {
    for (Schema schema : all(topic)) {
      assertThat(schema.getType()).as("%s", schema).isNotIn(Schema.Type.ENUM, Schema.Type.FIXED);
      if (schema.isUnion()) {
        assertThat(schema.getTypes()).as("%s", schema).hasSize(2);
        assertThat(schema.getTypes().get(0).getType()).isEqualTo(Schema.Type.NULL);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("topics")
  void everyEventFieldNamesItsType(Schema topic) {
    for (Schema.Field field : topic.getFields()) {
      boolean isRecord =
          field.schema().isUnion()
              && field.schema().getTypes().get(1).getType() == Schema.Type.RECORD;
      assertThat(field.getProp("penstock.eventType") != null).as(field.name()).isEqualTo(isRecord);
    }
  }

  @ParameterizedTest
  @MethodSource("topics")
  void isSelfContainedAndOfNoLanguage(Schema topic) {
    String registered = topic.toString();

    assertThat(new Schema.Parser().parse(registered)).isEqualTo(topic);
    assertThat(registered).doesNotContain("avro.java.string");
  }

  @ParameterizedTest
  @MethodSource("topics")
  void isWhatTheGeneratedClassesRead(Schema topic) {
    Schema generated = SpecificData.get().getSchema(generatedClass(topic));

    assertThat(compatibility(generated, topic)).isEqualTo(SchemaCompatibilityType.COMPATIBLE);
    assertThat(compatibility(topic, generated)).isEqualTo(SchemaCompatibilityType.COMPATIBLE);
  }

  @Test
  void doesNotLoadWhatThereIsNot() {
    assertThatIllegalArgumentException().isThrownBy(() -> EventSchemas.load("NoSuchEvent"));
    assertThat(EventSchemas.load("EventMetadata").getName()).isEqualTo("EventMetadata");
  }

  static Class<?> generatedClass(Schema schema) {
    try {
      return Class.forName(schema.getFullName());
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  private static SchemaCompatibilityType compatibility(Schema reader, Schema writer) {
    return SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getType();
  }

  private static List<Schema> records(Schema topic) {
    return all(topic).stream().filter(schema -> schema.getType() == Schema.Type.RECORD).toList();
  }

  private static List<Schema> all(Schema schema) {
    List<Schema> found = new ArrayList<>();
    collect(schema, found);
    return found;
  }

  private static void collect(Schema schema, Collection<Schema> found) {
    if (found.contains(schema)) {
      return;
    }
    found.add(schema);
    switch (schema.getType()) {
      case RECORD -> schema.getFields().forEach(field -> collect(field.schema(), found));
      case UNION -> schema.getTypes().forEach(branch -> collect(branch, found));
      case ARRAY -> collect(schema.getElementType(), found);
      case MAP -> collect(schema.getValueType(), found);
      default -> {}
    }
  }
}
