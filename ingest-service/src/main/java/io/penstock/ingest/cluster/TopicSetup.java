package io.penstock.ingest.cluster;

import io.penstock.ingest.config.Configuration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RetriableException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Checks the topics, and creates missing ones if configured. Blocks; for a worker thread. */
public final class TopicSetup {

  private static final Logger log = LoggerFactory.getLogger(TopicSetup.class);

  private static final String OFFSETS_RETENTION = "offsets.retention.minutes";

  private final Cluster cluster;
  private final Configuration.TopicsConfig wished;

  /**
   * @param timeout how long one request to the cluster may take
   */
  public TopicSetup(Admin admin, Configuration.TopicsConfig wished, Duration timeout) {
    this.cluster = new Cluster(admin, timeout);
    this.wished = wished;
  }

  /** The result of {@link #ensure}. */
  public sealed interface Result {
    /** Every topic exists and is suitable. */
    record Ready() implements Result {}

    /**
     * The cluster answered, and something is wrong that waiting does not change.
     *
     * @param problems each names a topic and what to do
     */
    record Unsuitable(List<String> problems) implements Result {
      public Unsuitable {
        problems = List.copyOf(problems);
      }
    }

    /** The cluster did not answer, or cannot answer now. Try again later. */
    record Unreachable(String cause) implements Result {}
  }

