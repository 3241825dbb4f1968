package io.penstock.ingest.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.ingest.cluster.ClientProperties;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.lookup.RecordPosition;
import io.penstock.ingest.lookup.Shown;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * A topic of the caller's own. Events keep their key, value, time stamp and headers, and so their
 * order for each entity; one header more says where each was read.
 */
final class TopicTarget implements ReplayTarget {

  /** Names the place of the event that was replayed. */
  static final String HEADER = "penstock-replayed-from";

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,249}");

  /** In bytes: more than the largest event. */
  private static final int LARGEST_REQUEST = 65 * 1024 * 1024;

  /** In bytes, of one partition. */
  private static final int BATCH = 256 * 1024;

  private static final int MILLIS = 30_000;

  private static final int MOST_GOING = 1000;

  private final String topic;
  private final KafkaProducer<byte[], byte[]> producer;
  private final Deque<Future<RecordMetadata>> going = new ArrayDeque<>();
  private long certain;
  private long refused;

  /**
   * @throws IllegalArgumentException if the topic does not exist; for the operator
   * @throws KafkaException if Kafka does not answer
   */
  TopicTarget(Configuration.KafkaConfig kafka, String topic) {
    this.topic = topic;
    Properties properties = ClientProperties.of(kafka);
    properties.put(ProducerConfig.CLIENT_ID_CONFIG, "penstock-replay");
    properties.put(ProducerConfig.ACKS_CONFIG, "all");
    properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true");
    // One request at a time, and so a large one: where the leader of a new topic refuses the first
    // of several and takes the second, it refuses the first for ever.
    properties.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, "1");
    properties.put(ProducerConfig.BATCH_SIZE_CONFIG, BATCH);
    properties.put(ProducerConfig.LINGER_MS_CONFIG, "5");
    properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, MILLIS / 2);
    properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, MILLIS);
    properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, MILLIS / 3);
    properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, LARGEST_REQUEST);
    properties.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 2L * LARGEST_REQUEST);
    producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /**
   * Why events must not be replayed to a topic; null where they may.
   *
   * @param prefix the beginning of the names of all topics of this installation
   */
  static @Nullable String problem(String topic, String prefix) {
    if (!NAME.matcher(topic).matches() || topic.equals(".") || topic.equals("..")) {
      return "that is no name of a topic";
    }
    if (topic.startsWith(prefix)) {
      return "topics whose names begin with "
          + prefix
          + " belong to Penstock: events are replayed to a topic of your own";
    }
    if (topic.startsWith("__")) {
      return "that topic is Kafka's own";
    }
    return topic.startsWith("_")
        ? "topics whose names begin with _ belong to a program, such as the schema registry's"
        : null;
  }

  @Override
  public Sent send(ConsumerRecord<byte[], byte[]> record, Shown.Published event)
      throws InterruptedException {
    ProducerRecord<byte[], byte[]> sent =
        new ProducerRecord<>(
            topic, null, record.timestamp(), record.key(), record.value(), record.headers());
    sent.headers().remove(HEADER);
    sent.headers().add(HEADER, RecordPosition.of(record).toString().getBytes(UTF_8));
    try {
      going.addLast(producer.send(sent));
    } catch (RecordTooLargeException e) {
      return new Sent.Refused(tooLarge(e));
    } catch (KafkaException e) {
      return new Sent.Lost(LettersCommand.problem(e));
    }
    return going.size() > MOST_GOING || going.getFirst().isDone() ? first() : new Sent.Going();
  }

  private String tooLarge(RecordTooLargeException e) {
    refused++;
    return topic + " did not take it: " + e.getMessage();
  }

  private Sent first() throws InterruptedException {
    try {
      going.removeFirst().get();
      certain++;
      return new Sent.Going();
    } catch (ExecutionException e) {
      return e.getCause() instanceof RecordTooLargeException large
          ? new Sent.Refused(tooLarge(large))
          : new Sent.Lost(
              LettersCommand.problem(
                  e.getCause() instanceof KafkaException kafka ? kafka : new KafkaException(e)));
    }
  }

  @Override
  public Sent finish() throws InterruptedException {
    Sent last = new Sent.Going();
    while (!going.isEmpty() && !(last instanceof Sent.Lost)) {
      Sent next = first();
      last = next instanceof Sent.Going ? last : next;
    }
    return last;
  }

  @Override
  public long certain() {
    return certain;
  }

  @Override
  public void stop() {
    // What is going ends in time by itself.
  }

  @Override
  public String summary() {
    return refused == 0 ? "" : topic + " did not take " + refused + " events";
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(2));
  }
}
