package io.penstock.ingest.landing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.ingest.cluster.ClientProperties;
import io.penstock.ingest.config.Configuration;
import java.time.Duration;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends records to the partitions of the landing log, over Apache's producer.
 *
 * <p>It never blocks its caller, which may be an event loop: the producer waits neither for
 * metadata, which are loaded before the first send and never forgotten, nor for memory, which its
 * callers bound; a send that would have to wait for either fails.
 *
 * <p>The producer gives no record up while its client lives, so that the records that it holds keep
 * their order whatever happens to the brokers. A record that fails ends its partition's {@link
 * Epoch}: what its callers send under that epoch afterwards fails untried, so that no record of a
 * queue overtakes the one before it that has failed.
 *
 * <p>The client can be replaced at any time; what it still holds fails then. Safe for use by any
 * number of threads.
 */
final class KafkaSender {

  private static final Logger log = LoggerFactory.getLogger(KafkaSender.class);

  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);

  /** How long {@link #find} waits for the partitions. */
  private static final Duration FIND_PATIENCE = Duration.ofMillis(500);

  private static final long FIND_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  /** What one record costs beside its body, in bytes. */
  private static final int HELD_OVERHEAD = 2048;

  /**
   * A time in which all records of one partition that were tried succeeded or are on their way.
   * Whoever sends several that must keep their order sends them under one epoch.
   */
  static final class Epoch {
    private final int partition;
    private final Client client;

    private Epoch(int partition, Client client) {
      this.partition = partition;
      this.client = client;
    }
  }

  private static final class Client {
    final Producer<byte[], byte[]> kafka;

    /** Whether a send has failed as if the client would never send again. */
    volatile boolean broken;

    /** Whether another has taken its place, so that its failures say nothing of Kafka. */
    volatile boolean replaced;

    Client(Producer<byte[], byte[]> kafka) {
      this.kafka = kafka;
    }
  }

  private static final class Partition {
    final PartitionHealth health;
    volatile Epoch epoch;

    Partition(PartitionHealth health, Epoch epoch) {
      this.health = health;
      this.epoch = epoch;
    }
  }

  /** What is known of the log: its partitions, and whether the client that is used now knows it. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Found(boolean byThisClient, Partition[] partitions) {}

  private final Supplier<Producer<byte[], byte[]>> factory;
  private final String topic;
  private final Breaker breaker;
  private final Duration stall;
  private final LongSupplier nanos;
  private volatile Client client;
  private volatile Found found = new Found(false, new Partition[0]);
  private volatile Set<Integer> leaderless = Set.of();
  private volatile @Nullable String refusal;

  /**
   * Does not connect yet: see {@link #find}.
   *
   * @param factory makes Kafka's client
   * @param topic the landing log's
   * @param breaker is told what becomes of every record
   * @param stall how long a partition may acknowledge nothing while a record waits for it
   * @param nanos a clock that only counts on
   * @throws KafkaException if the factory throws it
   */
  KafkaSender(
      Supplier<Producer<byte[], byte[]>> factory,
      String topic,
      Breaker breaker,
      Duration stall,
      LongSupplier nanos) {
    this.factory = factory;
    this.topic = topic;
    this.breaker = breaker;
    this.stall = stall;
    this.nanos = nanos;
    this.client = new Client(factory.get());
  }

  /**
   * Makes Kafka's clients as configured.
   *
   * @param maxBodySize of any source, in bytes
   */
  static Supplier<Producer<byte[], byte[]>> clients(Configuration configuration, int maxBodySize) {
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

  // Finding the log.

  /**
   * Looks for the log's partitions. Blocks for half a second at most; for a worker thread.
   *
   * @return whether they are known
   */
  boolean find() {
    try {
      Client asked = client;
      long start = System.nanoTime();
      while (!find(asked)) {
        if (System.nanoTime() - start >= FIND_PATIENCE.toNanos()
            || Thread.currentThread().isInterrupted()) {
          break;
        }
        LockSupport.parkNanos(FIND_PAUSE_NANOS);
      }
      refusal = null;
    } catch (RetriableException e) {
      log.debug("The landing log was not found", e);
    } catch (KafkaException e) {
      // Rights that were taken away may be given back: no reason to end.
      refusal = e.toString();
    }
    return isFound();
  }

  private boolean find(Client asked) {
    int count;
    try {
      count = asked.kafka.partitionsFor(topic).size();
    } catch (org.apache.kafka.common.errors.TimeoutException e) {
      if (e.getCause() instanceof KafkaException cause && !(cause instanceof RetriableException)) {
        throw cause;
      }
      return false; // not known yet: the client waits for nothing
    }
    if (count == 0) {
      return false;
    }
    Partition[] known = found.partitions();
    // More than before would send entities elsewhere, away from their predecessors.
    if (known.length == 0 || count < known.length) {
      known = new Partition[count];
      for (int i = 0; i < count; i++) {
        known[i] = new Partition(new PartitionHealth(stall, nanos), new Epoch(i, asked));
      }
    }
    found = new Found(true, known);
    return true;
  }

  /** Whether the log has been found, so that a record can be sent. */
  boolean isFound() {
    return found.byThisClient();
  }

  /** How many partitions the log has; 0 before it was found first. */
  int partitions() {
    return found.partitions().length;
  }

  /** Why the last attempt to find the log was refused; null where it was not. */
  @Nullable String refusal() {
    return refusal;
  }

  /** A hash of an entity's key, from 0 up; Kafka's own clients use the same. */
  static int hash(String key) {
    return Utils.toPositive(Utils.murmur2(key.getBytes(UTF_8)));
  }

  /** The partition of a key, as Kafka's own clients choose it; 0 before the log was found. */
  int partition(int hash) {
    int count = partitions();
    return count == 0 ? 0 : hash % count;
  }

  // Health.

  /** Whether a record should be sent to a partition now; false before the log was found. */
  boolean admits(int partition) {
    Partition[] known = found.partitions();
    return partition < known.length && known[partition].health.admits();
  }

  /** Whether a partition acknowledges nothing. */
  boolean isSilent(int partition) {
    Partition[] known = found.partitions();
    return partition < known.length && known[partition].health.isSilent();
  }

  /** How many partitions acknowledge nothing. */
  int silentPartitions() {
    int silent = 0;
    for (Partition partition : found.partitions()) {
      silent += partition.health.isSilent() ? 1 : 0;
    }
    return silent;
  }

  /** How many bytes the client holds for partitions that acknowledge nothing. */
  long silentBytes() {
    long bytes = 0;
    for (Partition partition : found.partitions()) {
      bytes += partition.health.silentBytes();
    }
    return bytes;
  }

  /**
   * These partitions have no leader, as was seen. What is sent to them is still sent, since what
   * was seen may be over; but that it waits says nothing of the other partitions.
   */
  void leaderless(Set<Integer> partitions) {
    leaderless = Set.copyOf(partitions);
  }

  // Sending.

  /** The epoch that lasts now; the log must have been found. */
  Epoch epoch(int partition) {
    return found.partitions()[partition].epoch;
  }

  /**
   * Sends a record behind all that were sent to its partition before. Never blocks.
   *
   * @param epoch of the record's partition; if it is over, the record is not tried
   * @param done called exactly once: by this call where the client does not take the record, else
   *     on a thread of the client's, which it must not block
   */
  @SuppressWarnings("FutureReturnValueIgnored") // the callback has it
  void send(Epoch epoch, LandingRecord record, Consumer<SendOutcome> done) {
    Partition[] known = found.partitions();
    if (epoch.partition >= known.length || known[epoch.partition].epoch != epoch) {
      done.accept(SendOutcome.UNTRIED);
      return;
    }
    Partition partition = known[epoch.partition];
    RecordHeaders headers = new RecordHeaders();
    LandingHeaders.write(
        record, (name, value) -> headers.add(new RecordHeader(name, value.getBytes(UTF_8))));
    ProducerRecord<byte[], byte[]> sent =
        new ProducerRecord<>(
            topic, epoch.partition, record.key().getBytes(UTF_8), record.body(), headers);
    Sending sending = new Sending(partition, epoch, bytes(record), done);
    // That a silent partition keeps a record waiting says nothing of the others.
    if (partition.health.isSilent() || leaderless.contains(epoch.partition)) {
      breaker.sentInVain();
    } else {
      breaker.sent();
    }
    partition.health.sent(sending.bytes);
    try {
      epoch.client.kafka.send(sent, sending);
    } catch (RuntimeException | Error e) {
      sending.onEnd(e);
      if (e instanceof Error error) {
        throw error;
      }
    } finally {
      sending.isTaken = true;
    }
  }

  /** What a record holds of memory until its outcome, in bytes, about. */
  static long bytes(LandingRecord record) {
    return (long) HELD_OVERHEAD + record.body().length;
  }

  /** One record on its way; its value is whether it has its outcome. */
  private final class Sending extends AtomicBoolean implements Callback {
    private static final long serialVersionUID = 1;

    private final transient Partition partition;
    private final transient Epoch epoch;
    private final transient Consumer<SendOutcome> done;
    private final transient Thread caller = Thread.currentThread();
    final long bytes;

    /** Whether the client has taken the record; for the caller's thread alone. */
    boolean isTaken;

    Sending(Partition partition, Epoch epoch, long bytes, Consumer<SendOutcome> done) {
      this.partition = partition;
      this.epoch = epoch;
      this.bytes = bytes;
      this.done = done;
    }

    @Override
    public void onCompletion(@Nullable RecordMetadata metadata, @Nullable Exception failure) {
      onEnd(failure);
    }

    void onEnd(@Nullable Throwable failure) {
      if (!compareAndSet(false, true)) {
        return;
      }
      SendOutcome outcome =
          failure == null
              ? SendOutcome.ACKNOWLEDGED
              : caller.equals(Thread.currentThread()) && !isTaken
                  ? SendOutcome.refused(failure)
                  : SendOutcome.failed(failure);
      account(outcome);
      done.accept(outcome);
    }

    private void account(SendOutcome outcome) {
      switch (outcome) {
        case SendOutcome.Acknowledged acknowledged -> {
          partition.health.acknowledged(bytes);
          breaker.acknowledged();
        }
        case SendOutcome.TooLarge tooLarge -> {
          partition.health.settledOtherwise(bytes);
          breaker.refused();
        }
        case SendOutcome.NotWritten notWritten -> failed(notWritten.cause());
        case SendOutcome.Unknown unknown -> failed(unknown.cause());
      }
    }

    private void failed(Throwable cause) {
      synchronized (partition) {
        if (partition.epoch == epoch) {
          partition.epoch = new Epoch(epoch.partition, epoch.client);
        }
      }
      if (epoch.client.replaced) {
        partition.health.settledOtherwise(bytes);
        breaker.refused();
        return;
      }
      if (!(cause instanceof RetriableException)) {
        epoch.client.broken = true;
      }
      partition.health.failed(bytes);
      breaker.failed(cause.toString());
    }
  }

  // The client.

  /** Whether a send has failed as if the client would never send again. */
  boolean isBroken() {
    return client.broken;
  }

  /**
   * Replaces the client. What the old one still holds fails, and may have been written. Blocks; for
   * one worker thread at a time.
   *
   * @return the new client, for its metrics
   * @throws KafkaException if there can be no new one now; then the old one stays
   */
  Producer<byte[], byte[]> renew() {
    Client old = client;
    Client made = new Client(factory.get());
    Partition[] known = found.partitions();
    // First, so that nothing is sent by the new one behind what the old one holds.
    for (Partition partition : known) {
      synchronized (partition) {
        partition.epoch = new Epoch(partition.epoch.partition, made);
      }
    }
    found = new Found(false, known);
    client = made;
    old.replaced = true;
    old.kafka.close(Duration.ZERO);
    find();
    return made.kafka;
  }

  /** Kafka's client, for its metrics. */
  Producer<byte[], byte[]> client() {
    return client.kafka;
  }

  /**
   * Sends what is still waiting, then closes. Blocks for no longer than this; for a worker thread.
   */
  void close(Duration timeout) {
    client.kafka.close(timeout);
  }
}
