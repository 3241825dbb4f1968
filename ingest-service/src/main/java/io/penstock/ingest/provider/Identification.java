package io.penstock.ingest.provider;

import com.google.common.hash.Hashing;
import java.util.List;

/** What {@link Provider#identify} found. */
public sealed interface Identification {

  /**
   * The body names its event. Two deliveries to one source are copies of one event if their entity
   * keys and their unique parts are equal.
   *
   * @param entityKey deliveries with equal keys keep their order; never empty
   * @param uniqueParts values that all copies of an event share, and that no other event of the
   *     entity has. If the provider has an id of the event, that id alone, because copies may
   *     differ in other members. If it has none and its retries repeat every byte, {@link #allOf}.
   *     Empty if nothing tells a copy from a second event: each delivery is then an event
   */
  record Identified(String entityKey, List<String> uniqueParts) implements Identification {
    public Identified {
      if (entityKey.isEmpty()) {
        throw new IllegalArgumentException("an entity key cannot be empty");
      }
      uniqueParts = List.copyOf(uniqueParts);
    }

    /**
     * An event by its entity's name, which becomes a key by {@link EntityKey}.
     *
     * @param uniqueParts see {@link Identified}
     */
    public static Identified of(String entity, List<String> uniqueParts) {
      return new Identified(EntityKey.of(entity), uniqueParts);
    }

    /** An event by its entity's name and the provider's own id of the event. */
    public static Identified of(String entity, String id) {
      return of(entity, List.of(id));
    }
  }

  /**
   * The unique parts of an event without an id: a digest of its body. Deliveries are copies of one
   * event if their bodies are equal to the byte.
   */
  static List<String> allOf(byte[] body) {
    return List.of("sha256", Hashing.sha256().hashBytes(body).toString());
  }

  /**
   * The body is not exactly one well-formed JSON value.
   *
   * @param detail the error and its place, in words of ours; never a part of the body
   */
  record Malformed(String detail) implements Identification {}

  /**
   * The body is JSON, but lacks what identifies an event.
   *
   * @param detail which member is missing, in words of ours; never a part of the body
   */
  record Missing(String detail) implements Identification {}
}
