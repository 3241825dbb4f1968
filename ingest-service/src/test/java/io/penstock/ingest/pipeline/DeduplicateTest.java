package io.penstock.ingest.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.hash.Hashing;
import io.penstock.ingest.delivery.DeduplicationId;
import io.penstock.ingest.provider.Decoding.Undecodable;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which copies of an event are removed, by the real window store. */
class DeduplicateTest {

  private static final Duration WINDOW = PipelineDriver.WINDOW;
  private static final Duration MILLISECOND = Duration.ofMillis(1);

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

  private void lands(String id, String text, Duration after) {
    pipeline.lands(Landed.delivery(id).body(text).after(after));
  }

  @Test
  void theFirstOfItsCopiesIsPublishedWithTheTimestampOfItsLanding() {
    // when
    lands("id", "first", Duration.ofSeconds(1));
    lands("id", "second", Duration.ofSeconds(2));
    lands("id", "third", Duration.ofSeconds(3));
    // then
    List<TestRecord<byte[], byte[]>> events = pipeline.events(pipeline.alpha);
    assertThat(events)
        .singleElement()
        .satisfies(
            event -> {
              assertThat(PipelineDriver.value(event, pipeline.alpha.schema()).get("text"))
                  .hasToString("first");
              assertThat(event.getRecordTime()).isEqualTo(PipelineDriver.START.plusSeconds(1));
            });
    assertThat(pipeline.deadLetters()).isEmpty();
  }

  @Test
  void countsWhatIsRemovedAndWhatIsPublished() {
    // when
    lands("id", "first", Duration.ZERO);
    lands("id", "second", Duration.ZERO);
    lands("id", "third", Duration.ZERO);
    // then
    String[] labels = {"source", "first", "provider", "alpha"};
    assertThat(pipeline.count("penstock.duplicates.removed", labels)).isEqualTo(2);
    assertThat(pipeline.count("penstock.events.published", labels)).isEqualTo(1);
  }

  @Test
  void aCopyThatDiffersFromWhatWasPublishedIsRemovedAndCounted() {
    // when
    lands("id", "first", Duration.ZERO);
    lands("id", "first", Duration.ZERO);
    lands("id", "other", Duration.ZERO);
    lands("id", "other", Duration.ZERO);
    lands("another-id", "other", Duration.ZERO);
    // then
    String[] labels = {"source", "first", "provider", "alpha"};
    assertThat(pipeline.texts()).containsExactly("first", "other");
    assertThat(pipeline.count("penstock.pipeline.differing.copies", labels)).isEqualTo(2);
    assertThat(pipeline.count("penstock.duplicates.removed", labels)).isEqualTo(3);
  }

  @Test
  void nothingIsSaidOfACopyWhoseFirstCannotBeCompared() {
    // given what another version may have stored: an offset alone, or a form of later
    byte[] digest = Hashing.sha256().hashString("body", UTF_8).asBytes();
    byte[] stored = Seen.of(7, digest).bytes();
    byte[] later = stored.clone();
    later[0]++;
    // then
    for (byte[] unknown : List.of(new byte[8], new byte[0], later)) {
      assertThat(Seen.differs(unknown, new byte[32])).isFalse();
      assertThat(Seen.offset(unknown)).isNegative();
    }
    assertThat(stored).as("compact").hasSize(17);
    assertThat(Seen.offset(stored)).isEqualTo(7);
    assertThat(Seen.differs(stored, digest)).isFalse();
    assertThat(Seen.differs(stored, new byte[32])).isTrue();
  }

  @Test
  void anEventBehindALaterOneOfItsEntityIsCounted() {
    long at = Landed.RECEIVED_AT.toEpochMilli();
    long[] received = {at, at + 2000, at + 1000, at + 1900, at + 3000};
    for (int i = 0; i < received.length; i++) {
      pipeline.lands(
          Landed.delivery("id-" + i).header("penstock-received-at", Long.toString(received[i])));
    }
    assertThat(pipeline.count("penstock.events.overtaken", "source", "first", "provider", "alpha"))
        .as("by more than clocks may differ")
        .isEqualTo(1);
  }

  @Test
  void aRefusalThatTheSpoolDrainedTwiceIsOneDeadLetter() {
    for (String receipt : List.of("receipt-1", "receipt-1", "receipt-2", "receipt-1")) {
      pipeline.lands(
          Landed.delivery("id")
              .key("file-1")
              .refused("malformed-json", "at line 1")
              .header("penstock-receipt-id", receipt));
    }
    assertThat(pipeline.deadLetters()).hasSize(2);
    String[] labels = {"source", "first", "provider", "alpha"};
    assertThat(pipeline.count("penstock.duplicates.removed", labels)).isEqualTo(2);
    assertThat(
            pipeline.count("penstock.dead.letters", "source", "first", "reason", "malformed-json"))
        .as("only what is published counts")
        .isEqualTo(2);
  }

  @Test
  void whatOneIdOfTwoEntitiesIsStaysTold() {
    // when an id that a provider gave to two entities lands, as the ingress makes ids of it
    for (String entity : List.of("file-1", "file-2", "file-1")) {
      String id = DeduplicationId.of("first", entity, List.of("uuid"), "receipt").hex();
      pipeline.lands(
          Landed.delivery("id")
              .key(entity)
              .header("penstock-deduplication-id", id)
              .body("of " + entity));
    }
    // then
    List<TestRecord<byte[], byte[]>> events = pipeline.events(pipeline.alpha);
    assertThat(events).hasSize(2);
    assertThat(events)
        .extracting(event -> PipelineDriver.headers(event).get("ce_id"))
        .doesNotHaveDuplicates();
  }

