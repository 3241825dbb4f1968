package io.penstock.ingest.provider.smartshape;

import io.penstock.ingest.json.JsonScan;
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
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/**
 * SmartShape: <a href="https://cloud.smartshape.com/documentation/developer-manual/webhooks">its
 * webhooks</a> always have {@code file}, {@code event}, {@code data}, {@code owner}, {@code
 * runTimestamp} and {@code uuid}. Its documentation has times in UTC alone, so one that names no
 * zone is taken for that.
 */
public final class SmartShape implements Provider {

  private static final Schema SCHEMA = EventSchemas.load("SmartShapeEvent");
  private static final EventRecords EVENTS = EventRecords.of(SCHEMA, ZoneOffset.UTC);

  private static final JsonScan SCAN =
      JsonScan.of("uuid", "file", "event", "data", "owner", "runTimestamp");
  private static final int UUID = 0;
  private static final int FILE = 1;
  private static final int EVENT = 2;
  private static final int DATA = 3;
  private static final int OWNER = 4;
  private static final int RUN_TIMESTAMP = 5;

  @Override
  public String name() {
    return "smartshape";
  }

  @Override
  public Schema schema() {
    return SCHEMA;
  }

  @Override
  public Identification identify(byte[] body, Map<String, String> headers) {
    return switch (Envelope.of(body)) {
      case Envelope.Read envelope ->
          new Identification.Identified(EntityKey.of(envelope.file), List.of(envelope.uuid));
      case Envelope.Refused refused -> refused.why;
    };
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
    event.put("file", envelope.file);
    event.put("uuid", envelope.uuid);
    event.put("owner", envelope.members.text(OWNER));
    if (envelope.members.isOtherThanText(OWNER)) {
      deviations.add("owner");
    }
    EVENTS.read(envelope.event, body, envelope.members, DATA, event, deviations);

    Instant occurredAt =
        EventTime.plausible(envelope.members.millis(RUN_TIMESTAMP, ZoneOffset.UTC));
    if (occurredAt == null) {
      deviations.add("runTimestamp");
    } else {
      event.put("runTimestamp", occurredAt.toEpochMilli());
    }
    return new Decoding.Decoded(envelope.event, occurredAt, event, deviations);
  }

  @Override
  public List<Sample> samples() {
    return Samples.load(
        SmartShape.class,
        "attribute_updated",
        "file_uploaded",
        "file_optimized",
        "annotation_created",
        "annotation_updated",
        "annotation_removed",
        "configuration_created",
        "configuration_updated",
        "configuration_removed");
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
      String uuid = members.identifier(UUID);
      if (uuid == null) {
        return missing("uuid");
      }
      String file = members.identifier(FILE);
      if (file == null) {
        return missing("file");
      }
      String event = members.identifier(EVENT);
      if (event == null) {
        return missing("event");
      }
      return new Read(uuid, file, event, members);
    }

    private static Refused missing(String field) {
      String detail = field + " is missing, empty or not text";
      return new Refused(new Identification.Missing(detail), detail);
    }

    record Read(String uuid, String file, String event, Members members) implements Envelope {}

    record Refused(Identification why, String detail) implements Envelope {}
  }
}
