package io.penstock.ingest.landing;

import static io.penstock.ingest.landing.LandingBench.id;
import static io.penstock.ingest.landing.LandingBench.keyOf;
import static io.penstock.ingest.landing.LandingBench.record;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.penstock.ingest.delivery.Reason;
import io.penstock.ingest.spool.Spool;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.core.ThrowingRunnable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Kafka and the spool together, over a real spool and Kafka's own fake of its producer. */
@Timeout(300)
@SuppressWarnings("NullAway.Init") // each test opens what it needs
class DurableLogTest {

  private static final long MIB = 1024 * 1024;
  private static final Duration LONG = Duration.ofSeconds(30);

  private static Vertx vertx;

  @TempDir Path temporary;

  private MockProducer<byte[], byte[]> kafka = LandingBench.kafka(1);
  private final AtomicInteger settled = new AtomicInteger();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private @Nullable Spool spool;
  private @Nullable SpooledDeliveries spooled;
  private KafkaSender producer;
  private Breaker breaker;
  private DurableLog log;
  private Context context;
  private LongSupplier nanos = System::nanoTime;

  /** How many partitions are thought to be there before Kafka says it. */
  private int partitions = 1;

  @BeforeAll
  static void start() {
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void stop() throws Exception {
    vertx.close().await(120, TimeUnit.SECONDS);
  }

  private void open(Duration kafkaDeadline, Duration stall, boolean spooled) throws Exception {
    open(kafkaDeadline, stall, spooled ? 64 * MIB : 0, true);
  }

  private void open(Duration kafkaDeadline, Duration stall, long spoolSize, boolean found)
      throws Exception {
    context = requireNonNull(vertx).getOrCreateContext();
    spool =
        spoolSize > 0 ? LandingBench.spool(temporary.resolve("spool"), spoolSize, meters) : null;
    breaker = new Breaker(stall, nanos);
    producer = new KafkaSender(() -> kafka, LandingBench.TOPIC, breaker, stall, nanos);
    spooled = spool == null ? null : new SpooledDeliveries(spool, partitions, nanos);
    if (found) {
      find();
    }
    log = new DurableLog(vertx, producer, breaker, spooled, kafkaDeadline, nanos, meters);
  }

  private void find() {
    assertThat(producer.find()).isTrue();
    if (kafka.getClass() == MockProducer.class) { // the others answer in their own way
      LandingBench.prove(producer, kafka);
    }
    if (spooled != null) {
      spooled.partitions(producer.partitions());
    }
  }

  @AfterEach
  void close() {
    log.stop();
    if (spool != null) {
      spool.close();
    }
  }

  /** Whether a delivery would be acknowledged now, as far as is known. */
  private boolean takes() {
    return (producer.isFound() && !breaker.isGone()) || (spooled != null && spooled.takes());
  }

  private Spool spool() {
    return requireNonNull(spool);
  }

  private SpooledDeliveries spooled() {
    return requireNonNull(spooled);
  }

  private double count(String meter, String... tags) {
    return meters.get(meter).tags(tags).counter().count();
  }

  private CompletableFuture<AppendOutcome> append(LandingRecord record) {
    CompletableFuture<AppendOutcome> outcome = new CompletableFuture<>();
    CompletableFuture<Void> begun = new CompletableFuture<>();
    context.runOnContext(
        nothing -> {
          log.append(record, Duration.ofSeconds(4), settled::incrementAndGet)
              .onComplete(
                  result -> {
                    assertThat(Vertx.currentContext()).isSameAs(context);
                    outcome.complete(result.result());
                  });
          begun.complete(null);
        });
    begun.join();
    return outcome;
  }

  private static AppendOutcome of(CompletableFuture<AppendOutcome> outcome) throws Exception {
    return withoutPlace(outcome.get(120, TimeUnit.SECONDS));
  }

  private static AppendOutcome withoutPlace(AppendOutcome outcome) {
    return outcome instanceof AppendOutcome.Acknowledged acknowledged
            && acknowledged.by() == AppendOutcome.Keeper.KAFKA
        ? AppendOutcome.BY_KAFKA
        : outcome;
  }

  private static void eventually(ThrowingRunnable assertion) {
    await()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(2))
        .atMost(Duration.ofMinutes(2))
        .untilAsserted(assertion);
  }

  /** A clock that stands still until it is set. The log asks it with each tick. */
  private static final class HeldClock implements LongSupplier {
    final AtomicLong now = new AtomicLong(System.nanoTime());
    private final AtomicInteger looks = new AtomicInteger();

    @Override
    public long getAsLong() {
      looks.incrementAndGet();
      return now.get();
    }

    void awaitTicks() {
      int before = looks.get();
      eventually(() -> assertThat(looks.get()).as("some ticks").isGreaterThan(before + 20));
    }
  }

  /** What the producer was given, in its order. */
  private List<String> sent() {
    return LandingBench.sent(kafka);
  }

  private void sentIs(String... ids) {
    eventually(() -> assertThat(sent()).containsExactly(ids));
  }

  private void completeAll() {
    while (kafka.completeNext()) {
      // All that it has.
    }
  }

  // Kafka in time.

  @Test
  void whatKafkaHasInTimeIsItsOwn() throws Exception {
    open(LONG, LONG, true);
    CompletableFuture<AppendOutcome> outcome = append(record("k", "a", 1));
    sentIs("a");
    assertThat(settled).hasValue(0);
    kafka.completeNext();
    assertThat(of(outcome)).isEqualTo(AppendOutcome.BY_KAFKA);
    eventually(() -> assertThat(settled).hasValue(1));
    assertThat(spool().depth()).isZero();
  }

