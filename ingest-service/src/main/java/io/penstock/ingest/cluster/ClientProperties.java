package io.penstock.ingest.cluster;

import io.penstock.ingest.config.Configuration;
import java.time.Duration;
import java.util.Properties;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;

/** The properties that every Kafka client of this process has. */
public final class ClientProperties {

  private ClientProperties() {}

  /**
   * A new set with the operator's properties and the cluster's address. The caller adds what its
   * client needs.
   */
  public static Properties of(Configuration.KafkaConfig kafka) {
    Properties properties = new Properties();
    properties.putAll(kafka.properties());
    properties.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers());
    // Kafka's clients would otherwise push their metrics to brokers that ask for them.
    properties.putIfAbsent("enable.metrics.push", "false");
    return properties;
  }

  /**
   * The same for a client of a few seconds: nothing reads its metrics, and to offer them by JMX
   * takes longer than its work.
   */
  public static Properties ofShortLived(Configuration.KafkaConfig kafka) {
    Properties properties = of(kafka);
    properties.putIfAbsent(CommonClientConfigs.METRIC_REPORTER_CLASSES_CONFIG, "");
    return properties;
  }

  /**
   * A new set for a consumer that looks and changes nothing: it joins no group, commits no offset,
   * creates no topic, and gets the records of committed transactions alone. Where the retention
   * overtakes it, it goes on with what is left.
   *
   * @param clientId names the consumer to the brokers
   * @param timeout how long a request may take
   */
  public static Properties ofReader(
      Configuration.KafkaConfig kafka, String clientId, Duration timeout) {
    Properties properties = ofShortLived(kafka);
    properties.put(ConsumerConfig.CLIENT_ID_CONFIG, clientId);
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    properties.put(
        ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, Math.toIntExact(timeout.toMillis()));
    return properties;
  }
}
