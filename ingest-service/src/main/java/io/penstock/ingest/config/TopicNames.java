package io.penstock.ingest.config;

import java.util.Set;

/** The last parts of the names of topics that are no provider's. */
public final class TopicNames {

  /** The landing log. */
  public static final String INBOUND = "inbound";

  /** The dead letters. */
  public static final String DEAD_LETTER = "dead-letter";

  /** Which sources are paused. */
  public static final String CONTROL = "control";

  /** All of them: no source may publish to one. */
  static final Set<String> INTERNAL = Set.of(INBOUND, DEAD_LETTER, CONTROL);

  private TopicNames() {}
}
