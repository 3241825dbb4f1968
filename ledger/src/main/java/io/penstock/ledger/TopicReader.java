package io.penstock.ledger;

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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;

/**
 * Reads the providers' topics as anybody would: Kafka's client, committed records only, Confluent's
 * wire format, the registry's plain HTTP interface and Avro. Not safe for use by several threads.
 */
public final class TopicReader implements AutoCloseable {

  private static final Duration TIMEOUT = Duration.ofMinutes(10);
  private static final Pattern ID = Pattern.compile(Sender.MARK + "([a-z0-9]+-[0-9]+)");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Installation installation;
  private final Map<String, Sender> senders;
  private final HttpClient http = HttpClient.newHttpClient();
  private final Map<Integer, Schema> schemas = new HashMap<>();
  private static final int PARTITIONS = 4;

  private final Admin admin;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final List<Read> read = new ArrayList<>();

  /** Does not connect yet. */
  public TopicReader(Installation installation) {
    this.installation = installation;
    this.senders =
        installation.senders().stream()
            .collect(Collectors.toMap(sender -> topic(sender.provider()), Function.identity()));
    this.admin =
        Admin.create(
            Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, installation.bootstrapServers()));
    this.consumer = consumer();
  }

  private KafkaConsumer<byte[], byte[]> consumer() {
    return new KafkaConsumer<>(
        Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
            installation.bootstrapServers(),
            ConsumerConfig.ISOLATION_LEVEL_CONFIG,
            "read_committed"),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer());
  }

  private String topic(String name) {
    return installation.prefix() + "." + name;
  }

  /**
   * Everything in the topics, once the pipeline has read everything that is in the landing log now.
   * What was read before is not read again.
   */
  public List<Read> readAll() {
    awaitPipeline();
    // All records of all transactions, those that are still open too: what is read must reach
    // behind them, so every transaction has ended then.
    Map<TopicPartition, Long> ends = ends(senders.keySet().stream().toList());
    if (consumer.assignment().isEmpty()) {
      consumer.assign(ends.keySet());
      consumer.seekToBeginning(ends.keySet());
    }
    Awaitility.await("read to the ends of the topics")
        .atMost(TIMEOUT)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .until(
            () -> {
              for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                read.add(read(record));
              }
              return ends.entrySet().stream()
                  .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
            });
    return List.copyOf(read);
  }

  /** Creates the landing log before an instance does, without a replica beside the leader. */
  public void createLandingLogWithoutReplicas() {
    NewTopic created =
        new NewTopic(topic("inbound"), PARTITIONS, (short) 1)
            .configs(
                Map.of(
                    "message.timestamp.type",
                    "LogAppendTime",
                    "max.message.bytes",
                    Integer.toString(4 * 1024 * 1024),
                    "min.insync.replicas",
                    "1"));
    get(admin.createTopics(List.of(created)).all());
  }

  /** The broker that leads the first partition of the landing log now. */
  public int leaderOfLandingLog() {
    return get(admin.describeTopics(List.of(topic("inbound"))).allTopicNames()).values().stream()
        .mapToInt(described -> described.partitions().getFirst().leader().id())
        .findFirst()
        .orElseThrow();
  }

  /** The latest timestamp of any record of the landing log; -1 if there is none. */
  public long latestLandingTimestamp() {
    Map<TopicPartition, OffsetSpec> newest = new HashMap<>();
    ends(List.of(topic("inbound")))
        .keySet()
        .forEach(partition -> newest.put(partition, OffsetSpec.maxTimestamp()));
    return get(admin.listOffsets(newest).all()).values().stream()
        .mapToLong(ListOffsetsResult.ListOffsetsResultInfo::timestamp)
        .max()
        .orElse(-1);
  }

  /**
   * Writes a record, as an operator's command does, and waits until Kafka has it.
   *
   * @param topic without the prefix
   */
  public void write(String topic, String key, String value) {
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(
            Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, installation.bootstrapServers()),
            new StringSerializer(),
            new StringSerializer())) {
      producer
          .send(new ProducerRecord<>(topic(topic), key, value))
          .get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * All records of one topic, each partition's in their order, once the pipeline has read
   * everything that is in the landing log now.
   *
   * @param name without the prefix
   */
  public List<GenericRecord> values(String name) {
    awaitPipeline();
    Map<TopicPartition, Long> ends = ends(List.of(topic(name)));
    List<GenericRecord> values = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> reader = consumer()) {
      reader.assign(ends.keySet());
      reader.seekToBeginning(ends.keySet());
      Awaitility.await("read to the end of the topic")
          .atMost(TIMEOUT)
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(1))
          .until(
              () -> {
                for (ConsumerRecord<byte[], byte[]> record : reader.poll(Duration.ofMillis(100))) {
                  values.add(value(record));
                }
                return ends.entrySet().stream()
                    .allMatch(end -> reader.position(end.getKey()) >= end.getValue());
              });
    }
    return values;
  }

  private void awaitPipeline() {
    Map<TopicPartition, Long> ends = ends(List.of(topic("inbound")));
    Awaitility.await("the pipeline has read the landing log")
        .atMost(TIMEOUT)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              Map<TopicPartition, OffsetAndMetadata> done =
                  get(
                      admin
                          .listConsumerGroupOffsets(installation.prefix() + "-pipeline")
                          .partitionsToOffsetAndMetadata());
              return ends.entrySet().stream()
                  .allMatch(
                      end -> {
                        OffsetAndMetadata committed = done.get(end.getKey());
                        return end.getValue() == 0
                            || (committed != null && committed.offset() >= end.getValue());
                      });
            });
  }

  private Map<TopicPartition, Long> ends(List<String> topics) {
    Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
    get(admin.describeTopics(topics).allTopicNames())
        .forEach(
            (topic, description) ->
                description
                    .partitions()
                    .forEach(
                        partition ->
                            latest.put(
                                new TopicPartition(topic, partition.partition()),
                                OffsetSpec.latest())));
    Map<TopicPartition, Long> ends = new HashMap<>();
    // Brokers that have just come back may not lead yet what they will.
    Awaitility.await("the topics have leaders")
        .atMost(TIMEOUT)
        .pollDelay(Duration.ZERO)
        .ignoreExceptionsMatching(e -> e.getCause() instanceof RetriableException)
        .until(
            () -> {
              get(admin.listOffsets(latest).all())
                  .forEach((partition, end) -> ends.put(partition, end.offset()));
              return true;
            });
    return ends;
  }

  private static <T> T get(KafkaFuture<T> future) {
    try {
      return future.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  private GenericRecord value(ConsumerRecord<byte[], byte[]> record) throws IOException {
    ByteBuffer value = ByteBuffer.wrap(record.value());
    if (value.get() != 0) {
      throw new IllegalStateException(
          "not in Confluent's wire format: " + record.topic() + "@" + record.offset());
    }
    Schema schema = schemas.computeIfAbsent(value.getInt(), this::schema);
    return new GenericDatumReader<GenericRecord>(schema)
        .read(
            null,
            DecoderFactory.get()
                .binaryDecoder(record.value(), value.position(), value.remaining(), null));
  }

  private Read read(ConsumerRecord<byte[], byte[]> record) throws IOException {
    GenericRecord event = value(record);
    String json = event.get("json").toString();
    Sender sender = senders.get(record.topic());
    if (sender == null) {
      throw new IllegalStateException("not subscribed to " + record.topic());
    }
    Matcher id = ID.matcher(json);
    return new Read(
        sender.provider(),
        record.partition(),
        record.offset(),
        id.find() ? id.group(1) : "",
        Texts.digest(sender.comparable(json)));
  }

  private Schema schema(int id) {
    try {
      HttpResponse<String> response =
          http.send(
              HttpRequest.newBuilder(URI.create(installation.registryUrl() + "/schemas/ids/" + id))
                  .timeout(TIMEOUT)
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      return new Schema.Parser().parse(JSON.readTree(response.body()).path("schema").asText());
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
  }
}
