package io.penstock.ingest.landing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.ingest.delivery.DeduplicationId;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is said of an append, over Kafka's own fake of its producer. */
@Timeout(20)
class KafkaLandingLogTest {

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
      new LandingRecord(
          "source",
          "provider",
          "receipt",
          1,
          "entität",
          DeduplicationId.of("source", List.of("id")),
          null,
          null,
          null,
          null,
          null,
          Map.of("svix-id", "msg"),
          "body".getBytes(UTF_8));

  private static Vertx vertx;

  private final MockProducer<byte[], byte[]> kafka =
      new MockProducer<>(
          CLUSTER, false, null, new ByteArraySerializer(), new ByteArraySerializer());
  private final AtomicInteger settled = new AtomicInteger();
  private Context context;

  @BeforeAll
  static void start() {
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void stop() throws Exception {
    vertx.close().await(5, TimeUnit.SECONDS);
  }

  @BeforeEach
  void open() {
    context = requireNonNull(vertx).getOrCreateContext();
  }

  private KafkaLandingLog log(Duration deadline) {
    KafkaLandingLog log = new KafkaLandingLog(vertx, kafka, TOPIC, deadline);
    assertThat(log.find()).isTrue();
    return log;
  }

  /** Appends on an event loop, and waits until the producer has the record. */
  private CompletableFuture<AppendOutcome> append(KafkaLandingLog log) {
    CompletableFuture<AppendOutcome> outcome = new CompletableFuture<>();
    int before = kafka.history().size();
    context.runOnContext(
        nothing -> {
          Future<AppendOutcome> appended = log.append(RECORD, settled::incrementAndGet);
          appended.onComplete(
              result -> {
                assertThat(Vertx.currentContext()).isSameAs(context);
                outcome.complete(result.result());
              });
        });
    await()
        .pollInterval(Duration.ofMillis(1))
        .pollDelay(Duration.ZERO)
        .untilAsserted(() -> assertThat(kafka.history()).hasSize(before + 1));
    return outcome;
  }

  private static AppendOutcome of(CompletableFuture<AppendOutcome> outcome) throws Exception {
    return outcome.get(5, TimeUnit.SECONDS);
  }

  private void fails(KafkaLandingLog log, RuntimeException cause) throws Exception {
    CompletableFuture<AppendOutcome> outcome = append(log);
    kafka.errorNext(cause);
    of(outcome);
  }

  @Test
  void aRecordHasItsKeyItsBytesAndItsHeaders() {
    // when
    CompletableFuture<AppendOutcome> outcome = append(log(Duration.ofSeconds(5)));
    // then
    ProducerRecord<byte[], byte[]> sent = kafka.history().get(0);
    assertThat(sent.topic()).isEqualTo(TOPIC);
    assertThat(sent.partition()).isNull();
    LandingRecord read = LandingHeaders.read(sent.key(), sent.value(), sent.headers());
    assertThat(read).usingRecursiveComparison().isEqualTo(RECORD);
    assertThat(outcome).isNotDone();
  }

  @Test
  void whatAllReplicasHaveIsAcknowledged() throws Exception {
    // given
    CompletableFuture<AppendOutcome> outcome = append(log(Duration.ofSeconds(5)));
    assertThat(settled).hasValue(0);
    // when
    kafka.completeNext();
    // then
    assertThat(of(outcome)).isEqualTo(AppendOutcome.ACKNOWLEDGED);
    assertThat(settled).hasValue(1);
  }

  @Test
  void whatIsLateIsUnknownAndItsBytesAreHeldUntilItIsSettled() throws Exception {
    // given
    CompletableFuture<AppendOutcome> outcome = append(log(Duration.ofMillis(20)));
    // when
    assertThat(of(outcome)).isEqualTo(AppendOutcome.UNKNOWN);
    assertThat(settled).hasValue(0);
    kafka.completeNext();
    // then
    await().untilAsserted(() -> assertThat(settled).hasValue(1));
  }

  @Test
  void whatMayHaveBeenWrittenIsUnknown() throws Exception {
    // given
    KafkaLandingLog log = log(Duration.ofSeconds(5));
    // when
    CompletableFuture<AppendOutcome> timedOut = append(log);
    kafka.errorNext(new TimeoutException("expired"));
    CompletableFuture<AppendOutcome> tooFew = append(log);
    kafka.errorNext(new NotEnoughReplicasException("one"));
    // then
    assertThat(of(timedOut)).isEqualTo(AppendOutcome.UNKNOWN);
    assertThat(of(tooFew)).isEqualTo(AppendOutcome.UNKNOWN);
    assertThat(settled).hasValue(2);
  }

  @Test
  void whatTheBrokerWillNeverTakeIsRefused() throws Exception {
    // given
    KafkaLandingLog log = log(Duration.ofSeconds(5));
    // when
    CompletableFuture<AppendOutcome> forbidden = append(log);
    kafka.errorNext(new AuthorizationException("no"));
    // then
    assertThat(of(forbidden)).isEqualTo(AppendOutcome.REFUSED);
    assertThat(settled).hasValue(1);
  }

  @Test
  void aSendThatFailsAtOnceIsSettledToo() throws Exception {
    // given
    KafkaLandingLog log = log(Duration.ofSeconds(5));
    kafka.sendException = new RecordTooLargeException("larger than max.request.size");
    AtomicReference<CompletableFuture<AppendOutcome>> outcome = new AtomicReference<>();
    // when
    context.runOnContext(
        nothing ->
            outcome.set(
                log.append(RECORD, settled::incrementAndGet)
                    .toCompletionStage()
                    .toCompletableFuture()));
    await().untilAsserted(() -> assertThat(settled).hasValue(1));
    // then
    assertThat(of(requireNonNull(outcome.get()))).isEqualTo(AppendOutcome.REFUSED);
  }

  @Test
  void beforeItIsFoundNothingIsTaken() throws Exception {
    // given
    KafkaLandingLog log = new KafkaLandingLog(vertx, kafka, TOPIC, Duration.ofSeconds(5));
    // when
    Future<AppendOutcome> outcome = log.append(RECORD, settled::incrementAndGet);
    // then
    assertThat(outcome.result()).isEqualTo(AppendOutcome.REFUSED);
    assertThat(settled).hasValue(1);
    assertThat(log.isAvailable()).isFalse();
    assertThat(kafka.history()).isEmpty();
  }

  @Test
  void fiveFailuresInARowAreALogThatIsGone() throws Exception {
    // given
    KafkaLandingLog log = log(Duration.ofSeconds(5));
    for (int i = 0; i < 4; i++) {
      fails(log, new TimeoutException("expired"));
    }
    assertThat(log.isAvailable()).isTrue();
    // when
    fails(log, new TimeoutException("expired"));
    // then
    assertThat(log.isAvailable()).isFalse();
    log.seen();
    assertThat(log.isAvailable()).isTrue();
  }

  @Test
  void aSuccessInBetweenStartsTheCountAgain() throws Exception {
    // given
    KafkaLandingLog log = log(Duration.ofSeconds(5));
    for (int i = 0; i < 4; i++) {
      fails(log, new TimeoutException("expired"));
    }
    // when
    CompletableFuture<AppendOutcome> outcome = append(log);
    kafka.completeNext();
    of(outcome);
    fails(log, new TimeoutException("expired"));
    // then
    assertThat(log.isAvailable()).isTrue();
  }

  @Test
  void aLateSuccessBringsTheLogBack() throws Exception {
    // given
    KafkaLandingLog log = log(Duration.ofMillis(20));
    for (int i = 0; i < 5; i++) {
      assertThat(of(append(log))).isEqualTo(AppendOutcome.UNKNOWN);
    }
    assertThat(log.isAvailable()).isFalse();
    // when
    kafka.completeNext();
    // then
    await().untilAsserted(() -> assertThat(log.isAvailable()).isTrue());
  }

  @Test
  void recordsThatAreTooLargeSayNothingOfTheLog() throws Exception {
    // given
    KafkaLandingLog log = log(Duration.ofSeconds(5));
    // when
    for (int i = 0; i < 10; i++) {
      fails(log, new RecordTooLargeException("too large"));
    }
    // then
    assertThat(log.isAvailable()).isTrue();
  }
}
