package io.penstock.examples;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;

/**
 * Reads the Confluent wire format into generated classes, with the registry's HTTP interface alone.
 */
final class RegistryDeserializer<T extends SpecificRecord> implements Deserializer<T> {

  private final String registryUrl;
  private final Class<T> type;
  private final Map<Integer, SpecificDatumReader<T>> readers = new HashMap<>(); // by schema id

  RegistryDeserializer(String registryUrl, Class<T> type) {
    this.registryUrl = registryUrl;
    this.type = type;
  }

  @Override
  public T deserialize(String topic, byte[] data) {
    try {
      ByteBuffer in = ByteBuffer.wrap(data); // a zero byte, the schema's id, Avro's binary encoding
      if (in.get() != 0) {
        throw new SerializationException("not in the Confluent wire format");
      }
      SpecificDatumReader<T> reader = reader(in.getInt());
      return reader.read(null, DecoderFactory.get().binaryDecoder(data, 5, data.length - 5, null));
    } catch (IOException e) {
      throw new SerializationException("cannot read an event of " + topic, e);
    }
  }

  private SpecificDatumReader<T> reader(int schemaId) throws IOException {
    SpecificDatumReader<T> reader = readers.get(schemaId);
    if (reader == null) {
      URI uri = URI.create(registryUrl + "/schemas/ids/" + schemaId);
      try (InputStream answer = uri.toURL().openStream()) {
        String schema = new ObjectMapper().readTree(answer).get("schema").asText();
        reader = new SpecificDatumReader<>(type); // the class's schema is what it reads into ...
        reader.setSchema(new Schema.Parser().parse(schema)); // ... and this is what was written
      }
      readers.put(schemaId, reader);
    }
    return reader;
  }
}
