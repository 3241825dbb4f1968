package io.penstock.ingest.landing;

import static io.penstock.ingest.landing.LandingBench.TOPIC;
import static io.penstock.ingest.landing.LandingBench.record;
import static io.penstock.ingest.landing.LandingBench.sent;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/** What becomes of a send, over Kafka's own fake of its producer. */
class KafkaSenderTest {

  private static final Duration STALL = Duration.ofMillis(250);

  private final AtomicLong now = new AtomicLong(1_000_000_000_000L);
  private final Breaker breaker = new Breaker(STALL, now::get);
  private final MockProducer<byte[], byte[]> kafka = LandingBench.kafka(2);
  private final AtomicInteger made = new AtomicInteger();
  private final List<SendOutcome> outcomes = new ArrayList<>();

  private KafkaSender sender() {
    KafkaSender sender =
        unfound(
            () -> {
              made.incrementAndGet();
              return kafka;
            });
    assertThat(sender.find()).isTrue();
    LandingBench.prove(sender, kafka);
    return sender;
  }

  private KafkaSender unfound(Supplier<Producer<byte[], byte[]>> factory) {
    return new KafkaSender(factory, TOPIC, breaker, STALL, now::get);
  }

  private void send(KafkaSender sender, int partition, String id) {
    sender.send(sender.epoch(partition), record("k", id, 1), outcomes::add);
  }

  @Test
  void whatTheSpoolHadSaysSo() {
    KafkaSender sender = sender();
    sender.send(sender.epoch(0), record("k", "a", 1), outcomes::add);
    sender.sendSpooled(sender.epoch(0), record("k", "b", 1), outcomes::add);
    assertThat(kafka.history())
        .extracting(sent -> LandingHeaders.wasSpooled(sent.headers()))
        .endsWith(false, true);
  }

  @Test
  void aRecordHasItsKeyItsBytesItsHeadersAndItsPartition() {
    KafkaSender sender = sender();
    LandingRecord record = record("entität", "a", 1);
    int partition = sender.partition(KeyHash.of(record.key()));
    sender.send(sender.epoch(partition), record, outcomes::add);
    ProducerRecord<byte[], byte[]> sent = kafka.history().get(0);
    assertThat(sent.topic()).isEqualTo(TOPIC);
    assertThat(sent.partition()).isEqualTo(partition);
    assertThat(LandingHeaders.read(sent.key(), sent.value(), sent.headers()))
        .usingRecursiveComparison()
        .isEqualTo(record);
    assertThat(outcomes).isEmpty();
    kafka.completeNext();
    assertThat(outcomes).singleElement().isInstanceOf(SendOutcome.Acknowledged.class);
    assertThat(breaker.owed()).isZero();
  }

  @Test
  void whatAFailureLeavesOpenIsToldByItsKind() {
    assertThat(SendOutcome.failed(new TimeoutException("expired")))
        .isInstanceOf(SendOutcome.Unknown.class);
    assertThat(SendOutcome.failed(new NotEnoughReplicasException("one")))
        .isInstanceOf(SendOutcome.Unknown.class);
    assertThat(SendOutcome.failed(new AuthorizationException("no")))
        .isInstanceOf(SendOutcome.NotWritten.class);
    assertThat(SendOutcome.failed(new RecordTooLargeException("large")))
        .isInstanceOf(SendOutcome.TooLarge.class);
  }

  @Test
  void whatTheClientDoesNotTakeIsCertainlyNotWritten() {
    KafkaSender sender = sender();
    kafka.sendException = new TimeoutException("Topic not present in metadata after 0 ms.");
    send(sender, 0, "a");
    assertThat(outcomes).singleElement().isInstanceOf(SendOutcome.NotWritten.class);
    assertThat(breaker.owed()).isZero();
  }

  // Order.

  @Test
  void afterAFailureNothingOfItsEpochIsTriedAndThenThingsGoOnInOrder() {
    KafkaSender sender = sender();
    Epoch epoch = sender.epoch(0);
    Epoch other = sender.epoch(1);
    kafka.sendException = new TimeoutException("Topic not present in metadata after 0 ms.");
    sender.send(epoch, record("k", "a", 1), outcomes::add);
    kafka.sendException = null; // it knows the topic again
    sender.send(epoch, record("k", "b", 1), outcomes::add);
    sender.send(epoch, record("k", "c", 1), outcomes::add);
    assertThat(outcomes).hasSize(3).allMatch(SendOutcome.NotWritten.class::isInstance);
    assertThat(sent(kafka)).as("nothing has overtaken the first").isEmpty();
    sender.send(other, record("k", "of-another-partition", 1), outcomes::add);
    assertThat(sent(kafka)).containsExactly("of-another-partition");
    for (String id : List.of("a", "b", "c")) {
      sender.send(sender.epoch(0), record("k", id, 1), outcomes::add);
    }
    kafka.completeNext(); // of another partition
    kafka.completeNext(); // a
    assertThat(sent(kafka)).containsExactly("of-another-partition", "a", "b", "c");
  }

