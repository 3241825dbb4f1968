package io.penstock.ingest.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.penstock.ingest.json.JsonScan.Members;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.jspecify.annotations.Nullable;

/**
 * Turns a JSON object into an Avro record, as the record's schema says (see this package's
 * properties of schemas).
 *
 * <table>
 * <caption>What fits what</caption>
 * <tr><th>Avro</th><th>JSON</th></tr>
 * <tr><td>string</td><td>a string; a number or a boolean as its literal text</td></tr>
 * <tr><td>opaque string</td><td>any value, as its exact text</td></tr>
 * <tr><td>boolean</td><td>true, false; also as text</td></tr>
 * <tr><td>long</td><td>a whole number in range, however it is written: {@code 1}, {@code 1.0}, {@code 1e0}; also as text</td></tr>
 * <tr><td>double</td><td>a number that is finite as a double; also as text</td></tr>
 * <tr><td>timestamp-millis</td><td>a whole number of milliseconds since 1970 which is 0 or of the years 2000 to 2099, the latter
 *     also as text; text with date, time and zone (ISO 8601, RFC 3339, RFC 1123) of the years 1 to 9999; without a zone where
 *     the sender's is known</td></tr>
 * <tr><td>array, map, record</td><td>an array of what fits its items, an object of what fits its values, an object</td></tr>
 * </table>
 *
 * <p>JSON's null and an absent member leave a field null. A value that does not fit does so too, or
 * is left out of its map; an array with such an item is null, since the other items would move. The
 * field's path in the schema is noted as a deviation: {@code document.size}, {@code
 * sceneTreeNames[]} for an array's items and a map's values. Members that the schema does not name
 * are skipped, and noted as {@code document.*}, all those of one record together, at whatever depth
 * of its fields' paths. Text that is to be a number, true or false is taken if it is what JSON
 * would have without its quotes: {@code "12"}, but neither {@code " 12 "} nor {@code "+5"} nor
 * {@code "True"}. Half a surrogate pair, which UTF-8 cannot carry, becomes U+FFFD.
 *
 * <p>Compiled once from the schema, then safe for use by any number of threads. The stack that it
 * needs is bounded by the schema, not by the body.
 */
public final class JsonToAvro {

  private final RecordReader reader;

  private JsonToAvro(RecordReader reader) {
    this.reader = reader;
  }

  /**
   * A reader of one record.
   *
   * @param schema of a record of which every field is nullable
   * @param path the record's own, in front of those of its fields in deviations; empty for none
   */
  public static JsonToAvro of(Schema schema, String path) {
    return of(schema, path, null);
  }

  /**
   * A reader of one record.
   *
   * @param schema of a record of which every field is nullable
   * @param path the record's own, in front of those of its fields in deviations; empty for none
   * @param zone that of times that name none; null if nobody knows it
   */
  public static JsonToAvro of(Schema schema, String path, @Nullable ZoneOffset zone) {
    return new JsonToAvro(new RecordReader(schema, path, zone));
  }

  /**
   * A reader of one record from a whole body, in which the members of an envelope stand beside the
   * record's. Members that neither has are noted as {@link Members#OTHERS} at the root, as a scan
   * would, and as the record's others below it.
   *
   * @param schema of a record of which every field is nullable
   * @param path the record's own, in front of those of its fields in deviations
   * @param envelope the names of members that are read elsewhere
   * @param empty the names of members that are documented as objects without members
   */
  public static JsonToAvro ofRoot(
      Schema schema, String path, Set<String> envelope, Set<String> empty) {
    return new JsonToAvro(new RecordReader(schema, path, envelope, empty));
  }

  /**
   * Reads one value of a body that {@link JsonScan} has accepted.
   *
   * @param start where the value starts
   * @param end the first byte after it
   * @param deviations gets the paths of what does not fit
   * @return null if the value is not an object
   */
  public GenericData.@Nullable Record read(
      byte[] body, int start, int end, Set<String> deviations) {
    try (JsonParser parser = Jackson.CHECKED.createParser(body, start, end - start)) {
      parser.nextToken();
      return reader.read(new Source(parser, body, start, deviations));
    } catch (IOException e) {
      throw new UncheckedIOException("not a value of a well-formed body", e);
    }
  }

  /** A body that is being read: the first token of a value is current. */
  private static final class Source {

    final JsonParser parser;
    private final byte[] body;
    private final int offset;
    final Set<String> deviations;

    Source(JsonParser parser, byte[] body, int offset, Set<String> deviations) {
      this.parser = parser;
      this.body = body;
      this.offset = offset;
      this.deviations = deviations;
    }

    JsonToken token() {
      return parser.currentToken();
    }

