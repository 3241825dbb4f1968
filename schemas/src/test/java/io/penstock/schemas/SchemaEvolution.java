package io.penstock.schemas;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.avro.JsonProperties;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.Incompatibility;
import org.jspecify.annotations.Nullable;

/**
 * Whether a schema may take the place of one that was released: whether each reads what the other
 * wrote, and whether a consumer would notice nothing but more fields.
 *
 * <p>Avro's own check, and so a registry under {@code FULL_TRANSITIVE}, lets pass what would still
 * break somebody: a changed default or logical type, a record in another namespace, a field that
 * goes, or comes back under another name, and reads as null for ever after. These are refused too.
 * Whatever Avro refuses and these rules do not is refused in Avro's words. And what {@link
 * SchemaRules} refuse of a schema by itself may not follow anything.
 */
final class SchemaEvolution {

  private final List<Problem> problems = new ArrayList<>();
  private final Set<String> visited = new HashSet<>();

  private SchemaEvolution() {}

  /**
   * Why a schema may not follow another.
   *
   * @param where the record's full name, and the field's after a dot
   * @param advice what to do
   */
  record Problem(String where, String what, String advice) {
    @Override
    public String toString() {
      return where + " " + what + ". " + advice;
    }
  }

  /** What stands in the way, in the order of the released fields; empty if nothing does. */
  static List<Problem> problems(Schema released, Schema current) {
    SchemaEvolution evolution = new SchemaEvolution();
    evolution.compare(released.getFullName(), released, current);
    if (evolution.problems.isEmpty()) {
      evolution.ask("what was released could not be read any more", current, released);
      evolution.ask("what was released could not read it", released, current);
    }
    evolution.problems.addAll(SchemaRules.problems(current));
    return List.copyOf(evolution.problems);
  }

  private void ask(String consequence, Schema reader, Schema writer) {
    for (Incompatibility incompatibility :
        SchemaCompatibility.checkReaderWriterCompatibility(reader, writer)
            .getResult()
            .getIncompatibilities()) {
      problems.add(
          new Problem(
              reader.getFullName() + " at " + incompatibility.getLocation(),
              incompatibility.getType() + ": " + incompatibility.getMessage(),
              "Take the change back: " + consequence + "."));
    }
  }

  private void compare(String where, Schema released, Schema current) {
    if (released.getType() != current.getType()) {
      problems.add(
          new Problem(
              where,
              "was " + name(released) + " and is " + name(current),
              "A type is for ever: leave it, and add a field of another name, nullable with default"
                  + " null."));
      return;
    }
    String logical = Objects.toString(released.getProp("logicalType"), "none");
    if (!logical.equals(Objects.toString(current.getProp("logicalType"), "none"))) {
      problems.add(
          new Problem(
              where,
              "had the logical type "
                  + logical
                  + " and has "
                  + Objects.toString(current.getProp("logicalType"), "none"),
              "Leave it, and add a field of another name: Avro does not notice the change, but"
                  + " everybody's values do."));
    }
    switch (released.getType()) {
      case RECORD -> records(where, released, current);
      case ARRAY -> compare(where, released.getElementType(), current.getElementType());
      case MAP -> compare(where, released.getValueType(), current.getValueType());
      case UNION -> unions(where, released.getTypes(), current.getTypes());
      case ENUM -> {
        sameName(where, released, current);
        if (!released.getEnumSymbols().equals(current.getEnumSymbols())) {
          problems.add(
              new Problem(
                  where,
                  "had the symbols "
                      + released.getEnumSymbols()
                      + " and has "
                      + current.getEnumSymbols(),
                  "A reader of another version knows none but its own: use a string."));
        }
      }
      case FIXED -> {
        sameName(where, released, current);
        if (released.getFixedSize() != current.getFixedSize()) {
          problems.add(
              new Problem(
                  where,
                  "had " + released.getFixedSize() + " bytes and has " + current.getFixedSize(),
                  "Leave it, and add a field of another name."));
        }
      }
      default -> {}
    }
  }

  private void unions(String where, List<Schema> released, List<Schema> current) {
    if (released.size() != current.size()) {
      problems.add(
          new Problem(
              where,
              "was " + names(released) + " and is " + names(current),
              "A reader of another version knows no branch but its own: leave the union, and add a"
                  + " nullable field."));
      return;
    }
    for (int i = 0; i < released.size(); i++) {
      compare(where, released.get(i), current.get(i));
    }
  }

  private boolean sameName(String where, Schema released, Schema current) {
    if (released.getFullName().equals(current.getFullName())) {
      return true;
    }
    problems.add(
        new Problem(
            where,
            "was " + released.getFullName() + " and is " + current.getFullName(),
            "Consumers' code has the old name in it: keep it, namespace included."));
    return false;
  }

