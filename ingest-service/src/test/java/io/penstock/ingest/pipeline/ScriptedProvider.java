package io.penstock.ingest.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.ingest.provider.Decoding;
import io.penstock.ingest.provider.EventSchemas;
import io.penstock.ingest.provider.Identification;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.Sample;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/** A provider whose decoding does what a test says, record by record. */
final class ScriptedProvider implements Provider {

  static final Instant OCCURRED_AT = Instant.parse("2026-11-20T23:59:59.5Z");
  static final String KNOWN_TYPE = "thing.done";

  /** What becomes of a body. */
  interface Decoder {
    Decoding decode(byte[] body, Map<String, String> headers);
  }

  private final String name;
  private final Schema schema;
  private volatile Decoder decoder = (body, headers) -> decoded(body);

  ScriptedProvider(String name) {
    this.name = name;
    Schema known = SchemaBuilder.record("Known").fields().endRecord();
    this.schema =
        SchemaBuilder.record(name + "Event")
            .fields()
            .name("metadata")
            .type(EventSchemas.load("EventMetadata"))
            .noDefault()
            .optionalString("text")
            .name("known")
            .prop("penstock.eventType", KNOWN_TYPE)
            .type()
            .optional()
            .type(known)
            .requiredString("json")
            .endRecord();
  }

  /** Decodes in this way from now on. */
  void decodes(Decoder next) {
    decoder = next;
  }

  /** An event whose text is the body. */
  Decoding.Decoded decoded(byte[] body) {
    return decoded(body, KNOWN_TYPE, OCCURRED_AT);
  }

  Decoding.Decoded decoded(
      byte[] body, String type, @org.jspecify.annotations.Nullable Instant occurredAt) {
    GenericRecord event = new GenericData.Record(schema);
    event.put("text", new String(body, UTF_8));
    return new Decoding.Decoded(type, occurredAt, event, Set.of());
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Schema schema() {
    return schema;
  }

  @Override
  public Identification identify(byte[] body, Map<String, String> headers) {
    throw new UnsupportedOperationException("the ingress's part");
  }

  @Override
  public Decoding decode(byte[] body, Map<String, String> headers) {
    return decoder.decode(body, headers);
  }

  @Override
  public List<Sample> samples() {
    return List.of();
  }
}
