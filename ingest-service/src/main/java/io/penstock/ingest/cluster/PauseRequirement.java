package io.penstock.ingest.cluster;

import io.penstock.ingest.config.Configuration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.config.TopicConfig;
import org.jspecify.annotations.Nullable;

/**
 * What the pausing of sources needs: a control topic, without which nothing can be paused and all
 * else works, and the settings of the changelog of the events that wait.
 *
 * @param control the topic that says which sources are paused
 * @param changelog of the events that wait, which Kafka Streams creates
 * @param parkedBytes the size of the changelog's largest record, in bytes
 * @param replicationFactor of both
 */
public record PauseRequirement(
    String control, String changelog, int parkedBytes, int replicationFactor) {

  /** The least {@code max.message.bytes} of a changelog that Kafka Streams creates. */
  private static final int KAFKAS_DEFAULT = 1024 * 1024 + 12;

  /** The requirement of this configuration; null if the instance has no pipeline. */
  public static @Nullable PauseRequirement of(Configuration configuration) {
    if (!configuration.roles().contains(Configuration.Role.PIPELINE)) {
      return null;
    }
    Topics topics = new Topics(configuration.topics().prefix());
    return new PauseRequirement(
        topics.control(),
        topics.parkedChangelog(),
        TopicRequirement.parkedBytes(TopicRequirement.maxBodySize(configuration)),
        configuration.topics().replicationFactor());
  }

  /** What to do if there is no control topic. */
  public static String missing(String control) {
    return "topic "
        + control
        + " does not exist: create it with one partition and cleanup.policy=compact, or set"
        + " topics.create to true and start a pipeline";
  }

  /** The control topic's configuration, if Penstock creates it. */
  public Map<String, String> controlConfiguration() {
    return Map.of(
        TopicConfig.CLEANUP_POLICY_CONFIG,
        TopicConfig.CLEANUP_POLICY_COMPACT,
        TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG,
        minInSync());
  }

  /** The changelog's configuration, beside what Kafka Streams sets. */
  public static Map<String, String> changelogConfiguration(int bytes, int replicationFactor) {
    Map<String, String> configuration = new HashMap<>();
    configuration.put(
        TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(Math.max(bytes, KAFKAS_DEFAULT)));
    configuration.put(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, replicationFactor > 2 ? "2" : "1");
    String any = Long.toString(Long.MAX_VALUE);
    configuration.put(TopicConfig.MESSAGE_TIMESTAMP_AFTER_MAX_MS_CONFIG, any);
    configuration.put(TopicConfig.MESSAGE_TIMESTAMP_BEFORE_MAX_MS_CONFIG, any);
    return configuration;
  }

  private String minInSync() {
    return replicationFactor > 2 ? "2" : "1";
  }
}
