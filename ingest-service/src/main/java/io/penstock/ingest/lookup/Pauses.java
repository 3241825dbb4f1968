package io.penstock.ingest.lookup;

import io.penstock.ingest.pausing.PausedSources;
import io.penstock.ingest.pausing.SourceState;
import java.time.Instant;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Tells whether the publication of a source is paused. */
@FunctionalInterface
public interface Pauses {

  /** No source is paused. */
  Pauses NONE = source -> null;

  /** As operators have decided. */
  static Pauses of(PausedSources sources) {
    return of(() -> sources);
  }

  /**
   * As operators have decided.
   *
   * @param sources asked each time
   */
  static Pauses of(Supplier<PausedSources> sources) {
    return new Pauses() {
      @Override
      public Fate.Why.@Nullable Paused of(String source) {
        SourceState state = state(source);
        return state != null && state.isPaused()
            ? new Fate.Why.Paused(source, state.since())
            : null;
      }

      @Override
      public @Nullable Instant resumed(String source) {
        SourceState state = state(source);
        return state != null && !state.isPaused() ? state.since() : null;
      }

      private @Nullable SourceState state(String source) {
        return sources.get() instanceof PausedSources.Known known
            ? known.states().get(source)
            : null;
      }
    };
  }

  /**
   * That a source is paused.
   *
   * @return null where it is not
   */
  Fate.Why.@Nullable Paused of(String source);

  /**
   * When a source was resumed, the last time; null where it is paused, never was, or where that is
   * not known.
   */
  default @Nullable Instant resumed(String source) {
    return null;
  }
}
