package io.penstock.ingest.cluster;

import io.penstock.ingest.config.Configuration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the landing log's partitions from time to time, so that an instance to which nobody
 * sends knows whether the cluster is there, and so that what goes wrong has an explanation. It
 * tells what it sees; whether deliveries are acknowledged is known better by those that are.
 * Blocks; for one thread of its own.
 */
public final class ClusterWatch implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ClusterWatch.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(3);

  /** How many partitions are named in one sentence. */
  private static final int MOST_NAMED = 8;

  private final Admin admin;
  private final String topic;

  /** What was seen. */
  public sealed interface Sight {

    /** What is wrong, or will be, in words for the operator; empty if nothing is. */
    default String remarks() {
      return switch (this) {
        case Led led -> String.join("; ", led.findings());
        case Leaderless leaderless -> leaderless.why();
        case Unanswered unanswered -> "Kafka does not answer: " + unanswered.why();
        case Untold untold ->
            "the topic may not be looked at ("
                + untold.why()
                + "): grant Describe and DescribeConfigs on it";
      };
    }

    /**
     * Some partition has a leader. Not all need one: one that has none is no reason to refuse what
     * belongs to the others.
     *
     * @param takesRecords whether one of those has as many replicas in sync as its topic demands,
     *     by the settings
     * @param findings what is wrong, or will be: each names the topic, its partitions and the
     *     setting
     * @param refusing the partitions that take no records, by the settings: without a leader, or
     *     with too few replicas in sync
     */
    record Led(boolean takesRecords, List<String> findings, Set<Integer> refusing)
        implements Sight {
      public Led {
        findings = List.copyOf(findings);
        refusing = Set.copyOf(refusing);
      }

      /** Each partition takes records. */
      public Led(boolean takesRecords, List<String> findings) {
        this(takesRecords, findings, Set.of());
      }
    }

    /** The cluster answers, and no partition can take anything. */
    record Leaderless(String why) implements Sight {}

    /** The cluster does not answer. */
    record Unanswered(String why) implements Sight {}

    /** The cluster answers that it does not tell: says nothing of whether it takes records. */
    record Untold(String why) implements Sight {}
  }

  /**
   * @param topic the landing log's
   */
  public ClusterWatch(Configuration.KafkaConfig kafka, String topic) {
    Properties properties = ClientProperties.of(kafka);
    properties.put(AdminClientConfig.CLIENT_ID_CONFIG, "penstock-watch");
    this.admin = Admin.create(properties);
    this.topic = topic;
  }

  /** The client that looks, for the start. */
  public Admin admin() {
    return admin;
  }

  /** Looks; takes six seconds at most. */
  public Sight look() throws InterruptedException {
    int timeout = Math.toIntExact(TIMEOUT.toMillis());
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    var described =
        admin.describeTopics(List.of(topic), new DescribeTopicsOptions().timeoutMs(timeout));
    var configured =
        admin.describeConfigs(List.of(resource), new DescribeConfigsOptions().timeoutMs(timeout));
    List<TopicPartitionInfo> partitions;
    try {
      partitions = get(Objects.requireNonNull(described.topicNameValues().get(topic))).partitions();
    } catch (TimeoutException e) {
      return new Sight.Unanswered("no answer within " + 2 * TIMEOUT.toSeconds() + " s");
    } catch (ExecutionException e) {
      log.debug("The landing log could not be looked at", e);
      return failed(topic, e.getCause() == null ? e : e.getCause());
    }
    OptionalInt demanded = OptionalInt.empty();
    try {
      ConfigEntry entry =
          get(Objects.requireNonNull(configured.values().get(resource)))
              .get(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG);
      demanded = entry == null ? demanded : OptionalInt.of(Integer.parseInt(entry.value()));
    } catch (ExecutionException | TimeoutException | NumberFormatException e) {
      // It would explain, and no more.
      log.debug("The landing log's settings could not be looked at", e);
    }
    return sight(topic, partitions, demanded);
  }

  private static <T> T get(KafkaFuture<T> future)
      throws InterruptedException, ExecutionException, TimeoutException {
    return future.get(2 * TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** What a question that failed says. */
  static Sight failed(String topic, Throwable cause) {
    if (cause instanceof UnknownTopicOrPartitionException) {
      return new Sight.Leaderless("the topic " + topic + " does not exist");
    }
    return cause instanceof RetriableException
        ? new Sight.Unanswered(cause.getClass().getSimpleName())
        : new Sight.Untold(cause.getClass().getSimpleName());
  }

  /**
   * What partitions and the topic's settings say.
   *
   * @param demanded the topic's {@code min.insync.replicas}, where the cluster tells it
   */
  static Sight sight(String topic, List<TopicPartitionInfo> partitions, OptionalInt demanded) {
    List<TopicPartitionInfo> leaderless = new ArrayList<>();
    List<TopicPartitionInfo> led = new ArrayList<>();
    for (TopicPartitionInfo partition : partitions) {
      (partition.leader() == null || partition.leader().isEmpty() ? leaderless : led)
          .add(partition);
    }
    if (led.isEmpty()) {
      return new Sight.Leaderless("no partition of " + topic + " has a leader");
    }
    int min = demanded.orElse(1);
    // A broker asks for no more replicas in sync than a partition has (KIP-966).
    List<TopicPartitionInfo> behind =
        led.stream()
            .filter(
                partition -> partition.isr().size() < Math.min(min, partition.replicas().size()))
            .toList();
    List<TopicPartitionInfo> few =
        partitions.stream().filter(partition -> partition.replicas().size() < min).toList();
    List<String> remarks = new ArrayList<>();
    if (!leaderless.isEmpty()) {
      remarks.add(named(topic, leaderless) + " has no leader: give it one");
    }
    if (!behind.isEmpty()) {
      remarks.add(
          named(topic, behind)
              + " has fewer replicas in sync than min.insync.replicas="
              + min
              + " asks for, and takes no records: bring its replicas back");
    }
    if (!few.isEmpty()) {
      remarks.add(
          named(topic, few)
              + " has fewer replicas than min.insync.replicas="
              + min
              + " asks for; Kafka asks for as many as there are, and takes records on so few"
              + " disks: add replicas, or lower the setting");
    }
    return new Sight.Led(
        behind.size() < led.size(),
        remarks,
        Stream.concat(leaderless.stream(), behind.stream())
            .map(TopicPartitionInfo::partition)
            .collect(Collectors.toSet()));
  }

  private static String named(String topic, List<TopicPartitionInfo> partitions) {
    String numbers =
        partitions.stream()
            .limit(MOST_NAMED)
            .map(partition -> Integer.toString(partition.partition()))
            .collect(Collectors.joining(", "));
    int more = partitions.size() - MOST_NAMED;
    return (partitions.size() == 1 ? "partition " : "each of the partitions ")
        + numbers
        + (more > 0 ? " and " + more + " more" : "")
        + " of "
        + topic;
  }

  @Override
  public void close() {
    admin.close(Duration.ofSeconds(2));
  }
}
