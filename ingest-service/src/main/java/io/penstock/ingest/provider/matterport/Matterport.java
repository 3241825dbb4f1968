package io.penstock.ingest.provider.matterport;

import com.google.common.base.Utf8;
import io.penstock.ingest.json.JsonScan;
import io.penstock.ingest.json.JsonScan.Kind;
import io.penstock.ingest.json.JsonScan.Malformed;
import io.penstock.ingest.json.JsonScan.Members;
import io.penstock.ingest.provider.Decoding;
import io.penstock.ingest.provider.EntityKey;
import io.penstock.ingest.provider.EventRecords;
import io.penstock.ingest.provider.EventSchemas;
import io.penstock.ingest.provider.EventTime;
import io.penstock.ingest.provider.Identification;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.Sample;
import io.penstock.ingest.provider.Samples;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/**
 * Matterport: <a href="https://matterport.github.io/developer-docs/webhooks/">version 2 of its
 * webhooks</a> and <a href="https://matterport.github.io/developer-docs/webhooks/v1/">version
 * 1</a>, which is deprecated and can still be chosen.
 *
 * <p>The two share the types {@code processed} and {@code deleted}, and no member says which
 * version a body is of; its shape does. Version 2 has {@code webhookId}, {@code version} and {@code
 * body}; version 1 has what it tells at the root or in {@code data}, and a number for a time.
 *
 * <p>Neither version has an id of the event, and model, type, time and version are not enough: a
 * model has several bundles, and its state can change twice in a second. So deliveries of either
 * version are one event if they are equal to the byte.
 *
 * <p><b>Pings.</b> Registrations can be tested by {@code pingModelEventWebhookCallback}. What that
 * sends is not documented, so whatever comes is an event, of any content type or none: well-formed
 * JSON, a body of nothing at all, and what is not JSON, but for what {@linkplain
 * #mayBeDamagedEvent(byte[]) may be an event that was damaged on its way}. Its type is {@code ping}
 * where it names none, and its entity key {@code ping} where it names no model. One that lacks
 * model, type or time is recognized by nothing: a test that is repeated shows twice.
 */
public final class Matterport implements Provider {

  /** The type and the entity key of what names none. */
  static final String PING = "ping";

  private static final String DELETED = "deleted";

  private static final String CONTENT_TYPE = "content-type";

  private static final Schema SCHEMA = EventSchemas.load("MatterportEvent");
  private static final Schema PING_SCHEMA = SCHEMA.getField("ping").schema().getTypes().get(1);
  private static final EventRecords V2 = EventRecords.of(SCHEMA);

  /** What both versions have at the root, and what version 1 documents as an empty object there. */
  private static final EventRecords V1 =
      EventRecords.ofRoot(
          SCHEMA,
          "v1",
          Set.of(
              "modelId", "type", "timestamp", "version", "webhookId", "webhookCustomKey", "body"),
          Set.of("data"));

  private static final JsonScan SCAN =
      JsonScan.of(
          "modelId",
          "type",
          "timestamp",
          "version",
          "webhookId",
          "webhookCustomKey",
          "body",
          "bundleId",
          "data",
          "internalId",
          "createdBy",
          "orderedBy",
          "bundleOptions",
          "success");
  private static final int MODEL_ID = 0;
  private static final int TYPE = 1;
  private static final int TIMESTAMP = 2;
  private static final int VERSION = 3;
  private static final int WEBHOOK_ID = 4;
  private static final int WEBHOOK_CUSTOM_KEY = 5;
  private static final int BODY = 6;
  private static final int BUNDLE_ID = 7;

  /** From here on, what version 1 alone has at the root. */
  private static final int FIRST_OF_V1 = BUNDLE_ID;

  private static final int END_OF_V1 = 14;

  @Override
  public String name() {
    return "matterport";
  }

  @Override
  public Schema schema() {
    return SCHEMA;
  }

  @Override
  public List<String> headers() {
    return List.of(CONTENT_TYPE);
  }

  @Override
  public Identification identify(byte[] body, Map<String, String> headers) {
    return switch (SCAN.scan(body)) {
      case Malformed malformed ->
          mayBeDamagedEvent(body)
              ? new Identification.Malformed(malformed.detail())
              : new Identification.Identified(PING, List.of());
      case Members members -> {
        String modelId = members.identifier(MODEL_ID);
        yield new Identification.Identified(
            modelId == null ? PING : EntityKey.of(modelId), uniqueParts(body, members));
      }
    };
  }

  private static List<String> uniqueParts(byte[] body, Members members) {
    boolean isComplete =
        members.identifier(MODEL_ID) != null
            && members.identifier(TYPE) != null
            && members.identifier(TIMESTAMP) != null;
    return isComplete ? Identification.allOf(body) : List.of();
  }

  @Override
  public Decoding decode(byte[] body, Map<String, String> headers) {
    return switch (SCAN.scan(body)) {
      case Malformed malformed ->
          mayBeDamagedEvent(body)
              ? new Decoding.Undecodable(malformed.detail())
              : new Decoding.Decoded(PING, null, pingOfNoJson(body, headers), Set.of());
      case Members members -> decode(body, members, headers);
    };
  }

