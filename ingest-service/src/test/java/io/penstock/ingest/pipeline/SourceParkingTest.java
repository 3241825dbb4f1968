package io.penstock.ingest.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.provider.Decoding.Undecodable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of the events of a paused source, by the real topology and the real store. */
class SourceParkingTest {

  private static final String[] LABELS = {"source", "first", "provider", "alpha"};

  @TempDir private Path stateDirectory;
  private PipelineDriver pipeline;

  @BeforeEach
  void open() {
    pipeline = new PipelineDriver(stateDirectory);
  }

  @AfterEach
  void close() {
    pipeline.close();
  }

  private void lands(String id) {
    pipeline.lands(Landed.delivery(id).body(id));
  }

  private void resumes() {
    pipeline.pauses();
    pipeline.waits(SourceParking.LOOK);
  }

  private void waitsForAll() {
    for (int i = 0; i < 100 && pipeline.gauge("penstock.parked.events", "first") > 0; i++) {
      pipeline.waits(SourceParking.RELEASE);
    }
  }

  @Test
  void eventsOfAPausedSourceWaitAndComeOutInTheirOrder() {
    pipeline.pauses("first");
    for (String id : List.of("a", "b", "c")) {
      lands(id);
    }
    pipeline.waits(Duration.ofHours(1));
    assertThat(pipeline.texts()).isEmpty();
    assertThat(pipeline.count("penstock.events.parked", LABELS)).isEqualTo(3);
    assertThat(pipeline.count("penstock.events.published", LABELS)).isZero();
    assertThat(pipeline.gauge("penstock.source.paused", "first")).isEqualTo(1);
    assertThat(pipeline.gauge("penstock.parked.events", "first")).isEqualTo(3);
    assertThat(pipeline.gauge("penstock.parked", "first"))
        .as("bytes: more than the three of the bodies")
        .isBetween(300.0, 3000.0);

    resumes();

    assertThat(pipeline.texts()).containsExactly("a", "b", "c");
    assertThat(pipeline.count("penstock.events.published", LABELS)).isEqualTo(3);
    assertThat(pipeline.count("penstock.events.released", LABELS)).isEqualTo(3);
    assertThat(pipeline.gauge("penstock.source.paused", "first")).isZero();
    assertThat(pipeline.gauge("penstock.parked.events", "first")).isZero();
    assertThat(pipeline.gauge("penstock.parked", "first")).isZero();
    assertThat(pipeline.meters.get("penstock.end.to.end").tags(LABELS).timer().count())
        .as("how long they waited says nothing of the pipeline")
        .isZero();
  }

  @Test
  void anEventThatHasWaitedIsWhatItWouldHaveBeen() {
    pipeline.lands(Landed.delivery("a").body("now").after(Duration.ofSeconds(1)));
    TestRecord<byte[], byte[]> now = pipeline.events(pipeline.alpha).getFirst();
    pipeline.pauses("first");
    pipeline.lands(Landed.delivery("b").body("later").after(Duration.ofSeconds(1)));
    resumes();
    TestRecord<byte[], byte[]> later = pipeline.events(pipeline.alpha).getFirst();

    assertThat(later.key()).isEqualTo(now.key());
    assertThat(later.timestamp()).isEqualTo(now.timestamp());
    assertThat(PipelineDriver.headers(later).keySet())
        .containsExactlyElementsOf(PipelineDriver.headers(now).keySet());
    assertThat(PipelineDriver.headers(later))
        .containsEntry("ce_id", Landed.deduplicationId("first", "b"));
    assertThat(PipelineDriver.value(later, pipeline.alpha.schema()).get("text"))
        .hasToString("later");
  }

  @Test
  void copiesAreRemovedWhileASourceIsPausedAndAfterIt() {
    lands("before");
    pipeline.pauses("first");
    lands("before");
    lands("a");
    lands("a");
    resumes();
    lands("a");

    assertThat(pipeline.texts()).containsExactly("before", "a");
    assertThat(pipeline.count("penstock.duplicates.removed", LABELS)).isEqualTo(3);
  }

