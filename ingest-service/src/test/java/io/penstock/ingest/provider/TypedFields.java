package io.penstock.ingest.provider;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.ingest.json.MappingProperties;
import io.penstock.ingest.json.MemberNames;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/** Compares the record of an event's type with the JSON that it was made of, member by member. */
public final class TypedFields {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final MemberNames names;

  private TypedFields(MemberNames names) {
    this.names = names;
  }

  /**
   * Every member of a body is in the record, with its value, and nothing else is.
   *
   * @param provider one whose types have records
   * @param record of the event's type
   */
  public static void assertAllOf(byte[] json, Provider provider, GenericRecord record)
      throws IOException {
    Shape shape = Shape.of(provider);
    JsonNode body = JSON.readTree(json);
    JsonNode inside = body.at(Shape.pointer(shape.content()));
    String place = inside.isMissingNode() ? "" : Shape.pointer(shape.content());
    JsonNode content = inside.isMissingNode() ? body : inside;
    Set<String> unread = new TreeSet<>(memberPaths(content));
    for (String path : place.isEmpty() ? shape.envelope() : shape.required()) {
      String pointer = Shape.pointer(path);
      if (pointer.startsWith(place + "/")) {
        unread.remove(pointer.substring(place.length()));
      }
    }
    new TypedFields(shape.names()).assertRecord(record, content, "", unread);
    assertThat(unread).as("members that no typed field has").isEmpty();
  }

  /** Avro reads text into a class of its own. */
  private static @Nullable Object text(@Nullable Object value) {
    return value instanceof CharSequence ? value.toString() : value;
  }

  /**
   * Compares a record with the object it comes from, and takes the members that it read from the
   * unread ones.
   */
  private void assertRecord(GenericRecord record, JsonNode object, String path, Set<String> unread)
      throws IOException {
    unread.remove(path); // an empty object
    if (record.getSchema().getObjectProp(MappingProperties.ELSEWHERE) instanceof List<?> names) {
      names.forEach(name -> unread.remove(path + "/" + name));
    }
    for (Schema.Field field : record.getSchema().getFields()) {
      if (Boolean.TRUE.equals(field.getObjectProp(MappingProperties.PRESENT))) {
        assertPresent(record, field, object, path);
        continue;
      }
      String pointer = Shape.pointer(names.member(field));
      assertNullable(
          field.schema().getTypes().get(1),
          Boolean.TRUE.equals(field.getObjectProp(MappingProperties.OPAQUE)),
          record.get(field.pos()),
          object.at(pointer),
          path + pointer,
          unread);
    }
  }

  /** As many names as the object has members, each of a field. */
  private static void assertPresent(
      GenericRecord record, Schema.Field present, JsonNode object, String path) {
    List<String> names = new ArrayList<>();
    ((List<?>) record.get(present.pos())).forEach(name -> names.add(name.toString()));
    assertThat(names).as(path).hasSize(object.size()).doesNotHaveDuplicates();
    assertThat(record.getSchema().getFields()).extracting(Schema.Field::name).containsAll(names);
  }

  private void assertNullable(
      Schema schema,
      boolean isOpaque,
      @Nullable Object value,
      JsonNode json,
      String path,
      Set<String> unread)
      throws IOException {
    boolean isAbsent = json.isMissingNode() || json.isNull();
    assertThat(value == null).as(path).isEqualTo(isAbsent);
    if (value == null) {
      unread.remove(path);
    } else {
      assertValue(schema, isOpaque, value, json, path, unread);
    }
  }

  private void assertValue(
      Schema schema, boolean isOpaque, Object value, JsonNode json, String path, Set<String> unread)
      throws IOException {
    if (isOpaque) {
      assertThat(JSON.readTree(value.toString())).as(path).isEqualTo(json);
      unread.removeIf(below -> below.equals(path) || below.startsWith(path + "/"));
      return;
    }
    switch (schema.getType()) {
      case RECORD -> {
        GenericRecord record = (GenericRecord) value;
        if (Boolean.TRUE.equals(schema.getObjectProp(MappingProperties.ANY_VALUE))) {
          assertThat(text(record.get("text"))).as(path).isEqualTo(json.textValue());
          assertThat(record.get("json") == null).as(path).isEqualTo(json.isTextual());
          if (record.get("json") != null) {
            assertThat(JSON.readTree(record.get("json").toString())).as(path).isEqualTo(json);
          }
          unread.removeIf(below -> below.equals(path) || below.startsWith(path + "/"));
        } else {
          assertRecord(record, json, path, unread);
        }
      }
      case MAP -> {
        Map<?, ?> map = (Map<?, ?>) value;
        assertThat(map).as(path).hasSize(json.size());
        unread.remove(path); // an empty object
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          String key = entry.getKey().toString();
          assertValue(
              schema.getValueType(),
              false,
              entry.getValue(),
              json.get(key),
              path + "/" + key,
              unread);
        }
      }
      case ARRAY -> {
        List<?> list = (List<?>) value;
        assertThat(list).as(path).hasSize(json.size());
        for (int i = 0; i < list.size(); i++) {
          assertValue(
              schema.getElementType(), false, list.get(i), json.get(i), path + "/" + i, unread);
        }
        unread.remove(path);
      }
      default -> {
        assertThat(text(value)).as(path).isEqualTo(scalar(schema, json));
        unread.remove(path);
      }
    }
  }

  private static Object scalar(Schema schema, JsonNode json) {
    return switch (schema.getType()) {
      case STRING -> json.textValue();
      case BOOLEAN -> json.booleanValue();
      case DOUBLE -> json.doubleValue();
      case LONG ->
          json.isTextual() ? Instant.parse(json.textValue()).toEpochMilli() : json.longValue();
      default -> throw new AssertionError(schema);
    };
  }

  /** The pointers to all scalars and empty containers. */
  private static List<String> memberPaths(JsonNode node) {
    List<String> paths = new ArrayList<>();
    collect(node, "", paths);
    return paths;
  }

  private static void collect(JsonNode node, String path, List<String> paths) {
    if (node.isEmpty()) {
      paths.add(path);
    } else if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        collect(node.get(i), path + "/" + i, paths);
      }
    } else {
      node.properties()
          .forEach(member -> collect(member.getValue(), path + "/" + member.getKey(), paths));
    }
  }
}