  /** A ping whose body nobody can parse is in the ping's own record, never in {@code json}. */
  private static GenericRecord pingOfNoJson(byte[] body, Map<String, String> headers) {
    GenericRecord ping = ping(headers);
    if (Utf8.isWellFormed(body)) {
      ping.put("text", new String(body, StandardCharsets.UTF_8));
    } else {
      ping.put("bytes", ByteBuffer.wrap(body));
    }
    GenericRecord event = new GenericData.Record(SCHEMA);
    event.put("ping", ping);
    event.put("json", "");
    return event;
  }

  private static GenericRecord ping(Map<String, String> headers) {
    GenericRecord ping = new GenericData.Record(PING_SCHEMA);
    ping.put("contentType", headers.get(CONTENT_TYPE));
    return ping;
  }

  private static Decoding decode(byte[] body, Members members, Map<String, String> headers) {
    Set<String> deviations = new HashSet<>();
    GenericRecord event = new GenericData.Record(SCHEMA);
    members.noteOthers(deviations);
    putName(event, "modelId", members, MODEL_ID, deviations);
    if (members.identifier(TYPE) == null && members.isGiven(TYPE)) {
      deviations.add("type");
    }
    putText(event, "webhookId", members, WEBHOOK_ID, deviations);
    putText(event, "webhookCustomKey", members, WEBHOOK_CUSTOM_KEY, deviations);
    event.put("version", members.integer(VERSION));
    if (members.isGiven(VERSION) && members.integer(VERSION) == null) {
      deviations.add("version");
    }
    Instant occurredAt = EventTime.plausible(members.millis(TIMESTAMP));
    if (occurredAt != null) {
      event.put("timestamp", occurredAt.toEpochMilli());
    } else if (members.isGiven(TIMESTAMP)) {
      deviations.add("timestamp");
    }

    String type = members.identifier(TYPE);
    if (type == null || type.equals(PING)) {
      if (type == null && members.identifier(MODEL_ID) != null) {
        deviations.add("type"); // an event of a model says what happened to it
      }
      event.put("ping", ping(headers));
      noteUnread(members, BODY, deviations);
      return new Decoding.Decoded(PING, occurredAt, event, deviations);
    }
    switch (Form.of(members)) {
      case V2 -> {
        V2.read(type, body, members, BODY, event, deviations);
        if (type.equals(DELETED) && !members.isGiven(BODY)) {
          deviations.add(DELETED); // documented with a body, if an empty one
        }
        noteUnread(members, FIRST_OF_V1, deviations);
      }
      case V1 -> V1.readRoot(type, body, event, deviations);
    }
    return new Decoding.Decoded(type, occurredAt, event, deviations);
  }

  /** Notes what stands at the root, is known, and is read for no event of this form. */
  private static void noteUnread(Members members, int first, Set<String> deviations) {
    for (int i = first; i < END_OF_V1; i++) {
      if (members.isGiven(i)) {
        deviations.add(Members.OTHERS);
      }
    }
  }

  private static void putName(
      GenericRecord event, String field, Members members, int index, Set<String> deviations) {
    String name = members.identifier(index);
    event.put(field, name);
    if (name == null && members.isGiven(index)) {
      deviations.add(field);
    }
  }

  private static void putText(
      GenericRecord event, String field, Members members, int index, Set<String> deviations) {
    event.put(field, members.text(index));
    if (members.isOtherThanText(index)) {
      deviations.add(field);
    }
  }

  /**
   * Whether what is not JSON began as it: every event is an object, whatever the request says of
   * its type. White space may come first, and what other encodings than UTF-8 have before and
   * between their characters: their byte order marks and zero bytes.
   */
  private static boolean mayBeDamagedEvent(byte[] body) {
    for (byte b : body) {
      switch (b & 0xFF) {
        case '{', '[' -> {
          return true;
        }
        case ' ', '\t', '\n', '\r', 0, 0xEF, 0xBB, 0xBF, 0xFE, 0xFF -> {}
        default -> {
          return false;
        }
      }
    }
    return false;
  }

  @Override
  public List<Sample> samples() {
    return Samples.load(
        Matterport.class,
        "v1-uploaded",
        "v1-processed",
        "v1-inserted",
        "v1-updated",
        "v1-deleted",
        "v1-bundle_requested",
        "v1-bundle_completed",
        "activation_state_changed",
        "bundle_updated",
        "created",
        "deleted",
        "details_changed",
        "processed",
        "restored",
        "transferred_in",
        "transferred_out",
        "visibility_changed");
  }

  /** The versions of the webhooks, as their bodies look. */
  private enum Form {
    V1,
    V2;

    static Form of(Members members) {
      if (members.isGiven(WEBHOOK_ID) || members.isGiven(BODY) || members.isGiven(VERSION)) {
        return V2;
      }
      for (int i = FIRST_OF_V1; i < END_OF_V1; i++) {
        if (members.isGiven(i)) {
          return V1;
        }
      }
      // All that is left is how the time is written.
      return members.kind(TIMESTAMP) == Kind.NUMBER ? V1 : V2;
    }
  }
}
