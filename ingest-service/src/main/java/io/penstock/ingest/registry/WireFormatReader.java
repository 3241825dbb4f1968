package io.penstock.ingest.registry;

import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import io.penstock.ingest.config.Configuration;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;

/**
 * Reads values in the Confluent wire format with the schemas with which they were written. Blocks
 * while it requests a new schema from the registry. For one thread.
 */
public final class WireFormatReader implements AutoCloseable {

  private static final int SCHEMAS = 100;
  private static final int PREFIX = 5;
  private static final int SERVER_ERRORS = 500;

  private final SchemaRegistryClient registry;
  private final Map<Integer, GenericDatumReader<GenericRecord>> readers = new HashMap<>();

  /** Does not connect yet. */
  public WireFormatReader(Configuration.SchemaRegistryConfig registry) {
    this.registry = RegistryClients.open(registry, SCHEMAS);
  }

  /**
   * Reads a value.
   *
   * @throws IOException if the value is not in the wire format, does not fit its schema, or the
   *     registry does not know its schema
   * @throws RegistryUnavailableException if the registry does not answer
   */
  public GenericRecord read(byte[] value) throws IOException {
    GenericDatumReader<GenericRecord> reader = reader(schemaId(value));
    try {
      return reader.read(
          null, DecoderFactory.get().binaryDecoder(value, PREFIX, value.length - PREFIX, null));
    } catch (RuntimeException e) {
      // Avro's decoder does not check what it reads, such as an index or a length.
      throw new IOException("the value does not fit its schema", e);
    }
  }

  /**
   * The id of the schema with which a value was written; does not ask the registry.
   *
   * @throws IOException if the value is not in the wire format
   */
  public static int schemaId(byte[] value) throws IOException {
    if (value.length < PREFIX || value[0] != 0) {
      throw new IOException("the value is not in the Confluent wire format");
    }
    return ByteBuffer.wrap(value).getInt(1);
  }

  private GenericDatumReader<GenericRecord> reader(int id) throws IOException {
    GenericDatumReader<GenericRecord> reader = readers.get(id);
    if (reader == null) {
      try {
        Schema schema = ((AvroSchema) registry.getSchemaById(id)).rawSchema();
        reader = new GenericDatumReader<>(schema);
      } catch (RestClientException e) {
        if (e.getStatus() >= SERVER_ERRORS) {
          throw new RegistryUnavailableException(e);
        }
        throw new IOException("the registry does not know schema " + id, e);
      } catch (IOException e) {
        throw new RegistryUnavailableException(e);
      }
      readers.put(id, reader);
    }
    return reader;
  }

  @Override
  public void close() throws IOException {
    registry.close();
  }
}
