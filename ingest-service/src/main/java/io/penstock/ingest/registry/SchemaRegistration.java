package io.penstock.ingest.registry;

import io.confluent.kafka.schemaregistry.CompatibilityLevel;
import io.confluent.kafka.schemaregistry.ParsedSchema;
import io.confluent.kafka.schemaregistry.ParsedSchemaHolder;
import io.confluent.kafka.schemaregistry.SimpleParsedSchemaHolder;
import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.client.SchemaMetadata;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import io.penstock.ingest.config.Configuration;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.avro.Schema;

/**
 * Registers the schemas with which this version writes, for an operator. Blocks at most for the
 * client's time-outs; for one thread.
 */
public final class SchemaRegistration implements AutoCloseable {

  private static final int NOT_FOUND = 404;

  private final SchemaRegistryClient client;
  private final SortedMap<String, AvroSchema> schemas = new TreeMap<>();

  /**
   * Opens no connection yet.
   *
   * @param schemas by subject
   */
  public SchemaRegistration(
      Configuration.SchemaRegistryConfig registry, Map<String, Schema> schemas) {
    this.client = RegistryClients.open(registry, schemas.size() + 1);
    schemas.forEach((subject, schema) -> this.schemas.put(subject, new AvroSchema(schema)));
  }

  /** What the registry says of a subject's schema. */
  public sealed interface State {

    /**
     * It is there.
     *
     * @param id of the schema
     */
    record Registered(int id) implements State {}

    /** It is not there, and is compatible with every version that is. */
    record Missing() implements State {}

    /**
     * It is not there, and contradicts a version that is: the registry will refuse it.
     *
     * @param reasons as Confluent's library gives them
     */
    record Incompatible(List<String> reasons) implements State {
      public Incompatible {
        reasons = List.copyOf(reasons);
      }
    }
  }

  /**
   * Compares. Changes nothing.
   *
   * @return the state of every schema, by subject
   * @throws RegistryUnavailableException if the registry does not answer, or refuses
   */
  public SortedMap<String, State> check() {
    SortedMap<String, State> states = new TreeMap<>();
    for (Map.Entry<String, AvroSchema> entry : schemas.entrySet()) {
      try {
        states.put(entry.getKey(), state(entry.getKey(), entry.getValue()));
      } catch (RestClientException | IOException e) {
        throw new RegistryUnavailableException(e);
      }
    }
    return states;
  }

  private State state(String subject, AvroSchema schema) throws IOException, RestClientException {
    try {
      return new State.Registered(client.getId(subject, schema));
    } catch (RestClientException e) {
      if (e.getStatus() != NOT_FOUND) {
        throw e;
      }
    }
    List<ParsedSchemaHolder> earlier = new ArrayList<>();
    for (int version : versions(subject)) {
      SchemaMetadata found = client.getSchemaMetadata(subject, version);
      Optional<ParsedSchema> parsed =
          client.parseSchema(found.getSchemaType(), found.getSchema(), found.getReferences());
      if (parsed.isEmpty()) {
        return new State.Incompatible(
            List.of("version " + version + " is no Avro schema: " + found.getSchemaType()));
      }
      earlier.add(new SimpleParsedSchemaHolder(parsed.get()));
    }
    // Not the registry's own test: it applies the compatibility that the subject has before.
    List<String> reasons = schema.isCompatible(CompatibilityLevel.FULL_TRANSITIVE, earlier);
    return reasons.isEmpty() ? new State.Missing() : new State.Incompatible(reasons);
  }

  private List<Integer> versions(String subject) throws IOException, RestClientException {
    try {
      return client.getAllVersions(subject);
    } catch (RestClientException e) {
      if (e.getStatus() == NOT_FOUND) {
        return List.of();
      }
      throw e;
    }
  }

  /**
   * Registers one schema, and sets its subject's compatibility to {@code FULL_TRANSITIVE}. Changes
   * nothing where both are so.
   *
   * @return the schema's id
   * @throws RegistryUnavailableException if the registry does not answer, or refuses
   * @throws IllegalArgumentException if there is no such subject
   */
  public int register(String subject) {
    AvroSchema schema = schemas.get(subject);
    if (schema == null) {
      throw new IllegalArgumentException("no subject " + subject);
    }
    try {
      return SchemaIds.register(client, subject, schema);
    } catch (RestClientException | IOException e) {
      throw new RegistryUnavailableException(e);
    }
  }

  @Override
  public void close() {
    try {
      client.close();
    } catch (IOException e) {
      throw new RegistryUnavailableException(e);
    }
  }
}