    /** Passes over the value. */
    String exactText() throws IOException {
      int start = offset + Math.toIntExact(parser.currentTokenLocation().getByteOffset());
      parser.finishToken();
      parser.skipChildren();
      int end = offset + Math.toIntExact(parser.currentLocation().getByteOffset());
      return new String(body, start, end - start, StandardCharsets.UTF_8);
    }
  }

  /** Reads values of one place in a schema. */
  private abstract static class Reader {

    final String path;

    Reader(String path) {
      this.path = path;
    }

    /**
     * Passes over the value whose first token is current; null if it does not fit, which is then
     * noted.
     */
    abstract @Nullable Object read(Source source) throws IOException;

    /** Passes over the value, which does not fit. */
    final void skip(Source source) throws IOException {
      source.parser.skipChildren();
      source.deviations.add(path);
    }

    static Reader of(Schema schema, String path, @Nullable ZoneOffset zone) {
      return switch (schema.getType()) {
        case RECORD ->
            Boolean.TRUE.equals(schema.getObjectProp(MappingProperties.ANY_VALUE))
                ? new AnyValueReader(schema, path)
                : new RecordReader(schema, path, zone);
        case ARRAY -> new ArrayReader(schema, path, zone);
        case MAP -> new MapReader(schema, path, zone);
        case STRING, BOOLEAN, LONG, DOUBLE -> new ScalarReader(schema, path, zone);
        case UNION, ENUM, FIXED, BYTES, INT, FLOAT, NULL ->
            throw new IllegalArgumentException("Cannot read " + schema + " at " + path);
      };
    }
  }

  private static final class RecordReader extends Reader {

    private final Schema schema;
    private final String others;
    private final String othersAtTop;
    private final Node members = new Node();

    /** The field that names the fields that have a member; -1 for none. */
    private int present = -1;

    RecordReader(Schema schema, String path, @Nullable ZoneOffset zone) {
      this(schema, path, zone, path.isEmpty() ? Members.OTHERS : path + "." + Members.OTHERS);
    }

    RecordReader(Schema schema, String path, Set<String> envelope, Set<String> empty) {
      this(schema, path, null, Members.OTHERS);
      envelope.forEach(name -> node(name).isElsewhere = true);
      empty.forEach(this::node);
    }

