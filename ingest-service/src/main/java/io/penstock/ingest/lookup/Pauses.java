package io.penstock.ingest.lookup;

import io.penstock.ingest.pausing.PausedSources;
import io.penstock.ingest.pausing.SourceState;
import org.jspecify.annotations.Nullable;

/** Tells whether the publication of a source is paused. */
@FunctionalInterface
public interface Pauses {

  /** No source is paused. */
  Pauses NONE = source -> null;

  /** As operators have decided. */
  static Pauses of(PausedSources sources) {
    return source -> {
      if (sources instanceof PausedSources.Known known) {
        SourceState state = known.states().get(source);
        if (state != null && state.isPaused()) {
          return new Fate.Why.Paused(source, state.since());
        }
      }
      return null;
    };
  }

  /**
   * That a source is paused.
   *
   * @return null where it is not
   */
  Fate.Why.@Nullable Paused of(String source);
}
