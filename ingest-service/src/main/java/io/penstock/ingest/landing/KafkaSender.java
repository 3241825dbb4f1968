package io.penstock.ingest.landing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.header.internals.RecordHeaders;
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

  /** How long {@link #find} waits for the partitions. */
  private static final Duration FIND_PATIENCE = Duration.ofMillis(500);

  private static final long FIND_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final long IDLE_NANOS = TimeUnit.HOURS.toNanos(1);

  static final class Client {
    final Producer<byte[], byte[]> kafka;

    /** Whether a send has failed as if the client would never send again. */
    volatile boolean broken;

    /** Whether another has taken its place, so that its failures say nothing of Kafka. */
    volatile boolean replaced;

    Client(Producer<byte[], byte[]> kafka) {
      this.kafka = kafka;
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
  private volatile Set<Integer> refusing = Set.of();
  private volatile @Nullable String refusal;

  /**
   * Does not connect yet: see {@link #find}.
   *
   * @param factory makes Kafka's client
   * @param topic the landing log's
   * @param breaker gets the outcome of every record
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
        known[i] = new Partition(i, new PartitionHealth(stall, nanos), asked);
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

  /** The partition of a key, as Kafka's own clients choose it; 0 before the log was found. */
  int partition(int hash) {
    int count = partitions();
    return count == 0 ? 0 : hash % count;
  }

  // Health.

  /** Whether a record should be sent to a partition now; false before the log was found. */
  boolean admits(int partition) {
    return partition < partitions() && found.partitions()[partition].health().admits();
  }

  /** Whether a partition acknowledges nothing. */
  boolean isSilent(int partition) {
    return partition < partitions() && found.partitions()[partition].health().isSilent();
  }

  private Stream<PartitionHealth> health() {
    return Stream.of(found.partitions()).map(Partition::health);
  }

  /** How many partitions acknowledge nothing. */
  int silentPartitions() {
    return (int) health().filter(PartitionHealth::isSilent).count();
  }

  /** For how long a partition has been silent, the longest, of those that could take something. */
  Duration stuckFor() {
    Set<Integer> without = refusing;
    return Duration.ofNanos(
        Stream.of(found.partitions())
            .filter(each -> !without.contains(each.number()) && each.health().isOwing())
            .mapToLong(each -> each.health().silentNanos())
            .max()
            .orElse(0));
  }

  /** For how long no partition at all has acknowledged anything; zero if one does. */
  Duration silentFor() {
    return Duration.ofNanos(health().mapToLong(PartitionHealth::silentNanos).min().orElse(0));
  }

  /** How many bytes the client holds for partitions that acknowledge nothing. */
  long silentBytes() {
    return health().mapToLong(PartitionHealth::silentBytes).sum();
  }

  /**
   * These partitions take no records, as was seen. What is sent to them is still sent, since what
   * was seen may be over; but that it waits says nothing of the other partitions.
   */
  void refusing(Set<Integer> partitions) {
    refusing = Set.copyOf(partitions);
  }

  // Sending.

  /** The epoch that lasts now; the log must have been found. */
  Epoch epoch(int partition) {
    return found.partitions()[partition].epoch();
  }

  /**
   * Begins new epochs where nothing was sent for an hour: a broker forgets an idle producer ({@code
   * producer.id.expiration.ms}, a day by default).
   */
  void renewIdleEpochs() {
    for (Partition partition : found.partitions()) {
      if (partition.epoch().isProven() && partition.health().idleNanos() > IDLE_NANOS) {
        partition.end(partition.epoch());
      }
    }
  }

  /**
   * Sends a record behind all that were sent to its partition before. Never blocks.
   *
   * @param epoch of the record's partition; if it is over, the record is not tried
   * @param done called exactly once: by this call where the record is not taken, else on a thread
   *     of the client's, which it must not block
   */
  void send(Epoch epoch, LandingRecord record, Consumer<SendOutcome> done) {
    send(epoch, record, false, done);
  }

  /** The same for a record that the spool had, which its headers say. */
  void sendSpooled(Epoch epoch, LandingRecord record, Consumer<SendOutcome> done) {
    send(epoch, record, true, done);
  }

  private void send(
      Epoch epoch, LandingRecord record, boolean spooled, Consumer<SendOutcome> done) {
    Partition[] known = found.partitions();
    int number = epoch.partition();
    if (number >= known.length || known[number].epoch() != epoch) {
      done.accept(SendOutcome.UNTRIED);
      return;
    }
    Partition partition = known[number];
    RecordHeaders headers = new RecordHeaders();
    LandingHeaders.write(
        record, (name, value) -> headers.add(new RecordHeader(name, value.getBytes(UTF_8))));
    if (spooled) {
      headers.add(new RecordHeader(LandingHeaders.KEPT_BY, LandingHeaders.SPOOL.getBytes(UTF_8)));
    }
    ProducerRecord<byte[], byte[]> sent =
        new ProducerRecord<>(topic, number, record.key().getBytes(UTF_8), record.body(), headers);
    // That a silent partition keeps a record waiting says nothing of the others.
    if (partition.health().isSilent() || refusing.contains(number)) {
      breaker.sentInVain();
    } else {
      breaker.sent();
    }
    partition.health().sent(record.heldBytes());
    epoch.enter(new Sending(breaker, partition, epoch, sent, record.heldBytes(), done));
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
      partition.begin(made);
    }
    client = made;
    found = new Found(false, known);
    old.replaced = true;
    try {
      old.kafka.close(Duration.ZERO);
    } catch (KafkaException e) {
      log.debug("The client that was replaced could not be closed", e); // the new one is in use
    }
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