  @Test
  void aRecordThatIsTooLargeIsRefusedAndNeverSpooled() throws Exception {
    open(LONG, LONG, true);
    for (int i = 0; i < 10; i++) {
      CompletableFuture<AppendOutcome> outcome = append(record("k", "a" + i, 1));
      int number = i + 1;
      eventually(() -> assertThat(sent()).hasSize(number));
      kafka.errorNext(new RecordTooLargeException("too large"));
      assertThat(of(outcome)).isEqualTo(new AppendOutcome.Refused(Reason.KAFKA_UNAVAILABLE));
    }
    assertThat(spool().depth()).isZero();
    assertThat(takes()).isTrue();
    assertThat(breaker.isOpen()).isFalse();
    eventually(() -> assertThat(settled).hasValue(10));
  }

  // Kafka late, with a spool.

  @Test
  void whatIsLateIsSpooledAndItsBytesAreHeldWhileKafkaHasThem() throws Exception {
    open(Duration.ofMillis(20), LONG, true);
    CompletableFuture<AppendOutcome> outcome = append(record("k", "a", 1));
    assertThat(of(outcome)).isEqualTo(AppendOutcome.BY_SPOOL);
    assertThat(settled).hasValue(0);
    // Its copy follows it to Kafka, and nothing newer of its key goes past.
    sentIs("a", "a");
    completeAll();
    eventually(() -> assertThat(settled).hasValue(1));
    eventually(() -> assertThat(spool().depth()).isZero());
  }

  @Test
  void whatFailsIsSpooledAtOnce() throws Exception {
    open(LONG, LONG, true);
    CompletableFuture<AppendOutcome> outcome = append(record("k", "a", 1));
    sentIs("a");
    kafka.errorNext(new AuthorizationException("no"));
    assertThat(of(outcome)).isEqualTo(AppendOutcome.BY_SPOOL);
    eventually(() -> assertThat(settled).hasValue(1));
  }

