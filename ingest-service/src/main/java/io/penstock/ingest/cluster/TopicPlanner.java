package io.penstock.ingest.cluster;

import io.penstock.ingest.config.Configuration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/**
 * Compares the topics with what a configuration needs, and changes them. Blocks; for one thread.
 *
 * <p>The changelogs are not part of it: Kafka Streams creates them, and the pipeline keeps their
 * settings right.
 */
public final class TopicPlanner {

  private static final long POLL_MILLIS = 100;

  private final Cluster cluster;

  private final Configuration.TopicsConfig wished;
  private final List<TopicRequirement> requirements;
  private final PauseRequirement pause;

  /**
   * @param wished partitions and replicas of topics that are created
   * @param requirements of the topics for records
   * @param pause of the control topic
   * @param timeout how long one request to the cluster may take, and how long {@link #settle} waits
   */
  public TopicPlanner(
      Admin admin,
      Configuration.TopicsConfig wished,
      List<TopicRequirement> requirements,
      PauseRequirement pause,
      Duration timeout) {
    this.cluster = new Cluster(admin, timeout);
    this.wished = wished;
    this.requirements = List.copyOf(requirements);
    this.pause = pause;
  }

  /**
   * Compares. Changes nothing.
   *
   * @throws KafkaException if the cluster does not answer, or refuses
   */
  public TopicPlan plan() throws InterruptedException {
    List<TopicChange> changes = new ArrayList<>();
    List<String> warnings = new ArrayList<>();
    List<String> names =
        new ArrayList<>(requirements.stream().map(TopicRequirement::topic).toList());
    names.add(pause.control());
    asked(
        () -> {
          Map<String, TopicDescription> found = cluster.describe(names);
          Map<String, Config> configurations =
              cluster.configurations(names.stream().filter(found::containsKey).toList());
          long landingMillis =
              requirements.stream()
                  .filter(TopicRequirement::logAppendTime)
                  .mapToLong(each -> TopicRules.retention(configurations.get(each.topic())))
                  .findFirst()
                  .orElse(-1);
          for (TopicRequirement requirement : requirements) {
            TopicDescription topic = found.get(requirement.topic());
            Config config = configurations.get(requirement.topic());
            if (topic == null || config == null) {
              changes.add(create(requirement));
              continue;
            }
            Map<String, String> wanted = TopicRules.changes(requirement, config, landingMillis);
            if (!wanted.isEmpty()) {
              changes.add(alter(requirement.topic(), config, wanted));
            }
            warnings.addAll(TopicRules.warnings(requirement, config, TopicSetup.replicas(topic)));
            fewReplicas(topic, warnings);
          }
          control(found.get(pause.control()), configurations, changes);
          return found;
        });
    return new TopicPlan(changes, warnings);
  }

  private TopicChange create(TopicRequirement requirement) {
    return new TopicChange.Create(
        requirement.topic(),
        wished.partitions(),
        wished.replicationFactor(),
        new TreeMap<>(requirement.configuration(wished.replicationFactor())));
  }

  private static TopicChange alter(String topic, Config config, Map<String, String> wanted) {
    SortedMap<String, TopicChange.Setting> settings = new TreeMap<>();
    wanted.forEach(
        (name, value) -> {
          ConfigEntry entry = config.get(name);
          String from = entry == null ? "" : String.valueOf(entry.value());
          settings.put(name, new TopicChange.Setting(from, value));
        });
    return new TopicChange.Alter(topic, settings);
  }

  /** A client cannot change this in one request: a reassignment moves data. */
  private void fewReplicas(TopicDescription topic, List<String> warnings) {
    int replicas = TopicSetup.replicas(topic);
    if (replicas < wished.replicationFactor()) {
      warnings.add(
          "topic "
              + topic.name()
              + " has "
              + replicas
              + " replicas, and topics.replication-factor is "
              + wished.replicationFactor()
              + ": add replicas with kafka-reassign-partitions");
    }
  }

  private void control(
      @Nullable TopicDescription topic,
      Map<String, Config> configurations,
      List<TopicChange> changes) {
    Config config = configurations.get(pause.control());
    if (topic == null || config == null) {
      changes.add(
          new TopicChange.Create(
              pause.control(),
              1,
              wished.replicationFactor(),
              new TreeMap<>(pause.controlConfiguration())));
      return;
    }
    Map<String, String> wanted = TopicRules.controlChanges(config);
    if (!wanted.isEmpty()) {
      changes.add(alter(pause.control(), config, wanted));
    }
  }

  /**
   * Makes one change.
   *
   * @throws KafkaException if the cluster does not answer, in which case the change may have been
   *     made or not, or if it refuses
   */
  public void apply(TopicChange change) throws InterruptedException {
    asked(
        () -> {
          switch (change) {
            case TopicChange.Create create ->
                cluster.create(
                    List.of(
                        new NewTopic(
                                create.topic(),
                                create.partitions(),
                                (short) create.replicationFactor())
                            .configs(create.settings())));
            case TopicChange.Alter alter -> cluster.alter(alter.topic(), alter.wanted());
          }
          return change;
        });
  }

  /**
   * Waits until the brokers show all changes: they learn of a change a moment after it was made.
   *
   * @return whether nothing is left to be changed
   * @throws KafkaException if the cluster does not answer, or refuses
   */
  public boolean settle() throws InterruptedException {
    long end = System.nanoTime() + cluster.timeout().toNanos();
    while (!plan().changes().isEmpty()) {
      if (System.nanoTime() > end) {
        return false;
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
    return true;
  }

  private interface Request<T> {
    T send() throws InterruptedException, ExecutionException, TimeoutException;
  }

  private <T> T asked(Request<T> request) throws InterruptedException {
    try {
      return request.send();
    } catch (TimeoutException e) {
      throw new org.apache.kafka.common.errors.TimeoutException(
          "no answer within " + cluster.timeout().toSeconds() + " s", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof KafkaException cause ? cause : new KafkaException(e.getCause());
    }
  }
}
