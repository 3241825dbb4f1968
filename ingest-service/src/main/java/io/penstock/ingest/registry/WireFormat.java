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
 * <p>Reuses its buffer, so only one thread may use it.
 */
public final class WireFormat {

  /** Enough for most events. A buffer that has grown beyond this is dropped after its value. */
  private static final int KEPT_BYTES = 256 * 1024;

  private Buffer out = new Buffer();
  private BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);

  private static final class Buffer extends ByteArrayOutputStream {
    Buffer() {
      super(4096);
    }

    int capacity() {
      return buf.length;
    }
  }

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
      return out.toByteArray();
    } catch (IOException e) {
      throw new IllegalStateException("a write to memory cannot fail", e);
    } finally {
      shrink();
    }
  }

  /** Releases the memory of one large value. */
  private void shrink() {
    if (out.capacity() > KEPT_BYTES) {
      out = new Buffer();
      encoder = EncoderFactory.get().binaryEncoder(out, null);
    }
  }

  /** The size of its buffer between two values, in bytes. */
  int capacity() {
    return out.capacity();
  }

  /** Drops what a value that did not fit its schema has left in the encoder's buffer. */
  private void discard() {
    try {
      encoder.flush();
    } catch (IOException e) {
      throw new IllegalStateException("a write to memory cannot fail", e);
    }
    out.reset();
  }
}
