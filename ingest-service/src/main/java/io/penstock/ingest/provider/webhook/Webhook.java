package io.penstock.ingest.provider.webhook;

import com.google.common.hash.Hashing;
import io.penstock.ingest.config.WebhookConfig;
import io.penstock.ingest.config.WebhookConfig.Entity;
import io.penstock.ingest.config.WebhookConfig.ValuePlace;
import io.penstock.ingest.json.JsonPointers;
import io.penstock.ingest.json.JsonScan;
import io.penstock.ingest.json.JsonScan.Malformed;
import io.penstock.ingest.json.JsonScan.Members;
import io.penstock.ingest.provider.Decoding;
import io.penstock.ingest.provider.EventSchemas;
import io.penstock.ingest.provider.EventTime;
import io.penstock.ingest.provider.Identification;
import io.penstock.ingest.provider.Identification.Identified;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.Sample;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/**
 * The generic provider: its rules are those that a source's configuration has, and its name is that
 * of the source's topic. Sources with one topic have one set of rules.
 *
 * <p>A body is JSON of any kind, or a form, which is read as a JSON object of its fields (see
 * {@link FormBody}). Numbers and texts can be ids, entities and types.
 *
 * <p><b>The key.</b> It follows from what all copies of an event share, so that they meet in one
 * partition: the entity where the configuration names a place for it and the body has one, and the
 * event's id otherwise; the body's digest where there is no id either.
 */
public final class Webhook implements Provider {

  /** The name by which a source selects the generic provider. */
  public static final String NAME = "webhook";

  private static final String CONTENT_TYPE = "content-type";

  private static final Schema SCHEMA = EventSchemas.load("WebhookEvent");

  private final String name;
  private final WebhookConfig rules;
  private final JsonScan scan;
  private final List<String> headers;

  /** Of which nothing is known but that it sends JSON: for lists of all providers. */
  public Webhook() {
    this(NAME, WebhookConfig.DEFAULT);
  }

  /**
   * One by rules.
   *
   * @param topic the last part of the topic's name
   */
  public Webhook(String topic, WebhookConfig rules) {
    this.name = topic;
    this.rules = rules;
    Set<String> pointers = new LinkedHashSet<>();
    Set<String> kept = new LinkedHashSet<>();
    kept.add(CONTENT_TYPE);
    kept.addAll(rules.headers());
    for (ValuePlace place : places(rules)) {
      switch (place) {
        case ValuePlace.Pointer pointer -> pointers.add(pointer.path());
        case ValuePlace.Header header -> kept.add(header.name());
      }
    }
    this.scan = JsonPointers.scan(pointers);
    this.headers = List.copyOf(kept);
  }

