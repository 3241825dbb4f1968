package io.penstock.ingest.registry;

import io.confluent.kafka.schemaregistry.avro.AvroSchemaProvider;
import io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClientConfig;
import io.penstock.ingest.config.Configuration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Makes the clients of the schema registry. */
final class RegistryClients {

  private RegistryClients() {}

  /**
   * A new client. Its time-outs are 5 s to connect and 10 s to read, unless the operator sets
   * others.
   *
   * @param cacheSize how many schemas it caches
   */
  static SchemaRegistryClient open(Configuration.SchemaRegistryConfig registry, int cacheSize) {
    Map<String, Object> properties = new HashMap<>(registry.properties());
    properties.putIfAbsent(SchemaRegistryClientConfig.HTTP_CONNECT_TIMEOUT_MS, "5000");
    properties.putIfAbsent(SchemaRegistryClientConfig.HTTP_READ_TIMEOUT_MS, "10000");
    return new CachedSchemaRegistryClient(
        List.of(registry.url().split("\\s*,\\s*")),
        cacheSize,
        List.of(new AvroSchemaProvider()),
        properties);
  }
}