  @Test
  void newEventsWaitBehindThoseThatWait() {
    pipeline.pauses("first");
    lands("a");
    pipeline.pauses();
    lands("b"); // before the task has looked
    assertThat(pipeline.texts()).isEmpty();
    pipeline.waits(SourceParking.LOOK);
    lands("c");

    assertThat(pipeline.texts()).containsExactly("a", "b", "c");
  }

  @Test
  void nothingOfOtherSourcesWaits() {
    pipeline.pauses("first");
    lands("a");
    pipeline.lands(Landed.delivery("x").source("second", "x").body("x"));
    pipeline.lands(Landed.delivery("y").source("fir", "y").body("y"));
    assertThat(pipeline.texts()).containsExactly("x", "y");

    pipeline.pauses("first", "fir", "second");
    pipeline.lands(Landed.delivery("y").source("fir", "y2").body("y2"));
    pipeline.lands(Landed.delivery("x").source("second", "x2").body("x2"));
    pipeline.pauses("second", "first");
    pipeline.waits(SourceParking.LOOK);
    assertThat(pipeline.texts()).containsExactly("y2");
    pipeline.pauses("first");
    pipeline.waits(SourceParking.LOOK);
    assertThat(pipeline.texts()).containsExactly("x2");
  }

  @Test
  void manyAreReleasedSomeAtATimeAndAnotherSourcesInBetween() {
    int most = 3 * SourceParking.MOST + 7;
    pipeline.pauses("first", "second");
    IntStream.range(0, most).forEach(i -> lands(Integer.toString(i)));
    pipeline.lands(Landed.delivery("x").source("second", "x").body("10000000"));

    resumes();

    assertThat(pipeline.texts()).hasSize(SourceParking.MOST + 1).contains("10000000");
    lands(Integer.toString(most));
    assertThat(pipeline.texts()).isEmpty();
    assertThat(pipeline.gauge("penstock.parked.events", "first"))
        .isEqualTo(most + 1 - SourceParking.MOST);
    waitsForAll();
    assertThat(pipeline.texts())
        .hasSize(most + 1 - SourceParking.MOST)
        .isSortedAccordingTo(Comparator.comparingInt(Integer::parseInt));
    lands("9999999");
    assertThat(pipeline.texts()).containsExactly("9999999");
  }

  @Test
  void aReleaseEndsWhenItsTimeIsUpAndPublishesOneAtLeast() {
    pipeline.pauses("first");
    for (String id : List.of("a", "b", "c")) {
      lands(id);
    }
    pipeline.alpha.decodes(
        (body, headers) -> {
          pipeline.parkingNanos.addAndGet(Duration.ofSeconds(1).toNanos());
          return pipeline.alpha.decoded(body);
        });
    resumes();
    assertThat(pipeline.texts()).containsExactly("a");
    pipeline.waits(SourceParking.RELEASE);
    assertThat(pipeline.texts()).containsExactly("b");
    pipeline.waits(SourceParking.RELEASE);
    assertThat(pipeline.texts()).containsExactly("c");
  }

  @Test
  void aSourceIsPausedAgainAmidTheReleaseAndResumedAgain() {
    pipeline.pauses("first");
    IntStream.range(0, 2 * SourceParking.MOST).forEach(i -> lands(Integer.toString(i)));
    resumes();
    assertThat(pipeline.texts()).hasSize(SourceParking.MOST);
    pipeline.pauses("first");
    pipeline.waits(Duration.ofMinutes(1));
    lands("1000");
    assertThat(pipeline.texts()).isEmpty();
    resumes();
    waitsForAll();
    assertThat(pipeline.texts())
        .hasSize(SourceParking.MOST + 1)
        .isSortedAccordingTo(Comparator.comparingInt(Integer::parseInt));
  }

  @Test
  void whatWaitsStaysWhileItIsUnknownWhatIsPausedAndNothingElseDoes() {
    pipeline.pauses("first");
    lands("a");
    pipeline.forgetsWhatIsPaused();
    pipeline.waits(Duration.ofMinutes(1));
    lands("b");
    pipeline.lands(Landed.delivery("x").source("second", "x").body("x"));
    assertThat(pipeline.texts()).containsExactly("x");
    resumes();
    assertThat(pipeline.texts()).containsExactly("a", "b");
  }

