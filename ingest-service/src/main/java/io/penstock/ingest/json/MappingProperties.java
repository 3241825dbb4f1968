package io.penstock.ingest.json;

import org.apache.avro.Schema;

/**
 * The properties by which a schema says how its records are read from JSON: see this package's
 * description. Their names begin with {@code penstock.}, so that they never mean something to Avro,
 * to a registry or to a consumer's tool.
 */
public final class MappingProperties {

  /** Of a field: the member that it is read from. */
  public static final String JSON = "penstock.json";

  /** Of an event: how the names of members follow from those of fields. */
  public static final String JSON_NAMES = "penstock.jsonNames";

  /** Of a field: another member that it is read from. */
  public static final String JSON_TOO = "penstock.jsonToo";

  /** Of a string field: it holds the exact text of any value. */
  public static final String OPAQUE = "penstock.opaque";

  /** Of a record: it stands for any value. */
  public static final String ANY_VALUE = "penstock.anyValue";

  /** Of an array of strings: it names the record's fields that the JSON has a member for. */
  public static final String PRESENT = "penstock.present";

  /** Of a record: members that are read into a field of another record. */
  public static final String ELSEWHERE = "penstock.elsewhere";

  /** Of a field of an event: the type of events that it is for. */
  public static final String EVENT_TYPE = "penstock.eventType";

  /** Of a field of an event: the form of events that it is for. */
  public static final String EVENT_FORM = "penstock.eventForm";

  /** Of an event: the types that have no field of their own. */
  public static final String EVENT_TYPES = "penstock.eventTypes";

  /** Of an event: its types are the sender's to name, and none has a field. */
  public static final String ANY_TYPE = "penstock.anyType";

  private MappingProperties() {}

  /** Whether events may have any type. */
  public static boolean isOfAnyType(Schema event) {
    return Boolean.TRUE.equals(event.getObjectProp(ANY_TYPE));
  }

  /** Whether a field holds the exact text of any value. */
  static boolean isOpaque(Schema.Field field) {
    return Boolean.TRUE.equals(field.getObjectProp(OPAQUE));
  }
}
