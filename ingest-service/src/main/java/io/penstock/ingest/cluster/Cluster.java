package io.penstock.ingest.cluster;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Requests about topics, each bounded in time. Each throws {@link TimeoutException} where the
 * cluster does not answer, and {@link ExecutionException} where it refuses.
 */
final class Cluster {

  private static final Logger log = LoggerFactory.getLogger(Cluster.class);

  private final Admin admin;
  private final Duration timeout;

  /**
   * @param timeout how long one request may take
   */
  Cluster(Admin admin, Duration timeout) {
    this.admin = admin;
    this.timeout = timeout;
  }

  Admin admin() {
    return admin;
  }

  Duration timeout() {
    return timeout;
  }

  <T> T get(KafkaFuture<T> future)
      throws InterruptedException, ExecutionException, TimeoutException {
    return future.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** The topics that exist, by name. */
  Map<String, TopicDescription> describe(List<String> topics)
      throws InterruptedException, ExecutionException, TimeoutException {
    Map<String, KafkaFuture<TopicDescription>> answers =
        admin.describeTopics(topics).topicNameValues();
    Map<String, TopicDescription> found = new HashMap<>();
    for (Map.Entry<String, KafkaFuture<TopicDescription>> answer : answers.entrySet()) {
      try {
        found.put(answer.getKey(), get(answer.getValue()));
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
          throw e;
        }
      }
    }
    return found;
  }

  /** Creates topics; another instance may have done so meanwhile. */
  void create(List<NewTopic> topics)
      throws InterruptedException, ExecutionException, TimeoutException {
    Map<String, Integer> partitions = new HashMap<>();
    topics.forEach(topic -> partitions.put(topic.name(), topic.numPartitions()));
    for (Map.Entry<String, KafkaFuture<Void>> created :
        admin.createTopics(topics).values().entrySet()) {
      try {
        get(created.getValue());
        log.atInfo()
            .addKeyValue("topic", created.getKey())
            .addKeyValue("partitions", partitions.get(created.getKey()))
            .log("Created a topic");
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof TopicExistsException)) {
          throw e;
        }
      }
    }
  }

  Map<String, Config> configurations(List<String> topics)
      throws InterruptedException, ExecutionException, TimeoutException {
    List<ConfigResource> resources =
        topics.stream().map(topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic)).toList();
    Map<String, Config> configurations = new HashMap<>();
    get(admin.describeConfigs(resources).all())
        .forEach((resource, config) -> configurations.put(resource.name(), config));
    return configurations;
  }

  /** Null if this client has no right to read it, which is a warning. */
  @Nullable Config configuration(String topic)
      throws InterruptedException, ExecutionException, TimeoutException {
    try {
      return configurations(List.of(topic)).get(topic);
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof AuthorizationException)) {
        throw e;
      }
      warn(
          "The configuration of topic "
              + topic
              + " cannot be checked: grant DescribeConfigs on it");
      return null;
    }
  }

  /** Changes settings of a topic. */
  void alter(String topic, Map<String, String> changes)
      throws InterruptedException, ExecutionException, TimeoutException {
    get(
        admin
            .incrementalAlterConfigs(
                Map.of(
                    new ConfigResource(ConfigResource.Type.TOPIC, topic),
                    changes.entrySet().stream()
                        .map(
                            change ->
                                new AlterConfigOp(
                                    new ConfigEntry(change.getKey(), change.getValue()),
                                    AlterConfigOp.OpType.SET))
                        .toList()))
            .all());
    log.atInfo()
        .addKeyValue("topic", topic)
        .addKeyValue("settings", changes)
        .log("Changed a topic");
  }

  /** Tells the operator what is only risky. */
  static void warn(String warning) {
    log.atWarn().addKeyValue("problem", warning).log("A topic needs attention");
  }
}
