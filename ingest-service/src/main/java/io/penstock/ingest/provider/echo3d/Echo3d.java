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
import java.util.Collections;
import java.util.HashMap;
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
  private static final Schema PAIR =
      notNull(notNull(SCHEMA.getField("metadataPairs").schema()).getElementType());
  private static final Map<String, Schema.Field> FIELDS = fieldsByTrigger();

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

  private static Map<String, Schema.Field> fieldsByTrigger() {
    Map<String, Schema.Field> fields = new HashMap<>();
    for (Schema.Field field : SCHEMA.getFields()) {
      String trigger = field.getProp("eventType");
      if (trigger != null) {
        fields.put(trigger, field);
      }
    }
    return Map.copyOf(fields);
  }

  /** The names and triggers that echo3D documents. */
  private static Set<String> vocabulary() {
    Set<String> words = new HashSet<>(FIELDS.keySet());
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

  private static Schema notNull(Schema schema) {
    return schema.isUnion() ? schema.getTypes().get(1) : schema;
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
    event.put("event", trigger);
    event.put("apiKeyFingerprint", fingerprint(body, members));
    if (members.kind(API_KEY) != Kind.STRING) {
      deviations.add("apiKeyFingerprint");
    }
    event.put("entryIds", texts(body, members, ENTRY_IDS, "entryIds", deviations));
    event.put("statuses", texts(body, members, STATUSES, "statuses", deviations));
    event.put("versionIds", texts(body, members, VERSION_IDS, "versionIds", deviations));
    event.put("metadataPairs", pairs(body, members, deviations));

    Schema.Field field = FIELDS.get(trigger);
    if (field != null) {
      event.put(field.pos(), typed(field, event, deviations));
    }
    return new Decoding.Decoded(trigger, null, event, deviations);
  }

  /** The record of one trigger, which has those of the event's fields that mean something to it. */
  private static GenericRecord typed(
      Schema.Field field, GenericRecord event, Set<String> deviations) {
    GenericRecord typed = new GenericData.Record(notNull(field.schema()));
    for (Schema.Field part : typed.getSchema().getFields()) {
      if (part.name().equals("entryId")) {
        List<?> ids = (List<?>) event.get("entryIds");
        if (ids != null && ids.size() == 1) {
          typed.put(part.pos(), ids.getFirst());
        } else {
          deviations.add(field.name() + ".entryId");
        }
      } else {
        typed.put(part.pos(), event.get(part.name()));
      }
    }
    return typed;
  }

  /** Null where there is no array; without the items that are no text. */
  private static @Nullable List<String> texts(
      byte[] body, Members members, int index, String field, Set<String> deviations) {
    List<@Nullable String> items = items(body, members, index, field, deviations);
    if (items == null) {
      return null;
    }
    List<String> texts = new ArrayList<>(items.size());
    for (String item : items) {
      if (item == null) {
        deviations.add(field + "[]");
      } else {
        texts.add(item);
      }
    }
    return texts;
  }

  /** The two lists side by side; what the shorter one lacks is null, as is what is no text. */
  private static @Nullable List<GenericRecord> pairs(
      byte[] body, Members members, Set<String> deviations) {
    List<@Nullable String> keys = items(body, members, METADATA_KEYS, "metadataPairs", deviations);
    List<@Nullable String> values =
        items(body, members, METADATA_VALUES, "metadataPairs", deviations);
    if (keys == null && values == null) {
      return null;
    }
    keys = keys == null ? Collections.emptyList() : keys;
    values = values == null ? Collections.emptyList() : values;
    if (keys.contains(null)) {
      deviations.add("metadataPairs[].key");
    }
    if (values.contains(null)) {
      deviations.add("metadataPairs[].value");
    }
    List<GenericRecord> pairs = new ArrayList<>();
    for (int i = 0; i < Math.max(keys.size(), values.size()); i++) {
      GenericRecord pair = new GenericData.Record(PAIR);
      pair.put("key", i < keys.size() ? keys.get(i) : null);
      pair.put("value", i < values.size() ? values.get(i) : null);
      pairs.add(pair);
    }
    return pairs;
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
