package io.penstock.ingest.provider;

import io.penstock.ingest.json.JsonScan.Kind;
import io.penstock.ingest.json.JsonScan.Members;
import io.penstock.ingest.json.JsonToAvro;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/**
 * The records of a provider's event types: reads what an event carries into the field that belongs
 * to its type. Which field that is, the schema says by the fields' property {@code eventType}.
 */
public final class EventRecords {

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
    return ofForm(event, null);
  }

  /**
   * The records that a schema names for one form of the provider's events, by the fields' property
   * {@code eventForm}: for a provider that sends one type in more than one form.
   *
   * @param event the schema of a provider's events
   */
  public static EventRecords of(Schema event, String form) {
    return ofForm(event, form);
  }

  private static EventRecords ofForm(Schema event, @Nullable String form) {
    Map<String, TypeField> byType = new HashMap<>();
    for (Schema.Field field : event.getFields()) {
      String type = field.getProp("eventType");
      if (type != null && Objects.equals(field.getProp("eventForm"), form)) {
        Schema record = field.schema().getTypes().get(1);
        byType.put(type, new TypeField(field, JsonToAvro.of(record, field.name())));
      }
    }
    return new EventRecords(byType);
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
   * As {@link #read}, from the whole body, for events that carry what they tell at the root. The
   * body must be an object.
   */
  public @Nullable GenericRecord readRoot(
      String type, byte[] body, GenericRecord event, Set<String> deviations) {
    TypeField field = byType.get(type);
    if (field == null) {
      return null;
    }
    Set<String> found = new HashSet<>();
    GenericRecord record = field.read(body, 0, body.length, event, found);
    // Beside the record's members stand those of the envelope.
    found.remove(field.field.name() + "." + Members.OTHERS);
    deviations.addAll(found);
    return record;
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