  @Test
  void aSourceThatTheConfigurationDoesNotNameWaitsAndComesOutToo() {
    pipeline.pauses("gone");
    pipeline.lands(Landed.delivery("a").source("gone", "a").body("a"));
    assertThat(pipeline.texts()).isEmpty();
    assertThat(pipeline.gauge("penstock.source.paused", "other")).isEqualTo(1);
    assertThat(pipeline.gauge("penstock.parked.events", "other")).isEqualTo(1);
    resumes();
    assertThat(pipeline.texts()).containsExactly("a");
  }

  @Test
  void deadLettersOfAPausedSourceAreWrittenAtOnce() {
    pipeline.pauses("first");
    pipeline.alpha.decodes((body, headers) -> new Undecodable("not yet"));
    lands("a");
    pipeline.lands(Landed.delivery("b").refused("malformed-json", "at line 1"));
    assertThat(pipeline.deadLetters()).hasSize(2);
  }

  @Test
  void whatDoesNotFitItsTopicAnyMoreBecomesADeadLetterWithItsBytesAndCanBeDrivenAgain() {
    pipeline.pauses("first");
    lands("a");
    pipeline.limits("test.alpha", 10);
    resumes();
    assertThat(pipeline.texts()).isEmpty();
    assertThat(pipeline.deadLetters())
        .singleElement()
        .satisfies(
            letter -> {
              assertThat(PipelineDriver.letter(letter).get("reason"))
                  .hasToString("payload-too-large");
              assertThat(PipelineDriver.body(PipelineDriver.letter(letter)))
                  .asString()
                  .isEqualTo("a");
              assertThat(PipelineDriver.letter(letter).get("inboundOffset")).isEqualTo(0L);
            });
    pipeline.limits("test.alpha", 100_000);
    lands("a");
    assertThat(pipeline.texts()).containsExactly("a");
  }

  @Test
  void whatCannotBeMadeAgainBecomesADeadLetterAndTheNextComesOut() {
    pipeline.pauses("first");
    lands("a");
    lands("b");
    pipeline.alpha.decodes(
        (body, headers) ->
            new String(body, java.nio.charset.StandardCharsets.UTF_8).equals("a")
                ? new Undecodable("the rules have changed")
                : pipeline.alpha.decoded(body));
    resumes();
    assertThat(pipeline.texts()).containsExactly("b");
    assertThat(pipeline.deadLetters()).hasSize(1);
  }

  @Test
  void aFaultOfThePipelineAtAReleaseCostsTheOneRecordAlone() {
    pipeline.pauses("first");
    lands("a");
    lands("b");
    pipeline.pauses();
    pipeline.fails(1);
    pipeline.waits(SourceParking.LOOK);
    assertThat(pipeline.texts()).containsExactly("b");
    assertThat(pipeline.deadLetters()).hasSize(1);
  }

  @Test
  void whatIsTooLargeToWaitBecomesADeadLetterAndCanBeDrivenAgain() {
    pipeline.pauses("first");
    String large = "x".repeat(PipelineDriver.MOST_PARKED);
    pipeline.lands(Landed.delivery("a").body(large));
    assertThat(pipeline.deadLetters())
        .singleElement()
        .satisfies(
            letter ->
                assertThat(PipelineDriver.letter(letter).get("detail").toString())
                    .contains("its source is paused"));
    pipeline.pauses();
    pipeline.lands(Landed.delivery("a").body(large));
    assertThat(pipeline.texts()).containsExactly(large);
  }

  @Test
  void theOldestThatWaitsTellsItsAge() {
    pipeline.pauses("first");
    pipeline.lands(Landed.delivery("a").after(Duration.ofSeconds(10)));
    pipeline.lands(Landed.delivery("b").after(Duration.ofSeconds(20)));
    assertThat(pipeline.gauge("penstock.parked.oldest.age", "first"))
        .isEqualTo(
            Duration.between(Landed.RECEIVED_AT, PipelineDriver.START.plusSeconds(20)).toMillis()
                / 1000.0);
    assertThat(pipeline.gauge("penstock.parked.oldest.age", "second")).isZero();
  }
}
