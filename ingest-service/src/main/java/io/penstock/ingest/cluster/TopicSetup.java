package io.penstock.ingest.cluster;

import io.penstock.ingest.config.Configuration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates the topics where that is wished, and checks them always. Blocks; for a worker thread. */
public final class TopicSetup {

  private static final Logger log = LoggerFactory.getLogger(TopicSetup.class);

  private final Admin admin;
  private final Configuration.Topics wished;
  private final Duration timeout;

  /**
   * @param timeout how long one request to the cluster may take
   */
  public TopicSetup(Admin admin, Configuration.Topics wished, Duration timeout) {
    this.admin = admin;
    this.wished = wished;
    this.timeout = timeout;
  }

  /** What came of {@link #ensure}. */
  public sealed interface Result {
    /** Every topic is there and suits. */
    record Ready() implements Result {}

    /**
     * The cluster answered, and something is wrong that no waiting will mend.
     *
     * @param problems each names a topic and what to do
     */
    record Unsuitable(List<String> problems) implements Result {
      public Unsuitable {
        problems = List.copyOf(problems);
      }
    }

    /** The cluster did not answer, or cannot now; worth another try. */
    record Unreachable(String cause) implements Result {}
  }

  /** Makes sure that all topics are there and suit. */
  public Result ensure(List<TopicRequirement> requirements) throws InterruptedException {
    try {
      Map<String, TopicDescription> found = describe(requirements);
      if (wished.create() && found.size() < requirements.size()) {
        create(requirements.stream().filter(r -> !found.containsKey(r.topic())).toList());
        found.putAll(describe(requirements));
        if (found.size() < requirements.size()) {
          return new Result.Unreachable("created topics are not known to all brokers yet");
        }
      }
      List<String> problems = new ArrayList<>();
      for (TopicRequirement requirement : requirements) {
        if (!found.containsKey(requirement.topic())) {
          problems.add(
              "topic "
                  + requirement.topic()
                  + " does not exist: create it with max.message.bytes="
                  + requirement.maxMessageBytes()
                  + (requirement.logAppendTime() ? " and message.timestamp.type=LogAppendTime" : "")
                  + ", or set topics.create to true");
        }
      }
      problems.addAll(
          unsuitable(requirements.stream().filter(r -> found.containsKey(r.topic())).toList()));
      return problems.isEmpty() ? new Result.Ready() : new Result.Unsuitable(problems);
    } catch (TimeoutException e) {
      return new Result.Unreachable("no answer within " + timeout);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RetriableException) {
        return new Result.Unreachable(String.valueOf(e.getCause()));
      }
      return new Result.Unsuitable(List.of("the cluster refused: " + e.getCause()));
    }
  }

  /**
   * The largest record that each topic takes, as configured now.
   *
   * @return by topic; empty where the cluster does not tell
   */
  public Optional<Map<String, Integer>> maxMessageBytes(List<String> topics)
      throws InterruptedException {
    try {
      Map<String, Integer> limits = new HashMap<>();
      configurations(topics)
          .forEach(
              (topic, config) ->
                  limits.put(
                      topic,
                      Integer.parseInt(config.get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG).value())));
      return Optional.of(limits);
    } catch (ExecutionException | TimeoutException e) {
      log.warn("The limits of the topics could not be read: {}", e.toString());
      return Optional.empty();
    }
  }

  private Map<String, TopicDescription> describe(List<TopicRequirement> requirements)
      throws InterruptedException, ExecutionException, TimeoutException {
    Map<String, KafkaFuture<TopicDescription>> answers =
        admin
            .describeTopics(requirements.stream().map(TopicRequirement::topic).toList())
            .topicNameValues();
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

  private void create(List<TopicRequirement> missing)
      throws InterruptedException, ExecutionException, TimeoutException {
    List<NewTopic> topics = new ArrayList<>();
    for (TopicRequirement requirement : missing) {
      topics.add(
          new NewTopic(requirement.topic(), wished.partitions(), (short) wished.replicationFactor())
              .configs(requirement.configuration(wished.replicationFactor())));
    }
    for (Map.Entry<String, KafkaFuture<Void>> created :
        admin.createTopics(topics).values().entrySet()) {
      try {
        get(created.getValue());
        log.info("Created a topic: topic={} partitions={}", created.getKey(), wished.partitions());
      } catch (ExecutionException e) {
        // Another instance that starts at the same time was faster.
        if (!(e.getCause() instanceof TopicExistsException)) {
          throw e;
        }
      }
    }
  }

  private List<String> unsuitable(List<TopicRequirement> requirements)
      throws InterruptedException, ExecutionException, TimeoutException {
    Map<String, Config> configurations =
        configurations(requirements.stream().map(TopicRequirement::topic).toList());
    List<String> problems = new ArrayList<>();
    for (TopicRequirement requirement : requirements) {
      Config config = configurations.get(requirement.topic());
      if (config == null) {
        continue;
      }
      int limit = Integer.parseInt(config.get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG).value());
      if (limit < requirement.maxMessageBytes()) {
        problems.add(
            "topic "
                + requirement.topic()
                + " takes records of up to "
                + limit
                + " bytes, and the sources' max-body-size needs "
                + requirement.maxMessageBytes()
                + ": raise its max.message.bytes, or lower max-body-size");
      }
      String stamp = config.get(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG).value();
      if (requirement.logAppendTime() && !stamp.equals("LogAppendTime")) {
        problems.add(
            "topic "
                + requirement.topic()
                + " has message.timestamp.type="
                + stamp
                + ": set it to LogAppendTime, since the broker's clock drives the deduplication window");
      }
    }
    return problems;
  }

  private Map<String, Config> configurations(List<String> topics)
      throws InterruptedException, ExecutionException, TimeoutException {
    List<ConfigResource> resources =
        topics.stream().map(topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic)).toList();
    Map<String, Config> configurations = new HashMap<>();
    get(admin.describeConfigs(resources).all())
        .forEach((resource, config) -> configurations.put(resource.name(), config));
    return configurations;
  }

  private <T> T get(KafkaFuture<T> future)
      throws InterruptedException, ExecutionException, TimeoutException {
    return future.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }
}
