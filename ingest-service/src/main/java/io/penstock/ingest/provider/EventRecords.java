package io.penstock.ingest.provider;

import io.penstock.ingest.json.JsonScan.Kind;
import io.penstock.ingest.json.JsonScan.Members;
import io.penstock.ingest.json.JsonToAvro;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiFunction;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/**
 * The records of a provider's event types: reads what an event carries into the field that belongs
 * to its type. Which field that is, the schema says by the fields' property {@code eventType}.
 */
public final class EventRecords {

  private static final byte[] NOTHING = {'{', '}'};

  private final Map<String, TypeField> byType;

  private EventRecords(Map<String, TypeField> byType) {
    this.byType = Map.copyOf(byType);
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
   * {@code eventForm}: for a provider that sends one type in more than one form.
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
      String type = field.getProp("eventType");
      if (type != null && Objects.equals(field.getProp("eventForm"), form)) {
        Schema record = field.schema().getTypes().get(1);
        byType.put(type, new TypeField(field, reader.apply(record, field.name())));
      }
    }
    return new EventRecords(byType);
  }

  /**
   * Whether an event is of a type, and in a form, that its schema has a field for: then this field
   * is set, or noted as a deviation.
   */
  public static boolean knowsTypeOf(GenericRecord event, Set<String> deviations) {
    for (Schema.Field field : event.getSchema().getFields()) {
      if (field.getProp("eventType") != null
          && (event.get(field.pos()) != null || deviations.contains(field.name()))) {
        return true;
      }
    }
    return false;
  }

  /** Whether events of this type have a field of their own. */
  public boolean knows(String type) {
    return byType.containsKey(type);
  }

  /**
   * Sets the field of an event's type from a member of its body. Without such a field (the type is
   * a new one) nothing happens; without an object in the member, the field stays null and its name
   * is noted as a deviation.
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
   * As {@link #read} from an object without members, for an event whose own member is absent and
   * would say nothing.
   */
  public void readNothing(String type, GenericRecord event) {
    TypeField field = byType.get(type);
    if (field != null) {
      field.read(NOTHING, 0, NOTHING.length, event, new HashSet<>());
    }
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
