package io.penstock.ingest.provider.matterport;

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
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/**
 * Matterport: <a href="https://matterport.github.io/developer-docs/webhooks/">version 2 of its
 * webhooks</a> and <a href="https://matterport.github.io/developer-docs/webhooks/v1/">version
 * 1</a>, which is deprecated and can still be chosen.
 *
 * <p>The two share the types {@code processed} and {@code deleted}, and no member says which
 * version a body is of; its shape does. Version 2 has {@code webhookId}, {@code version} and {@code
 * body}; version 1 has what it tells at the root or in {@code data}, and a number for a time.
 *
 * <p>Neither version has an id of the event. What is equal in two deliveries of one event, and in
 * no others, are the model, the type and the time, with the webhook and the model's version in
 * version 2 and the bundle in version 1.
 *
 * <p><b>Pings.</b> Registrations can be tested by {@code pingModelEventWebhookCallback}. What that
 * sends is not documented, so whatever well-formed JSON comes is an event, and so is a body of
 * nothing at all: its type is {@code ping} where it names none, and its entity key {@code ping}
 * where it names no model. One that lacks model, type or time is recognized by nothing: a test that
 * is repeated shows twice. Only what is not JSON is refused, since it may be an event that was
 * damaged on its way.
 */
public final class Matterport implements Provider {

  /** The type and the entity key of what names none. */
  static final String PING = "ping";

  private static final Schema SCHEMA = EventSchemas.load("MatterportEvent");
  private static final EventRecords V2 = EventRecords.of(SCHEMA);
  private static final EventRecords V1 = EventRecords.of(SCHEMA, "v1");

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
  public Identification identify(byte[] body, Map<String, String> headers) {
    if (isBlank(body)) {
      return new Identification.Identified(PING, List.of());
    }
    return switch (SCAN.scan(body)) {
      case Malformed malformed -> new Identification.Malformed(malformed.detail());
      case Members members -> {
        String modelId = members.identifier(MODEL_ID);
        yield new Identification.Identified(
            modelId == null ? PING : EntityKey.of(modelId), uniqueParts(members));
      }
    };
  }

  private static List<String> uniqueParts(Members members) {
    String modelId = members.identifier(MODEL_ID);
    String type = members.identifier(TYPE);
    String timestamp = members.identifier(TIMESTAMP);
    if (modelId == null || type == null || timestamp == null) {
      return List.of();
    }
    return switch (Form.of(members)) {
      case V2 ->
          List.of(
              orEmpty(members.identifier(WEBHOOK_ID)),
              modelId,
              type,
              timestamp,
              orEmpty(members.identifier(VERSION)));
      case V1 -> List.of(type, modelId, timestamp, orEmpty(members.identifier(BUNDLE_ID)));
    };
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }

  @Override
  public Decoding decode(byte[] body, Map<String, String> headers) {
    if (isBlank(body)) {
      return new Decoding.Decoded(PING, null, new GenericData.Record(SCHEMA), Set.of());
    }
    return switch (SCAN.scan(body)) {
      case Malformed malformed -> new Decoding.Undecodable(malformed.detail());
      case Members members -> decode(body, members);
    };
  }

  private static Decoding decode(byte[] body, Members members) {
    Set<String> deviations = new HashSet<>();
    GenericRecord event = new GenericData.Record(SCHEMA);
    putName(event, "modelId", members, MODEL_ID, deviations);
    putName(event, "type", members, TYPE, deviations);
    putText(event, "webhookId", members, WEBHOOK_ID, deviations);
    putText(event, "webhookCustomKey", members, WEBHOOK_CUSTOM_KEY, deviations);
    event.put("version", members.integer(VERSION));
    if (isGiven(members, VERSION) && members.integer(VERSION) == null) {
      deviations.add("version");
    }
    Instant occurredAt = EventTime.plausible(members.millis(TIMESTAMP));
    if (occurredAt != null) {
      event.put("timestamp", occurredAt.toEpochMilli());
    } else if (isGiven(members, TIMESTAMP)) {
      deviations.add("timestamp");
    }

    String type = members.identifier(TYPE);
    if (type == null) {
      return new Decoding.Decoded(PING, occurredAt, event, deviations);
    }
    switch (Form.of(members)) {
      case V2 -> {
        // Without a body it may be a ping that names the type it stands for: that is no deviation.
        if (isGiven(members, BODY)) {
          V2.read(type, body, members, BODY, event, deviations);
        }
      }
      case V1 -> V1.readRoot(type, body, event, deviations);
    }
    return new Decoding.Decoded(type, occurredAt, event, deviations);
  }

  private static void putName(
      GenericRecord event, String field, Members members, int index, Set<String> deviations) {
    String name = members.identifier(index);
    event.put(field, name);
    if (name == null && isGiven(members, index)) {
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

  private static boolean isGiven(Members members, int index) {
    Kind kind = members.kind(index);
    return kind != null && kind != Kind.NULL;
  }

  /** Whether there is nothing but what JSON calls white space. */
  private static boolean isBlank(byte[] body) {
    for (byte b : body) {
      if (b != ' ' && b != '\t' && b != '\n' && b != '\r') {
        return false;
      }
    }
    return true;
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
      if (isGiven(members, WEBHOOK_ID) || isGiven(members, BODY) || isGiven(members, VERSION)) {
        return V2;
      }
      for (int i = FIRST_OF_V1; i < END_OF_V1; i++) {
        if (isGiven(members, i)) {
          return V1;
        }
      }
      // All that is left is how the time is written.
      return members.kind(TIMESTAMP) == Kind.NUMBER ? V1 : V2;
    }
  }
}
