package io.penstock.ingest.pipeline;

import static io.penstock.ingest.pipeline.PipelineDriver.START;
import static io.penstock.ingest.pipeline.PipelineDriver.WINDOW;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What clocks that are wrong do: nothing to an event, whoever's they are. */
class ClocksTest {

  private static final Duration TOLERANCE = Duration.ofMinutes(10);

  @TempDir private Path stateDirectory;
  private PipelineDriver pipeline;
  private int ids;

  @BeforeEach
  void open() {
    pipeline = new PipelineDriver(stateDirectory);
    pipeline.alpha.decodes((body, headers) -> pipeline.alpha.decoded(body));
  }

  @AfterEach
  void close() {
    pipeline.close();
  }

  /** A delivery that its leader stamped so, while this process's clock said that. */
  private void lands(String id, Duration stamp, Duration clock) {
    pipeline.clock(START.plus(clock));
    pipeline.lands(Landed.delivery(id).body(id).after(stamp));
  }

  private void landsNew(Duration stamp, Duration clock) {
    lands("new-" + ids++, stamp, clock);
  }

  private double corrected(String stamp) {
    return pipeline.count("penstock.landing.timestamps.corrected", "stamp", stamp);
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT1H", "PT2H", "P4D", "P365D", "P36500D"})
  void aRecordStampedAheadIsPublishedWithAStampThatBrokersTake(Duration ahead) {
    // when
    landsNew(ahead, Duration.ZERO);
    pipeline.lands(Landed.delivery("refused").refused("malformed-json", null).after(ahead));
    // then
    assertThat(pipeline.events(pipeline.alpha))
        .singleElement()
        .satisfies(
            event ->
                assertThat(Instant.ofEpochMilli(event.timestamp()))
                    .isEqualTo(START.plus(TOLERANCE)));
    assertThat(pipeline.deadLetters())
        .singleElement()
        .satisfies(
            letter ->
                assertThat(Instant.ofEpochMilli(letter.timestamp()))
                    .isEqualTo(START.plus(TOLERANCE)));
    assertThat(corrected("ahead")).isEqualTo(2);
    assertThat(corrected("behind")).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT2H", "P4D", "P365D"})
  void oneRecordStampedAheadSwitchesDeduplicationOffForNobody(Duration ahead) {
    // given
    landsNew(Duration.ZERO, Duration.ZERO);
    landsNew(ahead, Duration.ofSeconds(1));
    pipeline.texts();
    // when
    for (int copy = 0; copy < 5; copy++) {
      lands("event", Duration.ofSeconds(2 + copy), Duration.ofSeconds(2 + copy));
    }
    // then
    assertThat(pipeline.texts()).containsExactly("event");
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT2H", "P4D", "P20000D"})
  void aRecordStampedBehindNeitherForgetsNorIsForgotten(Duration behind) {
    // given
    lands("before", Duration.ZERO, Duration.ZERO);
    // when
    lands("event", behind.negated(), Duration.ofSeconds(1));
    lands("event", Duration.ofSeconds(2), Duration.ofSeconds(2));
    lands("before", behind.negated(), Duration.ofSeconds(3));
    // then
    assertThat(pipeline.texts()).containsExactly("before", "event");
    assertThat(corrected("behind")).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({"PT9M,PT0S", "PT-9M,PT0S", "PT0S,PT9M", "PT0S,P3D"})
  void clocksThatAreALittleApartAndABacklogChangeNothing(Duration stamp, Duration clock) {
    // when
    landsNew(Duration.ZERO, clock);
    landsNew(stamp, clock);
    // then
    assertThat(pipeline.events(pipeline.alpha))
        .extracting(event -> Instant.ofEpochMilli(event.timestamp()))
        .containsExactly(START, START.plus(stamp));
    assertThat(corrected("ahead") + corrected("behind")).isZero();
  }

  @Test
  void thisProcesssClockMayGoBackByDaysWithoutAnEventComingTwice() {
    // given
    lands("event", Duration.ZERO, Duration.ZERO);
    // when
    lands("event", Duration.ofMinutes(1), Duration.ofDays(-4));
    lands("later", Duration.ofMinutes(2), Duration.ofDays(-4));
    lands("later", Duration.ofMinutes(3), Duration.ofDays(-4));
    lands("later", Duration.ofMinutes(4), Duration.ofMinutes(4));
    lands("event", Duration.ofMinutes(5), Duration.ofMinutes(5));
    // then
    assertThat(pipeline.texts()).containsExactly("event", "later");
  }

  @Test
  void aTimeThatEveryClockGotWrongIsOvercomeWithoutAnEventComingTwice() {
    // given
    landsNew(Duration.ofDays(4), Duration.ofDays(4));
    pipeline.texts();
    // when
    for (int copy = 0; copy < 5; copy++) {
      lands("event", Duration.ofMinutes(copy), Duration.ofMinutes(copy));
    }
    landsNew(Duration.ofMinutes(6), Duration.ofMinutes(6));
    // then
    assertThat(pipeline.texts()).containsExactly("event", "new-1");
  }

  @Test
  void whileTimeStandsStillEqualBodiesAreNotTakenForOne() {
    // given
    landsNew(Duration.ofDays(4), Duration.ofDays(4));
    pipeline.texts();
    pipeline.clock(START.plus(Duration.ofHours(2)));
    // when
    pipeline.lands(equal("one", Duration.ZERO));
    pipeline.lands(equal("two", Duration.ofHours(1)));
    // then
    assertThat(pipeline.texts()).containsExactly("equal", "equal");
  }

  private static Landed equal(String id, Duration stamp) {
    return Landed.delivery(id).body("equal").header("penstock-equal-within", "60000").after(stamp);
  }

  @Test
  void aClockThatWasNeverSetPutsNoEventBehindItsTopicsRetention() {
    // given
    pipeline.clock(Instant.EPOCH.plusSeconds(40));
    // when
    pipeline.lands(Landed.delivery("event").body("event").after(Duration.ZERO));
    // then
    assertThat(pipeline.events(pipeline.alpha))
        .singleElement()
        .satisfies(event -> assertThat(Instant.ofEpochMilli(event.timestamp())).isEqualTo(START));
  }

  /** Any three clocks: a leader's, this process's, and what the partition has seen. */
  @Test
  void noTimeIsNegativeOrFurtherAheadThanTheClockAllows() {
    Random random = new Random(11);
    List<Long> interesting = new ArrayList<>();
    for (long base :
        List.of(
            -1L, 0L, START.toEpochMilli(), Long.MAX_VALUE / 2, Long.MAX_VALUE, Long.MIN_VALUE)) {
      for (long by : List.of(-600_001L, -600_000L, -1L, 0L, 1L, 600_000L, 600_001L)) {
        interesting.add(base + by);
      }
    }
    long now = START.toEpochMilli();
    LandingTime time = new LandingTime(() -> Instant.ofEpochMilli(now), correction -> {});
    for (long stamp : interesting) {
      for (long partition : interesting) {
        long known = partition < 0 ? -1 : partition;
        long result = time.extract(record(stamp), known);
        assertThat(result)
            .as("stamp %s, partition %s", stamp, known)
            .isBetween(0L, now + TOLERANCE.toMillis());
        if (known >= 0 && known <= now + 2 * TOLERANCE.toMillis()) {
          assertThat(result).isGreaterThanOrEqualTo(known - TOLERANCE.toMillis());
        }
      }
    }
    // then: whatever leaders stamp, in any order, the first copy alone is published
    Map<String, Integer> published = new HashMap<>();
    for (int i = 0; i < 2000; i++) {
      Duration clock = Duration.ofSeconds(i);
      Duration wrong =
          switch (random.nextInt(6)) {
            case 0 -> Duration.ofDays(random.nextInt(30));
            case 1 -> Duration.ofDays(-random.nextInt(30));
            case 2 -> Duration.ofMinutes(random.nextInt(180));
            default -> Duration.ZERO;
          };
      // copies come within a window of each other
      lands("event-" + (i / 400) + "-" + random.nextInt(40), clock.plus(wrong), clock);
    }
    pipeline.texts().forEach(text -> published.merge(text, 1, Integer::sum));
    assertThat(WINDOW).isGreaterThan(Duration.ofSeconds(2000));
    assertThat(published).hasSize(200);
    assertThat(published.values()).containsOnly(1);
  }

  private static ConsumerRecord<Object, Object> record(long stamp) {
    return new ConsumerRecord<>(
        "t",
        0,
        0,
        stamp,
        TimestampType.LOG_APPEND_TIME,
        0,
        0,
        "k",
        "v",
        new RecordHeaders(),
        java.util.Optional.empty());
  }
}
