package io.penstock.ingest.provider;

import io.penstock.ingest.json.JsonScan.Kind;
import io.penstock.ingest.json.JsonScan.Members;
import io.penstock.ingest.json.JsonToAvro;
import io.penstock.ingest.json.JsonToAvro.Conventions;
import io.penstock.ingest.json.MappingProperties;
import io.penstock.ingest.json.MemberNames;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiFunction;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/**
 * The records of a provider's event types: reads the content of an event into the field of its
 * type. The schema says which field that is by the fields' property {@link
 * MappingProperties#EVENT_TYPE}. A type whose events have no content of their own has no field.
 */
public final class EventRecords {

  private static final Schema NOTHING =
      Schema.createRecord("Nothing", null, null, false, List.of());

  private static final Conventions NO_MEMBERS = new Conventions(MemberNames.SAME, null);

  private final Map<String, TypeField> byType;

  /** For types without a field: notes the members that such an event has nevertheless. */
  private final Map<String, JsonToAvro> withoutField;

  private EventRecords(Map<String, TypeField> byType, Map<String, JsonToAvro> withoutField) {
    this.byType = Map.copyOf(byType);
    this.withoutField = Map.copyOf(withoutField);
  }

  /**
   * The records that a schema names, except those of a form of their own.
   *
   * @param event the schema of a provider's events
   * @param zone the zone of times that name none; null if the provider documents none
   * @param elsewhere the paths of members below a record that are read elsewhere
   */
  public static EventRecords of(Schema event, @Nullable ZoneOffset zone, Set<String> elsewhere) {
    Conventions conventions = Conventions.of(event, zone);
    return ofForm(
        event, null, (record, path) -> JsonToAvro.of(record, path, conventions, elsewhere));
  }

  /**
   * The records that are read from the whole body, by {@link #setFieldFromRoot}.
   *
   * @param event the schema of a provider's events
   * @param form which of several forms of a type, by the fields' property {@link
   *     MappingProperties#EVENT_FORM}; null for a provider that sends each type in one form
   * @param zone the zone of times that name none; null if the provider documents none
   * @param envelope the paths of members that are read elsewhere
   * @param empty the members at the root that are documented as objects without members
   */
  public static EventRecords ofRoot(
      Schema event,
      @Nullable String form,
      @Nullable ZoneOffset zone,
      Set<String> envelope,
      Set<String> empty) {
    Conventions conventions = Conventions.of(event, zone);
    return ofForm(
        event,
        form,
        (record, path) -> JsonToAvro.ofRoot(record, path, conventions, envelope, empty));
  }

  private static EventRecords ofForm(
      Schema event, @Nullable String form, BiFunction<Schema, String, JsonToAvro> reader) {
    Map<String, TypeField> byType = new HashMap<>();
    for (Schema.Field field : event.getFields()) {
      String type = field.getProp(MappingProperties.EVENT_TYPE);
      if (type != null && Objects.equals(field.getProp(MappingProperties.EVENT_FORM), form)) {
        Schema record = field.schema().getTypes().get(1);
        byType.put(type, new TypeField(field, reader.apply(record, field.name())));
      }
    }
    Map<String, JsonToAvro> withoutField = new HashMap<>();
    if (form == null) {
      for (String type : EventSchemas.typesWithoutField(event)) {
        withoutField.put(type, JsonToAvro.of(NOTHING, type, NO_MEMBERS, Set.of()));
      }
    }
    return new EventRecords(byType, withoutField);
  }

  /**
   * Whether an event's schema documents its type: the type has a field, which was set or noted as a
   * deviation, or is named as one without a field; or any type is documented.
   */
  public static boolean hasDocumentedType(
      String type, GenericRecord event, Set<String> deviations) {
    if (EventSchemas.typesWithoutField(event.getSchema()).contains(type)
        || MappingProperties.isOfAnyType(event.getSchema())) {
      return true;
    }
    for (Schema.Field field : event.getSchema().getFields()) {
      if (field.getProp(MappingProperties.EVENT_TYPE) != null
          && (event.get(field.pos()) != null || deviations.contains(field.name()))) {
        return true;
      }
    }
    return false;
  }

  /** Whether the schema names this type, with a field of its own or without. */
  public boolean isDocumented(String type) {
    return byType.containsKey(type) || withoutField.containsKey(type);
  }

  /** Whether the schema has a field for this type. */
  boolean hasFieldOf(String type) {
    return byType.containsKey(type);
  }

  /** Whether the schema has a field for no type at all. */
  boolean areWithoutFields() {
    return byType.isEmpty();
  }

  /** The name of a type's field; empty if it has none. */
  String fieldName(String type) {
    TypeField field = byType.get(type);
    return field == null ? "" : field.field.name();
  }

  /** The field of a type's record that is read from a member; null if there is none. */
  Schema.@Nullable Field typed(String type, String member, MemberNames names) {
    TypeField field = byType.get(type);
    return field == null
        ? null
        : field.field.schema().getTypes().get(1).getFields().stream()
            .filter(each -> names.member(each).equals(member))
            .findFirst()
            .orElse(null);
  }

  /**
   * Sets the field of an event's type, from a member of the body. A type that the schema does not
   * name sets nothing. If the member is not an object, the field stays null and its name is noted
   * as a deviation. If the type has no field, whatever the member holds is noted.
   *
   * @param path the member's
   */
  public void setField(
      String type,
      byte[] body,
      Members members,
      String path,
      GenericRecord event,
      Set<String> deviations) {
    JsonToAvro nothing = withoutField.get(type);
    TypeField field = byType.get(type);
    if (nothing != null) {
      if (members.isGiven(path)) {
        nothing.read(body, members.start(path), members.end(path), deviations);
      }
    } else if (field != null && members.kind(path) != Kind.OBJECT) {
      deviations.add(field.field.name());
    } else if (field != null) {
      field.set(body, members.start(path), members.end(path), event, deviations);
    }
  }

  /**
   * Sets the field of an event's type, from the whole body, which must be an object. A type that
   * has no field sets nothing.
   */
  public void setFieldFromRoot(
      String type, byte[] body, GenericRecord event, Set<String> deviations) {
    TypeField field = byType.get(type);
    if (field != null) {
      field.set(body, 0, body.length, event, deviations);
    }
  }

  private record TypeField(Schema.Field field, JsonToAvro reader) {

    void set(byte[] body, int start, int end, GenericRecord event, Set<String> deviations) {
      event.put(field.pos(), reader.read(body, start, end, deviations));
    }
  }
}