    private RecordReader(
        Schema schema, String path, @Nullable ZoneOffset zone, String othersAtTop) {
      super(path);
      this.schema = schema;
      this.others = path.isEmpty() ? Members.OTHERS : path + "." + Members.OTHERS;
      this.othersAtTop = othersAtTop;
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
                isOpaque(field)
                    ? new OpaqueReader(fieldPath)
                    : Reader.of(nonNull(field.schema(), fieldPath), fieldPath, zone));
        String member = field.getProp(MappingProperties.JSON);
        node(member == null ? field.name() : member).field = reader;
        spellings++;
        String otherwise = field.getProp(MappingProperties.JSON_TOO);
        if (otherwise != null) {
          node(otherwise).field = reader;
          spellings++;
        }
      }
      if (members.readers() != spellings) {
        throw new IllegalArgumentException("Two fields of one member in " + schema.getFullName());
      }
      if (schema.getObjectProp(MappingProperties.ELSEWHERE) instanceof Collection<?> elsewhere) {
        elsewhere.forEach(member -> node(member.toString()).isElsewhere = true);
      }
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
    GenericData.@Nullable Record read(Source source) throws IOException {
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

    private void read(Source source, Node node, GenericData.Record record) throws IOException {
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
          source.deviations.add(others);
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
          source.deviations.add(node == members ? othersAtTop : others);
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

    /** Of two spellings of one member that say different things, nobody knows which one counts. */
    private static void put(
        GenericData.Record record, FieldReader field, @Nullable Object value, Source source) {
      Object before = record.get(field.position);
      if (before == null || before.equals(value)) {
        record.put(field.position, value);
      } else {
        record.put(field.position, null);
        source.deviations.add(field.reader.path);
      }
    }

    private static boolean isOpaque(Schema.Field field) {
      return Boolean.TRUE.equals(field.getObjectProp(MappingProperties.OPAQUE));
    }

    private static Schema nonNull(Schema schema, String path) {
      if (schema.isNullable() && schema.isUnion() && schema.getTypes().size() == 2) {
        return schema.getTypes().get(1);
      }
      throw new IllegalArgumentException("Not nullable: " + path);
    }

    /** A name on the way to a field's member, or the member itself. */
    private static final class Node {

      final Map<String, Node> children = new HashMap<>();
      @Nullable FieldReader field;
      boolean isElsewhere;

      void noteDeviations(Source source) {
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

    private record FieldReader(String name, int position, Reader reader) {}
  }

  private static final class AnyValueReader extends Reader {

    private final Schema schema;
    private final int text;
    private final int other;

    AnyValueReader(Schema schema, String path) {
      super(path);
      this.schema = schema;
      List<Schema.Field> fields = schema.getFields();
      if (fields.size() != 2
          || RecordReader.isOpaque(fields.get(0)) == RecordReader.isOpaque(fields.get(1))) {
        throw new IllegalArgumentException("Not one string and one opaque field: " + schema);
      }
      this.other = RecordReader.isOpaque(fields.get(0)) ? 0 : 1;
      this.text = 1 - other;
    }

    @Override
    Object read(Source source) throws IOException {
      GenericData.Record record = new GenericData.Record(schema);
      if (source.token() == JsonToken.VALUE_STRING) {
        record.put(text, Scalars.unicode(source.parser.getText()));
      } else {
        record.put(other, source.exactText());
      }
      return record;
    }
  }

  private static final class ArrayReader extends Reader {

    private final Reader items;

    ArrayReader(Schema schema, String path, @Nullable ZoneOffset zone) {
      super(path);
      this.items = Reader.of(schema.getElementType(), path + "[]", zone);
    }

    @Override
    @Nullable Object read(Source source) throws IOException {
      if (source.token() != JsonToken.START_ARRAY) {
        skip(source);
        return null;
      }
      List<Object> array = new ArrayList<>();
      boolean isWhole = true;
      while (source.parser.nextToken() != JsonToken.END_ARRAY) {
        Object item = items.read(source);
        if (item == null) {
          isWhole = false; // noted; what follows must not move to its place
        } else {
          array.add(item);
        }
      }
      return isWhole ? array : null;
    }
  }

  private static final class MapReader extends Reader {

    private final Reader values;

    MapReader(Schema schema, String path, @Nullable ZoneOffset zone) {
      super(path);
      this.values = Reader.of(schema.getValueType(), path + "[]", zone);
    }

    @Override
    @Nullable Object read(Source source) throws IOException {
      if (source.token() != JsonToken.START_OBJECT) {
        skip(source);
        return null;
      }
      Map<String, Object> map = new LinkedHashMap<>();
      while (source.parser.nextToken() == JsonToken.FIELD_NAME) {
        String key = source.parser.currentName();
        source.parser.nextToken();
        Object value = values.read(source);
        if (value != null) {
          map.put(key, value);
        }
      }
      return map;
    }
  }

  private static final class OpaqueReader extends Reader {

    OpaqueReader(String path) {
      super(path);
    }

    @Override
    Object read(Source source) throws IOException {
      return source.exactText();
    }
  }

  private static final class ScalarReader extends Reader {

    private final Schema.Type type;
    private final boolean isTime;
    private final @Nullable ZoneOffset zone;

    ScalarReader(Schema schema, String path, @Nullable ZoneOffset zone) {
      super(path);
      this.zone = zone;
      this.type = schema.getType();
      this.isTime = schema.getLogicalType() instanceof LogicalTypes.TimestampMillis;
    }

    @Override
    @Nullable Object read(Source source) throws IOException {
      Object value = value(source);
      if (value == null) {
        skip(source);
      }
      return value;
    }

    private @Nullable Object value(Source source) throws IOException {
      JsonToken token = source.token();
      if (!token.isScalarValue() || token == JsonToken.VALUE_NULL) {
        return null;
      }
      if (type == Schema.Type.STRING) {
        return Scalars.unicode(source.parser.getText());
      }
      if (token.isBoolean()) {
        return type == Schema.Type.BOOLEAN ? (Boolean) (token == JsonToken.VALUE_TRUE) : null;
      }
      String text = source.parser.getText();
      return token == JsonToken.VALUE_STRING ? ofText(text) : ofNumber(text);
    }

    private @Nullable Object ofText(String text) {
      return switch (type) {
        case BOOLEAN -> Scalars.booleanOfText(text);
        case DOUBLE -> Scalars.realOfText(text);
        case LONG -> isTime ? Scalars.millisOfText(text, zone) : Scalars.integerOfText(text);
        default -> throw new IllegalStateException(type + " at " + path);
      };
    }

    private @Nullable Object ofNumber(String literal) {
      return switch (type) {
        case BOOLEAN -> null;
        case DOUBLE -> Scalars.real(literal);
        case LONG -> isTime ? Scalars.millisOfNumber(literal) : Scalars.integer(literal);
        default -> throw new IllegalStateException(type + " at " + path);
      };
    }
  }
}
