package io.penstock.ingest.registry;

import io.confluent.kafka.schemaregistry.client.SchemaMetadata;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import io.penstock.ingest.config.Configuration;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Looks up which schemas the registry has. Blocks; safe for use by any number of threads. */
public final class SubjectVersions {

  private static final int NOT_FOUND = 404;

  private final SchemaRegistryClient client;

  /** Opens no connection yet. */
  public SubjectVersions(Configuration.SchemaRegistryConfig registry) {
    this.client = RegistryClients.open(registry, 1000);
  }

  /**
   * One version of a subject.
   *
   * @param number counts from 1 in each subject
   * @param id of the schema, the same in all subjects that have it
   * @param schema its text
   */
  public record SchemaVersion(int number, int id, String schema) {}

  /**
   * The newest versions of a subject, the newest first.
   *
   * @param most how many
   * @return empty where the registry has no such subject
   * @throws RegistryUnavailableException if the registry does not answer, or refuses
   */
  public List<SchemaVersion> newest(String subject, int most) {
    try {
      List<Integer> numbers = new ArrayList<>(client.getAllVersions(subject));
      numbers.sort((a, b) -> Integer.compare(b, a));
      List<SchemaVersion> versions = new ArrayList<>();
      for (int number : numbers.subList(0, Math.min(most, numbers.size()))) {
        SchemaMetadata found = client.getSchemaMetadata(subject, number);
        versions.add(new SchemaVersion(number, found.getId(), found.getSchema()));
      }
      return versions;
    } catch (RestClientException e) {
      if (e.getStatus() == NOT_FOUND) {
        return List.of();
      }
      throw new RegistryUnavailableException(e);
    } catch (IOException e) {
      throw new RegistryUnavailableException(e);
    }
  }
}
