package io.penstock.ingest.cluster;

import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.provider.Provider;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.TopicConfig;

/**
 * What a topic must be like.
 *
 * @param maxMessageBytes the least {@code max.message.bytes}
 * @param logAppendTime whether the broker's clock must stamp its records
 */
public record TopicRequirement(String topic, int maxMessageBytes, boolean logAppendTime) {

  /**
   * Room for a record's key, headers and framing, and for what is not the body in an event or a
   * dead letter.
   */
  public static final int OVERHEAD = 64 * 1024;

  /** The largest body that any source accepts, in bytes. */
  public static int maxBodySize(Configuration configuration) {
    return configuration.sources().stream()
        .mapToInt(Configuration.Source::maxBodySize)
        .max()
        .orElse(0);
  }

  /** The largest record of the landing log, and of the dead letters: the body as it came. */
  public static int landingBytes(int maxBodySize) {
    return maxBodySize + OVERHEAD;
  }

  /**
   * The largest event: the provider's JSON, and the same again typed. Typed, a value stands once,
   * and takes about what it does in JSON, whose quotes, commas and names make up for Avro's lengths
   * and for the null of each absent field; an eighth more is room for lists of short texts, which
   * are side by side with lists that are empty. An event that is larger all the same, of a body
   * that was made for it, is published without typed fields: its JSON, and its type, are never more
   * than twice the body.
   */
  public static int eventBytes(int maxBodySize) {
    return 2 * maxBodySize + maxBodySize / 8 + OVERHEAD;
  }

  /** What the configured roles and sources need, the landing log first. */
  public static List<TopicRequirement> of(Configuration configuration, List<Provider> providers) {
    Topics topics = new Topics(configuration.topics().prefix());
    int body = maxBodySize(configuration);
    List<TopicRequirement> requirements = new ArrayList<>();
    requirements.add(new TopicRequirement(topics.inbound(), landingBytes(body), true));
    if (configuration.roles().contains(Configuration.Role.PIPELINE)) {
      for (Provider provider : providers) {
        requirements.add(new TopicRequirement(topics.events(provider), eventBytes(body), false));
      }
      requirements.add(new TopicRequirement(topics.deadLetter(), landingBytes(body), false));
    }
    return requirements;
  }

  /** The configuration of the topic, where it is ours to create. */
  Map<String, String> configuration(int replicationFactor) {
    Map<String, String> configuration = new HashMap<>();
    configuration.put(
        TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
        Integer.toString(Math.max(maxMessageBytes, 1024 * 1024 + 12)));
    // One replica may be away without an acknowledged record depending on a single disk, or none
    // being taken.
    configuration.put(
        TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, Integer.toString(replicationFactor > 2 ? 2 : 1));
    // Whatever a cluster's default is.
    configuration.put(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE);
    if (logAppendTime) {
      configuration.put(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "LogAppendTime");
    } else {
      // The pipeline bounds its stamps itself. A broker that compares them with a clock of its own
      // that is slow, or with a limit that a backlog exceeds, would stop a partition.
      configuration.put(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "CreateTime");
      String any = Long.toString(Long.MAX_VALUE);
      configuration.put(TopicConfig.MESSAGE_TIMESTAMP_AFTER_MAX_MS_CONFIG, any);
      configuration.put(TopicConfig.MESSAGE_TIMESTAMP_BEFORE_MAX_MS_CONFIG, any);
    }
    return configuration;
  }
}
