package io.penstock.ingest.pausing;

import io.penstock.ingest.config.Configuration;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.KafkaException;

/** Which sources are paused, as far as it is known. Immutable. */
public sealed interface PausedSources {

  /** How long {@link #read} waits for Kafka. */
  Duration PATIENCE = Duration.ofSeconds(15);

  /**
   * The control topic was read.
   *
   * @param states by the name of the source; sources of which nothing was ever decided are not
   *     there
   */
  record Known(Map<String, SourceState> states) implements PausedSources {
    public Known {
      states = Map.copyOf(states);
    }

    /** The states by name, in the names' order. */
    public Map<String, SourceState> sorted() {
      return new TreeMap<>(states);
    }
  }

  /**
   * There is no control topic, or this client may not read it: nothing can be paused.
   *
   * @param why in words for the operator, with what to do
   */
  record Unavailable(String why) implements PausedSources {}

  /** Whether a source's events are to wait. False for any source that is not known. */
  default boolean isPaused(String source) {
    return switch (this) {
      case Known known -> {
        SourceState state = known.states().get(source);
        yield state != null && state.isPaused();
      }
      case Unavailable unavailable -> false;
    };
  }

  /**
   * Whether events of a source that have waited may be published. Not while it is unknown whether
   * the source is still paused.
   */
  default boolean mayRelease(String source) {
    return this instanceof Known && !isPaused(source);
  }

  /**
   * Reads the control topic from its beginning to its present end. Blocks, for {@link #PATIENCE}
   * and a few seconds at most; joins no group and changes nothing.
   *
   * @throws KafkaException if Kafka does not answer, or refuses the client
   */
  static PausedSources read(Configuration configuration) {
    try (ControlTopic topic = ControlTopic.once(configuration, "penstock-sources")) {
      return topic.readToEnd(PATIENCE, System::nanoTime);
    }
  }
}
