package io.penstock.ingest.landing;

import io.penstock.ingest.cluster.ClientProperties;
import io.penstock.ingest.config.Configuration;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Makes Kafka's clients for the landing log, with the settings that order and durability need. */
final class LandingClients {

  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);

  private LandingClients() {}

  /**
   * Makes Kafka's clients as configured.
   *
   * @param maxBodySize of any source, in bytes
   */
  static Supplier<Producer<byte[], byte[]>> asConfigured(
      Configuration configuration, int maxBodySize) {
    Properties properties = properties(configuration, maxBodySize);
    return () ->
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }

  static Properties properties(Configuration configuration, int maxBodySize) {
    Properties properties = ClientProperties.of(configuration.kafka());
    properties.putIfAbsent(ProducerConfig.LINGER_MS_CONFIG, "0");
    properties.put(ProducerConfig.CLIENT_ID_CONFIG, "penstock-ingress");
    properties.put(ProducerConfig.ACKS_CONFIG, "all");
    properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true");
    // A send fails where it would have to wait: see docs/landing-log.md.
    properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, "0");
    properties.put(
        ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, Long.toString(REQUEST_TIMEOUT.toMillis()));
    // Never: if one were given up while a later one of its entity arrives, they would be reordered.
    properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Integer.toString(Integer.MAX_VALUE));
    properties.put(ProducerConfig.RETRIES_CONFIG, Integer.toString(Integer.MAX_VALUE));
    properties.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, "5");
    // A source that is quiet for a while must not pay for fetching metadata again.
    properties.put(
        ProducerConfig.METADATA_MAX_IDLE_CONFIG, Long.toString(TimeUnit.DAYS.toMillis(365)));
    // A client that starts from its first addresses forgets the topic, and its sends fail until it
    // knows it again. Landing replaces the client instead where the cluster has moved.
    properties.put(CommonClientConfigs.METADATA_RECOVERY_STRATEGY_CONFIG, "none");
    int largest = Math.max(1024 * 1024, maxBodySize + Landing.RECORD_OVERHEAD);
    properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Integer.toString(largest));
    // Admission and the drain's window end before this memory does.
    properties.put(
        ProducerConfig.BUFFER_MEMORY_CONFIG,
        Long.toString(
            2 * configuration.http().maxInFlightBytes() + 2 * Drain.WINDOW_BYTES + 2L * largest));
    return properties;
  }
}
