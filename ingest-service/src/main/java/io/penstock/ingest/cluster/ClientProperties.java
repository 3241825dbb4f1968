package io.penstock.ingest.cluster;

import io.penstock.ingest.config.Configuration;
import java.util.Properties;
import org.apache.kafka.clients.CommonClientConfigs;

/** What every Kafka client of this process is configured with. */
public final class ClientProperties {

  private ClientProperties() {}

  /**
   * A new set: the operator's properties and the cluster's address. Callers add what their own
   * client needs.
   */
  public static Properties of(Configuration.Kafka kafka) {
    Properties properties = new Properties();
    properties.putAll(kafka.properties());
    properties.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers());
    // Metrics stay with us; no broker asks this client for them.
    properties.putIfAbsent("enable.metrics.push", "false");
    return properties;
  }
}
