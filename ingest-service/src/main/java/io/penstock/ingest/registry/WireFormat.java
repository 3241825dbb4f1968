package io.penstock.ingest.registry;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;

/**
 * Writes values in the Confluent wire format: a zero byte, the schema's id in four bytes,
 * big-endian, then Avro's binary encoding
 * (https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format).
 *
 * <p>Keeps its buffers: for one thread.
 */
public final class WireFormat {

  private final ByteArrayOutputStream out = new ByteArrayOutputStream(4096);
  private final BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);

  /**
   * Encodes a record.
   *
   * @throws org.apache.avro.AvroRuntimeException if the record does not fit its schema
   */
  public byte[] encode(int schemaId, GenericRecord record) {
    discard();
    out.write(0);
    out.write(schemaId >>> 24);
    out.write(schemaId >>> 16);
    out.write(schemaId >>> 8);
    out.write(schemaId);
    try {
      new GenericDatumWriter<GenericRecord>(record.getSchema()).write(record, encoder);
      encoder.flush();
    } catch (IOException e) {
      throw new IllegalStateException("memory does not fail to be written", e);
    }
    return out.toByteArray();
  }

  /** A value that did not fit its schema leaves its first part in the encoder's buffer. */
  private void discard() {
    try {
      encoder.flush();
    } catch (IOException e) {
      throw new IllegalStateException("memory does not fail to be written", e);
    }
    out.reset();
  }
}
