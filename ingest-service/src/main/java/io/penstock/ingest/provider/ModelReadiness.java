package io.penstock.ingest.provider;

import java.time.Instant;
import java.util.Set;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * How a provider's events tell whether a model can be used: the rules by which the pipeline makes
 * events of other events. Stateless and safe for use by any number of threads.
 */
public interface ModelReadiness {

  /** The last part of the name of the topic that says which models can be used. */
  String topic();

  /** The Avro schema of the values in that topic. */
  Schema schema();

  /**
   * What an event says of its model.
   *
   * @param decoded an event of the provider, with its typed fields
   */
  Sign read(Decoding.Decoded decoded);

  /** All texts that a {@link Sign} may have as its lack or doubt. */
  Set<String> doubts();

  /** What an event says of its model. */
  sealed interface Sign {

    /** Nothing that matters here. */
    record Nothing() implements Sign {}

    /**
     * It should say something, but lacks what is needed. It changes nothing.
     *
     * @param lack for a metric: one of a few texts
     */
    record Unclear(String lack) implements Sign {}

    /**
     * Something is known of the model from now on.
     *
     * @param subject of what
     * @param holds whether the model is that now: processed, active, gone
     * @param type the event's
     * @param modelId as the provider has it; never empty
     * @param version the model's; null where the event has none
     * @param at when it happened; null where the event has no time
     * @param state the provider's own word for what the model is now; empty where it has none
     * @param doubt for a metric: in what the event differs from what is documented; empty if it
     *     does not
     */
    record Known(
        Subject subject,
        boolean holds,
        String type,
        String modelId,
        @Nullable Long version,
        @Nullable Instant at,
        String state,
        String doubt)
        implements Sign {}
  }

  /** What a model can be. */
  enum Subject {
    /** Its processing has succeeded. */
    PROCESSED,
    /** It is active. */
    ACTIVE,
    /** It is no more: what was known of it before does not count. */
    GONE
  }
}
