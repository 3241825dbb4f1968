package io.penstock.ingest.landing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.penstock.ingest.delivery.DeduplicationId;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is said of a send, over Kafka's own fake of its producer. */
@Timeout(300)
class LandingProducerTest {

  private static final String TOPIC = "test.inbound";
  private static final Node NODE = new Node(1, "none", 1);
  private static final Cluster CLUSTER =
      new Cluster(
          "id",
          List.of(NODE),
          List.of(new PartitionInfo(TOPIC, 0, NODE, new Node[] {NODE}, new Node[] {NODE})),
          Set.of(),
          Set.of());
  private static final LandingRecord RECORD =
      new LandingRecord.Event(
          new LandingRecord.Envelope(
              "source",
              "provider",
              "receipt",
              1,
              "entität",
              null,
              null,
              Map.of("svix-id", "msg"),
              "body".getBytes(UTF_8)),
          DeduplicationId.of("source", "entity", List.of("id"), "receipt"),
          null);

  private static Vertx vertx;

  private final MockProducer<byte[], byte[]> kafka =
      new MockProducer<>(
          CLUSTER, false, null, new ByteArraySerializer(), new ByteArraySerializer());
  private final AtomicInteger made = new AtomicInteger();
  private Context context;

  @BeforeAll
  static void start() {
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void stop() throws Exception {
    vertx.close().await(120, TimeUnit.SECONDS);
  }

  @BeforeEach
  void open() {
    context = requireNonNull(vertx).getOrCreateContext();
  }

  private LandingProducer producer() {
    LandingProducer producer =
        new LandingProducer(
            vertx,
            () -> {
              made.incrementAndGet();
              return kafka;
            },
            TOPIC);
    assertThat(producer.find()).isTrue();
    return producer;
  }

  /** Sends on an event loop, and waits until the client has the record. */
  private CompletableFuture<Void> send(LandingProducer producer) {
    CompletableFuture<Void> outcome = new CompletableFuture<>();
    int before = kafka.history().size();
    context.runOnContext(
        nothing ->
            producer
                .send(RECORD)
                .onComplete(
                    result -> {
                      assertThat(Vertx.currentContext()).isSameAs(context);
                      if (result.succeeded()) {
                        outcome.complete(null);
                      } else {
                        outcome.completeExceptionally(result.cause());
                      }
                    }));
    await()
        .pollInterval(Duration.ofMillis(1))
        .pollDelay(Duration.ZERO)
        .untilAsserted(() -> assertThat(kafka.history()).hasSize(before + 1));
    return outcome;
  }

  @Test
  void aRecordHasItsKeyItsBytesAndItsHeaders() {
    // when
    CompletableFuture<Void> outcome = send(producer());
    // then
    ProducerRecord<byte[], byte[]> sent = kafka.history().get(0);
    assertThat(sent.topic()).isEqualTo(TOPIC);
    assertThat(sent.partition()).isNull();
    LandingRecord read = LandingHeaders.read(sent.key(), sent.value(), sent.headers());
    assertThat(read).usingRecursiveComparison().isEqualTo(RECORD);
    assertThat(outcome).isNotDone();
    kafka.completeNext();
    assertThat(outcome).succeedsWithin(Duration.ofSeconds(5));
  }

  @Test
  void whatItLeavesOpenIsToldByItsFailure() {
    assertThat(LandingProducer.failure(new TimeoutException("expired")))
        .isEqualTo(LandingProducer.Failure.UNKNOWN);
    assertThat(LandingProducer.failure(new NotEnoughReplicasException("one")))
        .isEqualTo(LandingProducer.Failure.UNKNOWN);
    assertThat(LandingProducer.failure(new AuthorizationException("no")))
        .isEqualTo(LandingProducer.Failure.NOT_WRITTEN);
    assertThat(LandingProducer.failure(new RecordTooLargeException("large")))
        .isEqualTo(LandingProducer.Failure.TOO_LARGE);
  }

  @Test
  void aClientThatMayNeverSendAgainIsReplaced() {
    // given
    LandingProducer producer = producer();
    CompletableFuture<Void> late = send(producer);
    kafka.errorNext(new TimeoutException("expired"));
    assertThat(late).failsWithin(Duration.ofSeconds(5));
    CompletableFuture<Void> large = send(producer);
    kafka.errorNext(new RecordTooLargeException("large"));
    assertThat(large).failsWithin(Duration.ofSeconds(5));
    assertThat(producer.isBroken()).isFalse();
    // when
    CompletableFuture<Void> fatal = send(producer);
    kafka.errorNext(new OutOfOrderSequenceException("fatal"));
    assertThat(fatal).failsWithin(Duration.ofSeconds(5));
    await().untilAsserted(() -> assertThat(producer.isBroken()).isTrue());
    // then
    assertThat(made).hasValue(1);
    producer.renew();
    assertThat(made).hasValue(2);
    assertThat(producer.isBroken()).isFalse();
  }

  @Test
  void aTopicThatIsNotThereIsNotFound() {
    LandingProducer producer = new LandingProducer(vertx, () -> kafka, TOPIC);
    assertThat(producer.isFound()).isFalse();
    producer.find();
    assertThat(producer.isFound()).isTrue();
  }

  @Test
  void rightsThatWereTakenAwayMayBeGivenBack() {
    LandingProducer producer = new LandingProducer(vertx, () -> kafka, TOPIC);
    kafka.partitionsForException = new TopicAuthorizationException(TOPIC);
    assertThat(producer.find()).isFalse();
    kafka.partitionsForException = null;
    assertThat(producer.find()).isTrue();
    kafka.partitionsForException = new TopicAuthorizationException(TOPIC);
    assertThat(producer.find()).as("what was found stays found").isTrue();
  }

  @Test
  void whereThereCanBeNoNewClientTheOldOneStaysBroken() {
    // given
    AtomicBoolean possible = new AtomicBoolean(true);
    LandingProducer producer =
        new LandingProducer(
            vertx,
            () -> {
              if (!possible.get()) {
                throw new KafkaException("no address of a broker can be resolved");
              }
              return kafka;
            },
            TOPIC);
    producer.find();
    CompletableFuture<Void> fatal = send(producer);
    kafka.errorNext(new OutOfOrderSequenceException("fatal"));
    assertThat(fatal).failsWithin(Duration.ofSeconds(5));
    await().untilAsserted(() -> assertThat(producer.isBroken()).isTrue());
    // when
    possible.set(false);
    assertThatThrownBy(producer::renew).isInstanceOf(KafkaException.class);
    // then
    assertThat(producer.isBroken()).isTrue();
    assertThat(kafka.closed()).isFalse();
    possible.set(true);
    producer.renew();
    assertThat(producer.isBroken()).isFalse();
  }
}
