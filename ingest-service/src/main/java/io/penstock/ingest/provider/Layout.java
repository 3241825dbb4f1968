package io.penstock.ingest.provider;

import io.penstock.ingest.json.JsonScan;
import io.penstock.ingest.json.JsonScan.Members;
import io.penstock.ingest.json.MappingProperties;
import io.penstock.ingest.json.MemberNames;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/**
 * Where the webhooks of one provider have what all events have: the type, the identity, the time
 * and the content. The schema says the rest.
 *
 * <p>A field at the root of the schema is read from the member that its name, {@code penstock.json}
 * or {@code penstock.jsonNames} says, unless the layout says otherwise ({@link Builder#id}, {@link
 * Builder#computed}). Paths are names of members joined by dots.
 *
 * <p>Immutable, and safe for use by any number of threads.
 */
public final class Layout {

  private static final Set<String> OF_THE_PIPELINE = Set.of("metadata", "json");
  private static final String OCCURRED_AT = "metadata.occurredAt";

  private final Schema schema;
  private final MemberNames names;
  private final @Nullable ZoneOffset zone;
  private final String type;
  private final List<String> required;
  private final List<String> typeAndRequired;
  private final List<String> times;
  private final boolean everyEventHasTime;
  private final @Nullable String content;
  private final Map<String, RootField> fields;
  private final Set<String> paths;
  private final JsonScan scan;
  private final EventRecords records;

  private Layout(Builder builder, String type) {
    this.schema = builder.schema;
    this.names = MemberNames.of(schema);
    this.zone = builder.zone;
    this.type = type;
    this.typeAndRequired = List.copyOf(builder.typeAndRequired);
    this.required = typeAndRequired.stream().filter(path -> !path.equals(type)).toList();
    this.times = List.copyOf(builder.times);
    this.everyEventHasTime = builder.everyEventHasTime;
    this.content = builder.content;
    this.fields = fields(builder);
    this.paths = paths(builder);
    this.scan = JsonScan.of(paths.toArray(String[]::new));
    this.records =
        content == null
            ? EventRecords.ofRoot(schema, null, zone, paths, Set.of())
            : EventRecords.of(schema, zone, requiredBelow(content));
  }

  /**
   * Begins a layout.
   *
   * @param schema the name of the events' schema, such as AcmeEvent
   */
  public static Builder of(String schema) {
    return new Builder(EventSchemas.load(schema));
  }

  private Set<String> requiredBelow(String parent) {
    return required.stream()
        .filter(path -> path.startsWith(parent + "."))
        .map(path -> path.substring(parent.length() + 1))
        .collect(Collectors.toUnmodifiableSet());
  }

  private Map<String, RootField> fields(Builder builder) {
    Map<String, RootField> all = new LinkedHashMap<>();
    for (Schema.Field field : schema.getFields()) {
      String name = field.name();
      boolean isRead =
          field.getProp(MappingProperties.EVENT_TYPE) == null
              && !OF_THE_PIPELINE.contains(name)
              && !builder.computed.contains(name);
      if (isRead) {
        List<String> idPaths = builder.ids.get(name);
        all.put(
            name,
            idPaths == null
                ? new RootField(field, RootField.kind(field), List.of(names.member(field)))
                : new RootField(field, RootField.Kind.ID, idPaths));
      }
    }
    return all;
  }

  private Set<String> paths(Builder builder) {
    Set<String> all = new LinkedHashSet<>();
    all.addAll(typeAndRequired);
    all.addAll(builder.times);
    all.addAll(builder.captured);
    fields.values().forEach(field -> all.addAll(field.paths()));
    if (content != null) {
      all.add(content);
    }
    return all;
  }

  /** The schema of the provider's events. */
  public Schema schema() {
    return schema;
  }

  /** The path of the member that names an event's type. */
  public String type() {
    return type;
  }

  /**
   * The paths of the members without which a body is not an event; the type's is not among them.
   */
  public List<String> required() {
    return required;
  }

  /** The member that a type's record is read from; null if that is the whole body. */
  public @Nullable String content() {
    return content;
  }

  /** The paths of the members that may be an event's time, the best first. */
  public List<String> times() {
    return times;
  }

  /** All paths that are read for every event, whatever its type. */
  public Set<String> paths() {
    return paths;
  }

  /** The zone of times that name none; null if the provider documents none. */
  public @Nullable ZoneOffset zone() {
    return zone;
  }

  /** Whether the schema names this type, with a field of its own or without. */
  public boolean isDocumented(String type) {
    return records.isDocumented(type);
  }

  JsonScan.Result scan(byte[] body) {
    return scan.scan(body);
  }

  /**
   * Which member a body lacks that every event has, for a dead letter: the first in the order in
   * which the layout names them; null if it lacks none.
   */
  @Nullable String missing(Members members) {
    for (String path : typeAndRequired) {
      if (members.stringOrNumber(path) == null) {
        return path + " is missing, empty or not text";
      }
    }
    return null;
  }

  /** The value of a root field that {@link Builder#id} declares; null if the body has none. */
  @Nullable String id(String field, Members members) {
    RootField declared = fields.get(field);
    if (declared == null || declared.kind() != RootField.Kind.ID) {
      throw new IllegalArgumentException("The layout declares no id " + field);
    }
    return declared.id(members);
  }

