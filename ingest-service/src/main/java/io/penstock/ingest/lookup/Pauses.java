package io.penstock.ingest.lookup;

import org.jspecify.annotations.Nullable;

/** Tells whether the publication of a source is paused. */
@FunctionalInterface
public interface Pauses {

  /** No source is paused. */
  Pauses NONE = source -> null;

  /**
   * That a source is paused.
   *
   * @return null where it is not
   */
  Fate.Why.@Nullable Paused of(String source);
}