  @Test
  void aRecordThatIsTooLargeEndsNoEpoch() {
    KafkaSender sender = sender();
    Epoch epoch = sender.epoch(0);
    sender.send(epoch, record("k", "large", 1), outcomes::add);
    kafka.errorNext(new RecordTooLargeException("large"));
    sender.send(epoch, record("k", "small", 1), outcomes::add);
    assertThat(sent(kafka)).containsExactly("large", "small");
  }

  @Test
  void onlyTheFirstOfAnEpochIsOnItsWayUntilItIsAcknowledged() {
    KafkaSender sender = unfound(() -> kafka);
    sender.find();
    for (String id : List.of("a", "b", "c")) {
      send(sender, 0, id);
    }
    send(sender, 1, "other");
    assertThat(sent(kafka)).containsExactly("a", "other");
    assertThat(breaker.owed()).isEqualTo(4);
    kafka.completeNext(); // a
    assertThat(sent(kafka)).containsExactly("a", "other", "b", "c");
    send(sender, 0, "d");
    assertThat(sent(kafka)).containsExactly("a", "other", "b", "c", "d");
    assertThat(outcomes).singleElement().isInstanceOf(SendOutcome.Acknowledged.class);
  }

  @Test
  void whatWaitsForTheFirstFailsWithItAndCountsForNoFailureOfKafka() {
    KafkaSender sender = unfound(() -> kafka);
    sender.find();
    for (int i = 0; i < 10; i++) {
      send(sender, 0, "d" + i);
    }
    kafka.errorNext(new NotEnoughReplicasException("one"));
    assertThat(sent(kafka)).containsExactly("d0");
    assertThat(outcomes).hasSize(10);
    assertThat(outcomes.stream().filter(SendOutcome.UNTRIED::equals)).hasSize(9);
    assertThat(breaker.owed()).isZero();
    assertThat(breaker.isGone()).isFalse();
    assertThat(sender.isSilent(0)).isFalse();
    send(sender, 0, "again");
    send(sender, 0, "behind");
    assertThat(sent(kafka)).containsExactly("d0", "again");
    kafka.completeNext();
    assertThat(sent(kafka)).containsExactly("d0", "again", "behind");
  }

  @Test
  void whatWaitsForATooLargeFirstGoesInItsPlace() {
    KafkaSender sender = unfound(() -> kafka);
    sender.find();
    for (String id : List.of("large", "a", "b")) {
      send(sender, 0, id);
    }
    kafka.errorNext(new RecordTooLargeException("large"));
    assertThat(sent(kafka)).containsExactly("large", "a");
    kafka.completeNext();
    assertThat(sent(kafka)).containsExactly("large", "a", "b");
  }

  /** One that lacks something of its own when it gets a record with this id. */
  private static final class Breaking extends MockProducer<byte[], byte[]> {
    private final String at;

    Breaking(String at) {
      super(
          LandingBench.cluster(1),
          false,
          null,
          new ByteArraySerializer(),
          new ByteArraySerializer());
      this.at = at;
    }

    @Override
    public synchronized Future<RecordMetadata> send(
        ProducerRecord<byte[], byte[]> record, Callback callback) {
      if (LandingBench.id(LandingHeaders.read(record.key(), record.value(), record.headers()))
          .equals(at)) {
        throw new NoClassDefFoundError("a class of the client");
      }
      return super.send(record, callback);
    }
  }

  @Test
  void anErrorOfWhatWaitedTakesNoOutcomeFromTheFirst() {
    Breaking breaking = new Breaking("b");
    KafkaSender sender = unfound(() -> breaking);
    sender.find();
    for (String id : List.of("a", "b", "c")) {
      send(sender, 0, id);
    }
    assertThatThrownBy(breaking::completeNext).isInstanceOf(NoClassDefFoundError.class);
    assertThat(outcomes)
        .hasSize(3)
        .contains(SendOutcome.UNTRIED)
        .hasAtLeastOneElementOfType(SendOutcome.Acknowledged.class);
    assertThat(breaker.owed()).isZero();
  }

