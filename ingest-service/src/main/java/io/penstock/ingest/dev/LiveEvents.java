package io.penstock.ingest.dev;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.registry.WireFormatReader;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.kafka.client.consumer.KafkaReadStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.avro.generic.GenericData;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * The events of some topics as a stream, read as any consumer would: committed records only,
 * decoded by what the registry says. The stream is Vert.x's; it hands out one record, and the next
 * when that one is printed. The consumer itself is made by Kafka's own constructor, since Vert.x's
 * factory would hang on an invalid property.
 */
final class LiveEvents implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration POLL = Duration.ofMillis(200);

  private final Vertx vertx;
  private final KafkaReadStream<byte[], byte[]> stream;
  private final WireFormatReader values;
  private final Consumer<Event> listener;
  private final CompletableFuture<Void> failure = new CompletableFuture<>();

  /** Records that Kafka has sent and the listener has not got yet. */
  private final AtomicLong waiting = new AtomicLong();

  /**
   * One record, decoded.
   *
   * @param eventId its header {@code ce_id}
   * @param json all of it, as one line
   */
  record Event(String topic, String eventId, String json) {}

  /**
   * Starts at the beginning of the given topics, which must exist.
   *
   * @param listener is given one event at a time, on a worker thread
   */
  LiveEvents(
      Vertx vertx,
      String bootstrapServers,
      String registryUrl,
      Collection<String> topics,
      Consumer<Event> listener) {
    this.vertx = vertx;
    this.listener = listener;
    Properties properties = new Properties();
    properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    values =
        new WireFormatReader(new Configuration.SchemaRegistryConfig(registryUrl, false, Map.of()));
    stream =
        KafkaReadStream.create(
            vertx,
            new KafkaConsumer<>(
                properties, new ByteArrayDeserializer(), new ByteArrayDeserializer()));
    stream
        .pollTimeout(POLL)
        .exceptionHandler(failure::completeExceptionally)
        .batchHandler(batch -> waiting.addAndGet(batch.count()))
        .handler(this::handOut)
        .pause()
        .fetch(1);
    Future.all(topics.stream().map(stream::partitionsFor).toList())
        .compose(
            found ->
                stream.assign(
                    found.<List<PartitionInfo>>list().stream()
                        .flatMap(List::stream)
                        .map(one -> new TopicPartition(one.topic(), one.partition()))
                        .collect(Collectors.toSet())))
        .await();
  }

  /** Fails when no more events can be read. */
  CompletableFuture<Void> failure() {
    return failure;
  }

  /** Decodes on a worker thread, since the registry may have to be asked. */
  private void handOut(ConsumerRecord<byte[], byte[]> record) {
    vertx
        .executeBlocking(
            () -> {
              listener.accept(event(record));
              return waiting.decrementAndGet();
            })
        .onSuccess(left -> stream.fetch(1))
        .onFailure(failure::completeExceptionally);
  }

  /** Whether everything that was committed before this call has been handed out. Blocks. */
  boolean isAtEnd() {
    return stream
        .assignment()
        .compose(stream::endOffsets)
        .compose(
            ends ->
                Future.all(
                    ends.entrySet().stream()
                        .map(
                            end ->
                                stream
                                    .position(end.getKey())
                                    .map(position -> position >= end.getValue()))
                        .toList()))
        // Asked last: what the positions have passed was counted before.
        .map(
            read ->
                read.<Boolean>list().stream().allMatch(Boolean::booleanValue) && waiting.get() == 0)
        .await();
  }

  private Event event(ConsumerRecord<byte[], byte[]> record) throws IOException {
    ObjectNode line = JSON.createObjectNode();
    line.put("topic", record.topic());
    line.put("partition", record.partition());
    line.put("offset", record.offset());
    line.put("timestamp", record.timestamp());
    line.put("key", record.key() == null ? null : new String(record.key(), UTF_8));
    ObjectNode headers = line.putObject("headers");
    record
        .headers()
        .forEach(header -> headers.put(header.key(), new String(header.value(), UTF_8)));
    line.set("value", JSON.readTree(GenericData.get().toString(values.read(record.value()))));
    return new Event(record.topic(), headers.path("ce_id").asText(), JSON.writeValueAsString(line));
  }

  @Override
  public void close() {
    stream.close().await();
    try {
      values.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
