package io.penstock.ingest.pipeline;

import io.penstock.ingest.cluster.ClientProperties;
import io.penstock.ingest.cluster.StoreRequirement;
import io.penstock.ingest.cluster.TopicRequirement;
import io.penstock.ingest.cluster.TopicSetup;
import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.provider.Provider;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the pipeline knows of its cluster: its id, and the limits of its topics as they were when
 * they were last read. Reading blocks, for some seconds at most; everything else never waits. Safe
 * for use by any number of threads.
 */
final class KafkaFacts implements TopicLimits {

  private static final Logger log = LoggerFactory.getLogger(KafkaFacts.class);

  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private static final int SMALLEST_REQUEST = 1024 * 1024;

  private final Configuration configuration;
  private final List<Provider> providers;
  private final Topics topics;
  private final AtomicBoolean limitReached = new AtomicBoolean();
  private volatile Map<String, Integer> limits = Map.of();
  private volatile Duration changelogMore = StoreRequirement.moreThanTheStore(-1);

  private volatile double retentionSeconds = Double.NaN;

  KafkaFacts(Configuration configuration, List<Provider> providers, Topics topics) {
    this.configuration = configuration;
    this.providers = providers;
    this.topics = topics;
  }

  /** A client of its own, which the caller closes. */
  Admin admin() {
    Properties properties = ClientProperties.of(configuration.kafka());
    properties.put(AdminClientConfig.CLIENT_ID_CONFIG, "penstock-pipeline-admin");
    return Admin.create(properties);
  }

  /** Reads the cluster's id. */
  String clusterId() throws InterruptedException, ExecutionException, TimeoutException {
    Admin admin = admin();
    try {
      return admin.describeCluster().clusterId().get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } finally {
      // Otherwise it would wait for what was not answered in time.
      admin.close(Duration.ZERO);
    }
  }

  /**
   * Reads the limits of the topics.
   *
   * @throws KafkaException if Kafka refuses or does not answer
   */
  void read() throws InterruptedException {
    List<String> written =
        TopicRequirement.of(configuration, providers).stream()
            .map(TopicRequirement::topic)
            .filter(topic -> !topic.equals(topics.inbound()))
            .toList();
    Admin admin = admin();
    try {
      TopicSetup setup = new TopicSetup(admin, configuration.topics(), TIMEOUT);
      setup.maxMessageBytes(written).ifPresent(found -> limits = Map.copyOf(found));
      setup
          .retentionMillis(topics.inbound())
          .ifPresent(
              millis -> {
                changelogMore = StoreRequirement.moreThanTheStore(millis);
                retentionSeconds = millis < 0 ? Double.POSITIVE_INFINITY : millis / 1000.0;
              });
    } finally {
      admin.close(Duration.ZERO);
    }
  }

  /** Reads the limits again, and keeps those that are known if Kafka does not say. */
  void readAgain() throws InterruptedException {
    try {
      read();
    } catch (KafkaException e) {
      log.atWarn()
          .addKeyValue("cause", e.toString())
          .log("The limits of the topics could not be read");
    }
  }

  /** Reads the limits again if a record has been too large since the last call. */
  void readAgainIfReached() throws InterruptedException {
    if (limitReached.getAndSet(false)) {
      readAgain();
    }
  }

  @Override
  public void reached() {
    limitReached.set(true);
  }

  @Override
  public int maxRecordBytes(String topic) {
    int request = maxRequestBytes();
    return Math.min(request, limits.getOrDefault(topic, request));
  }

  /** The largest request of the producer, in bytes, whatever the topics take. */
  int maxRequestBytes() {
    return Math.max(
        SMALLEST_REQUEST, TopicRequirement.eventBytes(TopicRequirement.maxBodySize(configuration)));
  }

  /** The retention of the landing log in seconds; not a number before it was read. */
  double retentionSeconds() {
    return retentionSeconds;
  }

  /** For how much longer than the store its changelog keeps an id. */
  Duration changelogMore() {
    return changelogMore;
  }
}
