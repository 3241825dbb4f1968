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
 * <p>Keeps its buffer, unless it has grown for one large value: for one thread.
 */
public final class WireFormat {

  /** Room for a usual event. A buffer that is larger by now is given back after its value. */
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
      throw new IllegalStateException("memory does not fail to be written", e);
    } finally {
      shrink();
    }
  }

  /** One large value must not hold its memory for as long as the process runs. */
  private void shrink() {
    if (out.capacity() > KEPT_BYTES) {
      out = new Buffer();
      encoder = EncoderFactory.get().binaryEncoder(out, null);
    }
  }

  /** What it holds between two values, in bytes. */
  int capacity() {
    return out.capacity();
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
