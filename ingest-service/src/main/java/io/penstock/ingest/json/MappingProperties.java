package io.penstock.ingest.json;

/**
 * The properties by which a schema says how its records are read from JSON: see this package's
 * description. They have a namespace of their own, so that no attribute of Avro, of a registry or
 * of a consumer's tool is ever meant by them.
 */
public final class MappingProperties {

  /** Of a field: the member that it is read from. */
  public static final String JSON = "penstock.json";

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

  private MappingProperties() {}
}
