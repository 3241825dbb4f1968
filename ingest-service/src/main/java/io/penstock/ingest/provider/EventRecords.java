package io.penstock.ingest.provider;

import io.penstock.ingest.json.JsonScan.Kind;
import io.penstock.ingest.json.JsonScan.Members;
import io.penstock.ingest.json.JsonToAvro;
import io.penstock.ingest.json.MappingProperties;
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
 * The records of a provider's event types: reads what an event carries into the field that belongs
 * to its type. Which field that is, the schema says by the fields' property {@link
 * MappingProperties#EVENT_TYPE}; a type whose events carry nothing of their own has none.
 */
public final class EventRecords {

  private static final Schema NOTHING =
      Schema.createRecord("Nothing", null, null, false, List.of());

  private final Map<String, TypeField> byType;

  /** Of types without a field: notes the members that they have all the same. */
  private final Map<String, JsonToAvro> withoutField;

  private EventRecords(Map<String, TypeField> byType, Map<String, JsonToAvro> withoutField) {
    this.byType = Map.copyOf(byType);
    this.withoutField = Map.copyOf(withoutField);
  }

  /**
   * The records that a schema names, but for those of a form of their own.
   *
   * @param event the schema of a provider's events
   */
  public static EventRecords of(Schema event) {
    return ofForm(event, null, (record, path) -> JsonToAvro.of(record, path));
  }

  /**
   * As {@link #of(Schema)}, for a provider whose documentation has all its times in one zone, in
   * which a time is then that names none.
   *
   * @param event the schema of a provider's events
   */
  public static EventRecords of(Schema event, ZoneOffset zone) {
    return ofForm(event, null, (record, path) -> JsonToAvro.of(record, path, zone));
  }

  /**
   * The records that a schema names for one form of the provider's events, by the fields' property
   * {@link MappingProperties#EVENT_FORM}: for a provider that sends one type in more than one form.
   *
   * @param event the schema of a provider's events
   */
  public static EventRecords of(Schema event, String form) {
    return ofForm(event, form, (record, path) -> JsonToAvro.of(record, path));
  }

  /**
   * As {@link #of(Schema, String)}, for events that carry what they tell at the root, to be read by
   * {@link #readRoot}.
   *
   * @param event the schema of a provider's events
   * @param envelope the members at the root that are read elsewhere
   * @param empty the members at the root that are documented as objects without members
   */
  public static EventRecords ofRoot(
      Schema event, String form, Set<String> envelope, Set<String> empty) {
    return ofForm(event, form, (record, path) -> JsonToAvro.ofRoot(record, path, envelope, empty));
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
        withoutField.put(type, JsonToAvro.of(NOTHING, type));
      }
    }
    return new EventRecords(byType, withoutField);
  }

  /**
   * Whether an event is of a type, and in a form, that its schema has a field for, which is then
   * set or noted as a deviation; or of a type that its schema names without a field.
   */
  public static boolean knowsTypeOf(String type, GenericRecord event, Set<String> deviations) {
    if (EventSchemas.typesWithoutField(event.getSchema()).contains(type)) {
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

  /** Whether the schema names this type. */
  public boolean knows(String type) {
    return byType.containsKey(type) || withoutField.containsKey(type);
  }

  /**
   * Sets the field of an event's type from a member of its body. Without such a field (the type is
   * a new one) nothing happens; without an object in the member, the field stays null and its name
   * is noted as a deviation. Of a type that has no field because it carries nothing, whatever the
   * member holds is noted.
   *
   * @param member the index of the member
   * @return what the field was set to; null if it was not
   */
  public @Nullable GenericRecord read(
      String type,
      byte[] body,
      Members members,
      int member,
      GenericRecord event,
      Set<String> deviations) {
    JsonToAvro nothing = withoutField.get(type);
    if (nothing != null) {
      Kind kind = members.kind(member);
      if (kind == null || kind == Kind.NULL) {
        return null;
      }
      nothing.read(body, members.start(member), members.end(member), deviations);
      return null;
    }
    TypeField field = byType.get(type);
    if (field == null) {
      return null;
    }
    if (members.kind(member) != Kind.OBJECT) {
      deviations.add(field.field.name());
      return null;
    }
    return field.read(body, members.start(member), members.end(member), event, deviations);
  }

  /**
   * As {@link #read}, from the whole body, for events that carry what they tell at the root. The
   * body must be an object.
   */
  public @Nullable GenericRecord readRoot(
      String type, byte[] body, GenericRecord event, Set<String> deviations) {
    TypeField field = byType.get(type);
    return field == null ? null : field.read(body, 0, body.length, event, deviations);
  }

  private record TypeField(Schema.Field field, JsonToAvro reader) {

    @Nullable GenericRecord read(
        byte[] body, int start, int end, GenericRecord event, Set<String> deviations) {
      GenericRecord record = reader.read(body, start, end, deviations);
      event.put(field.pos(), record);
      return record;
    }
  }
}