  /**
   * Sets everything that the layout and the schema say.
   *
   * @param documentedType the type by which the schema knows the event
   * @return when the event happened; null if the body does not say
   */
  @Nullable Instant fill(
      Envelope envelope, String documentedType, GenericRecord event, Set<String> deviations) {
    Members members = envelope.members();
    for (RootField field : fields.values()) {
      setField(field, members, event, deviations);
    }
    setRecord(envelope, documentedType, event, deviations);
    for (String time : times) {
      Instant occurredAt = EventTime.plausible(members.millis(time, zone));
      if (occurredAt != null) {
        return occurredAt;
      }
    }
    for (String time : times) {
      if (everyEventHasTime || (members.isGiven(time) && !isNotYet(time, members))) {
        noteTime(time, documentedType, event, deviations);
      }
    }
    return null;
  }

  /** Of several times, one that is 0 has not come yet. */
  private boolean isNotYet(String time, Members members) {
    return times.size() > 1 && Objects.equals(members.millis(time, zone), 0L);
  }

  private void setField(
      RootField field, Members members, GenericRecord event, Set<String> deviations) {
    Object value = field.read(members, zone);
    event.put(field.field().pos(), value);
    boolean isOptional = field.paths().stream().noneMatch(path -> isAlwaysThere(path));
    boolean isGiven = field.paths().stream().anyMatch(members::isGiven);
    if (value == null && (isGiven || !isOptional)) {
      deviations.add(field.field().name());
    }
  }

  private boolean isAlwaysThere(String path) {
    return everyEventHasTime && times.contains(path);
  }

  private void setRecord(
      Envelope envelope, String documentedType, GenericRecord event, Set<String> deviations) {
    Members members = envelope.members();
    if (content != null) {
      noteUnlisted(members, deviations);
      records.setField(documentedType, envelope.body(), members, content, event, deviations);
    } else if (records.hasFieldOf(documentedType)) {
      records.setFieldFromRoot(documentedType, envelope.body(), event, deviations);
    } else if (records.areWithoutFields() || records.isDocumented(documentedType)) {
      noteUnlisted(members, deviations);
    }
  }

  private static void noteUnlisted(Members members, Set<String> deviations) {
    if (members.hasUnlisted()) {
      deviations.add(Decoding.UNDOCUMENTED);
    }
  }

  /**
   * Notes that a member is not a plausible time: at the typed field that is read from the same
   * member, which becomes null, or else at the event's own time.
   */
  private void noteTime(
      String path, String documentedType, GenericRecord event, Set<String> deviations) {
    if (fields.values().stream().anyMatch(field -> field.paths().contains(path))) {
      return; // noted there
    }
    Schema.Field typed = records.typed(documentedType, memberOfRecord(path), names);
    String record = records.fieldName(documentedType);
    if (typed == null || !(event.get(record) instanceof GenericRecord typedRecord)) {
      deviations.add(OCCURRED_AT);
      return;
    }
    typedRecord.put(typed.pos(), null);
    deviations.add(record + "." + typed.name());
  }

  private String memberOfRecord(String path) {
    return content != null && path.startsWith(content + ".")
        ? path.substring(content.length() + 1)
        : path;
  }

  /** Collects a layout. Only {@link #type} must be called. */
  public static final class Builder {

    private final Schema schema;
    private @Nullable String type;
    private @Nullable ZoneOffset zone;
    private @Nullable String content;
    private boolean everyEventHasTime;
    private final Set<String> typeAndRequired = new LinkedHashSet<>();
    private final List<String> times = new ArrayList<>();
    private final Set<String> captured = new LinkedHashSet<>();
    private final Set<String> computed = new LinkedHashSet<>();
    private final Map<String, List<String>> ids = new LinkedHashMap<>();

    private Builder(Schema schema) {
      this.schema = schema;
    }

    /** The member that names an event's type; a body without it is not an event. */
    public Builder type(String path) {
      type = path;
      typeAndRequired.add(path);
      return this;
    }

    /** Members that identify an event; a body without one of them is not an event. */
    public Builder requires(String... paths) {
      typeAndRequired.addAll(List.of(paths));
      return this;
    }

    /** The member that is an event's time; its absence is a deviation. */
    public Builder time(String path) {
      times.add(path);
      everyEventHasTime = true;
      return this;
    }

    /**
     * Members that are an event's time, for times that only some events have: the first that holds
     * a plausible time counts. An absent one is no deviation; of several, neither is one that is 0.
     */
    public Builder timeOfSome(String... paths) {
      times.addAll(List.of(paths));
      return this;
    }

    /** The zone of times that name none, if the provider documents its times in that zone. */
    public Builder zone(ZoneOffset zone) {
      this.zone = zone;
      return this;
    }

    /** The member that a type's record is read from. Without it the record is the whole body. */
    public Builder content(String path) {
      content = path;
      return this;
    }

    /** A root field that identifies something: it is the first of these members that can. */
    public Builder id(String field, String... paths) {
      ids.put(field, List.of(paths));
      return this;
    }

    /** Root fields that {@link EnvelopeProvider#set} sets. */
    public Builder computed(String... fields) {
      computed.addAll(List.of(fields));
      return this;
    }

    /** Further members that the provider's rules read. */
    public Builder captures(String... paths) {
      captured.addAll(List.of(paths));
      return this;
    }

    /** The layout. */
    public Layout build() {
      if (type == null) {
        throw new IllegalStateException("A layout needs the path of the event's type");
      }
      return new Layout(this, type);
    }
  }
}
