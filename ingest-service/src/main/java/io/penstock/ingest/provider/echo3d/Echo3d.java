package io.penstock.ingest.provider.echo3d;

import io.penstock.ingest.json.JsonRedaction;
import io.penstock.ingest.json.JsonScan;
import io.penstock.ingest.json.JsonScan.Kind;
import io.penstock.ingest.json.JsonScan.Malformed;
import io.penstock.ingest.json.JsonScan.Members;
import io.penstock.ingest.json.JsonTexts;
import io.penstock.ingest.provider.Decoding;
import io.penstock.ingest.provider.EventSchemas;
import io.penstock.ingest.provider.Identification;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.Sample;
import io.penstock.ingest.provider.Samples;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
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
 * <p>The lists belong together by the places of their items, which they keep here: {@code
 * entryIds}, {@code statuses} and {@code versionIds} become the entries of the event, keys and
 * values its pairs.
 *
 * <p>There is neither an id nor a time, and two equal deliveries can both be real (a colour is set
 * to red twice): each delivery is an event.
 *
 * <p>{@code apiKey} opens the collection to whoever has it. It is replaced by its {@linkplain
 * ApiKey#fingerprint fingerprint} wherever a member of this name stands, and masked wherever else
 * its text does, as {@link JsonRedaction} says; of a body that is not well-formed, nothing is kept
 * from the first error on but its structure. The fingerprint is also the entity key, since metadata
 * of the whole collection and of its assets belong into one order. A delivery without a key is an
 * event of no known collection.
 */
public final class Echo3d implements Provider {

  /** The entity key where there is no API key. */
  static final String NO_COLLECTION = "unknown-collection";

  private static final Schema SCHEMA = EventSchemas.load("Echo3dEvent");
  private static final Schema ENTRY = items("entries");
  private static final Schema PAIR = items("metadataPairs");

  private static final JsonRedaction REDACTION =
      new JsonRedaction("apiKey", ApiKey::fingerprint, vocabulary());

  private static final JsonScan SCAN =
      JsonScan.of(
          "event",
          "apiKey",
          "entryIds",
          "metadataKeys",
          "metadataValues",
          "statuses",
          "versionIds");
  private static final int EVENT = 0;
  private static final int API_KEY = 1;
  private static final int ENTRY_IDS = 2;
  private static final int METADATA_KEYS = 3;
  private static final int METADATA_VALUES = 4;
  private static final int STATUSES = 5;
  private static final int VERSION_IDS = 6;

  private static Schema items(String field) {
    return SCHEMA.getField(field).schema().getTypes().get(1).getElementType();
  }

  /** The names and triggers that echo3D documents. */
  private static Set<String> vocabulary() {
    Set<String> words = new HashSet<>(EventSchemas.types(SCHEMA));
    words.addAll(
        List.of(
            "event",
            "apiKey",
            "entryIds",
            "metadataKeys",
            "metadataValues",
            "statuses",
            "versionIds"));
    return words;
  }

  @Override
  public String name() {
    return "echo3d";
  }

  @Override
  public Schema schema() {
    return SCHEMA;
  }

  @Override
  public Identification identify(byte[] body, Map<String, String> headers) {
    return switch (SCAN.scan(body)) {
      case Malformed malformed -> new Identification.Malformed(malformed.detail());
      case Members members -> {
        if (members.identifier(EVENT) == null) {
          yield new Identification.Missing(missing());
        }
        String fingerprint = fingerprint(body, members);
        yield new Identification.Identified(
            fingerprint == null ? NO_COLLECTION : fingerprint, List.of());
      }
    };
  }

  private static String missing() {
    return "event is missing, empty or not text";
  }

  @Override
  public Set<String> credentialMembers() {
    return Set.of("apiKey");
  }

  @Override
  public byte[] redact(byte[] body) {
    return REDACTION.redact(body);
  }

  /** As {@link #redact} makes it, or has made it already. */
  private static @Nullable String fingerprint(byte[] body, Members members) {
    Kind kind = members.kind(API_KEY);
    if (kind == null || kind == Kind.NULL) {
      return null;
    }
    String text = members.text(API_KEY);
    return ApiKey.fingerprint(
        text != null
            ? text
            : new String(
                body,
                members.start(API_KEY),
                members.end(API_KEY) - members.start(API_KEY),
                StandardCharsets.UTF_8));
  }

  /** Redacts first, so that no typed field has the key, whoever wrote the landing record. */
  @Override
  public Decoding decode(byte[] body, Map<String, String> headers) {
    byte[] kept = redact(body);
    return switch (SCAN.scan(kept)) {
      case Malformed malformed -> new Decoding.Undecodable(malformed.detail());
      case Members members -> {
        String trigger = members.identifier(EVENT);
        yield trigger == null
            ? new Decoding.Undecodable(missing())
            : decode(kept, members, trigger);
      }
    };
  }

  private static Decoding decode(byte[] body, Members members, String trigger) {
    Set<String> deviations = new HashSet<>();
    GenericRecord event = new GenericData.Record(SCHEMA);
    members.noteOthers(deviations);
    event.put("apiKeyFingerprint", fingerprint(body, members));
    if (members.kind(API_KEY) != Kind.STRING) {
      deviations.add("apiKeyFingerprint");
    }
    event.put(
        "entries",
        sideBySide(
            ENTRY,
            List.of(
                new Column(
                    "entryId", items(body, members, ENTRY_IDS, "entries[].entryId", deviations)),
                new Column(
                    "status", items(body, members, STATUSES, "entries[].status", deviations)),
                new Column(
                    "versionId",
                    items(body, members, VERSION_IDS, "entries[].versionId", deviations))),
            "entries[].",
            deviations));
    event.put(
        "metadataPairs",
        sideBySide(
            PAIR,
            List.of(
                new Column(
                    "metadataKey",
                    items(body, members, METADATA_KEYS, "metadataPairs[].metadataKey", deviations)),
                new Column(
                    "metadataValue",
                    items(
                        body,
                        members,
                        METADATA_VALUES,
                        "metadataPairs[].metadataValue",
                        deviations))),
            "metadataPairs[].",
            deviations));
    return new Decoding.Decoded(trigger, null, event, deviations);
  }

  /**
   * One of several lists whose items belong together by their places.
   *
   * @param field of the record that takes an item
   * @param items null where the body has no such list
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
   * The lists side by side, as one record for each place: what a shorter list lacks is null, as is
   * what is no text, and neither moves another list's items. Null where there is none of the lists.
   *
   * <p>Lists that are neither empty nor of one length leave doubt about what belongs together:
   * noted, as are items that are no text.
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

  private static @Nullable List<@Nullable String> items(
      byte[] body, Members members, int index, String field, Set<String> deviations) {
    Kind kind = members.kind(index);
    if (kind == null || kind == Kind.NULL) {
      return null;
    }
    if (kind != Kind.ARRAY) {
      deviations.add(field);
      return null;
    }
    return JsonTexts.read(body, members.start(index), members.end(index));
  }

  @Override
  public List<Sample> samples() {
    return Samples.load(
        Echo3d.class,
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
}
