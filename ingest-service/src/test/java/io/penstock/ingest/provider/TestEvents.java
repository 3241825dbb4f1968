package io.penstock.ingest.provider;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.provider.Decoding.Decoded;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.io.EncoderFactory;

/** The pipeline's part in making an event, for tests of providers. */
public final class TestEvents {

  private TestEvents() {}

  /** Decodes what must be decodable. */
  public static Decoded decode(Provider provider, byte[] body) {
    Decoding decoding = provider.decode(body, Map.of());
    assertThat(decoding).isInstanceOf(Decoded.class);
    return (Decoded) decoding;
  }

  /** The decoded event with what the pipeline adds. */
  public static GenericRecord complete(Decoded decoded, byte[] body) {
    GenericRecord event = decoded.event();
    GenericRecord metadata =
        new GenericData.Record(event.getSchema().getField("metadata").schema());
    metadata.put("eventId", "0123456789abcdef0123456789abcdef");
    metadata.put("source", "tests");
    metadata.put("provider", "test");
    metadata.put("type", decoded.type());
    metadata.put("entityKey", "entity");
    Instant occurredAt = decoded.occurredAt();
    metadata.put("occurredAt", occurredAt == null ? null : occurredAt.toEpochMilli());
    metadata.put("receivedAt", Instant.parse("2026-11-21T00:00:00Z").toEpochMilli());
    metadata.put("receiptId", "receipt");
    event.put("metadata", metadata);
    if (event.get("json") == null) {
      event.put("json", new String(body, UTF_8));
    }
    return event;
  }

  /** The event's bytes in Avro's binary form, by the plain schema that is registered. */
  public static byte[] encode(GenericRecord event) {
    return encode(event, new GenericDatumWriter<>(event.getSchema()));
  }

  static <T> byte[] encode(T event, DatumWriter<T> writer) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
      writer.write(event, encoder);
      encoder.flush();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return out.toByteArray();
  }
}