  @Test
  void aCopyAtTheEndOfTheWindowIsRemoved() {
    // given
    lands("id", "first", Duration.ZERO);
    // when
    lands("id", "copy", WINDOW);
    // then
    assertThat(pipeline.texts()).containsExactly("first");
  }

  @Test
  void aCopyAfterTheWindowIsPublishedAgain() {
    // given
    lands("id", "first", Duration.ZERO);
    // when
    lands("id", "copy", WINDOW.plus(MILLISECOND));
    // then
    assertThat(pipeline.texts()).containsExactly("first", "copy");
  }

  @Test
  void aCopyDoesNotRenewTheWindow() {
    // given
    lands("id", "first", Duration.ZERO);
    lands("id", "copy", WINDOW.minus(MILLISECOND));
    // when
    lands("id", "again", WINDOW.plus(MILLISECOND));
    // then
    assertThat(pipeline.texts()).containsExactly("first", "again");
  }

  @Test
  void whatIsPublishedAgainStartsAWindowOfItsOwn() {
    // given
    lands("id", "first", Duration.ZERO);
    lands("id", "again", WINDOW.plus(MILLISECOND));
    // when
    lands("id", "copy", WINDOW.multipliedBy(2));
    // then
    assertThat(pipeline.texts()).containsExactly("first", "again");
  }

  @Test
  void otherEventsInBetweenDoNotPushAnIdOut() {
    // given
    lands("id", "first", Duration.ZERO);
    for (int i = 1; i < 60; i++) {
      lands("other-" + i, "other", Duration.ofMinutes(i));
    }
    lands("last", "other", WINDOW.minus(MILLISECOND));
    pipeline.texts();
    // when
    lands("id", "copy", WINDOW.minus(MILLISECOND));
    // then
    assertThat(pipeline.texts()).isEmpty();
  }

  @Test
  void aCopyThatALaggingClockStampedEarlierIsRemoved() {
    // given
    lands("id", "first", Duration.ofMinutes(10));
    // when
    lands("id", "copy", Duration.ofMinutes(9));
    // then
    assertThat(pipeline.texts()).containsExactly("first");
  }

  @Test
  void idsOfDifferentSourcesDoNotMeet() {
    // when
    pipeline.lands(Landed.delivery("id").source("first", "uuid").body("one"));
    pipeline.lands(Landed.delivery("id").source("second", "uuid").body("two"));
    // then
    assertThat(pipeline.texts()).containsExactly("one", "two");
  }

  @Test
  void theStoreKnowsNoProviders() {
    // given an id that was landed under one provider, and, after a change of the configuration,
    // under another
    pipeline.lands(Landed.delivery("id").body("one"));
    // when
    pipeline.lands(Landed.delivery("id").provider("beta").body("two"));
    // then
    assertThat(pipeline.events(pipeline.beta)).isEmpty();
  }

  @Test
  void eventsKeepTheirOrder() {
    // when
    for (int i = 0; i < 100; i++) {
      lands("id-" + i, Integer.toString(i), Duration.ofMillis(i / 10));
      lands("id-" + i / 2, "copy", Duration.ofMillis(i / 10));
    }
    // then
    List<String> texts = pipeline.texts();
    assertThat(texts)
        .hasSize(100)
        .doesNotContain("copy")
        .isSortedAccordingTo(java.util.Comparator.comparingInt(Integer::parseInt));
  }

  @Test
  void whatCannotBeDecodedIsNotMarkedAsSeen() {
    // given
    pipeline.alpha.decodes((body, headers) -> new Undecodable("not yet"));
    lands("id", "delivery", Duration.ZERO);
    assertThat(pipeline.deadLetters()).hasSize(1);
    // when
    pipeline.alpha.decodes((body, headers) -> pipeline.alpha.decoded(body));
    lands("id", "delivery driven again", Duration.ofSeconds(1));
    // then
    assertThat(pipeline.texts()).containsExactly("delivery driven again");
  }

  @Test
  void whatWasTooLargeIsNotMarkedAsSeen() {
    // given
    pipeline.limits("test.alpha", 10);
    lands("id", "delivery", Duration.ZERO);
    assertThat(pipeline.deadLetters()).hasSize(1);
    // when
    pipeline.limits("test.alpha", 100_000);
    lands("id", "delivery driven again", Duration.ofSeconds(1));
    // then
    assertThat(pipeline.texts()).containsExactly("delivery driven again");
  }

  @Test
  void whatTheIngressRefusedIsNeverACopy() {
    // when
    Instant start = PipelineDriver.START;
    pipeline.lands(Landed.delivery("id").refused("malformed-json", "not JSON"));
    pipeline.lands(
        Landed.delivery("id")
            .header("penstock-receipt-id", "another-receipt")
            .refused("malformed-json", "not JSON"));
    // then
    assertThat(pipeline.deadLetters())
        .hasSize(2)
        .allSatisfy(letter -> assertThat(letter.getRecordTime()).isEqualTo(start));
  }

  @Test
  void anUndecodableCopyOfAPublishedEventIsStillADeadLetter() {
    // given
    lands("id", "first", Duration.ZERO);
    // when
    pipeline.alpha.decodes((body, headers) -> new Undecodable("no more"));
    lands("id", "copy", Duration.ZERO);
    // then
    assertThat(pipeline.texts()).containsExactly("first");
    assertThat(pipeline.deadLetters()).hasSize(1);
  }
}