  /**
   * Makes sure that all topics exist and are suitable, and checks the settings that the store and
   * the consumer group need.
   *
   * @param store null if this instance has no pipeline
   * @param pause null if this instance has no pipeline
   * @param modelReady null if this instance does not judge which models can be used
   */
  public Result ensure(
      List<TopicRequirement> requirements,
      @Nullable StoreRequirement store,
      @Nullable PauseRequirement pause,
      @Nullable ModelReadyRequirement modelReady)
      throws InterruptedException {
    List<String> names = requirements.stream().map(TopicRequirement::topic).toList();
    try {
      Map<String, TopicDescription> found = cluster.describe(names);
      if (wished.create() && found.size() < requirements.size()) {
        create(requirements.stream().filter(r -> !found.containsKey(r.topic())).toList());
        found.putAll(cluster.describe(names));
        if (found.size() < requirements.size()) {
          return new Result.Unreachable("created topics are not known to all brokers yet");
        }
      }
      List<String> problems = new ArrayList<>();
      for (TopicRequirement requirement : requirements) {
        if (!found.containsKey(requirement.topic())) {
          problems.add(requirement.missing());
        }
      }
      problems.addAll(
          unsuitable(
              requirements.stream().filter(r -> found.containsKey(r.topic())).toList(),
              found,
              store));
      if (pause != null) {
        problems.addAll(new PauseTopics(cluster, wished).problems(pause));
      }
      if (modelReady != null) {
        problems.addAll(
            new PauseTopics(cluster, wished)
                .changelog(modelReady.changelog(), modelReady.bytes(), "what is known of models"));
      }
      return problems.isEmpty() ? new Result.Ready() : new Result.Unsuitable(problems);
    } catch (TimeoutException e) {
      return new Result.Unreachable("no answer within " + cluster.timeout());
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RetriableException) {
        return new Result.Unreachable(String.valueOf(e.getCause()));
      }
      return new Result.Unsuitable(List.of("the cluster refused: " + e.getCause()));
    }
  }

  /**
   * The largest record that each topic accepts, as configured now.
   *
   * @return by topic; empty if the cluster does not answer or refuses
   */
  public Optional<Map<String, Integer>> maxMessageBytes(List<String> topics)
      throws InterruptedException {
    try {
      Map<String, Integer> limits = new HashMap<>();
      cluster
          .configurations(topics)
          .forEach(
              (topic, config) ->
                  limits.put(
                      topic,
                      Integer.parseInt(config.get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG).value())));
      return Optional.of(limits);
    } catch (ExecutionException | TimeoutException e) {
      log.atWarn()
          .addKeyValue("error", e.toString())
          .log("The limits of the topics could not be read");
      return Optional.empty();
    }
  }

  private void create(List<TopicRequirement> missing)
      throws InterruptedException, ExecutionException, TimeoutException {
    List<NewTopic> topics = new ArrayList<>();
    for (TopicRequirement requirement : missing) {
      topics.add(
          new NewTopic(requirement.topic(), wished.partitions(), (short) wished.replicationFactor())
              .configs(requirement.configuration(wished.replicationFactor())));
    }
    cluster.create(topics);
  }

  private List<String> unsuitable(
      List<TopicRequirement> requirements,
      Map<String, TopicDescription> found,
      @Nullable StoreRequirement store)
      throws InterruptedException, ExecutionException, TimeoutException {
    Map<String, Config> configurations = new HashMap<>();
    for (TopicRequirement requirement : requirements) {
      Config config = cluster.configuration(requirement.topic());
      if (config != null) {
        configurations.put(requirement.topic(), config);
      }
    }
    long landingMillis =
        requirements.stream()
            .filter(TopicRequirement::logAppendTime)
            .mapToLong(landing -> TopicRules.retention(configurations.get(landing.topic())))
            .findFirst()
            .orElse(-1);
    List<String> problems = new ArrayList<>();
    for (TopicRequirement requirement : requirements) {
      Config config = configurations.get(requirement.topic());
      if (config != null) {
        problems.addAll(TopicRules.problems(requirement, config, landingMillis));
        TopicRules.warnings(requirement, config, replicas(found.get(requirement.topic())))
            .forEach(Cluster::warn);
      }
    }
    if (store != null && configurations.containsKey(store.landing())) {
      problems.addAll(offsets(store, landingMillis));
      problems.addAll(changelog(store, landingMillis, partitions(found.get(store.landing()))));
    }
    return problems;
  }

  static int replicas(@Nullable TopicDescription topic) {
    return topic == null
        ? Integer.MAX_VALUE
        : topic.partitions().stream()
            .mapToInt(partition -> partition.replicas().size())
            .min()
            .orElse(Integer.MAX_VALUE);
  }

  private static int partitions(@Nullable TopicDescription topic) {
    return topic == null ? 0 : topic.partitions().size();
  }

  /**
   * Brokers delete the offsets of a group that has had no member for some time. The pipeline would
   * then read the landing log from its start, and publish again what is older than the
   * deduplication window.
   */
  private List<String> offsets(StoreRequirement store, long landingMillis)
      throws InterruptedException, ExecutionException, TimeoutException {
    OptionalLong minutes = offsetsRetentionMinutes();
    if (minutes.isEmpty()) {
      return List.of();
    }
    long millis = TimeUnit.MINUTES.toMillis(minutes.getAsLong());
    if (landingMillis >= 0 && landingMillis <= millis) {
      return List.of();
    }
    return List.of(
        "topic "
            + store.landing()
            + " has retention.ms="
            + landingMillis
            + ", and the brokers forget the offsets of a group that is stopped after"
            + " offsets.retention.minutes="
            + minutes.getAsLong()
            + ": lower the first to "
            + millis
            + " or raise the second, since a pipeline that was stopped for longer would publish old"
            + " events again");
  }

  private OptionalLong offsetsRetentionMinutes()
      throws InterruptedException, ExecutionException, TimeoutException {
    try {
      for (Node broker : cluster.get(cluster.admin().describeCluster().nodes())) {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.BROKER, broker.idString());
        Config config =
            cluster.get(cluster.admin().describeConfigs(List.of(resource)).all()).get(resource);
        // All brokers have the same value, except while an operator changes them one by one.
        long minutes = config == null ? -1 : TopicRules.number(config, OFFSETS_RETENTION, -1);
        if (minutes >= 0) {
          return OptionalLong.of(minutes);
        }
      }
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof AuthorizationException)) {
        throw e;
      }
      Cluster.warn(
          "This instance may not read the brokers' offsets.retention.minutes, which must not be"
              + " less than the landing log's retention: check it, or grant DescribeConfigs on the"
              + " cluster");
    }
    return OptionalLong.empty();
  }

  /** Kafka Streams sets the changelog's configuration only when it creates the topic. */
  private List<String> changelog(StoreRequirement store, long landingMillis, int landingPartitions)
      throws InterruptedException, ExecutionException, TimeoutException {
    TopicDescription found = cluster.describe(List.of(store.changelog())).get(store.changelog());
    Config config = found == null ? null : cluster.configuration(store.changelog());
    if (found == null || config == null) {
      return List.of();
    }
    if (found.partitions().size() != landingPartitions) {
      return List.of(
          "topic "
              + store.landing()
              + " has "
              + landingPartitions
              + " partitions, and the pipeline's store was made for "
              + found.partitions().size()
              + ": the number must not be changed; see docs/runbook.md, Changing the number of"
              + " partitions");
    }
    if (store.replicationFactor() > 2
        && TopicRules.number(config, TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, 2) < 2) {
      Cluster.warn(
          "topic "
              + store.changelog()
              + " has min.insync.replicas=1: the pipeline's ids may be on a single disk;"
              + " set it to 2");
    }
    Map<String, String> changes = TopicRules.changelogChanges(store, config, landingMillis);
    if (changes.isEmpty()) {
      return List.of();
    }
    try {
      cluster.alter(store.changelog(), changes);
      return List.of();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RetriableException) {
        throw e;
      }
      String problem =
          "topic "
              + store.changelog()
              + " needs "
              + changes
              + " for deduplication.window="
              + store.window()
              + ", and this instance has no right to change it: set it, or grant AlterConfigs on it"
              + " ("
              + e.getCause()
              + ")";
      if (TopicRules.isForgetful(store, config)) {
        return List.of(problem);
      }
      Cluster.warn(problem);
      return List.of();
    }
  }

  /** A topic's retention in milliseconds; negative if it has none, empty if it is unknown. */
  public OptionalLong retentionMillis(String topic) throws InterruptedException {
    try {
      Config config = cluster.configuration(topic);
      return config == null ? OptionalLong.empty() : OptionalLong.of(TopicRules.retention(config));
    } catch (ExecutionException | TimeoutException e) {
      log.atWarn()
          .addKeyValue("topic", topic)
          .addKeyValue("error", e.toString())
          .log("The retention of a topic could not be read");
      return OptionalLong.empty();
    }
  }
}
