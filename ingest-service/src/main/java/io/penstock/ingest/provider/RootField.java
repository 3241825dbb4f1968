package io.penstock.ingest.provider;

import io.penstock.ingest.json.JsonScan.Members;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A field at the root of the schema.
 *
 * @param paths where its value may stand, the best first
 */
record RootField(Schema.Field field, Kind kind, List<String> paths) {

  enum Kind {
    TEXT,
    ID,
    INTEGER,
    TIME
  }

  /** How a field is read from one member. */
  static Kind kind(Schema.Field field) {
    Schema type = field.schema().getTypes().get(1);
    if (type.getType() == Schema.Type.STRING) {
      return Kind.TEXT;
    }
    if (type.getType() == Schema.Type.LONG) {
      return type.getLogicalType() instanceof LogicalTypes.TimestampMillis
          ? Kind.TIME
          : Kind.INTEGER;
    }
    throw new IllegalArgumentException(
        "The root field "
            + field.name()
            + " is neither string, long nor timestamp-millis: put it into the types' record, or"
            + " declare it as computed and set it");
  }

  /** The first of the members that can identify something; null if there is none. */
  @Nullable String id(Members members) {
    for (String path : paths) {
      String id = members.stringOrNumber(path);
      if (id != null) {
        return id;
      }
    }
    return null;
  }

  /** The field's value; null if the body has none of the documented form. */
  @Nullable Object read(Members members, @Nullable ZoneOffset zone) {
    String path = paths.getFirst();
    return switch (kind) {
      case ID -> id(members);
      case TEXT -> members.text(path);
      case INTEGER -> members.integer(path);
      case TIME -> {
        Instant time = EventTime.plausible(members.millis(path, zone));
        yield time == null ? null : time.toEpochMilli();
      }
    };
  }
}
