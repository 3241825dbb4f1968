package io.penstock.ingest.provider.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.base.CaseFormat;
import io.penstock.ingest.json.JsonPointers;
import io.penstock.ingest.json.MappingProperties;
import io.penstock.ingest.provider.EventTime;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Proposes the Avro schema of a provider: a nullable field for each type of event, with a record of
 * the members that samples of the type have. For one thread.
 */
final class SchemaDraft {

  private static final int MAX_DEPTH = 6;

  /** What is to be written by hand. */
  private static final String DOC = "TODO: what the provider's documentation says.";

  private final String namespace;
  private final boolean isSnakeCase;
  private final Set<String> recordNames = new HashSet<>();

  /**
   * @param provider its name, of letters and digits
   * @param samples by the type of their events
   */
  private SchemaDraft(String provider, Map<String, List<JsonNode>> samples) {
    this.namespace = "io.penstock.events." + provider;
    this.isSnakeCase =
        samples.values().stream().flatMap(List::stream).anyMatch(SchemaDraft::hasSnakeCase);
  }

  /** The schema, as the content of its file. */
  static String of(String provider, String className, Map<String, List<JsonNode>> samples) {
    return new SchemaDraft(provider, samples).schema(className, samples).toPrettyString() + "\n";
  }

  private ObjectNode schema(String className, Map<String, List<JsonNode>> samples) {
    ObjectNode schema = JsonNodeFactory.instance.objectNode();
    schema.put("type", "record").put("name", className + "Event");
    schema.put("namespace", "io.penstock.events");
    if (isSnakeCase) {
      schema.put(MappingProperties.JSON_NAMES, "snake_case");
    }
    schema.put("doc", "An event of " + className + ". " + DOC);
    ArrayNode fields = schema.putArray("fields");
    fields
        .addObject()
        .put("name", "metadata")
        .put("type", "io.penstock.events.EventMetadata")
        .put("doc", "What Penstock knows about the event.");
    samples.forEach(
        (type, bodies) -> {
          String name = pascal(type);
          ObjectNode field = fields.addObject();
          field.put("name", camel(type)).put(MappingProperties.EVENT_TYPE, type);
          field.putArray("type").add("null").add(record(name, bodies, 1));
          field.putNull("default").put("doc", "Set for " + type + ".");
        });
    fields
        .addObject()
        .put("name", "json")
        .put("type", "string")
        .put("doc", "The whole body as the provider sent it.");
    return schema;
  }

  private ObjectNode record(String name, List<JsonNode> objects, int depth) {
    ObjectNode record = JsonNodeFactory.instance.objectNode();
    record.put("type", "record").put("name", unique(name)).put("namespace", namespace);
    record.put("doc", DOC);
    ArrayNode fields = record.putArray("fields");
    Map<String, List<JsonNode>> members = new LinkedHashMap<>();
    objects.forEach(
        each ->
            each.properties()
                .forEach(
                    member ->
                        members
                            .computeIfAbsent(member.getKey(), absent -> new java.util.ArrayList<>())
                            .add(member.getValue())));
    Set<String> taken = new HashSet<>();
    members.forEach(
        (member, values) -> {
          String field = camel(member);
          if (!member.contains(".") && taken.add(field)) {
            field(fields.addObject(), name, member, field, values, depth);
          }
        });
    return record;
  }

  private void field(
      ObjectNode field,
      String record,
      String member,
      String name,
      List<JsonNode> values,
      int depth) {
    field.put("name", name);
    String read = isSnakeCase ? CaseFormat.LOWER_CAMEL.to(CaseFormat.LOWER_UNDERSCORE, name) : name;
    if (!read.equals(member)) {
      field.put(MappingProperties.JSON, member);
    }
    JsonNode type = type(record + pascal(member), values, depth);
    if (type == null) {
      field.put(MappingProperties.OPAQUE, true);
      type = JsonNodeFactory.instance.textNode("string");
    }
    field.putArray("type").add("null").add(type);
    field.putNull("default").put("doc", DOC);
  }

  /** The type of all of some values; null where they have none in common. */
  private @Nullable JsonNode type(String name, List<JsonNode> all, int depth) {
    List<JsonNode> values = all.stream().filter(each -> !each.isNull()).toList();
    if (values.isEmpty() || depth > MAX_DEPTH) {
      return null;
    }
    if (values.stream().allMatch(JsonNode::isTextual)) {
      return values.stream().allMatch(SchemaDraft::isTime)
          ? JsonNodeFactory.instance
              .objectNode()
              .put("type", "long")
              .put("logicalType", "timestamp-millis")
          : JsonNodeFactory.instance.textNode("string");
    }
    if (values.stream().allMatch(JsonNode::isBoolean)) {
      return JsonNodeFactory.instance.textNode("boolean");
    }
    if (values.stream().allMatch(JsonNode::isNumber)) {
      boolean whole = values.stream().allMatch(JsonNode::canConvertToLong);
      whole &= values.stream().allMatch(JsonNode::isIntegralNumber);
      return JsonNodeFactory.instance.textNode(whole ? "long" : "double");
    }
    if (values.stream().allMatch(each -> each.isObject() && !each.isEmpty())) {
      return record(name, values, depth + 1);
    }
    if (values.stream().allMatch(JsonNode::isArray)) {
      List<JsonNode> items =
          values.stream()
              .flatMap(each -> each.valueStream())
              .limit(1000)
              .collect(Collectors.toList());
      JsonNode type = type(name + "Item", items, depth + 1);
      return type == null
          ? null
          : JsonNodeFactory.instance.objectNode().put("type", "array").set("items", type);
    }
    return null;
  }

  private static boolean isTime(JsonNode text) {
    return !text.asText().matches("-?[0-9.]+")
        && EventTime.plausible(JsonPointers.millisOrSeconds(text.asText())) != null;
  }

  private static boolean hasSnakeCase(JsonNode node) {
    if (node instanceof ObjectNode object) {
      return object.properties().stream()
          .anyMatch(each -> each.getKey().contains("_") || hasSnakeCase(each.getValue()));
    }
    return node.isArray() && node.valueStream().anyMatch(SchemaDraft::hasSnakeCase);
  }

  private String unique(String name) {
    String free = name;
    for (int i = 2; !recordNames.add(free); i++) {
      free = name + i;
    }
    return free;
  }

  /** Words with a capital each, as a class is named. */
  static String pascal(String name) {
    String joined =
        Arrays.stream(name.split("[^A-Za-z0-9]+"))
            .filter(word -> !word.isEmpty())
            .map(word -> word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1))
            .collect(Collectors.joining());
    return joined.isEmpty() || Character.isDigit(joined.charAt(0)) ? "Of" + joined : joined;
  }

  private static String camel(String name) {
    String pascal = pascal(name);
    return pascal.substring(0, 1).toLowerCase(Locale.ROOT) + pascal.substring(1);
  }
}
