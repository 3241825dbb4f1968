package io.penstock.ingest.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;

/**
 * How Jackson is set up here: strict in grammar, without limits but depth. What Jackson bounds by
 * default (lengths of strings, names and numbers) is bounded by the size of a body already, and
 * nothing here converts a number that it does not need.
 */
final class Jackson {

  /** How deep a body may nest. An object or array at the root has depth 1. */
  static final int MAX_DEPTH = 1000;

  private static final StreamReadConstraints CONSTRAINTS =
      StreamReadConstraints.builder()
          .maxNestingDepth(MAX_DEPTH)
          .maxStringLength(Integer.MAX_VALUE)
          .maxNumberLength(Integer.MAX_VALUE)
          .maxNameLength(Integer.MAX_VALUE)
          .build();

  /** For bodies that have not been checked: refuses an object that repeats a member's name. */
  static final JsonFactory STRICT = factory(true);

  /** For bodies that {@link #STRICT} has accepted. */
  static final JsonFactory CHECKED = factory(false);

  private Jackson() {}

  private static JsonFactory factory(boolean refuseDuplicates) {
    return new JsonFactoryBuilder()
        .streamReadConstraints(CONSTRAINTS)
        .configure(StreamReadFeature.STRICT_DUPLICATE_DETECTION, refuseDuplicates)
        // Senders choose the names (ids, free text), so they do not belong in the JVM's table of
        // strings. Many collisions in Jackson's table start a new table and refuse no body.
        .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
        .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
        .build();
  }
}
