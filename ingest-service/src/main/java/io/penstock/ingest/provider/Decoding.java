package io.penstock.ingest.provider;

import io.penstock.ingest.json.JsonScan.Members;
import java.time.Instant;
import java.util.Set;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/** What {@link Provider#decode} made of a body. */
public sealed interface Decoding {

  /** How a deviation ends that stands for members which no documentation names. */
  String UNDOCUMENTED = Members.OTHERS;

  /**
   * A typed event.
   *
   * @param type the provider's own name of the event's type, verbatim; never empty
   * @param occurredAt when the provider says that it happened; null where it sends no time
   * @param event a record of {@link Provider#schema()} with everything set but {@code metadata} and
   *     {@code json}, which are the pipeline's to set; {@code json} only where it is not set yet,
   *     for a body that is no JSON
   * @param deviations the documented fields whose value did not have the documented form, and which
   *     are therefore absent from {@code event}; and, ending in {@link #UNDOCUMENTED}, the records
   *     that had members which no documentation names: paths of the schema, never of the body, so
   *     bounded in number
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
   * Not an event of this provider, as far as this version can tell.
   *
   * @param detail why, in words of ours: nothing of the body
   */
  record Undecodable(String detail) implements Decoding {}
}
