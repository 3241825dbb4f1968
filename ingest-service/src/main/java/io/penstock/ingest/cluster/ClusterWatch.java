package io.penstock.ingest.cluster;

import io.penstock.ingest.config.Configuration;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the landing log's partitions from time to time, so that an instance that cannot reach
 * them is known as such before a delivery finds out, and known as well again without one. Blocks;
 * for one thread of its own.
 */
public final class ClusterWatch implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ClusterWatch.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(3);

  private final Admin admin;
  private final String topic;

  /**
   * @param topic the landing log's
   */
  public ClusterWatch(Configuration.Kafka kafka, String topic) {
    Properties properties = ClientProperties.of(kafka);
    properties.put(AdminClientConfig.CLIENT_ID_CONFIG, "penstock-watch");
    this.admin = Admin.create(properties);
    this.topic = topic;
  }

  /** The client that looks, for the start. */
  public Admin admin() {
    return admin;
  }

  /**
   * Whether any of the topic's partitions can take records, having a leader and enough replicas.
   * Not all of them: one that cannot is no reason to refuse what belongs to the others.
   */
  public boolean look() throws InterruptedException {
    try {
      int needed = minInSyncReplicas();
      return admin
          .describeTopics(
              List.of(topic), new DescribeTopicsOptions().timeoutMs((int) TIMEOUT.toMillis()))
          .allTopicNames()
          .get(2 * TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
          .values()
          .stream()
          .flatMap(description -> description.partitions().stream())
          .anyMatch(
              partition ->
                  partition.leader() != null
                      && !partition.leader().isEmpty()
                      && partition.isr().size() >= needed);
    } catch (ExecutionException | TimeoutException e) {
      log.debug("The landing log could not be looked at", e);
      return false;
    }
  }

  private int minInSyncReplicas()
      throws InterruptedException, ExecutionException, TimeoutException {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    return admin
        .describeConfigs(
            List.of(resource), new DescribeConfigsOptions().timeoutMs((int) TIMEOUT.toMillis()))
        .all()
        .get(2 * TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
        .values()
        .stream()
        .map(config -> config.get(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG))
        .filter(Objects::nonNull)
        .mapToInt(entry -> Integer.parseInt(entry.value()))
        .max()
        .orElse(1);
  }

  @Override
  public void close() {
    admin.close(Duration.ofSeconds(2));
  }
}
