package io.penstock.ingest.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Judges the values of secrets, where a check can see them. */
@FunctionalInterface
public interface SecretCheck {

  /** Looks at no value. */
  SecretCheck NONE = (spec, reference) -> null;

  /** What a look at one secret has found. Its sentences name the reference, and hold no value. */
  sealed interface Finding {

    /**
     * It is not there, as on a machine that has none of the secrets.
     *
     * @param sentence says so
     */
    record Absent(String sentence) implements Finding {}

    /**
     * It is there, and can never work.
     *
     * @param sentence says why
     */
    record Unusable(String sentence) implements Finding {}

    /**
     * It is there, and can work.
     *
     * @param doubts what is probably a mistake
     */
    record Usable(List<String> doubts) implements Finding {
      public Usable {
        doubts = List.copyOf(doubts);
      }
    }
  }

  /**
   * Looks at the value that a reference leads to.
   *
   * @param spec the way of authenticating that it is for
   * @return null if this check does not look
   */
  @Nullable Finding look(AuthSpec spec, SecretRef reference);
}
