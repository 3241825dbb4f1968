package io.penstock.ingest.provider;

import com.google.common.hash.Hashing;
import java.util.List;

/** What {@link Provider#identify} found. */
public sealed interface Identification {

  /**
   * The body names its event. An event is known by its entity key and its unique parts together,
   * within one source.
   *
   * @param entityKey what orders it: deliveries with equal keys keep their order; never empty
   * @param uniqueParts what is equal in two deliveries of one event and in no others of the entity;
   *     empty where the provider sends nothing of the kind, so that each delivery counts as an
   *     event of its own. A provider's own id of the event stands alone, since its retries may
   *     differ in the rest; where there is none, and a retry repeats every byte, {@link #allOf}
   */
  record Identified(String entityKey, List<String> uniqueParts) implements Identification {
    public Identified {
      if (entityKey.isEmpty()) {
        throw new IllegalArgumentException("an entity key cannot be empty");
      }
      uniqueParts = List.copyOf(uniqueParts);
    }
  }

  /**
   * The unique parts of what nothing but its body tells from others: deliveries are one event if
   * they are equal to the byte.
   */
  static List<String> allOf(byte[] body) {
    return List.of("sha256", Hashing.sha256().hashBytes(body).toString());
  }

  /**
   * The body is not one well-formed JSON value that every reader understands alike.
   *
   * @param detail what is wrong and where, in words of ours: nothing of the body
   */
  record Malformed(String detail) implements Identification {}

  /**
   * The body is JSON, but lacks what identifies an event.
   *
   * @param detail which field is missing, in words of ours: nothing of the body
   */
  record Missing(String detail) implements Identification {}
}
