package io.penstock.ingest.console;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParseException;

/** What one version of a schema has that the one before had not, in fields. */
final class SchemaChanges {

  private static final int MOST = 50;

  private SchemaChanges() {}

  /**
   * One line for each field that came, went or changed its type, in the order of their names; at
   * most {@value #MOST}, and then how many more.
   *
   * @param before the text of the older version
   * @param after the text of the newer version
   */
  static List<String> between(String before, String after) {
    Map<String, String> old;
    Map<String, String> now;
    try {
      old = fields(before);
      now = fields(after);
    } catch (SchemaParseException e) {
      return List.of("the schemas cannot be compared: one is not Avro");
    }
    List<String> changes = new ArrayList<>();
    Set<String> names = new TreeSet<>(old.keySet());
    names.addAll(now.keySet());
    for (String name : names) {
      String was = old.get(name);
      String is = now.get(name);
      if (was == null) {
        changes.add("+ " + name + ": " + is);
      } else if (is == null) {
        changes.add("− " + name + ": " + was);
      } else if (!was.equals(is)) {
        changes.add("± " + name + ": " + was + " → " + is);
      }
    }
    if (changes.isEmpty()) {
      return List.of("the same fields: only documentation or properties differ");
    }
    return changes.size() <= MOST
        ? changes
        : Stream.concat(
                changes.stream().limit(MOST), Stream.of("and " + (changes.size() - MOST) + " more"))
            .toList();
  }

  private static Map<String, String> fields(String text) {
    Map<String, String> fields = new TreeMap<>();
    collect("", new Schema.Parser().parse(text), fields, new HashSet<>());
    return fields;
  }

  private static void collect(
      String path, Schema schema, Map<String, String> fields, Set<String> within) {
    switch (schema.getType()) {
      case RECORD -> {
        if (within.add(schema.getFullName())) {
          for (Schema.Field field : schema.getFields()) {
            String own = path.isEmpty() ? field.name() : path + "." + field.name();
            fields.put(own, type(field.schema()));
            collect(own, field.schema(), fields, within);
          }
          within.remove(schema.getFullName());
        }
      }
      case ARRAY -> collect(path + "[]", schema.getElementType(), fields, within);
      case MAP -> collect(path + "{}", schema.getValueType(), fields, within);
      case UNION -> schema.getTypes().forEach(each -> collect(path, each, fields, within));
      default -> {}
    }
  }

  private static String type(Schema schema) {
    return switch (schema.getType()) {
      case UNION ->
          String.join(" or ", schema.getTypes().stream().map(SchemaChanges::type).toList());
      case RECORD, ENUM, FIXED -> schema.getName();
      case ARRAY -> "array of " + type(schema.getElementType());
      case MAP -> "map of " + type(schema.getValueType());
      default -> schema.getType().getName();
    };
  }
}
