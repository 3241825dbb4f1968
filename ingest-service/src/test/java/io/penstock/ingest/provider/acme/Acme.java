package io.penstock.ingest.provider.acme;

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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/** Acme: its webhooks always have {@code event}, {@code type}, {@code at} and {@code data}. */
public final class Acme implements Provider {

  private static final Schema SCHEMA = EventSchemas.load("AcmeEvent");
  private static final EventRecords EVENTS = EventRecords.of(SCHEMA);

  private static final JsonScan SCAN = JsonScan.of("event", "type", "at", "data", "data.scan_id");
  private static final int EVENT = 0;
  private static final int TYPE = 1;
  private static final int AT = 2;
  private static final int DATA = 3;
  private static final int SCAN_ID = 4;

  @Override
  public String name() {
    return "acme";
  }

  @Override
  public Schema schema() {
    return SCHEMA;
  }

  @Override
  public Identification identify(byte[] body, Map<String, String> headers) {
    return switch (Envelope.of(body)) {
      case Envelope.Read envelope ->
          new Identification.Identified(EntityKey.of(envelope.scanId), List.of(envelope.event));
      case Envelope.Refused refused -> refused.why;
    };
  }

  @Override
  public Decoding decode(byte[] body, Map<String, String> headers) {
    return switch (Envelope.of(body)) {
      case Envelope.Read envelope -> {
        Set<String> deviations = new HashSet<>();
        GenericRecord event = new GenericData.Record(SCHEMA);
        Members members = envelope.members;
        members.noteOthers(deviations);
        EVENTS.read(envelope.type, body, members, DATA, event, deviations);
        yield new Decoding.Decoded(
            envelope.type, EventTime.plausible(members.millis(AT)), event, deviations);
      }
      case Envelope.Refused refused -> new Decoding.Undecodable(refused.detail);
    };
  }

  @Override
  public List<Sample> samples() {
    return Samples.load(Acme.class, "scan.finished");
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
      String event = members.identifier(EVENT);
      String type = members.identifier(TYPE);
      String scanId = members.identifier(SCAN_ID);
      if (event == null || type == null || scanId == null) {
        String detail = "event, type or data.scan_id is missing, empty or not text";
        return new Refused(new Identification.Missing(detail), detail);
      }
      return new Read(event, type, scanId, members);
    }

    record Read(String event, String type, String scanId, Members members) implements Envelope {}

    record Refused(Identification why, String detail) implements Envelope {}
  }
}
