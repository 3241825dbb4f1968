package io.penstock.benchmarks;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The ceiling of one pipeline thread: a bare consumer and a transactional producer that copy a
 * backlog as it is, exactly once, with a transaction for each 100 ms. It decodes nothing and
 * remembers nothing.
 *
 * <p>Arguments: the brokers, the topic with the backlog, the topic for the copies, the number of
 * records. It measures the last two thirds, and writes them as {@code DONE}, records a second,
 * microseconds of a processor for each.
 */
final class BareCopier {

  private static final long COMMIT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private BareCopier() {}

  public static void main(String[] arguments) {
    String group = "copier-" + arguments[1];
    long backlog = Long.parseLong(arguments[3]);
    try (KafkaConsumer<byte[], byte[]> consumer =
            new KafkaConsumer<>(
                consumer(arguments[0], group),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        Producer<byte[], byte[]> producer =
            new KafkaProducer<>(
                producer(arguments[0], group),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
      producer.initTransactions();
      consumer.subscribe(List.of(arguments[1]));
      copy(consumer, producer, arguments[2], backlog);
    }
  }

  private static void copy(
      KafkaConsumer<byte[], byte[]> consumer,
      Producer<byte[], byte[]> producer,
      String to,
      long backlog) {
    long copied = 0;
    long first = 0;
    long since = 0;
    long processor = 0;
    while (copied < backlog) {
      producer.beginTransaction();
      Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
      long begun = System.nanoTime();
      while (System.nanoTime() - begun < COMMIT_NANOS && copied < backlog) {
        ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofMillis(100));
        for (ConsumerRecord<byte[], byte[]> record : records) {
          // A failed send fails its transaction.
          Future<RecordMetadata> unused =
              producer.send(
                  new ProducerRecord<>(
                      to, record.partition(), record.key(), record.value(), record.headers()));
        }
        for (TopicPartition partition : records.partitions()) {
          offsets.put(
              partition, new OffsetAndMetadata(records.records(partition).getLast().offset() + 1));
        }
        copied += records.count();
      }
      producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
      producer.commitTransaction();
      if (since == 0 && copied > backlog / 3) {
        first = copied;
        since = System.nanoTime();
        processor = processorNanos();
      }
    }
    System.out.printf(
        Locale.ROOT,
        "DONE %.1f %.3f%n",
        (copied - first) / ((System.nanoTime() - since) / 1e9),
        (processorNanos() - processor) / 1e3 / (copied - first));
  }

  private static long processorNanos() {
    return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
        .getProcessCpuTime();
  }

  private static Properties consumer(String brokers, String group) {
    Properties properties = new Properties();
    properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, brokers);
    properties.put(ConsumerConfig.GROUP_ID_CONFIG, group);
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, "1000");
    return properties;
  }

  private static Properties producer(String brokers, String group) {
    Properties properties = new Properties();
    properties.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, brokers);
    properties.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, group);
    properties.put(ProducerConfig.ACKS_CONFIG, "all");
    properties.put(ProducerConfig.LINGER_MS_CONFIG, "100"); // as Kafka Streams has it
    return properties;
  }
}
