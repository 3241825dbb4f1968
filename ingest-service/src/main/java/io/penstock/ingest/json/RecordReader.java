package io.penstock.ingest.json;

import com.fasterxml.jackson.core.JsonToken;
import io.penstock.ingest.json.JsonToAvro.Conventions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON objects into records of one schema.
 *
 * <p>The members that the fields are read from form a tree of names: {@code user.email} is the node
 * {@code email} below the node {@code user}.
 */
final class RecordReader extends ValueReader {

  private final Schema schema;
  private final String undocumented;
  private final String undocumentedAtTop;
  private final Node members = new Node();

  /** The field that names the fields that have a member; -1 for none. */
  private int present = -1;

  RecordReader(Schema schema, String path, Conventions conventions, Set<String> elsewhere) {
    this(schema, path, conventions, undocumented(path));
    elsewhere.forEach(name -> node(name).isElsewhere = true);
  }

  /**
   * A reader of a whole body.
   *
   * @param envelope the names of members that are read elsewhere
   * @param empty the names of members that are documented as objects without members
   */
  RecordReader(
      Schema schema,
      String path,
      Conventions conventions,
      Set<String> envelope,
      Set<String> empty) {
    this(schema, path, conventions, JsonToAvro.UNDOCUMENTED);
    envelope.forEach(name -> node(name).isElsewhere = true);
    empty.forEach(this::node);
  }

  private RecordReader(
      Schema schema, String path, Conventions conventions, String undocumentedAtTop) {
    super(path);
    this.schema = schema;
    this.undocumented = undocumented(path);
    this.undocumentedAtTop = undocumentedAtTop;
    int spellings = 0;
    for (Schema.Field field : schema.getFields()) {
      if (Boolean.TRUE.equals(field.getObjectProp(MappingProperties.PRESENT))) {
        present = field.pos();
        continue;
      }
      String fieldPath = path.isEmpty() ? field.name() : path + "." + field.name();
      FieldReader reader =
          new FieldReader(
              field.name(),
              field.pos(),
              MappingProperties.isOpaque(field)
                  ? ValueReader.opaque(fieldPath)
                  : ValueReader.of(nonNull(field.schema(), fieldPath), fieldPath, conventions));
      node(conventions.names().member(field)).field = reader;
      spellings++;
      String otherwise = field.getProp(MappingProperties.JSON_TOO);
      if (otherwise != null) {
        node(otherwise).field = reader;
        spellings++;
      }
    }
    if (members.readers() != spellings) {
      throw new IllegalArgumentException(
          "Two fields of "
              + schema.getFullName()
              + " are read from one member, or from a member"
              + " and one below it");
    }
    if (schema.getObjectProp(MappingProperties.ELSEWHERE) instanceof Collection<?> elsewhere) {
      elsewhere.forEach(member -> node(member.toString()).isElsewhere = true);
    }
  }

  private static String undocumented(String path) {
    return path.isEmpty() ? JsonToAvro.UNDOCUMENTED : path + "." + JsonToAvro.UNDOCUMENTED;
  }

  private Node node(String member) {
    Node node = members;
    if (!member.isEmpty()) {
      for (String name : member.split("\\.", -1)) {
        node = node.children.computeIfAbsent(name, absent -> new Node());
      }
    }
    return node;
  }

  @Override
  GenericData.@Nullable Record read(ReadBody source) throws IOException {
    if (source.token() != JsonToken.START_OBJECT) {
      skip(source);
      return null;
    }
    GenericData.Record record = new GenericData.Record(schema);
    if (present >= 0) {
      record.put(present, new ArrayList<String>());
    }
    read(source, members, record);
    return record;
  }

  private void read(ReadBody source, Node node, GenericData.Record record) throws IOException {
    if (node.field != null) {
      put(record, node.field, node.field.reader.read(source), source);
      return;
    }
    if (node.isElsewhere) {
      source.parser.skipChildren();
      return;
    }
    if (source.token() != JsonToken.START_OBJECT) {
      if (node.children.isEmpty()) {
        source.deviations.add(undocumented);
      }
      node.noteDeviations(source);
      source.parser.skipChildren();
      return;
    }
    while (source.parser.nextToken() == JsonToken.FIELD_NAME) {
      Node child = node.children.get(source.parser.currentName());
      JsonToken token = source.parser.nextToken();
      if (child == null) {
        source.parser.skipChildren();
        source.deviations.add(node == members ? undocumentedAtTop : undocumented);
        continue;
      }
      notePresence(child, record);
      if (token != JsonToken.VALUE_NULL) {
        read(source, child, record);
      }
    }
  }

  private void notePresence(Node child, GenericData.Record record) {
    if (present >= 0 && child.field != null) {
      @SuppressWarnings("unchecked") // put there as the record was made
      List<String> names = (List<String>) record.get(present);
      if (!names.contains(child.field.name)) {
        names.add(child.field.name);
      }
    }
  }

  /** Leaves the field null if the two spellings of its member say different things. */
  private static void put(
      GenericData.Record record, FieldReader field, @Nullable Object value, ReadBody source) {
    Object before = record.get(field.position);
    if (before == null || before.equals(value)) {
      record.put(field.position, value);
    } else {
      record.put(field.position, null);
      source.deviations.add(field.reader.path);
    }
  }

  private static Schema nonNull(Schema schema, String path) {
    if (schema.isNullable() && schema.isUnion() && schema.getTypes().size() == 2) {
      return schema.getTypes().get(1);
    }
    throw new IllegalArgumentException("Not a union of null and one type: " + path);
  }

  /** A name on the way to a field's member, or the member itself. */
  private static final class Node {

    final Map<String, Node> children = new HashMap<>();
    @Nullable FieldReader field;
    boolean isElsewhere;

    void noteDeviations(ReadBody source) {
      if (field != null) {
        source.deviations.add(field.reader.path);
      }
      children.values().forEach(child -> child.noteDeviations(source));
    }

    /** How many fields are reached: those below a member that is a field itself are not. */
    int readers() {
      return field != null ? 1 : children.values().stream().mapToInt(Node::readers).sum();
    }
  }

  private record FieldReader(String name, int position, ValueReader reader) {}
}