  /** All places that rules name. */
  static List<ValuePlace> places(WebhookConfig rules) {
    List<ValuePlace> places = new ArrayList<>(rules.type());
    if (rules.id() instanceof WebhookConfig.Id.At at) {
      places.addAll(at.places());
    }
    if (rules.entity() instanceof Entity.At at) {
      places.addAll(at.places());
    }
    places.addAll(rules.time());
    return places;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Schema schema() {
    return SCHEMA;
  }

  @Override
  public List<String> headers() {
    return headers;
  }

  @Override
  public List<Sample> samples() {
    return List.of(MadeUpSample.of(rules));
  }

  @Override
  public Identification identify(byte[] body, Map<String, String> given) {
    return switch (FormBody.asJson(body, given.get(CONTENT_TYPE))) {
      case FormBody.Unreadable unreadable -> new Identification.Malformed(unreadable.detail());
      case FormBody.Json json ->
          switch (scan.scan(json.bytes())) {
            case Malformed malformed -> new Identification.Malformed(malformed.detail());
            case Members members -> identify(body, members, given);
          };
    };
  }

  private Identification identify(byte[] body, Members members, Map<String, String> given) {
    if (type(members, given) == null) {
      return new Identification.Missing(absent("type", rules.type()));
    }
    List<String> parts =
        switch (rules.id()) {
          case WebhookConfig.Id.None none -> List.of();
          case WebhookConfig.Id.Digest digest -> Identification.allOf(body);
          case WebhookConfig.Id.At at -> {
            String id = first(at.places(), members, given);
            yield id == null ? List.of() : List.of(id);
          }
        };
    if (parts.isEmpty() && rules.id() instanceof WebhookConfig.Id.At at) {
      return new Identification.Missing(absent("id", at.places()));
    }
    String entity =
        switch (rules.entity()) {
          case Entity.All all -> name;
          case Entity.OfEvent ofEvent -> null;
          case Entity.At at -> first(at.places(), members, given);
        };
    if (entity == null) {
      entity = parts.isEmpty() ? Hashing.sha256().hashBytes(body).toString() : parts.getLast();
    }
    return Identified.of(entity, parts);
  }

  /** Of which the words are the configuration's, so that no part of a request is repeated. */
  private static String absent(String what, List<ValuePlace> places) {
    List<String> words = new ArrayList<>();
    for (ValuePlace place : places) {
      words.add(
          switch (place) {
            case ValuePlace.Pointer pointer -> pointer.path() + " of the body";
            case ValuePlace.Header header -> "the header " + header.name();
          });
    }
    return "the " + what + " is missing, empty or not text: " + String.join(" or ", words);
  }

  private @Nullable String type(Members members, Map<String, String> given) {
    return rules.type().isEmpty() ? WebhookConfig.ONLY_TYPE : first(rules.type(), members, given);
  }

  private static @Nullable String first(
      List<ValuePlace> places, Members members, Map<String, String> given) {
    for (ValuePlace place : places) {
      String value =
          switch (place) {
            case ValuePlace.Pointer pointer -> members.stringOrNumber(pointer.path());
            case ValuePlace.Header header -> given.get(header.name());
          };
      if (value != null && !value.isBlank()) {
        return value;
      }
    }
    return null;
  }

  @Override
  public Decoding decode(byte[] body, Map<String, String> given) {
    return switch (FormBody.asJson(body, given.get(CONTENT_TYPE))) {
      case FormBody.Unreadable unreadable -> new Decoding.Undecodable(unreadable.detail());
      case FormBody.Json json ->
          switch (scan.scan(json.bytes())) {
            case Malformed malformed -> new Decoding.Undecodable(malformed.detail());
            case Members members -> decode(json, members, given);
          };
    };
  }

  private Decoding decode(FormBody.Json json, Members members, Map<String, String> given) {
    String type = type(members, given);
    if (type == null) {
      return new Decoding.Undecodable(absent("type", rules.type()));
    }
    Set<String> deviations = new HashSet<>();
    GenericRecord event = new GenericData.Record(SCHEMA);
    event.put("headers", published(given));
    event.put("contentType", given.get(CONTENT_TYPE));
    if (json.isOfForm()) {
      event.put("json", json.text());
    }
    Instant occurredAt = time(members, given);
    if (occurredAt == null && isGiven(rules.time(), members, given)) {
      deviations.add("metadata.occurredAt");
    }
    return new Decoding.Decoded(type, occurredAt, event, deviations);
  }

  /** Whether anything stands in any of the places: not every event has a time. */
  private static boolean isGiven(
      List<ValuePlace> places, Members members, Map<String, String> given) {
    for (ValuePlace place : places) {
      boolean isGiven =
          switch (place) {
            case ValuePlace.Pointer pointer -> members.isGiven(pointer.path());
            case ValuePlace.Header header -> given.containsKey(header.name());
          };
      if (isGiven) {
        return true;
      }
    }
    return false;
  }

  private @Nullable Instant time(Members members, Map<String, String> given) {
    for (ValuePlace place : rules.time()) {
      Long millis =
          switch (place) {
            case ValuePlace.Pointer pointer -> members.millisOrSeconds(pointer.path());
            case ValuePlace.Header header ->
                JsonPointers.millisOrSeconds(given.getOrDefault(header.name(), ""));
          };
      Instant time = EventTime.plausible(millis);
      if (time != null) {
        return time;
      }
    }
    return null;
  }

  /** The headers that the configuration asks for, and those that it reads. */
  private Map<String, String> published(Map<String, String> given) {
    Map<String, String> published = new TreeMap<>();
    for (String header : headers) {
      String value = given.get(header);
      if (value != null && !header.equals(CONTENT_TYPE)) {
        published.put(header, value);
      }
    }
    return published;
  }
}
