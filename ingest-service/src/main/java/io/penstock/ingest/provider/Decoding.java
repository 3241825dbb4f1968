package io.penstock.ingest.provider;

import io.penstock.ingest.json.JsonToAvro;
import java.time.Instant;
import java.util.Set;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/** What {@link Provider#decode} made of a body. */
public sealed interface Decoding {

  /** How a deviation ends that stands for members that the schema does not name. */
  String UNDOCUMENTED = JsonToAvro.UNDOCUMENTED;

  /**
   * A typed event.
   *
   * @param type the provider's own name of the event's type, verbatim; never empty
   * @param occurredAt when the provider says that it happened; null if it sends no time
   * @param event a record of {@link Provider#schema()}. The pipeline sets {@code metadata}, and
   *     {@code json} unless it is set already, for a body that is not JSON
   * @param deviations the documented fields whose value does not have the documented form, and
   *     which are null in {@code event}; and, ending in {@link #UNDOCUMENTED}, the records with
   *     members that the schema does not name. All are paths of the schema and never of the body,
   *     so their number is bounded
   */
  record Decoded(
      String type, @Nullable Instant occurredAt, GenericRecord event, Set<String> deviations)
      implements Decoding {
    public Decoded {
      if (type.isEmpty()) {
        throw new IllegalArgumentException("a type cannot be empty");
      }
      deviations = Set.copyOf(deviations);
    }
  }

  /**
   * Not an event of this provider, by the rules of this version.
   *
   * @param detail why, in words of ours; never a part of the body
   */
  record Undecodable(String detail) implements Decoding {}
}
