package io.penstock.ingest.cluster;

import io.penstock.ingest.config.Configuration;
import java.util.Properties;
import org.apache.kafka.clients.CommonClientConfigs;

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
}
