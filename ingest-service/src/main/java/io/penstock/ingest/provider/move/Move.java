package io.penstock.ingest.provider.move;

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
 * Move API: <a href="https://developers.move.ai/docs/integrations/webhooks">its webhooks</a> have
 * {@code event_name}, {@code timestamp} and {@code detail}, as <a
 * href="https://svix.com/event-types/eu/org_2U19l4cDWik8VmkVGzwQ0H77T1o">their catalogue</a> says,
 * and Svix delivers them.
 *
 * <p>An event is recognized by the id of its message, a header which Svix's signature covers. A
 * source that asks for no signature may get requests without one: there, deliveries are one event
 * if they are equal to the byte.
 *
 * <p>The catalogue has times in UTC alone, so one that names no zone is taken for that.
 */
public final class Move implements Provider {

  /** What the catalogue writes before the names of some events, and the events may leave out. */
  private static final String UGC = "ugc.";

  private static final Map<String, String> ABORT_MESSAGE =
      Map.of("webhook-delivery", "abort-message");

  private static final Schema SCHEMA = EventSchemas.load("MoveEvent");
  private static final EventRecords EVENTS = EventRecords.of(SCHEMA, ZoneOffset.UTC);

  private static final JsonScan SCAN =
      JsonScan.of(
          "event_name",
          "timestamp",
          "detail",
          "detail.job_id",
          "detail.event_attributes.job.id",
          "detail.event_attributes.take.id");
  private static final int EVENT_NAME = 0;
  private static final int TIMESTAMP = 1;
  private static final int DETAIL = 2;
  private static final int JOB_ID = 3;
  private static final int ATTRIBUTES_JOB_ID = 4;
  private static final int ATTRIBUTES_TAKE_ID = 5;

  @Override
  public String name() {
    return "move";
  }

  /** Svix waits for 15 s. */
  @Override
  public Duration acknowledgementDeadline() {
    return Duration.ofSeconds(12);
  }

  @Override
  public Schema schema() {
    return SCHEMA;
  }

  @Override
  public List<String> headers() {
    return MessageId.HEADERS;
  }

  /**
   * What Svix's <a href="https://docs.svix.com/receiving/delivery-control">delivery control</a>
   * takes for the end of a message's retries: 28 hours of them would make a dead letter each.
   */
  @Override
  public Map<String, String> headersOfFinalRefusals() {
    return ABORT_MESSAGE;
  }

  @Override
  public Identification identify(byte[] body, Map<String, String> headers) {
    return switch (Envelope.of(body)) {
      case Envelope.Read envelope -> identify(body, envelope, MessageId.of(headers));
      case Envelope.Refused refused -> refused.why;
    };
  }

  private static Identification identify(
      byte[] body, Envelope.Read envelope, @Nullable String messageId) {
    List<String> uniqueParts = messageId != null ? List.of(messageId) : Identification.allOf(body);
    String entity = envelope.jobId == null ? String.join(":", uniqueParts) : envelope.jobId;
    return new Identification.Identified(EntityKey.of(entity), uniqueParts);
  }

  @Override
  public Decoding decode(byte[] body, Map<String, String> headers) {
    return switch (Envelope.of(body)) {
      case Envelope.Read envelope -> decode(body, envelope, MessageId.of(headers));
      case Envelope.Refused refused -> new Decoding.Undecodable(refused.detail);
    };
  }

  private static Decoding decode(byte[] body, Envelope.Read envelope, @Nullable String messageId) {
    Set<String> deviations = new HashSet<>();
    GenericRecord event = new GenericData.Record(SCHEMA);
    envelope.members.noteOthers(deviations);
    event.put("messageId", messageId);
    event.put("jobId", envelope.jobId);
    String takeId = envelope.members.identifier(ATTRIBUTES_TAKE_ID);
    event.put("takeId", takeId);
    if (envelope.jobId == null
        && (envelope.members.isGiven(JOB_ID) || envelope.members.isGiven(ATTRIBUTES_JOB_ID))) {
      deviations.add("jobId");
    }
    if (takeId == null && envelope.members.isGiven(ATTRIBUTES_TAKE_ID)) {
      deviations.add("takeId");
    }
    EVENTS.read(documented(envelope.eventName), body, envelope.members, DETAIL, event, deviations);

    Instant occurredAt = EventTime.plausible(envelope.members.millis(TIMESTAMP, ZoneOffset.UTC));
    if (occurredAt == null) {
      deviations.add("timestamp");
    } else {
      event.put("timestamp", occurredAt.toEpochMilli());
    }
    return new Decoding.Decoded(envelope.eventName, occurredAt, event, deviations);
  }

  /** The name under which the catalogue has an event, if it has it with or without the prefix. */
  private static String documented(String eventName) {
    if (EVENTS.knows(eventName)) {
      return eventName;
    }
    String other = eventName.startsWith(UGC) ? eventName.substring(UGC.length()) : UGC + eventName;
    return EVENTS.knows(other) ? other : eventName;
  }

  @Override
  public List<Sample> samples() {
    return Samples.load(
        Move.class,
        "job.state.completed",
        "job.state.started",
        "ugc.job.state.completed",
        "ugc.job.state.failed");
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
      if (members.root() == Kind.ARRAY) {
        return missing("the body is an array, as a FIFO endpoint sends; use an ordinary endpoint");
      }
      String eventName = members.identifier(EVENT_NAME);
      if (eventName == null) {
        return missing("event_name is missing, empty or not text");
      }
      String jobId = members.identifier(JOB_ID);
      return new Read(
          eventName, jobId == null ? members.identifier(ATTRIBUTES_JOB_ID) : jobId, members);
    }

    private static Refused missing(String detail) {
      return new Refused(new Identification.Missing(detail), detail);
    }

    /**
     * The fields that tell one event from another.
     *
     * @param jobId wherever the event has it; null where it names no job
     */
    record Read(String eventName, @Nullable String jobId, Members members) implements Envelope {}

    record Refused(Identification why, String detail) implements Envelope {}
  }
}
