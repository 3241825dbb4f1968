package io.penstock.ingest.pipeline;

import io.penstock.ingest.cluster.ClientProperties;
import io.penstock.ingest.cluster.TopicRequirement;
import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.config.Configuration;
import java.util.Properties;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.streams.StreamsConfig;

/** The properties of the stream application. */
final class StreamsProperties {

  private static final long MIB = 1024 * 1024;

  private StreamsProperties() {}

  /**
   * @param publications called once for each stream task
   */
  static Properties of(
      Configuration configuration,
      Topics topics,
      StateDirectory directory,
      KafkaFacts facts,
      Supplier<Publications> publications) {
    int body = TopicRequirement.maxBodySize(configuration);
    Properties properties = ClientProperties.of(configuration.kafka());
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, topics.group());
    properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    properties.put(StreamsConfig.STATE_DIR_CONFIG, directory.path().toString());
    properties.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG),
        directory.instanceId());
    properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, configuration.pipeline().threads());
    properties.put(
        StreamsConfig.REPLICATION_FACTOR_CONFIG, configuration.topics().replicationFactor());
    properties.put(
        StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, BoundedRocksDb.class.getName());
    properties.putIfAbsent(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, "100");
    // An id that was seen once is hardly looked up again: a cache before the store would only
    // delay its changelog.
    properties.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, "0");
    properties.put(
        StreamsConfig.WINDOW_STORE_CHANGE_LOG_ADDITIONAL_RETENTION_MS_CONFIG,
        Long.toString(facts.changelogMore().toMillis()));
    properties.put(
        StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG, RawDeadLetters.class.getName());
    properties.put(RawDeadLetters.PUBLICATIONS, publications);
    // A dead instance's partitions move on soon; the default is 45 s.
    putUnlessGiven(
        properties,
        StreamsConfig::consumerPrefix,
        CommonClientConfigs.SESSION_TIMEOUT_MS_CONFIG,
        "10000");
    putUnlessGiven(
        properties,
        StreamsConfig::consumerPrefix,
        CommonClientConfigs.HEARTBEAT_INTERVAL_MS_CONFIG,
        "3000");
    properties.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    properties.put(
        StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG),
        facts.maxRequestBytes());
    properties.put(
        StreamsConfig.producerPrefix(ProducerConfig.BUFFER_MEMORY_CONFIG),
        Math.max(32 * MIB, TopicRequirement.eventBytes(body) + 16 * MIB));
    // A backlog is read no faster than the heap can hold it: by default a thousand bodies of each
    // partition may wait in memory.
    long heap = Runtime.getRuntime().maxMemory();
    long waiting = heap / 8 / Math.max(1, body) / configuration.topics().partitions();
    properties.putIfAbsent(
        StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG,
        Long.toString(Math.clamp(waiting, 1, 1000)));
    putUnlessGiven(
        properties,
        StreamsConfig::mainConsumerPrefix,
        ConsumerConfig.FETCH_MAX_BYTES_CONFIG,
        Long.toString(Math.clamp(heap / 32, 4 * MIB, 50 * MIB)));
    // The brokers abort a transaction of a killed instance after this, which blocks readers until
    // then.
    putUnlessGiven(
        properties,
        StreamsConfig::producerPrefix,
        ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
        "10000");
    properties.put(
        StreamsConfig.topicPrefix(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG),
        configuration.topics().replicationFactor() > 2 ? "2" : "1");
    return properties;
  }

  /** A default, which must not win over an operator's property that has no prefix. */
  private static void putUnlessGiven(
      Properties properties, UnaryOperator<String> prefix, String name, String value) {
    if (!properties.containsKey(name)) {
      properties.putIfAbsent(prefix.apply(name), value);
    }
  }
}