  @Test
  void whenTheBreakerOpensAllThatWaitAreSpooledAndOthersFollowWithoutKafka() throws Exception {
    AtomicLong now = new AtomicLong(System.nanoTime());
    nanos = now::get;
    open(LONG, Duration.ofMillis(50), true);
    List<CompletableFuture<AppendOutcome>> waiting = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      waiting.add(append(record("k" + i, "a" + i, 1)));
    }
    eventually(() -> assertThat(sent()).hasSize(20));
    now.addAndGet(Duration.ofMillis(51).toNanos());
    for (CompletableFuture<AppendOutcome> each : waiting) {
      assertThat(of(each)).isEqualTo(AppendOutcome.BY_SPOOL);
    }
    assertThat(breaker.isOpen()).isTrue();
    // The clock stands still: nothing that waits for Kafka would ever end.
    assertThat(of(append(record("other", "b", 1)))).isEqualTo(AppendOutcome.BY_SPOOL);
    assertThat(sent()).hasSize(20);
    assertThat(takes()).isTrue();
    eventually(
        () -> assertThat(settled).as("only what Kafka's client has not is free").hasValue(1));
    // Kafka comes back.
    kafka.completeNext();
    eventually(() -> assertThat(breaker.isOpen()).isFalse());
    eventually(() -> assertThat(sent()).hasSize(41));
    List<String> expected = IntStream.range(0, 20).mapToObj(i -> "a" + i).toList();
    assertThat(sent().subList(0, 20)).isEqualTo(expected);
    assertThat(sent().subList(20, 40)).isEqualTo(expected);
    assertThat(sent().get(40)).isEqualTo("b");
    completeAll();
    eventually(() -> assertThat(spool().depth()).isZero());
    eventually(() -> assertThat(settled).hasValue(21));
    assertThat(meters.get("penstock.spool.drained").counter().count()).isEqualTo(21);
  }

  @Test
  void beforeTheLogIsFoundDeliveriesAreSpooledAndThenDrained() throws Exception {
    open(LONG, LONG, 64 * MIB, false);
    assertThat(of(append(record("k", "a", 1)))).isEqualTo(AppendOutcome.BY_SPOOL);
    assertThat(of(append(record("k", "b", 1)))).isEqualTo(AppendOutcome.BY_SPOOL);
    assertThat(takes()).isTrue();
    assertThat(sent()).isEmpty();
    find();
    sentIs("a", "b");
  }

  @Test
  void aNewerDeliveryOfAnEntityGoesBehindItsSpooledOne() throws Exception {
    open(Duration.ofMillis(50), LONG, 64 * MIB, false);
    assertThat(of(append(record("k", "old", 1)))).isEqualTo(AppendOutcome.BY_SPOOL);
    CompletableFuture<AppendOutcome> newer = append(record("k", "new", 1));
    find();
    assertThat(of(newer)).isEqualTo(AppendOutcome.BY_SPOOL);
    sentIs("old", "new");
  }

  @Test
  void aFullSpoolRefuses() throws Exception {
    open(Duration.ofMillis(20), LONG, 16 * MIB, false);
    CompletableFuture<AppendOutcome> outcome =
        append(record("k", "large", Math.toIntExact(17 * MIB)));
    assertThat(of(outcome)).isEqualTo(new AppendOutcome.Refused(Reason.SPOOL_FULL));
    eventually(() -> assertThat(settled).hasValue(1));
    find();
    CompletableFuture<AppendOutcome> late = append(record("k", "large", Math.toIntExact(17 * MIB)));
    assertThat(of(late))
        .as("Kafka may have it")
        .isEqualTo(new AppendOutcome.Unknown(Reason.SPOOL_FULL));
  }

  // Kafka late, without a spool.

  @Test
  void withoutASpoolWhatIsLateIsUnknownAndItsBytesAreHeldUntilItIsSettled() throws Exception {
    open(Duration.ofMillis(20), LONG, false);
    CompletableFuture<AppendOutcome> outcome = append(record("k", "a", 1));
    assertThat(of(outcome)).isEqualTo(new AppendOutcome.Unknown(Reason.KAFKA_UNAVAILABLE));
    assertThat(settled).hasValue(0);
    sentIs("a");
    kafka.completeNext();
    eventually(() -> assertThat(settled).hasValue(1));
  }

  @Test
  void withoutASpoolAGoneKafkaIsRefusedAtOnceAndHoldsNothing() throws Exception {
    open(LONG, Duration.ofMillis(50), false);
    CompletableFuture<AppendOutcome> first = append(record("k", "a", 1));
    assertThat(of(first)).isEqualTo(new AppendOutcome.Unknown(Reason.KAFKA_UNAVAILABLE));
    for (int i = 0; i < 100; i++) {
      assertThat(of(append(record("k", "b" + i, 1))))
          .isEqualTo(new AppendOutcome.Refused(Reason.KAFKA_UNAVAILABLE));
    }
    assertThat(takes()).isFalse();
    assertThat(settled).hasValue(100);
    sentIs("a");
    kafka.completeNext();
    eventually(() -> assertThat(takes()).isTrue());
  }

  @Test
  void withoutASpoolOneLiveDeliveryFindsOut() throws Exception {
    open(LONG, LONG, false);
    for (int i = 0; i < 5; i++) {
      int number = i + 1;
      CompletableFuture<AppendOutcome> outcome = append(record("k", "a" + i, 1));
      eventually(() -> assertThat(sent()).hasSize(number));
      kafka.errorNext(new AuthorizationException("no"));
      assertThat(of(outcome)).isEqualTo(new AppendOutcome.Refused(Reason.KAFKA_UNAVAILABLE));
    }
    eventually(() -> assertThat(breaker.isOpen()).isTrue());
    List<CompletableFuture<AppendOutcome>> later = new ArrayList<>();
    await()
        .pollInterval(Duration.ofMillis(20))
        .atMost(Duration.ofMinutes(2))
        .until(
            () -> {
              later.add(append(record("k", "probe", 1)));
              return sent().size() == 6;
            });
    kafka.completeNext();
    List<AppendOutcome> outcomes = new ArrayList<>();
    for (CompletableFuture<AppendOutcome> each : later) {
      outcomes.add(of(each));
    }
    assertThat(outcomes).containsOnlyOnce(AppendOutcome.BY_KAFKA);
    assertThat(breaker.isOpen()).isFalse();
  }

  // What an append ended as.

  private static final AppendOutcome SPOOL_REFUSED = new AppendOutcome.Refused(Reason.SPOOL_FULL);
  private static final AppendOutcome SPOOL_UNKNOWN = new AppendOutcome.Unknown(Reason.SPOOL_FULL);
  private static final AppendOutcome KAFKA_REFUSED =
      new AppendOutcome.Refused(Reason.KAFKA_UNAVAILABLE);
  private static final AppendOutcome KAFKA_UNKNOWN =
      new AppendOutcome.Unknown(Reason.KAFKA_UNAVAILABLE);

  /** What Kafka does with a record. */
  enum Kafka {
    /** It is not sent there, since the log has not been found. */
    UNASKED,
    ACKNOWLEDGES,
    /** No rights: it is certain that nothing was written. */
    REFUSES,
    TOO_LARGE,
    /** An error that leaves open what was written. */
    FAILS,
    /** Nothing comes, until the deadline has passed. */
    LATE
  }

  /** What stands behind it. */
  enum Behind {
    NOTHING,
    SPOOL,
    /** One in which there is no room for it. */
    FULL,
    /** One that has ended. */
    CLOSED
  }

  static List<Arguments> outcomes() {
    return List.of(
        arguments(Kafka.ACKNOWLEDGES, Behind.NOTHING, AppendOutcome.BY_KAFKA),
        arguments(Kafka.ACKNOWLEDGES, Behind.SPOOL, AppendOutcome.BY_KAFKA),
        arguments(Kafka.ACKNOWLEDGES, Behind.FULL, AppendOutcome.BY_KAFKA),
        arguments(Kafka.UNASKED, Behind.NOTHING, KAFKA_REFUSED),
        arguments(Kafka.UNASKED, Behind.SPOOL, AppendOutcome.BY_SPOOL),
        arguments(Kafka.UNASKED, Behind.FULL, SPOOL_REFUSED),
        arguments(Kafka.UNASKED, Behind.CLOSED, SPOOL_REFUSED),
        arguments(Kafka.REFUSES, Behind.NOTHING, KAFKA_REFUSED),
        arguments(Kafka.REFUSES, Behind.SPOOL, AppendOutcome.BY_SPOOL),
        arguments(Kafka.REFUSES, Behind.FULL, SPOOL_REFUSED),
        arguments(Kafka.REFUSES, Behind.CLOSED, SPOOL_REFUSED),
        arguments(Kafka.TOO_LARGE, Behind.NOTHING, KAFKA_REFUSED),
        arguments(Kafka.TOO_LARGE, Behind.SPOOL, KAFKA_REFUSED),
        arguments(Kafka.FAILS, Behind.NOTHING, KAFKA_UNKNOWN),
        arguments(Kafka.FAILS, Behind.SPOOL, AppendOutcome.BY_SPOOL),
        arguments(Kafka.FAILS, Behind.FULL, SPOOL_UNKNOWN),
        arguments(Kafka.FAILS, Behind.CLOSED, SPOOL_UNKNOWN),
        arguments(Kafka.LATE, Behind.NOTHING, KAFKA_UNKNOWN),
        arguments(Kafka.LATE, Behind.SPOOL, AppendOutcome.BY_SPOOL),
        arguments(Kafka.LATE, Behind.FULL, SPOOL_UNKNOWN),
        arguments(Kafka.LATE, Behind.CLOSED, SPOOL_UNKNOWN));
  }

  @ParameterizedTest
  @MethodSource("outcomes")
  void anAppendEndsAsWhatIsKnownOfIt(Kafka does, Behind behind, AppendOutcome expected)
      throws Exception {
    long size = behind == Behind.NOTHING ? 0 : 16 * MIB;
    open(does == Kafka.LATE ? Duration.ofMillis(20) : LONG, LONG, size, does != Kafka.UNASKED);
    if (behind == Behind.CLOSED) {
      spool().close();
    }
    int body = Math.toIntExact(behind == Behind.FULL ? 17 * MIB : 10);
    CompletableFuture<AppendOutcome> outcome = append(record("k", "a", body));
    if (does != Kafka.UNASKED) {
      eventually(() -> assertThat(sent()).isNotEmpty());
    }
    switch (does) {
      case UNASKED, LATE -> {}
      case ACKNOWLEDGES -> kafka.completeNext();
      case REFUSES -> kafka.errorNext(new AuthorizationException("no"));
      case TOO_LARGE -> kafka.errorNext(new RecordTooLargeException("too large"));
      case FAILS -> kafka.errorNext(new OutOfOrderSequenceException("who knows"));
    }
    assertThat(of(outcome)).isEqualTo(expected);
    if (spool != null) {
      String counted =
          switch (behind) {
            case FULL -> "full";
            case CLOSED -> "unavailable";
            case NOTHING, SPOOL -> "durable";
          };
      boolean spooled = does != Kafka.ACKNOWLEDGES && does != Kafka.TOO_LARGE;
      for (String each : List.of("durable", "full", "unavailable", "failed")) {
        assertThat(count("penstock.spool.appends", "outcome", each))
            .as(each)
            .isEqualTo(spooled && each.equals(counted) ? 1 : 0);
      }
    }
  }

  @Test
  void whatIsTooLargeForKafkaAndAlreadyOnItsWayToTheSpoolIsWhatTheSpoolSays() throws Exception {
    open(Duration.ofMillis(20), LONG, true);
    CompletableFuture<AppendOutcome> outcome = append(record("k", "a", 10));
    // Late, so it is spooled; only then Kafka says what it thinks of it.
    assertThat(of(outcome)).isEqualTo(AppendOutcome.BY_SPOOL);
    kafka.errorNext(new RecordTooLargeException("too large"));
    eventually(() -> assertThat(sent()).hasSize(2));
    kafka.errorNext(new RecordTooLargeException("too large"));
    eventually(() -> assertThat(spool().asideCount()).isEqualTo(1));
  }

  @Test
  void aCertainFailureOfKafkaMakesARefusalOfTheSpoolCertainOnlyIfItCameFirst() throws Exception {
    open(Duration.ofMillis(20), LONG, 16 * MIB, true);
    CompletableFuture<AppendOutcome> late = append(record("k", "a", Math.toIntExact(17 * MIB)));
    assertThat(of(late)).as("Kafka may get it yet").isEqualTo(SPOOL_UNKNOWN);
    kafka.errorNext(new AuthorizationException("no"));
    eventually(() -> assertThat(settled).hasValue(1));
  }

  @Test
  void aSpoolThatRefusesAgainAndAgainIsNotCountedOnHoweverMuchRoomItHas() throws Exception {
    AtomicLong now = new AtomicLong(System.nanoTime());
    nanos = now::get;
    open(LONG, LONG, 16 * MIB, false);
    assertThat(spooled().takes()).isTrue();
    for (int i = 0; i < 5; i++) {
      assertThat(spooled().takes()).isTrue();
      of(append(record("k", "large", Math.toIntExact(17 * MIB))));
    }
    assertThat(spool().accepts()).as("by its room").isTrue();
    assertThat(spooled().takes()).as("by what it does").isFalse();
    assertThat(of(append(record("k", "small", 1)))).isEqualTo(AppendOutcome.BY_SPOOL);
    assertThat(spooled().takes()).isTrue();
    for (int i = 0; i < 5; i++) {
      of(append(record("k", "large", Math.toIntExact(17 * MIB))));
    }
    assertThat(spooled().takes()).isFalse();
    now.addAndGet(Duration.ofMinutes(1).toNanos());
    assertThat(spooled().takes()).as("it may be tried again").isTrue();
  }

  @Test
  void theBreakersMeterHoldsWhileKafkaIsTriedAndNotBack() throws Exception {
    AtomicLong now = new AtomicLong(System.nanoTime());
    nanos = now::get;
    open(LONG, Duration.ofMillis(50), true);
    CompletableFuture<AppendOutcome> outcome = append(record("k", "a", 1));
    sentIs("a");
    now.addAndGet(Duration.ofMillis(51).toNanos());
    eventually(() -> assertThat(breaker.isOpen()).isTrue());
    assertThat(of(outcome)).isEqualTo(AppendOutcome.BY_SPOOL);
    now.addAndGet(Duration.ofSeconds(10).toNanos());
    breaker.seen();
    assertThat(breaker.isOpen()).isFalse();
    assertThat(meters.get("penstock.kafka.breaker.open").gauge().value()).isEqualTo(1);
    kafka.completeNext();
    eventually(
        () -> assertThat(meters.get("penstock.kafka.breaker.open").gauge().value()).isZero());
  }

  // Where a delivery goes while Kafka, or a part of it, is gone.

  /** The first of two partitions takes nothing, which is the only thing that is known of Kafka. */
  private CompletableFuture<AppendOutcome> gone(AtomicLong now, boolean spooled) throws Exception {
    kafka = LandingBench.kafka(2);
    partitions = 2;
    open(LONG, Duration.ofMillis(50), spooled);
    CompletableFuture<AppendOutcome> first = append(record(keyOf(0, 2), "a", 1));
    sentIs("a");
    now.addAndGet(Duration.ofMillis(51).toNanos());
    eventually(() -> assertThat(breaker.isOpen()).isTrue());
    return first;
  }

  @Test
  void whileKafkaIsGoneNoLiveDeliveryIsSentWhereThereIsASpool() throws Exception {
    AtomicLong now = new AtomicLong(System.nanoTime());
    nanos = now::get;
    assertThat(of(gone(now, true))).isEqualTo(AppendOutcome.BY_SPOOL);
    now.addAndGet(Duration.ofSeconds(1).toNanos());
    String other = keyOf(1, 2);
    assertThat(of(append(record(other, "b", 1)))).isEqualTo(AppendOutcome.BY_SPOOL);
    sentIs("a", "b"); // by the drain, to find out
    assertThat(of(append(record(other + "x".repeat(2), "c", 1)))).isEqualTo(AppendOutcome.BY_SPOOL);
    assertThat(sent()).containsExactly("a", "b");
  }

  @Test
  void whileKafkaIsGoneOneDeliveryASecondIsSentWhereThereIsNoSpool() throws Exception {
    HeldClock clock = new HeldClock();
    AtomicLong now = clock.now;
    nanos = clock;
    assertThat(of(gone(now, false))).isEqualTo(KAFKA_UNKNOWN);
    String other = keyOf(1, 2);
    assertThat(of(append(record(other, "b", 1)))).isEqualTo(KAFKA_REFUSED);
    assertThat(sent()).containsExactly("a");
    now.addAndGet(Duration.ofSeconds(1).toNanos());
    CompletableFuture<AppendOutcome> probe = append(record(other, "c", 1));
    sentIs("a", "c");
    assertThat(of(append(record(other, "d", 1)))).isEqualTo(KAFKA_REFUSED);
    clock.awaitTicks();
    assertThat(probe).as("it waits although Kafka is gone").isNotDone();
    completeAll();
    assertThat(of(probe)).isEqualTo(AppendOutcome.BY_KAFKA);
  }

  @Test
  void whatWaitsForASilentPartitionIsSpooledBeforeItsDeadline() throws Exception {
    AtomicLong now = new AtomicLong(System.nanoTime());
    nanos = now::get;
    LandingBench.HalfDead half = new LandingBench.HalfDead();
    kafka = half;
    partitions = 2;
    open(LONG, Duration.ofSeconds(1), true);
    CompletableFuture<AppendOutcome> dead = append(record(keyOf(0, 2), "d", 1));
    eventually(() -> assertThat(half.held()).isEqualTo(1));
    CompletableFuture<AppendOutcome> live = append(record(keyOf(1, 2), "l", 1));
    sentIs("l");
    completeAll();
    assertThat(of(live)).isEqualTo(AppendOutcome.BY_KAFKA);
    now.addAndGet(Duration.ofMillis(1001).toNanos());
    assertThat(of(dead)).isEqualTo(AppendOutcome.BY_SPOOL);
    assertThat(breaker.isGone()).isFalse();
  }

  @Test
  void whatComesBeforeANewClientKnowsTheLogIsNotTried() throws Exception {
    open(LONG, LONG, true);
    kafka =
        new MockProducer<>(
            LandingBench.cluster(0),
            false,
            null,
            new ByteArraySerializer(),
            new ByteArraySerializer());
    producer.renew();
    assertThat(producer.isFound()).isFalse();
    assertThat(of(append(record("k", "a", 1)))).isEqualTo(AppendOutcome.BY_SPOOL);
    assertThat(sent()).isEmpty();
  }

  // The drain.

  @Test
  void whatKafkaNoLongerTakesIsSetAsideAndBlocksNothing() throws Exception {
    open(LONG, LONG, 64 * MIB, false);
    of(append(record("k", "large", 1)));
    of(append(record("k", "small", 1)));
    find();
    sentIs("large", "small");
    kafka.errorNext(new RecordTooLargeException("the limit was lowered"));
    kafka.completeNext();
    eventually(() -> assertThat(spool().depth()).isZero());
    assertThat(spool().asideCount()).isEqualTo(1);
    // At the next start it is tried again.
    log.stop();
    spool().close();
    kafka.clear();
    open(LONG, LONG, true);
    sentIs("large");
    kafka.completeNext();
    eventually(() -> assertThat(spool().depth()).isZero());
  }

  /** From now on nothing can be set aside, nor appended. */
  private void breakAside() throws Exception {
    Files.delete(temporary.resolve("spool/aside"));
    Files.createFile(temporary.resolve("spool/aside"));
  }

  private void repairAside() throws Exception {
    Files.delete(temporary.resolve("spool/aside"));
  }

  private double staying() {
    return meters.get("penstock.spool.staying").gauge().value();
  }

  @Test
  void whatCannotBeSetAsideStaysAndItsLaneGoesOnBehindIt() throws Exception {
    open(LONG, LONG, 64 * MIB, false);
    for (String id : List.of("a", "large", "b", "too-large", "c")) {
      of(append(record("k", id, 1)));
    }
    breakAside();
    find();
    sentIs("a", "large", "b", "too-large", "c");
    for (int i = 0; i < 2; i++) {
      kafka.completeNext();
      kafka.errorNext(new RecordTooLargeException("the limit was lowered"));
    }
    kafka.completeNext();
    eventually(() -> assertThat(staying()).isEqualTo(2));
    eventually(() -> assertThat(spooled().holdsNothing()).isTrue());
    assertThat(spool().depth()).as("from the first that stays on").isEqualTo(4);
    CompletableFuture<AppendOutcome> direct = append(record("k", "d", 1));
    sentIs("a", "large", "b", "too-large", "c", "d");
    kafka.completeNext();
    assertThat(of(direct)).isEqualTo(AppendOutcome.BY_KAFKA);
    // When the disk takes them, they are set aside, and only they are sent after the next start.
    repairAside();
    eventually(() -> assertThat(spool().depth()).isZero());
    assertThat(spool().asideCount()).isEqualTo(2);
    assertThat(staying()).isZero();
    assertThat(sent()).hasSize(6);
    close();
    kafka.clear();
    open(LONG, LONG, true);
    eventually(() -> assertThat(sent()).containsExactlyInAnyOrder("large", "too-large"));
  }

  @Test
  void whatCannotBeReadAndCannotBeSetAsideStaysTooAndIsThereAfterARestart() throws Exception {
    open(LONG, LONG, 64 * MIB, false);
    CompletableFuture<Spool.Appended> unreadable = new CompletableFuture<>();
    spool().append(0, new byte[] {1, 2, 3}, 1, unreadable::complete);
    assertThat(unreadable.get(120, TimeUnit.SECONDS)).isEqualTo(Spool.Appended.DURABLE);
    of(append(record("k", "a", 1)));
    breakAside();
    find();
    sentIs("a");
    kafka.completeNext();
    eventually(() -> assertThat(spooled().holdsNothing()).isTrue());
    assertThat(staying()).isEqualTo(1);
    assertThat(spool().depth()).isEqualTo(2);
    log.stop();
    spool().close();
    repairAside();
    kafka.clear();
    open(LONG, LONG, true);
    sentIs("a"); // a copy
    kafka.completeNext();
    eventually(() -> assertThat(spool().depth()).isZero());
    assertThat(spool().asideCount()).isEqualTo(1);
  }

  @Test
  void whatStaysInALaneOfAnotherNumberOfPartitionsHoldsUpNoOther() throws Exception {
    partitions = 2;
    open(LONG, LONG, 64 * MIB, false);
    of(append(record("k", "large", 1)));
    spooled().partitions(1);
    of(append(record("k", "a", 1)));
    breakAside();
    find();
    sentIs("large");
    kafka.errorNext(new RecordTooLargeException("the limit was lowered"));
    sentIs("large", "a");
    kafka.completeNext();
    eventually(() -> assertThat(spooled().holdsNothing()).isTrue());
    assertThat(staying()).isEqualTo(1);
    repairAside();
    eventually(() -> assertThat(spool().depth()).isZero());
  }

  /** Damages the value of a delivery in the only segment. */
  private void damage(String id) throws Exception {
    Path segment;
    try (var files = Files.walk(temporary.resolve("spool/log"))) {
      segment = files.filter(Files::isRegularFile).findFirst().orElseThrow();
    }
    byte[] name = ("receipt-" + id).getBytes(ISO_8859_1);
    int at = new String(Files.readAllBytes(segment), ISO_8859_1).indexOf("receipt-" + id);
    try (FileChannel file = FileChannel.open(segment, StandardOpenOption.WRITE)) {
      name[0] ^= 1;
      file.write(ByteBuffer.wrap(name), at);
    }
  }

  @Test
  void whatTheDiskHasLostHoldsItsEntityBackNoLonger() throws Exception {
    open(LONG, LONG, 64 * MIB, false);
    of(append(record("k", "a", 1)));
    of(append(record("other", "b", 1)));
    of(append(record("last", "c", 1)));
    damage("a");
    damage("c");
    assertThat(spooled().holds(KeyHash.of("k"))).isTrue();
    find();
    sentIs("b");
    assertThat(spooled().holds(KeyHash.of("k"))).as("its lane is not empty").isTrue();
    kafka.completeNext();
    eventually(() -> assertThat(spool().depth()).isZero());
    assertThat(count("penstock.spool.lost")).isEqualTo(2);
    eventually(() -> assertThat(spooled().holdsNothing()).isTrue());
    CompletableFuture<AppendOutcome> direct = append(record("k", "d", 1));
    sentIs("b", "d");
    kafka.completeNext();
    assertThat(of(direct)).isEqualTo(AppendOutcome.BY_KAFKA);
  }

  @Test
  void whatKafkaHasAndTheDiskLosesThenIsCountedOnce() throws Exception {
    open(LONG, LONG, 64 * MIB, false);
    of(append(record("k", "a", 1)));
    of(append(record("k", "b", 1)));
    find();
    sentIs("a", "b");
    damage("b");
    kafka.errorNext(new AuthorizationException("not yet"));
    kafka.completeNext();
    sentIs("a", "b", "a"); // read again, and what Kafka has is not there any more
    assertThat(of(append(record("k", "c", 1)))).isEqualTo(AppendOutcome.BY_SPOOL);
    eventually(
        () -> {
          completeAll();
          assertThat(spool().depth()).isZero();
        });
    assertThat(sent()).containsExactly("a", "b", "a", "c");
    eventually(() -> assertThat(spooled().holdsNothing()).isTrue());
    // Nothing is below zero, so the next one counts.
    CompletableFuture<AppendOutcome> next = append(record("k", "d", 1));
    eventually(() -> assertThat(sent()).hasSize(5));
    kafka.errorNext(new AuthorizationException("no"));
    assertThat(of(next)).isEqualTo(AppendOutcome.BY_SPOOL);
    assertThat(spooled().holds(KeyHash.of("k"))).isTrue();
  }

  @Test
  void whatFailsInTheDrainStaysAndIsSentAgain() throws Exception {
    open(LONG, LONG, 64 * MIB, false);
    of(append(record("k", "a", 1)));
    of(append(record("k", "b", 1)));
    find();
    sentIs("a", "b");
    kafka.errorNext(new AuthorizationException("not yet"));
    kafka.errorNext(new AuthorizationException("not yet"));
    eventually(() -> assertThat(spooled().holds(KeyHash.of("k"))).isTrue());
    assertThat(spool().depth()).isEqualTo(2);
    sentIs("a", "b", "a");
    kafka.completeNext();
    sentIs("a", "b", "a", "b");
    completeAll();
    eventually(() -> assertThat(spool().depth()).isZero());
  }

  @Test
  void aSendThatFailsBeforeTheClientTakesItIsNotOvertaken() throws Exception {
    kafka = new LandingBench.Forgetful(1);
    open(LONG, LONG, 64 * MIB, false);
    for (String id : List.of("a", "b", "c")) {
      of(append(record("k", id, 1)));
    }
    find();
    sentIs("a");
    kafka.completeNext();
    sentIs("a", "b", "c");
  }

  @Test
  void aNewerDeliveryWaitsUntilKafkaHasTheSpooledOne() throws Exception {
    open(LONG, LONG, 64 * MIB, false);
    of(append(record("k", "a", 1)));
    find();
    sentIs("a"); // handed over, and not acknowledged
    assertThat(of(append(record("k", "b", 1)))).isEqualTo(AppendOutcome.BY_SPOOL);
    completeAll();
    eventually(
        () -> {
          completeAll();
          assertThat(spool().depth()).isZero();
        });
    assertThat(sent()).containsExactly("a", "b");
    assertThat(spooled().holdsNothing()).isTrue();
    CompletableFuture<AppendOutcome> direct = append(record("k", "c", 1));
    eventually(() -> assertThat(sent()).hasSize(3));
    completeAll();
    assertThat(of(direct)).isEqualTo(AppendOutcome.BY_KAFKA);
  }

  @Test
  void whatWasThereAtTheStartHoldsItsLaneBackUntilItHasLeft() throws Exception {
    open(LONG, LONG, 64 * MIB, false);
    of(append(record("k", "old", 1)));
    close();
    open(LONG, LONG, true);
    assertThat(of(append(record("k", "new", 1)))).isEqualTo(AppendOutcome.BY_SPOOL);
    eventually(
        () -> {
          completeAll();
          assertThat(spool().depth()).isZero();
        });
    assertThat(sent()).containsExactly("old", "new");
    eventually(() -> assertThat(spooled().holdsNothing()).isTrue());
  }

  @Test
  void whatWasThereAtTheStartHoldsNothingBackOnceItHasLeft() throws Exception {
    open(LONG, LONG, 64 * MIB, false);
    of(append(record("k", "old", 1)));
    close();
    open(LONG, LONG, true);
    sentIs("old");
    assertThat(of(append(record("k", "new", 1)))).isEqualTo(AppendOutcome.BY_SPOOL);
    sentIs("old", "new");
    kafka.completeNext();
    eventually(() -> assertThat(spool().depth()).isEqualTo(1));
    assertThat(spooled().holds(KeyHash.of("k"))).as("by the new one").isTrue();
    eventually(() -> assertThat(spooled().holds(KeyHash.of("other"))).isFalse());
    kafka.completeNext();
    eventually(() -> assertThat(spooled().holdsNothing()).isTrue());
    close();
    // Nothing comes behind it.
    open(LONG, LONG, 64 * MIB, false);
    of(append(record("k", "last", 1)));
    close();
    kafka.clear();
    open(LONG, LONG, true);
    sentIs("last");
    assertThat(spooled().holds(KeyHash.of("other"))).isTrue();
    kafka.completeNext();
    eventually(() -> assertThat(spooled().holdsNothing()).isTrue());
  }

  @Test
  void whatWasThereAtTheStartUnderAnotherNumberOfPartitionsHoldsAllBack() throws Exception {
    partitions = 2;
    open(LONG, LONG, 64 * MIB, false);
    of(append(record(keyOf(0, 2), "old", 1)));
    close();
    partitions = 1;
    open(LONG, LONG, true);
    assertThat(of(append(record(keyOf(1, 2), "new", 1)))).isEqualTo(AppendOutcome.BY_SPOOL);
    sentIs("old");
    kafka.completeNext();
    sentIs("old", "new");
    kafka.completeNext();
    eventually(() -> assertThat(spooled().holdsNothing()).isTrue());
  }

  @Test
  void afterAFailureNothingIsSentUntilAllThatAreOnTheirWayHaveEnded() throws Exception {
    HeldClock clock = new HeldClock();
    AtomicLong now = clock.now;
    nanos = clock;
    open(LONG, LONG, 64 * MIB, false);
    for (String id : List.of("a", "b", "c")) {
      of(append(record("k", id, 1)));
    }
    find();
    sentIs("a", "b", "c");
    kafka.errorNext(new AuthorizationException("no"));
    kafka.errorNext(new AuthorizationException("no"));
    clock.awaitTicks();
    now.addAndGet(Duration.ofSeconds(2).toNanos());
    clock.awaitTicks();
    assertThat(sent()).as("one is on its way").containsExactly("a", "b", "c");
    kafka.completeNext();
    clock.awaitTicks();
    assertThat(sent()).as("it rests").containsExactly("a", "b", "c");
    now.addAndGet(Duration.ofSeconds(1).toNanos());
    sentIs("a", "b", "c", "a"); // the first of an epoch goes alone
    kafka.completeNext();
    sentIs("a", "b", "c", "a", "b"); // and what Kafka has is not sent again
    kafka.completeNext();
    eventually(() -> assertThat(spooled().holdsNothing()).isTrue());
    assertThat(spool().depth()).isZero();
  }

  @Test
  void whatWasReadAheadDoesNotOvertakeWhatFailed() throws Exception {
    open(LONG, LONG, 64 * MIB, false);
    List<CompletableFuture<AppendOutcome>> all = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      all.add(append(record("k", "d" + i, 10)));
    }
    for (CompletableFuture<AppendOutcome> each : all) {
      assertThat(of(each)).isEqualTo(AppendOutcome.BY_SPOOL);
    }
    find();
    eventually(() -> assertThat(sent()).hasSize(256));
    kafka.errorNext(new AuthorizationException("no"));
    completeAll();
    eventually(() -> assertThat(sent()).hasSizeGreaterThan(256));
    assertThat(sent().get(256)).isEqualTo("d0");
    eventually(
        () -> {
          completeAll();
          assertThat(spool().depth()).isZero();
        });
    assertThat(sent()).hasSize(301).endsWith("d298", "d299");
  }

  // One dead partition.

  @Test
  void aDeadPartitionHoldsUpNoOther() throws Exception {
    AtomicLong now = new AtomicLong(System.nanoTime());
    nanos = now::get;
    LandingBench.HalfDead half = new LandingBench.HalfDead();
    kafka = half;
    partitions = 2;
    String dead = keyOf(0, 2);
    String live = keyOf(1, 2);
    open(Duration.ofSeconds(1), Duration.ofSeconds(1), 64 * MIB, false);
    of(append(record(dead, "d0", 1)));
    of(append(record(live, "l0", 1)));
    find();
    // The drain: the live one leaves, although the dead one was there before it.
    sentIs("l0");
    completeAll();
    eventually(() -> assertThat(spool().depth()).isEqualTo(1));
    now.addAndGet(Duration.ofMillis(1001).toNanos());
    int before = half.held();
    for (int i = 0; i < 50; i++) {
      assertThat(of(append(record(dead, "d" + i, 1)))).isEqualTo(AppendOutcome.BY_SPOOL);
      int number = sent().size() + 1;
      CompletableFuture<AppendOutcome> outcome = append(record(live, "l" + i, 1));
      eventually(() -> assertThat(sent()).hasSize(number));
      completeAll();
      assertThat(of(outcome)).isEqualTo(AppendOutcome.BY_KAFKA);
    }
    assertThat(half.held()).as("what the dead partition holds").isEqualTo(before);
    assertThat(breaker.isGone()).isFalse();
  }

  @Test
  void withoutASpoolADeadPartitionsDeliveriesAreRefusedAtOnceAndHoldNothing() throws Exception {
    AtomicLong now = new AtomicLong(System.nanoTime());
    nanos = now::get;
    LandingBench.HalfDead half = new LandingBench.HalfDead();
    kafka = half;
    partitions = 2;
    String dead = keyOf(0, 2);
    String live = keyOf(1, 2);
    open(Duration.ofSeconds(1), Duration.ofSeconds(1), false);
    CompletableFuture<AppendOutcome> first = append(record(dead, "d", 1));
    eventually(() -> assertThat(half.held()).isEqualTo(1));
    CompletableFuture<AppendOutcome> second = append(record(live, "l", 1));
    eventually(() -> assertThat(sent()).hasSize(1));
    completeAll();
    assertThat(withoutPlace(second.join())).isEqualTo(AppendOutcome.BY_KAFKA);
    now.addAndGet(Duration.ofMillis(1001).toNanos());
    assertThat(of(first)).isEqualTo(KAFKA_UNKNOWN);
    for (int i = 0; i < 50; i++) {
      assertThat(of(append(record(dead, "d" + i, 1)))).isEqualTo(KAFKA_REFUSED);
    }
    assertThat(half.held()).isEqualTo(1);
    eventually(() -> assertThat(settled).hasValue(51));
    CompletableFuture<AppendOutcome> other = append(record(live, "l2", 1));
    eventually(() -> assertThat(sent()).hasSize(2));
    completeAll();
    assertThat(of(other)).isEqualTo(AppendOutcome.BY_KAFKA);
  }

  @Test
  void theWindowOfTheDrainIsBounded() throws Exception {
    open(LONG, LONG, 64 * MIB, false);
    List<CompletableFuture<AppendOutcome>> all = new ArrayList<>();
    for (int i = 0; i < 600; i++) {
      all.add(append(record("k" + i, "d" + i, 10)));
    }
    for (CompletableFuture<AppendOutcome> each : all) {
      assertThat(of(each)).isEqualTo(AppendOutcome.BY_SPOOL);
    }
    find();
    eventually(() -> assertThat(sent()).hasSize(256));
    kafka.completeNext();
    eventually(() -> assertThat(sent()).hasSize(257));
    while (sent().size() < 600) {
      completeAll();
    }
    completeAll();
    eventually(() -> assertThat(spool().depth()).isZero());
    assertThat(sent()).doesNotHaveDuplicates();
  }

  /**
   * Whatever comes together: what reaches Kafka, without the copies, is in the order of arrival for
   * each entity.
   */
  @Test
  void anEntitysDeliveriesKeepTheirOrderWhateverHappensToKafka() throws Exception {
    open(Duration.ofMillis(30), Duration.ofMillis(20), true);
    Random random = new Random(20261121);
    Map<String, List<String>> arrived = new HashMap<>();
    Map<String, CompletableFuture<AppendOutcome>> last = new HashMap<>();
    int spooled = 0;
    int direct = 0;
    for (int i = 0; i < 1500; i++) {
      boolean outage = i % 200 >= 120;
      String key = "k" + random.nextInt(5);
      CompletableFuture<AppendOutcome> before = last.get(key);
      if (before != null && random.nextInt(3) > 0) {
        // As a sender does that waits for its answer, with Kafka answering in pieces.
        while (!before.isDone()) {
          if (!outage && random.nextInt(20) == 0) {
            kafka.completeNext();
          }
          Thread.onSpinWait();
        }
        if (withoutPlace(before.join()).equals(AppendOutcome.BY_KAFKA)) {
          direct++;
        } else {
          spooled++;
        }
      }
      last.put(key, append(record(key, "d" + i, 10)));
      arrived.computeIfAbsent(key, k -> new ArrayList<>()).add("d" + i);
      if (!outage) {
        completeAll();
      }
    }
    for (CompletableFuture<AppendOutcome> each : last.values()) {
      of(each);
    }
    eventually(
        () -> {
          completeAll();
          assertThat(spool().depth()).isZero();
        });
    completeAll();
    Map<String, LinkedHashSet<String>> landed = new HashMap<>();
    kafka
        .history()
        .forEach(
            sent -> {
              LandingRecord record = LandingHeaders.read(sent.key(), sent.value(), sent.headers());
              landed.computeIfAbsent(record.key(), k -> new LinkedHashSet<>()).add(id(record));
            });
    arrived.forEach(
        (key, ids) -> assertThat(landed.get(key)).as(key).containsExactlyElementsOf(ids));
    assertThat(spooled).isGreaterThan(50);
    assertThat(direct).isGreaterThan(50);
  }
}
