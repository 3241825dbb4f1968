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
import io.penstock.ingest.provider.ModelReadiness;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.Sample;
import io.penstock.ingest.provider.Samples;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/**
 * Matterport: <a href="https://matterport.github.io/developer-docs/webhooks/">version 2 of its
 * webhooks</a> and <a href="https://matterport.github.io/developer-docs/webhooks/v1/">version
 * 1</a>, which is deprecated and can still be chosen.
 *
 * <p>Both have the types {@code processed} and {@code deleted}, and no member names the version;
 * the shape of the body tells it. Version 2 has {@code webhookId}, {@code version} and {@code
 * body}; version 1 has its content at the root or in {@code data}, and its time is a number.
 *
 * <p>Neither version has an id of the event, and model, type, time and version are not enough: a
 * model has several bundles, and its state can change twice in a second. So deliveries of either
 * version are copies of one event if they are equal to the byte.
 *
 * <p><b>Pings.</b> Matterport's {@code pingModelEventWebhookCallback} tests a registration. The
 * body that it sends is not documented, so every body is an event, whatever its content type:
 * well-formed JSON, an empty body, and a body that is not JSON, unless it {@linkplain
 * #mayBeDamagedEvent(byte[]) may be an event that was damaged on its way}. Its type is {@code ping}
 * if it names none, and its entity key is {@code ping} if it names no model. A ping that lacks
 * model, type or time has no identity: a repeated test is published twice.
 */
public final class Matterport implements Provider {

  /** The type and the entity key of an event that names none. */
  static final String PING = "ping";

  private static final String DELETED = "deleted";

  private static final String CONTENT_TYPE = "content-type";

  private static final ModelReadiness READINESS = new MatterportReadiness();

  private static final Schema SCHEMA = EventSchemas.load("MatterportEvent");
  private static final Schema PING_SCHEMA = SCHEMA.getField("ping").schema().getTypes().get(1);
  private static final String MODEL_ID = "modelId";
  private static final String TYPE = "type";
  private static final String TIMESTAMP = "timestamp";
  private static final String VERSION = "version";
  private static final String WEBHOOK_ID = "webhookId";
  private static final String WEBHOOK_CUSTOM_KEY = "webhookCustomKey";
  private static final String BODY = "body";

  /** What both versions have at the root. */
  private static final Set<String> ENVELOPE =
      Set.of(MODEL_ID, TYPE, TIMESTAMP, VERSION, WEBHOOK_ID, WEBHOOK_CUSTOM_KEY, BODY);

  /** What only version 1 has at the root. */
  private static final List<String> OF_V1 =
      List.of(
          "bundleId", "data", "internalId", "createdBy", "orderedBy", "bundleOptions", "success");

  private static final EventRecords V2 = EventRecords.of(SCHEMA, null, Set.of());

  /** Version 1 documents {@code data} as an empty object for some types. */
  private static final EventRecords V1 =
      EventRecords.ofRoot(SCHEMA, "v1", null, ENVELOPE, Set.of("data"));

  private static final JsonScan SCAN =
      JsonScan.of(Stream.concat(ENVELOPE.stream(), OF_V1.stream()).toArray(String[]::new));

  @Override
  public String name() {
    return "matterport";
  }

  @Override
  public Schema schema() {
    return SCHEMA;
  }

  @Override
  public Optional<ModelReadiness> modelReadiness() {
    return Optional.of(READINESS);
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
        String modelId = members.stringOrNumber(MODEL_ID);
        yield new Identification.Identified(
            modelId == null ? PING : EntityKey.of(modelId), uniqueParts(body, members));
      }
    };
  }

  private static List<String> uniqueParts(byte[] body, Members members) {
    boolean isComplete =
        members.stringOrNumber(MODEL_ID) != null
            && members.stringOrNumber(TYPE) != null
            && members.stringOrNumber(TIMESTAMP) != null;
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

  /** The body of a ping that is not JSON is in the ping's own record, not in {@code json}. */
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
    if (members.hasUnlisted()) {
      deviations.add(Decoding.UNDOCUMENTED);
    }
    putId(event, MODEL_ID, members, deviations);
    if (members.stringOrNumber(TYPE) == null && members.isGiven(TYPE)) {
      deviations.add(TYPE);
    }
    putText(event, WEBHOOK_ID, members, deviations);
    putText(event, WEBHOOK_CUSTOM_KEY, members, deviations);
    event.put(VERSION, members.integer(VERSION));
    if (members.isGiven(VERSION) && members.integer(VERSION) == null) {
      deviations.add(VERSION);
    }
    Instant occurredAt = EventTime.plausible(members.millis(TIMESTAMP));
    if (occurredAt != null) {
      event.put(TIMESTAMP, occurredAt.toEpochMilli());
    } else if (members.isGiven(TIMESTAMP)) {
      deviations.add(TIMESTAMP);
    }

    String type = members.stringOrNumber(TYPE);
    if (type == null || type.equals(PING)) {
      if (type == null && members.stringOrNumber(MODEL_ID) != null) {
        deviations.add(TYPE); // an event of a model says what happened to it
      }
      event.put("ping", ping(headers));
      if (members.isGiven(BODY)) {
        deviations.add(Decoding.UNDOCUMENTED);
      }
      noteMembersOfV1(members, deviations);
      return new Decoding.Decoded(PING, occurredAt, event, deviations);
    }
    switch (Form.of(members)) {
      case V2 -> {
        V2.setField(type, body, members, BODY, event, deviations);
        if (type.equals(DELETED) && !members.isGiven(BODY)) {
          deviations.add(DELETED); // documented with a body, if an empty one
        }
        noteMembersOfV1(members, deviations);
      }
      case V1 -> V1.setFieldFromRoot(type, body, event, deviations);
    }
    return new Decoding.Decoded(type, occurredAt, event, deviations);
  }

  /** Notes the members of version 1 that an event of another form has. */
  private static void noteMembersOfV1(Members members, Set<String> deviations) {
    if (OF_V1.stream().anyMatch(members::isGiven)) {
      deviations.add(Decoding.UNDOCUMENTED);
    }
  }

  private static void putId(
      GenericRecord event, String field, Members members, Set<String> deviations) {
    String id = members.stringOrNumber(field);
    event.put(field, id);
    if (id == null && members.isGiven(field)) {
      deviations.add(field);
    }
  }

  private static void putText(
      GenericRecord event, String field, Members members, Set<String> deviations) {
    event.put(field, members.text(field));
    if (members.isOtherThanText(field)) {
      deviations.add(field);
    }
  }

  /**
   * Whether a body that is not JSON begins like an event: every event is an object, whatever the
   * request's content type. White space may come first, and so may the byte order marks and zero
   * bytes of other encodings than UTF-8.
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
        List.of(
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
            "visibility_changed"));
  }

  /** The versions of the webhooks, as their bodies look. */
  private enum Form {
    V1,
    V2;

    static Form of(Members members) {
      if (members.isGiven(WEBHOOK_ID) || members.isGiven(BODY) || members.isGiven(VERSION)) {
        return V2;
      }
      if (OF_V1.stream().anyMatch(members::isGiven)) {
        return V1;
      }
      // Only the form of the time can tell now.
      return members.kind(TIMESTAMP) == Kind.NUMBER ? V1 : V2;
    }
  }
}
