package io.penstock.ingest.cluster;

import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.provider.Provider;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.TopicConfig;

/**
 * The settings that a topic must have.
 *
 * @param maxMessageBytes the smallest allowed {@code max.message.bytes}
 * @param logAppendTime whether the broker's clock must stamp its records
 */
public record TopicRequirement(String topic, int maxMessageBytes, boolean logAppendTime) {

  /**
   * Bytes for a record's key, headers and framing, and for the fields of an event or a dead letter
   * other than the body.
   */
  public static final int OVERHEAD = 64 * 1024;

  /** The largest body that any source accepts, in bytes. */
  public static int maxBodySize(Configuration configuration) {
    return configuration.sources().stream()
        .mapToInt(Configuration.SourceConfig::maxBodySize)
        .max()
        .orElse(0);
  }

  /**
   * The size of the largest record of the landing log and of the dead letters, which have the body
   * as it was received.
   */
  public static int landingBytes(int maxBodySize) {
    return maxBodySize + OVERHEAD;
  }

  /**
   * The size of the largest event: the provider's JSON and the same values in typed fields. A typed
   * value takes about as many bytes as in JSON: JSON's quotes, commas and names weigh as much as
   * Avro's lengths and the null of each absent field. An eighth more is for lists of short texts
   * beside empty lists. A body can be constructed whose event is larger. It is published without
   * typed fields: its JSON and its type are never more than twice the body.
   */
  public static int eventBytes(int maxBodySize) {
    return 2 * maxBodySize + maxBodySize / 8 + OVERHEAD;
  }

  /**
   * The size of the largest record of the changelog of the events that wait: a landing record, and
   * what is known of it.
   */
  public static int parkedBytes(int maxBodySize) {
    return landingBytes(maxBodySize) + OVERHEAD;
  }

  /** The requirements of the configured roles and sources, the landing log first. */
  public static List<TopicRequirement> of(Configuration configuration, List<Provider> providers) {
    Topics topics = new Topics(configuration.topics().prefix());
    int body = maxBodySize(configuration);
    List<TopicRequirement> requirements = new ArrayList<>();
    requirements.add(new TopicRequirement(topics.inbound(), landingBytes(body), true));
    if (configuration.roles().contains(Configuration.Role.PIPELINE)) {
      for (Provider provider : providers) {
        requirements.add(new TopicRequirement(topics.events(provider), eventBytes(body), false));
      }
      if (configuration.pipeline().modelReady().enabled()) {
        for (Provider provider : providers) {
          provider
              .modelReadiness()
              .map(topics::modelReady)
              .ifPresent(topic -> requirements.add(new TopicRequirement(topic, OVERHEAD, false)));
        }
      }
      requirements.add(new TopicRequirement(topics.deadLetter(), landingBytes(body), false));
    }
    return requirements;
  }

  /** What to do if the topic does not exist. */
  String missing() {
    return "topic "
        + topic
        + " does not exist: create it with max.message.bytes="
        + maxMessageBytes
        + (logAppendTime ? " and message.timestamp.type=LogAppendTime" : "")
        + ", or set topics.create to true";
  }

  /** The configuration of the topic, if Penstock creates it. */
  Map<String, String> configuration(int replicationFactor) {
    Map<String, String> configuration = new HashMap<>();
    configuration.put(
        TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
        Integer.toString(Math.max(maxMessageBytes, 1024 * 1024 + 12)));
    // With one replica missing, records are still accepted, and each is on two disks.
    configuration.put(
        TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, Integer.toString(replicationFactor > 2 ? 2 : 1));
    // Independent of the cluster's default.
    configuration.put(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE);
    if (logAppendTime) {
      configuration.put(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "LogAppendTime");
    } else {
      // The pipeline limits its timestamps itself. A broker with a slow clock, or with a limit that
      // a backlog exceeds, would refuse a record and so stop its partition.
      configuration.put(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "CreateTime");
      String any = Long.toString(Long.MAX_VALUE);
      configuration.put(TopicConfig.MESSAGE_TIMESTAMP_AFTER_MAX_MS_CONFIG, any);
      configuration.put(TopicConfig.MESSAGE_TIMESTAMP_BEFORE_MAX_MS_CONFIG, any);
    }
    return configuration;
  }
}
