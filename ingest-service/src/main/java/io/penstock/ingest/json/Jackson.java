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

  /** For bodies that nobody has looked at: refuses an object that repeats a member's name. */
  static final JsonFactory STRICT = factory(true);

  /** For bodies that {@link #STRICT} has accepted. */
  static final JsonFactory CHECKED = factory(false);

  private Jackson() {}

  private static JsonFactory factory(boolean refuseDuplicates) {
    return new JsonFactoryBuilder()
        .streamReadConstraints(CONSTRAINTS)
        .configure(StreamReadFeature.STRICT_DUPLICATE_DETECTION, refuseDuplicates)
        // Names are the senders' (ids, free text): they have no place in the JVM's own table of
        // strings, and many
        // that collide in Jackson's are a reason to start a new table, not to refuse the body.
        .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
        .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
        .build();
  }
}
