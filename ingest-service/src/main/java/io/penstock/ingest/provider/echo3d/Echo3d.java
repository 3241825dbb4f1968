package io.penstock.ingest.provider.echo3d;

import io.penstock.ingest.json.JsonRedaction;
import io.penstock.ingest.json.JsonScan.Kind;
import io.penstock.ingest.json.JsonScan.Members;
import io.penstock.ingest.json.JsonTexts;
import io.penstock.ingest.provider.Envelope;
import io.penstock.ingest.provider.EnvelopeProvider;
import io.penstock.ingest.provider.EventSchemas;
import io.penstock.ingest.provider.Identification.Identified;
import io.penstock.ingest.provider.Layout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/**
 * echo3D: <a href="https://docs.echo3d.com/web-console/automate-pages/webhooks">its webhooks</a>
 * always have {@code event}, {@code apiKey}, {@code entryIds}, {@code metadataKeys} and {@code
 * metadataValues}, and newer ones {@code statuses} and {@code versionIds} too.
 *
 * <p>Items of the lists that have the same place belong together, and keep their place: {@code
 * entryIds}, {@code statuses} and {@code versionIds} become the entries of the event, keys and
 * values its pairs.
 *
 * <p>There is neither an id nor a time, and two equal deliveries can both be real (a colour is set
 * to red twice): each delivery is an event.
 *
 * <p>{@code apiKey} is a credential: it gives access to the collection. Every member of this name
 * gets the key's {@linkplain ApiKey#fingerprint fingerprint} instead, and the key's text is masked
 * everywhere else, see {@link JsonRedaction}. Of a body that is not well-formed, only structure is
 * kept behind the first error. The fingerprint is also the entity key, because metadata of the
 * collection and of its assets must keep one order. A delivery without a key is an event of an
 * unknown collection.
 */
public final class Echo3d extends EnvelopeProvider {

  /** The entity key where there is no API key. */
  static final String NO_COLLECTION = "unknown-collection";

  private static final String API_KEY = "apiKey";
  private static final String ENTRY_IDS = "entryIds";
  private static final String STATUSES = "statuses";
  private static final String VERSION_IDS = "versionIds";
  private static final String METADATA_KEYS = "metadataKeys";
  private static final String METADATA_VALUES = "metadataValues";

  private static final Layout LAYOUT =
      Layout.of("Echo3dEvent")
          .type("event")
          .captures(API_KEY, ENTRY_IDS, METADATA_KEYS, METADATA_VALUES, STATUSES, VERSION_IDS)
          .computed("apiKeyFingerprint", "entries", "metadataPairs")
          .build();

  private static final Schema ENTRY = items("entries");
  private static final Schema PAIR = items("metadataPairs");

  private static final JsonRedaction REDACTION =
      new JsonRedaction(API_KEY, ApiKey::fingerprint, vocabulary());

  /** The rules of echo3D. */
  public Echo3d() {
    super(
        "echo3d",
        LAYOUT,
        "Upload",
        "Processed",
        "Edit",
        "Delete",
        "CollectionMetadataAdd",
        "CollectionMetadataRemove",
        "AssetMetadataAdd",
        "AssetMetadataRemove",
        "AssetStatusUpdate");
  }

  private static Schema items(String field) {
    return LAYOUT.schema().getField(field).schema().getTypes().get(1).getElementType();
  }

  /** The names and triggers that echo3D documents. */
  private static Set<String> vocabulary() {
    Set<String> words = new HashSet<>(EventSchemas.types(LAYOUT.schema()));
    words.addAll(LAYOUT.paths());
    return words;
  }

  @Override
  protected Identified identify(Envelope envelope) {
    String fingerprint = fingerprint(envelope);
    return new Identified(fingerprint == null ? NO_COLLECTION : fingerprint, List.of());
  }

  @Override
  public Set<String> credentialMembers() {
    return Set.of(API_KEY);
  }

  @Override
  public byte[] redact(byte[] body) {
    return REDACTION.redact(body);
  }

  /** Of a redacted body as well: the fingerprint of a fingerprint is itself. */
  private static @Nullable String fingerprint(Envelope envelope) {
    Members members = envelope.members();
    if (!members.isGiven(API_KEY)) {
      return null;
    }
    String text = members.text(API_KEY);
    return ApiKey.fingerprint(text != null ? text : envelope.exactText(API_KEY));
  }

  @Override
  protected void set(Envelope envelope, GenericRecord event, Set<String> deviations) {
    event.put("apiKeyFingerprint", fingerprint(envelope));
    if (envelope.members().kind(API_KEY) != Kind.STRING) {
      deviations.add("apiKeyFingerprint");
    }
    event.put(
        "entries",
        sideBySide(
            ENTRY,
            List.of(
                column(envelope, ENTRY_IDS, "entries[].", "entryId", deviations),
                column(envelope, STATUSES, "entries[].", "status", deviations),
                column(envelope, VERSION_IDS, "entries[].", "versionId", deviations)),
            "entries[].",
            deviations));
    event.put(
        "metadataPairs",
        sideBySide(
            PAIR,
            List.of(
                column(envelope, METADATA_KEYS, "metadataPairs[].", "metadataKey", deviations),
                column(envelope, METADATA_VALUES, "metadataPairs[].", "metadataValue", deviations)),
            "metadataPairs[].",
            deviations));
  }

  /**
   * One of several lists whose items at the same place belong together.
   *
   * @param field the record's field for the list's items
   * @param items null if the body has no such list
   */
  private record Column(String field, @Nullable List<@Nullable String> items) {

    int size() {
      return items == null ? 0 : items.size();
    }

    @Nullable String at(int place) {
      return items != null && place < items.size() ? items.get(place) : null;
    }
  }

  /**
   * The lists side by side, as one record for each place. An item that a shorter list lacks, or
   * that is not text, is null and moves no other item. Null if there is none of the lists.
   *
   * <p>Lists that are not empty and differ in length are noted, because it is doubtful which items
   * belong together; so are lists with an item that is not text.
   */
  private static @Nullable List<GenericRecord> sideBySide(
      Schema schema, List<Column> columns, String path, Set<String> deviations) {
    if (columns.stream().allMatch(column -> column.items == null)) {
      return null;
    }
    int size = columns.stream().mapToInt(Column::size).max().orElse(0);
    for (Column column : columns) {
      boolean isUneven = column.size() > 0 && column.size() < size;
      if (isUneven || (column.items != null && column.items.contains(null))) {
        deviations.add(path + column.field);
      }
    }
    List<GenericRecord> records = new ArrayList<>(size);
    for (int place = 0; place < size; place++) {
      GenericRecord record = new GenericData.Record(schema);
      for (Column column : columns) {
        record.put(column.field, column.at(place));
      }
      records.add(record);
    }
    return records;
  }

  /** A list of the body; noted if it is there and is not an array. */
  private static Column column(
      Envelope envelope, String path, String record, String field, Set<String> deviations) {
    Members members = envelope.members();
    if (members.isGiven(path) && members.kind(path) != Kind.ARRAY) {
      deviations.add(record + field);
    }
    return new Column(
        field,
        members.kind(path) == Kind.ARRAY
            ? JsonTexts.read(envelope.body(), members.start(path), members.end(path))
            : null);
  }
}
