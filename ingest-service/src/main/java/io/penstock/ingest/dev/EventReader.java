package io.penstock.ingest.dev;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads topics as any consumer would: committed records only, decoded by what the registry says.
 * For one thread.
 */
final class EventReader implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final SchemaRegistryClient registry;
  private final Map<Integer, Schema> schemas = new HashMap<>();

  /** Starts at the beginning of the given topics, which must exist. */
  EventReader(String bootstrapServers, String registryUrl, Collection<String> topics) {
    Properties properties = new Properties();
    properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    List<TopicPartition> partitions =
        topics.stream()
            .flatMap(topic -> consumer.partitionsFor(topic).stream())
            .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    registry = new CachedSchemaRegistryClient(List.of(registryUrl), 100);
  }

  /**
   * One record, decoded.
   *
   * @param eventId its header {@code ce_id}
   * @param json all of it, as one line
   */
  record Event(String topic, String eventId, String json) {}

  /** What has come since the last call, waiting a little for it. */
  List<Event> poll(Duration timeout) {
    List<Event> events = new java.util.ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(timeout)) {
      events.add(event(record));
    }
    return events;
  }

  /** Whether everything that was committed before this call has been handed out. */
  boolean isAtEnd() {
    return consumer.endOffsets(consumer.assignment()).entrySet().stream()
        .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
  }

  private Event event(ConsumerRecord<byte[], byte[]> record) {
    ObjectNode line = JSON.createObjectNode();
    line.put("topic", record.topic());
    line.put("partition", record.partition());
    line.put("offset", record.offset());
    line.put("timestamp", record.timestamp());
    line.put("key", record.key() == null ? null : new String(record.key(), UTF_8));
    ObjectNode headers = line.putObject("headers");
    record
        .headers()
        .forEach(header -> headers.put(header.key(), new String(header.value(), UTF_8)));
    try {
      line.set("value", JSON.readTree(GenericData.get().toString(value(record.value()))));
      return new Event(
          record.topic(), headers.path("ce_id").asText(), JSON.writeValueAsString(line));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The Confluent wire format: zero, four bytes of schema id, Avro. */
  private Object value(byte[] bytes) throws IOException {
    int id = ByteBuffer.wrap(bytes).getInt(1);
    Schema schema = schemas.get(id);
    if (schema == null) {
      try {
        schema = ((AvroSchema) registry.getSchemaById(id)).rawSchema();
      } catch (RestClientException e) {
        throw new IOException("the registry does not know schema " + id, e);
      }
      schemas.put(id, schema);
    }
    return new GenericDatumReader<>(schema)
        .read(null, DecoderFactory.get().binaryDecoder(bytes, 5, bytes.length - 5, null));
  }

  @Override
  public void close() {
    consumer.close();
    try {
      registry.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