  private void records(String where, Schema released, Schema current) {
    if (!sameName(where, released, current) || !visited.add(released.getFullName())) {
      return;
    }
    String record = released.getFullName();
    if (isBlank(current.getDoc())) {
      problems.add(new Problem(record, "has no doc", "Say what it is."));
    }
    same(record, "anyValue", released, current);
    eventTypes(record, released, current);
    for (Schema.Field field : released.getFields()) {
      Schema.Field now = current.getField(field.name());
      if (now == null) {
        gone(released, field, current);
      } else {
        fields(record + "." + field.name(), field, now);
      }
    }
    for (Schema.Field field : current.getFields()) {
      if (released.getField(field.name()) == null) {
        added(record + "." + field.name(), field);
      }
    }
  }

  private void gone(Schema released, Schema.Field field, Schema current) {
    String advice;
    if (field.hasDefaultValue()) {
      String renamed =
          current.getFields().stream()
              .filter(now -> released.getField(now.name()) == null)
              .filter(now -> now.schema().equals(field.schema()))
              .map(now -> " If " + now.name() + " is its new name: a name is for ever too.")
              .findFirst()
              .orElse("");
      advice =
          "Put it back, and let its doc say that it is not set any more: a consumer would read its"
              + " default for ever, and not know why."
              + renamed;
    } else {
      advice =
          "Put it back: it has no default, so released consumers could read nothing without it.";
    }
    problems.add(new Problem(released.getFullName() + "." + field.name(), "is gone", advice));
  }

  private void fields(String where, Schema.Field released, Schema.Field current) {
    compare(where, released.schema(), current.schema());
    boolean sameDefault =
        released.hasDefaultValue() == current.hasDefaultValue()
            && Objects.equals(released.defaultVal(), current.defaultVal());
    if (!sameDefault) {
      problems.add(
          new Problem(
              where,
              "had the default " + defaultOf(released) + " and has " + defaultOf(current),
              "Leave it: old and new consumers would read different values from one record."));
    }
    for (String property : List.of("eventType", "eventForm", "opaque", "present")) {
      same(where, property, released, current);
    }
    if (isBlank(current.doc())) {
      problems.add(new Problem(where, "has no doc", "Say what it holds, and when it is null."));
    }
  }

  private void same(
      String where, String property, JsonProperties released, JsonProperties current) {
    String name = "penstock." + property;
    if (!Objects.equals(released.getObjectProp(name), current.getObjectProp(name))) {
      problems.add(
          new Problem(
              where,
              "had "
                  + name
                  + " "
                  + released.getObjectProp(name)
                  + " and has "
                  + current.getObjectProp(name),
              "Leave it, and add a field of another name: its values would mean something else."));
    }
  }

  /** Types that have no field of their own may come, and get a field, but not go. */
  private void eventTypes(String record, Schema released, Schema current) {
    Set<String> gone = new TreeSet<>(eventTypes(released));
    gone.removeAll(eventTypes(current));
    current.getFields().stream()
        .map(field -> field.getProp("penstock.eventType"))
        .filter(Objects::nonNull)
        .forEach(gone::remove);
    if (!gone.isEmpty()) {
      problems.add(
          new Problem(
              record,
              "named the types " + gone + " in penstock.eventTypes, and does not any more",
              "Put them back: their events would count as unknown."));
    }
  }

  private static Set<String> eventTypes(Schema record) {
    return record.getObjectProp("penstock.eventTypes") instanceof Collection<?> types
        ? types.stream().map(Object::toString).collect(Collectors.toSet())
        : Set.of();
  }

  private void added(String where, Schema.Field field) {
    if (!field.hasDefaultValue()) {
      problems.add(
          new Problem(
              where,
              "is new and has no default",
              "Make it nullable with default null: what was written before has no value for it."));
    }
    if (isBlank(field.doc())) {
      problems.add(new Problem(where, "has no doc", "Say what it holds, and when it is null."));
    }
  }

  private static boolean isBlank(@Nullable String doc) {
    return doc == null || doc.isBlank();
  }

  private static String defaultOf(Schema.Field field) {
    if (!field.hasDefaultValue()) {
      return "none";
    }
    Object value = field.defaultVal();
    return JsonProperties.NULL_VALUE.equals(value) ? "null" : String.valueOf(value);
  }

  private static String name(Schema schema) {
    return schema.isUnion() ? names(schema.getTypes()) : schema.getFullName();
  }

  private static String names(List<Schema> branches) {
    return branches.stream().map(SchemaEvolution::name).collect(Collectors.joining(", ", "[", "]"));
  }
}
