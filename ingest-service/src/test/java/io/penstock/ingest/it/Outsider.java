package io.penstock.ingest.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * A consumer that is independent of this project: Kafka's client, committed records only,
 * Confluent's wire format, the registry's plain HTTP interface and Avro. It uses no class of the
 * service or the schemas module.
 */
final class Outsider implements AutoCloseable {

  private final Settings settings;
  private final HttpClient http = HttpClient.newHttpClient();
  private final Map<Integer, Schema> schemas = new HashMap<>();
  private final Admin admin;
  private final KafkaConsumer<byte[], byte[]> consumer;

  Outsider(Settings settings) {
    this.settings = settings;
    Properties properties = new Properties();
    properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, settings.bootstrapServers());
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    admin =
        Admin.create(
            Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, settings.bootstrapServers()));
  }

  /**
   * A record as it was read.
   *
   * @param headers by name
   */
  record Read(
      int partition,
      long offset,
      long timestamp,
      String key,
      Map<String, String> headers,
      GenericRecord value) {

    String header(String name) {
      return String.valueOf(headers.get(name));
    }

    GenericRecord metadata() {
      return (GenericRecord) value.get("metadata");
    }
  }

  /**
   * All records of a topic, after the pipeline has committed all records that are in the landing
   * log now.
   */
  List<Read> readAll(String topic) {
    awaitPipeline();
    List<Read> read = new ArrayList<>();
    read(topic, record -> read.add(decode(record)));
    return read;
  }

  private void read(String topic, Consumer<ConsumerRecord<byte[], byte[]>> each) {
    List<TopicPartition> partitions = partitions(topic);
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    // Those of transactions that are still open too: the offsets of a transaction are sometimes
    // seen before its records are.
    Map<TopicPartition, Long> ends = ends(partitions);
    await()
        .atMost(Duration.ofMinutes(2))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .until(
            () -> {
              consumer.poll(Duration.ofMillis(100)).forEach(each);
              return ends.entrySet().stream()
                  .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
            });
  }

  /** The result of {@link #readAll}, filtered. */
  List<Read> readAll(String topic, Predicate<Read> wanted) {
    return readAll(topic).stream().filter(wanted).toList();
  }

  /** The headers of every record in a topic, for any value. */
  List<Map<String, String>> readHeaders(String topic) {
    List<Map<String, String>> read = new ArrayList<>();
    read(topic, record -> read.add(headers(record)));
    return read;
  }

  /**
   * Waits until the pipeline's committed offsets have reached the current ends of the landing log.
   */
  void awaitPipeline() {
    String inbound = settings.inbound();
    String group = inbound.substring(0, inbound.length() - ".inbound".length()) + "-pipeline";
    Map<TopicPartition, Long> ends = ends(partitions(inbound));
    await()
        .atMost(Duration.ofMinutes(2))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              Map<TopicPartition, OffsetAndMetadata> done =
                  get(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
              return ends.entrySet().stream()
                  .allMatch(
                      end -> {
                        OffsetAndMetadata committed = done.get(end.getKey());
                        return end.getValue() == 0
                            || (committed != null && committed.offset() >= end.getValue());
                      });
            });
  }

  private Map<TopicPartition, Long> ends(List<TopicPartition> partitions) {
    Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
    partitions.forEach(partition -> latest.put(partition, OffsetSpec.latest()));
    Map<TopicPartition, Long> ends = new HashMap<>();
    get(admin.listOffsets(latest).all())
        .forEach((partition, end) -> ends.put(partition, end.offset()));
    return ends;
  }

  private static <T> T get(KafkaFuture<T> future) {
    try {
      return future.get(120, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  private List<TopicPartition> partitions(String topic) {
    return consumer.partitionsFor(topic).stream()
        .map(info -> new TopicPartition(info.topic(), info.partition()))
        .toList();
  }

  private static Map<String, String> headers(ConsumerRecord<byte[], byte[]> record) {
    Map<String, String> headers = new HashMap<>();
    record
        .headers()
        .forEach(header -> headers.put(header.key(), new String(header.value(), UTF_8)));
    return headers;
  }

  private Read decode(ConsumerRecord<byte[], byte[]> record) {
    ByteBuffer value = ByteBuffer.wrap(record.value());
    if (value.get() != 0) {
      throw new AssertionError(
          "not in the Confluent wire format: " + record.topic() + "@" + record.offset());
    }
    Schema schema = schemas.computeIfAbsent(value.getInt(), this::schema);
    try {
      return new Read(
          record.partition(),
          record.offset(),
          record.timestamp(),
          new String(record.key(), UTF_8),
          headers(record),
          new GenericDatumReader<GenericRecord>(schema)
              .read(
                  null,
                  DecoderFactory.get()
                      .binaryDecoder(record.value(), 5, record.value().length - 5, null)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Schema schema(int id) {
    try {
      HttpResponse<String> response =
          http.send(
              HttpRequest.newBuilder(URI.create(settings.registryUrl() + "/schemas/ids/" + id))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      return new Schema.Parser()
          .parse(new ObjectMapper().readTree(response.body()).path("schema").asText());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    consumer.close();
    admin.close(Duration.ofSeconds(5));
    http.shutdownNow();
    http.close();
  }
}
