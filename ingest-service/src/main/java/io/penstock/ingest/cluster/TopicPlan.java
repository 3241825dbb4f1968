package io.penstock.ingest.cluster;

import java.util.List;

/**
 * What brings the topics of an installation to what its configuration needs.
 *
 * @param changes what {@link TopicPlanner#apply} can do, in this order
 * @param warnings what is only risky
 */
public record TopicPlan(List<TopicChange> changes, List<String> warnings) {

  public TopicPlan {
    changes = List.copyOf(changes);
    warnings = List.copyOf(warnings);
  }
}
