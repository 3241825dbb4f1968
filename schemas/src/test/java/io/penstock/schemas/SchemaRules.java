package io.penstock.schemas;

import io.penstock.schemas.SchemaEvolution.Problem;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.avro.Schema;

/**
 * Rules for a single schema: what Avro allows, but common sinks and code generators of consumers do
 * not accept. None of it could be fixed after a release.
 */
final class SchemaRules {

  /** Properties start so, but for Avro's own. */
  private static final String NAMESPACE = "penstock.";

  private static final Set<String> AVRO_PROPERTIES = Set.of("logicalType", "precision", "scale");

  /**
   * Names that stand although a language reserves them: the type's is what everybody calls it, and
   * CloudEvents too.
   */
  private static final Set<String> EXEMPT = Set.of("io.penstock.events.EventMetadata.type");

  private final List<Problem> problems = new ArrayList<>();
  private final Set<String> visited = new HashSet<>();
  private final Deque<String> path = new ArrayDeque<>();

  private SchemaRules() {}

  /** What is wrong with a schema, whatever was released before; empty if nothing is. */
  static List<Problem> problems(Schema schema) {
    SchemaRules rules = new SchemaRules();
    rules.visit(schema.getFullName(), schema);
    return List.copyOf(rules.problems);
  }

  private void problem(String where, String what, String advice) {
    problems.add(new Problem(where, what, advice));
  }

  private void visit(String where, Schema schema) {
    switch (schema.getType()) {
      case RECORD -> record(where, schema);
      case ARRAY -> {
        inside(where, "items", schema.getElementType());
        if (schema.getElementType().getType() == Schema.Type.ARRAY) {
          problem(
              where,
              "is an array of arrays",
              "Put a record between them: BigQuery, for one, has no arrays of arrays.");
        }
      }
      case MAP -> inside(where, "values", schema.getValueType());
      case UNION -> union(where, schema);
      case ENUM -> {
        if (schema.getEnumDefault() == null) {
          problem(
              where,
              "is an enum without default",
              "Use a string: a reader of another version fails on a symbol that it does not know.");
        }
      }
      default -> {}
    }
    properties(where, schema.getObjectProps());
  }

  private void inside(String where, String what, Schema schema) {
    if (schema.isUnion()) {
      problem(
          where,
          "has " + what + " of a union",
          "Make them records with a nullable field: Parquet's older lists and BigQuery take no null"
              + " among items.");
    }
    visit(where, schema);
  }

  private void union(String where, Schema schema) {
    List<Schema> branches = schema.getTypes();
    if (branches.size() != 2
        || branches.get(0).getType() != Schema.Type.NULL
        || branches.get(1).getType() == Schema.Type.NULL) {
      problem(
          where,
          "is a union of something else than null and one type, in this order",
          "Use a nullable field for each type: tables have no unions.");
    }
    branches.forEach(branch -> visit(where, branch));
  }

  private void record(String where, Schema schema) {
    String name = schema.getFullName();
    if (path.contains(name)) {
      problem(
          where,
          "is " + name + ", of which it is a part itself",
          "Use an opaque string: tables have no recursive types.");
      return;
    }
    if (!visited.add(name)) {
      return;
    }
    path.push(name);
    reserved(name, schema.getName());
    if (schema.getFields().isEmpty()) {
      problem(
          name,
          "has no fields",
          "Take it away, and name its event type in penstock.eventTypes: Parquet and others have no"
              + " empty groups.");
    }
    Set<String> names = new HashSet<>();
    for (Schema.Field field : schema.getFields()) {
      String fieldName = name + "." + field.name();
      if (!names.add(field.name().toLowerCase(Locale.ROOT))) {
        problem(
            fieldName,
            "differs from another field in case alone",
            "Give it another name: the columns of most tables have no case.");
      }
      reserved(fieldName, field.name());
      properties(fieldName, field.getObjectProps());
      visit(fieldName, field.schema());
    }
    path.pop();
  }

  private void reserved(String where, String name) {
    List<String> languages = ReservedWords.languages(name);
    if (!languages.isEmpty() && !EXEMPT.contains(where)) {
      problem(
          where,
          "has a name that is a keyword of " + String.join(", ", languages),
          "Give it another name, and say in penstock.json which member it is read from.");
    }
  }

  private void properties(String where, Map<String, Object> properties) {
    for (String property : properties.keySet()) {
      if (!property.startsWith(NAMESPACE) && !AVRO_PROPERTIES.contains(property)) {
        problem(
            where,
            "has the property " + property,
            "Let its name begin with penstock., so that it is never taken for another's.");
      }
    }
  }
}
