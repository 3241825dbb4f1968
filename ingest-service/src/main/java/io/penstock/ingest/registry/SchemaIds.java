package io.penstock.ingest.registry;

import io.confluent.kafka.schemaregistry.CompatibilityLevel;
import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.rest.entities.Config;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import io.penstock.ingest.config.Configuration;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The registry's ids of the schemas with which this process writes.
 *
 * <p>Any thread may call {@link #id}, which never waits. {@link #resolve} sends requests to the
 * registry and blocks until they are answered, at most for the client's time-outs; one thread calls
 * it. Resolved ids stay known while the registry is unavailable.
 */
public final class SchemaIds {

  private static final Logger log = LoggerFactory.getLogger(SchemaIds.class);

  private static final int NOT_FOUND = 404;
  private static final int CONFLICT = 409;

  private final Configuration.SchemaRegistryConfig registry;
  private final Map<String, AvroSchema> schemas;
  private volatile Map<String, Integer> ids = Map.of();

  /**
   * @param schemas by subject
   */
  public SchemaIds(Configuration.SchemaRegistryConfig registry, Map<String, Schema> schemas) {
    this.registry = registry;
    Map<String, AvroSchema> parsed = new HashMap<>();
    schemas.forEach((subject, schema) -> parsed.put(subject, new AvroSchema(schema)));
    this.schemas = Map.copyOf(parsed);
  }

  /** The result of {@link #resolve}. */
  public sealed interface Result {
    /** Every schema has an id. */
    record Resolved() implements Result {}

    /**
     * At least one schema has no id yet. Try again later: the registry may become available, or the
     * schema may be registered.
     *
     * @param problems each names a subject or the registry, and what to do
     */
    record Unresolved(List<String> problems) implements Result {
      public Unresolved {
        problems = List.copyOf(problems);
      }
    }
  }

  /**
   * The id of a subject's schema.
   *
   * @throws IllegalStateException if it has not been resolved yet
   */
  public int id(String subject) {
    Integer id = ids.get(subject);
    if (id == null) {
      throw new IllegalStateException("the schema of " + subject + " has no id yet");
    }
    return id;
  }

  /** Whether every schema has an id. */
  public boolean areResolved() {
    return ids.size() == schemas.size();
  }

  /**
   * Requests all ids from the registry again. With {@code auto-register} it registers missing
   * schemas, under {@code FULL_TRANSITIVE} compatibility. Known ids stay known if this fails.
   */
  public Result resolve() {
    List<String> problems = new ArrayList<>();
    Map<String, Integer> resolved = new HashMap<>();
    // A new client each time: the cache of an old client would hide that the registry was
    // replaced.
    try (SchemaRegistryClient client = RegistryClients.open(registry, schemas.size() + 1)) {
      for (Map.Entry<String, AvroSchema> entry : schemas.entrySet()) {
        String subject = entry.getKey();
        try {
          resolved.put(
              subject,
              registry.autoRegister()
                  ? register(client, subject, entry.getValue())
                  : client.getId(subject, entry.getValue()));
        } catch (RestClientException e) {
          problems.add(problem(subject, e));
        }
      }
    } catch (IOException e) {
      problems.add(
          withoutCredentials(
              "the schema registry at " + registry.url() + " cannot be reached: " + e));
    }
    if (problems.isEmpty()) {
      if (!resolved.equals(ids)) {
        log.atInfo().addKeyValue("ids", resolved).log("The schemas were resolved");
      }
      ids = Map.copyOf(resolved);
      return new Result.Resolved();
    }
    return new Result.Unresolved(problems);
  }

  /** Removes user names and passwords from addresses, also in messages of libraries. */
  static String withoutCredentials(String text) {
    return text.replaceAll("//[^/@\\s]*@", "//");
  }

  /** Registers a schema, and sets its subject's compatibility. */
  static int register(SchemaRegistryClient client, String subject, AvroSchema schema)
      throws IOException, RestClientException {
    boolean known = protect(client, subject);
    int id = client.register(subject, schema);
    if (!known) {
      protect(client, subject);
    }
    return id;
  }

  /**
   * Sets the subject's compatibility. Some registries refuse this for a subject that has no version
   * yet.
   *
   * @return whether the registry accepted it
   */
  private static boolean protect(SchemaRegistryClient client, String subject)
      throws IOException, RestClientException {
    try {
      client.updateConfig(subject, new Config(CompatibilityLevel.FULL_TRANSITIVE.name));
      return true;
    } catch (RestClientException e) {
      if (e.getStatus() == NOT_FOUND) {
        return false;
      }
      throw e;
    }
  }

  private String problem(String subject, RestClientException e) {
    return switch (e.getStatus()) {
      case NOT_FOUND ->
          "the schema registry has no such schema under the subject "
              + subject
              + ": register it there, or set schema-registry.auto-register to true";
      case CONFLICT ->
          "the schema registry refuses the schema of "
              + subject
              + " as incompatible with an earlier version";
      default -> "the schema registry answered " + e.getStatus() + " for the subject " + subject;
    };
  }
}
