package io.penstock.ingest.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.penstock.ingest.json.JsonToAvro.Conventions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.jspecify.annotations.Nullable;

/** Reads the JSON values of one place in a schema: compiled once, then used by any thread. */
abstract class ValueReader {

  /** The place's path in the schema, by which a deviation is noted. */
  final String path;

  ValueReader(String path) {
    this.path = path;
  }

  /**
   * Reads the value whose first token is current, and leaves the parser at its last token.
   *
   * @return null if the value does not fit, which is noted as a deviation
   */
  abstract @Nullable Object read(ReadBody source) throws IOException;

  /** Skips a value that does not fit, and notes the deviation. */
  final void skip(ReadBody source) throws IOException {
    source.parser.skipChildren();
    source.deviations.add(path);
  }

  static ValueReader of(Schema schema, String path, Conventions conventions) {
    return switch (schema.getType()) {
      case RECORD ->
          Boolean.TRUE.equals(schema.getObjectProp(MappingProperties.ANY_VALUE))
              ? new AnyValueReader(schema, path)
              : new RecordReader(schema, path, conventions, Set.of());
      case ARRAY -> new ArrayReader(schema, path, conventions);
      case MAP -> new MapReader(schema, path, conventions);
      case STRING, BOOLEAN, LONG, DOUBLE -> new ScalarReader(schema, path, conventions);
      case UNION, ENUM, FIXED, BYTES, INT, FLOAT, NULL ->
          throw new IllegalArgumentException(
              "The mapping reads no "
                  + schema.getType()
                  + " (at "
                  + path
                  + "): use string, boolean, long, double, array, map or record");
    };
  }

  /** Reads any value as its exact text. */
  static ValueReader opaque(String path) {
    return new OpaqueReader(path);
  }

  /** A body that is being read: the first token of a value is current. */
  static final class ReadBody {

    final JsonParser parser;
    private final byte[] body;
    private final int offset;
    final Set<String> deviations;

    ReadBody(JsonParser parser, byte[] body, int offset, Set<String> deviations) {
      this.parser = parser;
      this.body = body;
      this.offset = offset;
      this.deviations = deviations;
    }

    JsonToken token() {
      return parser.currentToken();
    }

    /** The value's exact text; leaves the parser at the value's last token. */
    String exactText() throws IOException {
      int start = offset + Math.toIntExact(parser.currentTokenLocation().getByteOffset());
      parser.finishToken();
      parser.skipChildren();
      int end = offset + Math.toIntExact(parser.currentLocation().getByteOffset());
      return new String(body, start, end - start, StandardCharsets.UTF_8);
    }
  }

  private static final class AnyValueReader extends ValueReader {

    private final Schema schema;
    private final int text;
    private final int other;

    AnyValueReader(Schema schema, String path) {
      super(path);
      this.schema = schema;
      List<Schema.Field> fields = schema.getFields();
      if (fields.size() != 2
          || MappingProperties.isOpaque(fields.get(0))
              == MappingProperties.isOpaque(fields.get(1))) {
        throw new IllegalArgumentException("Not one string and one opaque field: " + schema);
      }
      this.other = MappingProperties.isOpaque(fields.get(0)) ? 0 : 1;
      this.text = 1 - other;
    }

    @Override
    Object read(ReadBody source) throws IOException {
      GenericData.Record record = new GenericData.Record(schema);
      if (source.token() == JsonToken.VALUE_STRING) {
        record.put(text, Scalars.unicode(source.parser.getText()));
      } else {
        record.put(other, source.exactText());
      }
      return record;
    }
  }

  private static final class ArrayReader extends ValueReader {

    private final ValueReader items;

    ArrayReader(Schema schema, String path, Conventions conventions) {
      super(path);
      this.items = ValueReader.of(schema.getElementType(), path + "[]", conventions);
    }

    @Override
    @Nullable Object read(ReadBody source) throws IOException {
      if (source.token() != JsonToken.START_ARRAY) {
        skip(source);
        return null;
      }
      List<Object> array = new ArrayList<>();
      boolean isWhole = true;
      while (source.parser.nextToken() != JsonToken.END_ARRAY) {
        Object item = items.read(source);
        if (item == null) {
          isWhole = false; // noted; an item that follows must not move to its place
        } else {
          array.add(item);
        }
      }
      return isWhole ? array : null;
    }
  }

  private static final class MapReader extends ValueReader {

    private final ValueReader values;

    MapReader(Schema schema, String path, Conventions conventions) {
      super(path);
      this.values = ValueReader.of(schema.getValueType(), path + "[]", conventions);
    }

    @Override
    @Nullable Object read(ReadBody source) throws IOException {
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

  private static final class OpaqueReader extends ValueReader {

    OpaqueReader(String path) {
      super(path);
    }

    @Override
    Object read(ReadBody source) throws IOException {
      return source.exactText();
    }
  }

  private static final class ScalarReader extends ValueReader {

    private final Schema.Type type;
    private final boolean isTime;
    private final @Nullable ZoneOffset zone;

    ScalarReader(Schema schema, String path, Conventions conventions) {
      super(path);
      this.zone = conventions.zone();
      this.type = schema.getType();
      this.isTime = schema.getLogicalType() instanceof LogicalTypes.TimestampMillis;
    }

    @Override
    @Nullable Object read(ReadBody source) throws IOException {
      Object value = value(source);
      if (value == null) {
        skip(source);
      }
      return value;
    }

    private @Nullable Object value(ReadBody source) throws IOException {
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
