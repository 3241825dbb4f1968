package io.penstock.ingest.cluster;

import io.penstock.ingest.config.Configuration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RetriableException;

/**
 * Checks the topics that the pausing of sources needs. A missing control topic is a warning, since
 * a pipeline works without it; a control topic that forgets is an error.
 */
final class PauseTopics {

  private final Cluster cluster;
  private final Configuration.TopicsConfig wished;

  PauseTopics(Cluster cluster, Configuration.TopicsConfig wished) {
    this.cluster = cluster;
    this.wished = wished;
  }

  /** The problems that stop a start. */
  List<String> problems(PauseRequirement requirement)
      throws InterruptedException, ExecutionException, TimeoutException {
    List<String> problems = new ArrayList<>();
    problems.addAll(control(requirement));
    problems.addAll(
        changelog(requirement.changelog(), requirement.parkedBytes(), "events of paused sources"));
    return problems;
  }

  private List<String> control(PauseRequirement requirement)
      throws InterruptedException, ExecutionException, TimeoutException {
    String topic = requirement.control();
    try {
      if (cluster.describe(List.of(topic)).isEmpty()) {
        create(requirement);
        return List.of();
      }
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof AuthorizationException)) {
        throw e;
      }
      Cluster.warn(
          "Sources cannot be paused: create topic "
              + topic
              + " with one partition and cleanup.policy=compact, and grant Describe,"
              + " DescribeConfigs and Read on it");
      return List.of();
    }
    Config config = cluster.configuration(topic);
    return config == null ? List.of() : TopicRules.controlProblems(topic, config);
  }

  private void create(PauseRequirement requirement)
      throws InterruptedException, ExecutionException, TimeoutException {
    if (!wished.create()) {
      Cluster.warn("Sources cannot be paused: " + PauseRequirement.missing(requirement.control()));
      return;
    }
    cluster.create(
        List.of(
            new NewTopic(requirement.control(), 1, (short) wished.replicationFactor())
                .configs(requirement.controlConfiguration())));
  }

  /**
   * Keeps the settings of a changelog that must forget nothing: Kafka Streams sets them only when
   * it creates the topic.
   *
   * @param bytes of its largest record
   * @param content what it holds, for people
   * @return the problems that stop a start
   */
  List<String> changelog(String topic, int bytes, String content)
      throws InterruptedException, ExecutionException, TimeoutException {
    if (!cluster.describe(List.of(topic)).containsKey(topic)) {
      return List.of();
    }
    Config config = cluster.configuration(topic);
    Map<String, String> changes =
        config == null ? Map.of() : TopicRules.keepingChanges(bytes, config);
    if (changes.isEmpty()) {
      return List.of();
    }
    try {
      cluster.alter(topic, changes);
      return List.of();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RetriableException) {
        throw e;
      }
      return List.of(
          "topic "
              + topic
              + " needs "
              + changes
              + " for "
              + content
              + ", and this instance has no right to change it: set"
              + " it, or grant AlterConfigs on it ("
              + e.getCause()
              + ")");
    }
  }
}