  @Test
  void aReceiverThatFailsKeepsNoOtherFromItsOutcome() {
    KafkaSender sender = unfound(() -> kafka);
    sender.find();
    send(sender, 0, "a");
    sender.send(
        sender.epoch(0),
        record("k", "b", 1),
        outcome -> {
          throw new IllegalStateException("a bug of the caller");
        });
    send(sender, 0, "c");
    kafka.errorNext(new AuthorizationException("no"));
    assertThat(outcomes).hasSize(2);
    assertThat(breaker.owed()).isZero();
  }

  @Test
  void afterAnIdleHourTheFirstIsAloneAgain() {
    KafkaSender sender = sender();
    now.addAndGet(Duration.ofMinutes(59).toNanos());
    sender.renewIdleEpochs();
    send(sender, 0, "a");
    send(sender, 0, "b");
    assertThat(sent(kafka)).containsExactly("a", "b");
    now.addAndGet(Duration.ofHours(2).toNanos());
    sender.renewIdleEpochs();
    send(sender, 0, "c");
    assertThat(sent(kafka)).as("it is not idle: it owes two").containsExactly("a", "b", "c");
    while (kafka.completeNext()) {
      // All that it has.
    }
    now.addAndGet(Duration.ofMinutes(61).toNanos());
    sender.renewIdleEpochs();
    send(sender, 0, "d");
    send(sender, 0, "e");
    assertThat(sent(kafka)).containsExactly("a", "b", "c", "d");
    kafka.completeNext();
    assertThat(sent(kafka)).containsExactly("a", "b", "c", "d", "e");
  }

  // Partitions.

  @Test
  void howLongAPartitionIsStuckThatCouldTakeSomethingIsKnown() {
    KafkaSender sender = sender();
    send(sender, 0, "never-answered");
    now.addAndGet(STALL.toNanos() + 1);
    assertThat(sender.isSilent(0)).isTrue();
    now.addAndGet(Duration.ofSeconds(90).toNanos());
    assertThat(sender.stuckFor()).isEqualTo(Duration.ofSeconds(90));
    sender.refusing(Set.of(0));
    assertThat(sender.stuckFor()).as("it is known to take nothing").isZero();
    sender.refusing(Set.of());
    kafka.completeNext();
    assertThat(sender.stuckFor()).isZero();
  }

  @Test
  void howLongAllPartitionsAreSilentIsKnown() {
    KafkaSender sender = sender();
    send(sender, 0, "never-answered");
    send(sender, 1, "never-answered");
    now.addAndGet(STALL.toNanos() + 1);
    assertThat(sender.isSilent(0)).isTrue();
    assertThat(sender.silentFor()).as("the other was not asked yet, and is silent now").isZero();
    now.addAndGet(Duration.ofSeconds(90).toNanos());
    assertThat(sender.silentFor()).isEqualTo(Duration.ofSeconds(90));
    kafka.completeNext();
    assertThat(sender.silentFor()).isZero();
  }

  @Test
  void aPartitionThatAcknowledgesNothingIsSilentAndTheOthersAreNot() {
    KafkaSender sender = sender();
    send(sender, 0, "never-answered");
    send(sender, 1, "answered");
    kafka.completeNext(); // the first
    send(sender, 0, "never-answered");
    now.addAndGet(STALL.toNanos() + 1);
    assertThat(sender.admits(0)).as("it owes one").isFalse();
    assertThat(sender.admits(1)).as("it owes one, too").isFalse();
    kafka.completeNext();
    assertThat(sender.admits(1)).isTrue();
    assertThat(sender.isSilent(0)).isTrue();
    assertThat(sender.silentPartitions()).isEqualTo(1);
    assertThat(sender.silentFor()).as("one acknowledges").isZero();
    assertThat(sender.silentBytes()).isEqualTo(record("k", "never-answered", 1).heldBytes());
    kafka.completeNext();
    assertThat(sender.admits(0)).as("what it owed found out").isTrue();
    assertThat(sender.silentBytes()).isZero();
    assertThat(breaker.owed()).isZero();
  }

  @Test
  void aSilentPartitionThatOwesNothingIsProbedOnceASecond() {
    KafkaSender sender = sender();
    for (int i = 0; i < 5; i++) {
      send(sender, 0, "a");
      kafka.errorNext(new NotEnoughReplicasException("one"));
    }
    assertThat(sender.admits(0)).isFalse();
    now.addAndGet(Duration.ofSeconds(1).toNanos());
    assertThat(sender.admits(0)).isTrue();
    send(sender, 0, "probe");
    assertThat(sender.admits(0)).as("one is on its way").isFalse();
    kafka.completeNext();
    assertThat(sender.admits(0)).isTrue();
  }

