package io.penstock.ingest.landing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.ingest.delivery.DeduplicationId;
import io.penstock.ingest.spool.Spool;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Deliveries that say which one they are, Kafka's own fake of its producer, and a real spool. */
final class LandingBench {

  static final String TOPIC = "test.inbound";
  private static final Node NODE = new Node(1, "none", 1);

  private LandingBench() {}

  static MockProducer<byte[], byte[]> kafka(int partitions) {
    return new MockProducer<>(
        cluster(partitions), false, null, new ByteArraySerializer(), new ByteArraySerializer());
  }

  static Cluster cluster(int partitions) {
    return new Cluster(
        "id",
        List.of(NODE),
        IntStream.range(0, partitions)
            .mapToObj(
                number ->
                    new PartitionInfo(TOPIC, number, NODE, new Node[] {NODE}, new Node[] {NODE}))
            .toList(),
        Set.of(),
        Set.of());
  }

  static Spool spool(Path directory, long maxSize, MeterRegistry meters) throws IOException {
    return Spool.open(
        directory,
        maxSize,
        "webhooks",
        new Spool.Placement() {
          @Override
          public int lane(byte[] value) {
            return 0;
          }

          @Override
          public long receivedAt(byte[] value) {
            return 0;
          }
        },
        InstantSource.system(),
        System::nanoTime,
        meters);
  }

  static LandingRecord record(String key, String id, int bodySize) {
    return new LandingRecord.Event(
        new LandingRecord.LandingEnvelope(
            "source",
            "provider",
            "receipt-" + id,
            1_700_000_000_000L,
            key,
            "application/json",
            null,
            Map.of("svix-id", "msg-" + id),
            (id + "\n" + "x".repeat(bodySize)).getBytes(UTF_8)),
        DeduplicationId.of("source", "entity", List.of(id), "receipt"),
        null);
  }

  static String id(LandingRecord record) {
    return new String(record.body(), UTF_8).lines().findFirst().orElse("");
  }

  /** One that does not take its first records: it has forgotten the topic, as after an outage. */
  static final class Forgetful extends MockProducer<byte[], byte[]> {
    private int forgets;

    Forgetful(int forgets) {
      super(cluster(1), false, null, new ByteArraySerializer(), new ByteArraySerializer());
      this.forgets = forgets;
    }

    @Override
    public synchronized Future<RecordMetadata> send(
        ProducerRecord<byte[], byte[]> record, Callback callback) {
      if (forgets > 0) {
        forgets--;
        TimeoutException failure = new TimeoutException("Topic not present in metadata.");
        callback.onCompletion(null, failure);
        return CompletableFuture.failedFuture(failure);
      }
      return super.send(record, callback);
    }
  }

  /** One of two partitions, the first of which never answers. */
  static final class HalfDead extends MockProducer<byte[], byte[]> {
    private final AtomicInteger held = new AtomicInteger();

    HalfDead() {
      super(cluster(2), false, null, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** How many records it keeps for the dead partition. */
    int held() {
      return held.get();
    }

    @Override
    public synchronized Future<RecordMetadata> send(
        ProducerRecord<byte[], byte[]> record, Callback callback) {
      if (KeyHash.of(new String(record.key(), UTF_8)) % 2 == 0) {
        held.incrementAndGet();
        return new CompletableFuture<>();
      }
      return super.send(record, callback);
    }
  }

  /** Has every partition acknowledge a record, as after a start; the fake forgets them. */
  static void prove(KafkaSender sender, MockProducer<byte[], byte[]> kafka) {
    for (int partition = 0; partition < sender.partitions(); partition++) {
      sender.send(sender.epoch(partition), record("first", "first", 1), outcome -> {});
      kafka.completeNext();
    }
    kafka.clear();
  }

  /** What a producer was given, in its order. */
  static List<String> sent(MockProducer<byte[], byte[]> kafka) {
    return kafka.history().stream()
        .map(record -> id(LandingHeaders.read(record.key(), record.value(), record.headers())))
        .toList();
  }

  /** A key that is of a partition. */
  static String keyOf(int partition, int partitions) {
    return IntStream.range(0, 10_000)
        .mapToObj(number -> "key-" + number)
        .filter(key -> KeyHash.of(key) % partitions == partition)
        .findFirst()
        .orElseThrow();
  }
}
