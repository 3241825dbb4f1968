package io.penstock.ingest.json;

import com.google.common.base.CaseFormat;
import org.apache.avro.Schema;

/** How the names of JSON members follow from the names of fields. */
public enum MemberNames {
  /** A member has its field's name. */
  SAME,

  /** A field {@code scanId} is read from a member {@code scan_id}. */
  SNAKE_CASE;

  /**
   * The names that a topic's schema declares by {@link MappingProperties#JSON_NAMES}.
   *
   * @throws IllegalArgumentException if it declares names that the mapping does not know
   */
  public static MemberNames of(Schema event) {
    String names = event.getProp(MappingProperties.JSON_NAMES);
    return switch (names) {
      case null -> SAME;
      case "snake_case" -> SNAKE_CASE;
      default ->
          throw new IllegalArgumentException(
              event.getFullName()
                  + ": "
                  + MappingProperties.JSON_NAMES
                  + " is "
                  + names
                  + "; the only value is snake_case");
    };
  }

  /**
   * The member that a field is read from: a path of names joined by dots, below the object that the
   * field's record is read from; empty for that object itself.
   */
  public String member(Schema.Field field) {
    String own = field.getProp(MappingProperties.JSON);
    if (own != null) {
      return own;
    }
    return this == SAME
        ? field.name()
        : CaseFormat.LOWER_CAMEL.to(CaseFormat.LOWER_UNDERSCORE, field.name());
  }
}
