package io.penstock.ingest.console.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.lookup.RecordPosition;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LiveBoardTest {

  private static final long NOW = Instant.parse("2026-03-01T12:00:00Z").toEpochMilli();

  private final LiveBoard board = board(1_000, 1 << 20);

  private static LiveBoard board(int rows, long bytes) {
    return new LiveBoard(
        rows, bytes, Duration.ofDays(3), InstantSource.fixed(Instant.ofEpochMilli(NOW)));
  }

  private static RecordPosition landing(long offset) {
    return new RecordPosition("webhooks.inbound", 0, offset);
  }

  private static LiveLanding landed(long offset, String event, Outcome outcome) {
    return landed(offset, event, "shapes", outcome);
  }

  private static LiveLanding landed(long offset, String event, String source, Outcome outcome) {
    return new LiveLanding(
        landing(offset),
        "receipt-" + offset,
        event,
        "letter-" + offset,
        source,
        "smartshape",
        "file-" + offset,
        NOW - 40,
        NOW - 30,
        false,
        outcome);
  }

  private LiveRow row(long offset) {
    return board.at(landing(offset)).orElseThrow();
  }

  @Test
  void aPublicationIsJoinedByTheEventsId() {
    board.landed(landed(0, "a", new Outcome.Waiting()));
    assertThat(row(0).outcome()).isEqualTo(new Outcome.Waiting());
    RecordPosition event = new RecordPosition("webhooks.smartshape", 3, 7);
    board.published("a", event, "file_uploaded", true);
    assertThat(row(0).outcome()).isEqualTo(new Outcome.Published(event));
    assertThat(row(0).type()).isEqualTo("file_uploaded");
    assertThat(row(0).tookMillis()).isEqualTo(OptionalLong.of(40));
  }

  @Test
  void aPublicationMayBeSeenBeforeItsLandingRecord() {
    RecordPosition event = new RecordPosition("webhooks.smartshape", 3, 7);
    board.published("a", event, "file_uploaded", false);
    board.letter("letter-1", new RecordPosition("webhooks.dead-letter", 0, 0), "undecodable");
    board.landed(landed(0, "a", new Outcome.Waiting()));
    board.landed(landed(1, "b", new Outcome.Waiting()));
    assertThat(row(0).outcome()).isEqualTo(new Outcome.Published(event));
    assertThat(row(0).tookMillis()).isEmpty();
    assertThat(row(1).outcome()).isInstanceOf(Outcome.Letter.class);
  }

  @Test
  void aCopyNamesTheFirst() {
    board.landed(landed(0, "a", new Outcome.Waiting()));
    board.landed(landed(1, "a", new Outcome.Waiting()));
    board.published("a", new RecordPosition("webhooks.smartshape", 3, 7), "file_uploaded", true);
    board.landed(landed(2, "a", new Outcome.Waiting()));
    assertThat(row(2).outcome()).isEqualTo(new Outcome.Copy(Optional.of(landing(0))));
    assertThat(row(1).outcome())
        .as("until the pipeline has passed")
        .isEqualTo(new Outcome.Waiting());
    board.passed(0, 3);
    assertThat(row(1).outcome()).isEqualTo(new Outcome.Copy(Optional.of(landing(0))));
    assertThat(board.isAnyWaiting()).isFalse();
  }

  @Test
  void aDrivenLetterIsPublishedUnderItsOwnEvent() {
    board.landed(landed(0, "a", new Outcome.Waiting()));
    board.letter("letter-0", new RecordPosition("webhooks.dead-letter", 0, 0), "undecodable");
    board.landed(landed(1, "a", new Outcome.Waiting()));
    board.published("a", new RecordPosition("webhooks.smartshape", 3, 7), "file_uploaded", true);
    assertThat(row(0).outcome()).isInstanceOf(Outcome.Letter.class);
    assertThat(row(1).outcome()).isInstanceOf(Outcome.Published.class);
  }

  @Test
  void whatThePipelinePassedUnseenIsNotCalledACopyWherePublicationsWereLeftOut() {
    board.landed(landed(0, "a", new Outcome.Waiting()));
    board.unsure();
    board.landed(landed(1, "b", new Outcome.Waiting()));
    board.passed(0, 2);
    assertThat(row(0).outcome()).isEqualTo(new Outcome.Passed());
    assertThat(row(1).outcome()).isEqualTo(new Outcome.Copy(Optional.empty()));
  }

  @Test
  void aPausedSourcesDeliveriesSayThatTheyArePaused() {
    board.landed(landed(0, "a", new Outcome.Waiting()));
    board.paused(Set.of("shapes"));
    assertThat(row(0).outcome()).isEqualTo(new Outcome.Paused());
    board.published("a", new RecordPosition("webhooks.smartshape", 3, 7), "file_uploaded", true);
    assertThat(row(0).outcome()).isInstanceOf(Outcome.Published.class);
  }

  @Test
  void theOldestGoesBeyondTheNumberOfRowsAndBeyondTheirBytes() {
    LiveBoard small = board(10, 1 << 20);
    LiveBoard light = board(1_000, 10_000);
    for (int i = 0; i < 1_000; i++) {
      small.landed(landed(i, "e" + i, new Outcome.Waiting()));
      light.landed(landed(i, "e" + i, new Outcome.Waiting()));
    }
    assertThat(small.summary().kept()).isEqualTo(10);
    assertThat(small.newest(LiveFilter.ALL, 1).getFirst().at().orElseThrow().offset())
        .isEqualTo(999);
    assertThat(light.summary().bytes()).isLessThanOrEqualTo(10_000);
    assertThat(light.summary().seen()).isEqualTo(1_000);
  }

  @Test
  void whatItHoldsDoesNotGrowWithWhatPasses() {
    LiveBoard busy = board(5_000, 8 << 20);
    long afterAMinute = 0;
    for (int i = 0; i < 300_000; i++) {
      LiveLanding landed =
          new LiveLanding(
              landing(i),
              "r",
              "e" + i,
              "l" + i,
              "shapes",
              "smartshape",
              "file",
              NOW,
              NOW,
              false,
              new Outcome.Waiting());
      busy.landed(landed);
      if (i % 3 != 0) {
        busy.published("e" + i, landing(i), "uploaded", true);
      }
      if (i == 30_000) {
        afterAMinute = busy.weight();
      }
    }
    assertThat(busy.weight()).isLessThanOrEqualTo(afterAMinute + afterAMinute / 10);
  }

  @Test
  void aPageIsToldOfSoManyNewRowsAndTheOthersAreCounted() {
    PageState page = new PageState(LiveFilter.ALL, board.now());
    for (int i = 0; i < 100; i++) {
      board.landed(landed(i, "e" + i, new Outcome.Waiting()));
    }
    LiveChanges changes = page.pull(board, 10);
    assertThat(changes.rows())
        .extracting(row -> row.at().orElseThrow().offset())
        .endsWith(98L, 99L)
        .hasSize(10);
    assertThat(changes.more()).isEqualTo(90);
    board.published("e99", landing(7), "uploaded", true);
    board.published("e1", landing(8), "uploaded", true);
    assertThat(page.pull(board, 10).rows())
        .as("of those that the page shows, the changes alone")
        .extracting(row -> row.at().orElseThrow().offset())
        .containsExactly(99L);
    assertThat(page.pull(board, 10).rows()).isEmpty();
  }

  /** Partitions are read one after the other, so neither numbers nor changes are in that order. */
  @Test
  void ofMoreNewRowsAPageIsToldOfThoseThatLandedLast() {
    PageState page = new PageState(LiveFilter.ALL, board.now());
    for (int i = 99; i >= 0; i--) {
      board.landed(
          new LiveLanding(
              landing(i),
              "r" + i,
              "e" + i,
              "l" + i,
              "shapes",
              "smartshape",
              "file-" + i,
              NOW + i,
              NOW + i,
              false,
              new Outcome.Waiting()));
    }
    for (int i = 99; i >= 0; i--) {
      board.published("e" + i, landing(i), "uploaded", true);
    }
    LiveChanges changes = page.pull(board, 3);
    assertThat(changes.rows())
        .extracting(row -> row.at().orElseThrow().offset())
        .containsExactly(97L, 98L, 99L);
    assertThat(changes.more()).isEqualTo(97);
  }

  @Test
  void aFilterByFateFindsARowWhenItsFateIsKnown() {
    LiveFilter letters = new LiveFilter("", "", "", "dead-letter", "");
    PageState page = new PageState(letters, board.now());
    board.landed(landed(0, "a", new Outcome.Waiting()));
    assertThat(page.pull(board, 10).rows()).isEmpty();
    board.letter("letter-0", new RecordPosition("webhooks.dead-letter", 0, 0), "undecodable");
    assertThat(page.pull(board, 10).rows()).hasSize(1);
    assertThat(board.newest(letters, 10)).hasSize(1);
  }

  @Test
  void aPageThatIsTooFarBehindIsToldOfAGap() {
    LiveBoard large = board(100_000, 1 << 30);
    PageState page = new PageState(LiveFilter.ALL, large.now());
    for (int i = 0; i < 80_000; i++) {
      large.landed(landed(i, "e" + i, new Outcome.Waiting()));
    }
    LiveChanges changes = page.pull(large, 10);
    assertThat(changes.more() + changes.lost() + changes.rows().size()).isEqualTo(80_000);
  }

  private static RefusalTally.Rise rise(String reason, long count, long at, String... addresses) {
    return new RefusalTally.Rise(
        "shapes", reason, "the token is another", count, List.of(addresses), at);
  }

  @Test
  void refusedRequestsStandAmongTheDeliveriesAndThoseThatAreAlikeShareARow() {
    board.landed(landed(0, "a", new Outcome.Waiting()));
    board.refused(rise("authentication-failed", 1, NOW, "203.0.113.7"));
    board.refused(rise("authentication-failed", 4, NOW + 2_000, "203.0.113.7"));
    board.refused(rise("unknown-source", 1, NOW + 2_000));
    board.refused(rise("authentication-failed", 1, NOW + 60_000, "203.0.113.7", "203.0.113.8"));
    List<LiveRow> rows = board.newest(LiveFilter.ALL, 10);
    assertThat(rows)
        .extracting(row -> OutcomeWords.of(row.outcome()).why())
        .containsExactly(
            "authentication-failed: the token is another; from 2 addresses",
            "unknown-source: the token is another",
            "5 × authentication-failed: the token is another; from 203.0.113.7",
            "");
    assertThat(rows.get(2).receivedAt()).as("when the last was").isEqualTo(NOW + 2_000);
    assertThat(board.newest(new LiveFilter("", "", "", "refused", ""), 10)).hasSize(3);
    assertThat(board.newest(new LiveFilter("", "", "", "", "unknown-source"), 10)).hasSize(1);
    assertThat(board.newest(new LiveFilter("", "", "", "", "ANOTHER"), 10)).hasSize(3);
    assertThat(board.summary().seen()).as("deliveries").isEqualTo(1);
    board.clear();
    assertThat(board.newest(LiveFilter.ALL, 10)).as("they were not read of topics").hasSize(3);
    assertThat(board.summary().seen()).isEqualTo(1);
  }

  @Test
  void whatWasRefusedEarlierStandsBelowWhatLandedSince() {
    board.landed(landed(0, "a", new Outcome.Waiting()));
    board.refused(rise("authentication-failed", 1, NOW - 600_000));
    assertThat(board.newest(LiveFilter.ALL, 1).getFirst().at()).hasValue(landing(0));
  }

  @Test
  void aPageIsToldOfARowThatTakesInMoreRefusals() {
    PageState page = new PageState(LiveFilter.ALL, board.now());
    board.refused(rise("authentication-failed", 1, NOW));
    assertThat(page.pull(board, 10).rows()).hasSize(1);
    board.refused(rise("authentication-failed", 1, NOW + 1));
    assertThat(page.pull(board, 10).rows())
        .singleElement()
        .satisfies(row -> assertThat(RowView.of(row).outcome().why()).startsWith("2 × "));
  }

  @Test
  void aFloodOfRefusalsIsBounded() {
    LiveBoard small = board(10, 1 << 20);
    for (int i = 0; i < 10_000; i++) {
      small.refused(rise("authentication-failed-" + i, 1, NOW + i));
    }
    assertThat(small.summary().kept()).isEqualTo(10);
    assertThat(small.weight()).isLessThan(10_000);
  }

  @Test
  void filtersLookAtEachOfTheirParts() {
    board.landed(landed(0, "a", "shapes", new Outcome.Waiting()));
    board.landed(landed(1, "b", "models", new Outcome.Refused("malformed-json")));
    assertThat(offsets(new LiveFilter("models", "", "", "", ""))).containsExactly(1L);
    assertThat(offsets(new LiveFilter("", "", "FILE-0", "", ""))).containsExactly(0L);
    assertThat(offsets(new LiveFilter("", "", "", "refused", ""))).containsExactly(1L);
    assertThat(offsets(new LiveFilter("", "", "", "", "receipt-1"))).containsExactly(1L);
    assertThat(offsets(new LiveFilter("", "", "", "", "webhooks.inbound/0@0"))).containsExactly(0L);
    assertThat(offsets(LiveFilter.ALL)).containsExactly(1L, 0L);
    assertThat(new LiveFilter("a b", "", "", "refused", "ü&").query())
        .isEqualTo("source=a+b&outcome=refused&q=%C3%BC%26");
  }

  private List<Long> offsets(LiveFilter filter) {
    return board.newest(filter, 100).stream().map(row -> row.at().orElseThrow().offset()).toList();
  }

  @Test
  void theLastHourIsCountedBySourceAndMinute() {
    board.landed(landed(0, "a", "shapes", new Outcome.Waiting()));
    board.landed(landed(1, "b", "shapes", new Outcome.Refused("malformed-json")));
    LiveRates.Hour hour = Objects.requireNonNull(board.hours().get("shapes"));
    assertThat(hour.landed()[LiveRates.MINUTES - 2]).isEqualTo(2);
    assertThat(hour.failed(new int[LiveRates.MINUTES])[LiveRates.MINUTES - 2]).isEqualTo(1);
    Set<String> sources = new HashSet<>(board.hours().keySet());
    assertThat(sources).containsExactly("shapes");
  }
}