  // The client.

  @Test
  void aClientThatMayNeverSendAgainIsReplaced() {
    KafkaSender sender = sender();
    send(sender, 0, "late");
    kafka.errorNext(new TimeoutException("expired"));
    send(sender, 0, "large");
    kafka.errorNext(new RecordTooLargeException("large"));
    assertThat(sender.isBroken()).isFalse();
    send(sender, 0, "fatal");
    kafka.errorNext(new OutOfOrderSequenceException("fatal"));
    assertThat(sender.isBroken()).isTrue();
    assertThat(made).hasValue(1);
    sender.renew();
    assertThat(made).hasValue(2);
    assertThat(sender.isBroken()).isFalse();
  }

  /** One that gives up what it holds when it is closed, as the real one does. */
  private static final class Closing extends MockProducer<byte[], byte[]> {
    Closing() {
      super(
          LandingBench.cluster(2),
          false,
          null,
          new ByteArraySerializer(),
          new ByteArraySerializer());
    }

    @Override
    public void close(Duration timeout) {
      while (errorNext(new KafkaException("Producer is closed forcefully."))) {
        // All that it holds.
      }
      super.close(timeout);
    }
  }

  @Test
  void aClientIsReplacedThoughAPartitionOwesForEverAndThatSaysNothingOfKafka() {
    List<Closing> clients = new ArrayList<>();
    KafkaSender sender =
        unfound(
            () -> {
              clients.add(new Closing());
              return clients.getLast();
            });
    sender.find();
    for (int i = 0; i < 20; i++) {
      send(sender, 0, "never-answered");
    }
    now.addAndGet(STALL.toNanos() + 1);
    send(sender, 1, "of-another-partition");
    Epoch before = sender.epoch(1);
    sender.renew();
    assertThat(outcomes).hasSize(21);
    assertThat(outcomes.stream().filter(SendOutcome.Unknown.class::isInstance))
        .as("the first of each partition; the others waited for it")
        .hasSize(2);
    assertThat(outcomes.stream().filter(SendOutcome.UNTRIED::equals)).hasSize(19);
    assertThat(breaker.owed()).isZero();
    assertThat(breaker.isGone()).isFalse();
    assertThat(sender.isBroken()).isFalse();
    assertThat(sender.silentBytes()).isZero();
    assertThat(sender.isSilent(0)).as("that is no news of the partition").isTrue();
    assertThat(sender.admits(1)).isTrue();
    sender.send(before, record("k", "behind", 1), outcomes::add);
    assertThat(sent(clients.getLast())).isEmpty();
    send(sender, 1, "anew");
    assertThat(sent(clients.getLast())).containsExactly("anew");
  }

  @Test
  void aTopicThatIsNotThereIsNotFound() {
    KafkaSender sender = unfound(() -> kafka);
    assertThat(sender.isFound()).isFalse();
    assertThat(sender.admits(0)).isFalse();
    sender.find();
    assertThat(sender.isFound()).isTrue();
    assertThat(sender.partitions()).isEqualTo(2);
  }

  @Test
  void rightsThatWereTakenAwayMayBeGivenBack() {
    KafkaSender sender = unfound(() -> kafka);
    kafka.partitionsForException = new TopicAuthorizationException(TOPIC);
    assertThat(sender.find()).isFalse();
    assertThat(sender.refusal()).contains("TopicAuthorizationException");
    kafka.partitionsForException = null;
    assertThat(sender.find()).isTrue();
    assertThat(sender.refusal()).isNull();
    kafka.partitionsForException =
        new TimeoutException("not present after 0 ms", new TopicAuthorizationException(TOPIC));
    assertThat(sender.find()).as("what was found stays found").isTrue();
    assertThat(sender.refusal()).contains("TopicAuthorizationException");
  }

  @Test
  void whereThereCanBeNoNewClientTheOldOneStaysBroken() {
    AtomicBoolean possible = new AtomicBoolean(true);
    KafkaSender sender =
        unfound(
            () -> {
              if (!possible.get()) {
                throw new KafkaException("no address of a broker can be resolved");
              }
              return kafka;
            });
    sender.find();
    send(sender, 0, "fatal");
    kafka.errorNext(new OutOfOrderSequenceException("fatal"));
    assertThat(sender.isBroken()).isTrue();
    possible.set(false);
    assertThatThrownBy(sender::renew).isInstanceOf(KafkaException.class);
    assertThat(sender.isBroken()).isTrue();
    assertThat(kafka.closed()).isFalse();
    possible.set(true);
    sender.renew();
    assertThat(sender.isBroken()).isFalse();
  }
}
