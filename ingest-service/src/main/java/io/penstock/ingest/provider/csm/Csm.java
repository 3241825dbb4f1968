package io.penstock.ingest.provider.csm;

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
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/**
 * CSM: <a href="https://docs.csm.ai/webhooks">its webhooks</a> have {@code type} and {@code
 * payload}, and so had <a href="https://docs.csm.ai/Webhook/1_Webhook_Notifications">the older
 * ones</a>, which may still come.
 *
 * <p>The documentation says to recognize a duplicate by {@code session_id} and {@code timestamp}.
 * Two changes of one session can have the same time, so the statuses count as well; the rest of the
 * body does not, since it holds links that may be signed anew for a retry. The older types have no
 * timestamp: there, and for types that nobody documents, deliveries are one event if they are equal
 * to the byte.
 *
 * <p>Its documentation has times in UTC alone, so one that names no zone is taken for that.
 */
public final class Csm implements Provider {

  private static final String SESSION_STATUS_CHANGED = "session_status_changed";

  private static final Schema SCHEMA = EventSchemas.load("CsmEvent");
  private static final EventRecords EVENTS = EventRecords.of(SCHEMA, ZoneOffset.UTC);

  private static final JsonScan SCAN =
      JsonScan.of(
          "type",
          "payload",
          "payload.session_id",
          "payload.timestamp",
          "payload.old_status",
          "payload.new_status");
  private static final int TYPE = 0;
  private static final int PAYLOAD = 1;
  private static final int SESSION_ID = 2;
  private static final int TIMESTAMP = 3;
  private static final int OLD_STATUS = 4;
  private static final int NEW_STATUS = 5;

  @Override
  public String name() {
    return "csm";
  }

  /** CSM waits for 5 s, and tries three times more within half a minute. */
  @Override
  public Duration acknowledgementDeadline() {
    return Duration.ofSeconds(4);
  }

  @Override
  public Schema schema() {
    return SCHEMA;
  }

  @Override
  public Identification identify(byte[] body, Map<String, String> headers) {
    return switch (Envelope.of(body)) {
      case Envelope.Read envelope ->
          new Identification.Identified(
              EntityKey.of(envelope.sessionId), uniqueParts(body, envelope));
      case Envelope.Refused refused -> refused.why;
    };
  }

  private static List<String> uniqueParts(byte[] body, Envelope.Read envelope) {
    return envelope.type.equals(SESSION_STATUS_CHANGED) && envelope.timestamp != null
        ? List.of(
            envelope.sessionId,
            envelope.timestamp,
            value(body, envelope.members, OLD_STATUS),
            value(body, envelope.members, NEW_STATUS))
        : Identification.allOf(body);
  }

  /** Tells any two values apart, and what is empty from what is null or absent. */
  private static String value(byte[] body, Members members, int index) {
    String text = members.identifier(index);
    if (text != null) {
      return (members.kind(index) == Kind.STRING ? "\"" : "") + text;
    }
    return members.kind(index) == null
        ? ""
        : "="
            + new String(
                body,
                members.start(index),
                members.end(index) - members.start(index),
                StandardCharsets.UTF_8);
  }

  @Override
  public Decoding decode(byte[] body, Map<String, String> headers) {
    return switch (Envelope.of(body)) {
      case Envelope.Read envelope -> decode(body, envelope);
      case Envelope.Refused refused -> new Decoding.Undecodable(refused.detail);
    };
  }

  private static Decoding decode(byte[] body, Envelope.Read envelope) {
    Set<String> deviations = new HashSet<>();
    GenericRecord event = new GenericData.Record(SCHEMA);
    envelope.members.noteOthers(deviations);
    event.put("sessionId", envelope.sessionId);
    GenericRecord payload =
        EVENTS.read(envelope.type, body, envelope.members, PAYLOAD, event, deviations);

    Instant occurredAt = EventTime.plausible(envelope.members.millis(TIMESTAMP, ZoneOffset.UTC));
    if (occurredAt == null && envelope.members.isGiven(TIMESTAMP)) {
      if (envelope.type.equals(SESSION_STATUS_CHANGED) && payload != null) {
        payload.put("timestamp", null);
        deviations.add("sessionStatusChanged.timestamp");
      } else {
        deviations.add("metadata.occurredAt"); // no typed field of this type has it
      }
    }
    return new Decoding.Decoded(envelope.type, occurredAt, event, deviations);
  }

  @Override
  public List<Sample> samples() {
    return Samples.load(
        Csm.class,
        "session_status_changed-documented",
        "image_to_3d-complete",
        "image_to_3d-failed",
        "multiview_to_3d-complete",
        "multiview_to_3d-failed",
        "text_to_image-complete",
        "text_to_image-failed",
        "image_to_kit-complete",
        "image_to_kit-failed",
        "retopology-complete",
        "retopology-failed",
        "animation-complete",
        "animation-failed",
        "spin_generate_processing",
        "spin_generate_done",
        "spin_generate_failed",
        "preview_done",
        "preview_failed",
        "refine_done",
        "refine_failed");
  }

  /** What identifies an event, read from a body. */
  private sealed interface Envelope {

    static Envelope of(byte[] body) {
      return switch (SCAN.scan(body)) {
        case Malformed malformed ->
            new Refused(new Identification.Malformed(malformed.detail()), malformed.detail());
        case Members members -> of(members);
      };
    }

    private static Envelope of(Members members) {
      String type = members.identifier(TYPE);
      if (type == null) {
        return missing("type");
      }
      String sessionId = members.identifier(SESSION_ID);
      if (sessionId == null) {
        return missing("payload.session_id");
      }
      String timestamp = members.identifier(TIMESTAMP);
      if (timestamp == null && type.equals(SESSION_STATUS_CHANGED)) {
        return missing("payload.timestamp");
      }
      return new Read(type, sessionId, timestamp, members);
    }

    private static Refused missing(String field) {
      String detail = field + " is missing, empty or not text";
      return new Refused(new Identification.Missing(detail), detail);
    }

    record Read(String type, String sessionId, @Nullable String timestamp, Members members)
        implements Envelope {}

    record Refused(Identification why, String detail) implements Envelope {}
  }
}
