package io.penstock.ingest.console.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.console.live.Unlanded.Spooled;
import io.penstock.ingest.lookup.RecordPosition;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What the Live page says in words. */
class LiveWordsTest {

  private static String words(int instances, List<String> silent, int unkept, Spooled... spools) {
    return UnlandedWords.of(new Unlanded(instances, silent, unkept, List.of(), List.of(spools)));
  }

  @Test
  void whatWaitsInSpoolsIsCounted() {
    assertThat(words(2, List.of(), 0)).isEmpty();
    assertThat(words(2, List.of(), 0, new Spooled("a:9090", 1)))
        .isEqualTo(
            "▮ 1 delivery waits in the spool of a:9090. It is not in Kafka yet, and shown here once"
                + " landed.");
    assertThat(words(3, List.of(), 0, new Spooled("a:9090", 1_200), new Spooled("b:9090", 4)))
        .startsWith("▮ 1\u202f204 deliveries wait in the spools of 2 instances. They are not");
  }

  @Test
  void whatIsNotKnownIsSaid() {
    assertThat(words(0, List.of(), 0)).contains("console.instances names no instance");
    assertThat(words(2, List.of("b:9090"), 0, new Spooled("a:9090", 2)))
        .contains("▮ 2 deliveries wait")
        .endsWith("The instance b:9090 does not answer: refusals and spools there are not known.");
    assertThat(words(5, List.of("a", "b", "c", "d"), 0))
        .startsWith("The instances a, b, c and others do not answer");
    assertThat(words(1, List.of(), 1)).contains("http.refusals-kept is 0");
  }

  @Test
  void aFeedThatIsBehindSaysSo() {
    assertThat(FollowingWords.of(new Following.Behind(12_345)))
        .isEqualTo(
            "The console is 12\u202f345 records behind the end of the topics: what is shown is"
                + " late.");
    assertThat(FollowingWords.of(new Following.Live())).isEmpty();
  }

  private static LiveRow row(Optional<RecordPosition> at, long landedAt, Outcome outcome) {
    return row(at, landedAt, false, outcome);
  }

  private static LiveRow row(
      Optional<RecordPosition> at, long landedAt, boolean spooled, Outcome outcome) {
    return new LiveRow(
        1,
        1,
        at,
        "r",
        "e",
        "shapes",
        "smartshape",
        "",
        "",
        0,
        landedAt,
        spooled,
        OptionalLong.empty(),
        outcome);
  }

  @Test
  void aDeliveryThatASpoolHadKeptSaysSoHoweverSoonItLanded() {
    Optional<RecordPosition> at = Optional.of(new RecordPosition("webhooks.inbound", 4, 7));
    assertThat(RowView.of(row(at, 120, true, new Outcome.Waiting())).outcome().why())
        .isEqualTo("from the spool, landed 120 ms after it was received");
    assertThat(RowView.of(row(at, 180_000, true, new Outcome.Waiting())).outcome().why())
        .isEqualTo("from the spool, landed 3 min after it was received");
  }

  @Test
  void aDeliveryThatLandedLateSaysHowLate() {
    Optional<RecordPosition> at = Optional.of(new RecordPosition("webhooks.inbound", 4, 7));
    assertThat(RowView.of(row(at, 9_999, new Outcome.Waiting())).outcome().why()).isEmpty();
    assertThat(RowView.of(row(at, 60_000, new Outcome.Waiting())).outcome().why())
        .isEqualTo("landed 60 s after it was received");
    assertThat(RowView.of(row(at, 3_600_000, new Outcome.Refused("malformed-json"))).outcome())
        .extracting(OutcomeWords::why)
        .isEqualTo("malformed-json; landed 60 min after it was received");
  }

  @Test
  void aRowLeadsToItsDeliveryOrToItsSourcesRefusals() {
    Optional<RecordPosition> at = Optional.of(new RecordPosition("webhooks.inbound", 4, 7));
    RowView landed = RowView.of(row(at, 0, new Outcome.Waiting()));
    assertThat(landed.href()).isEqualTo("/deliveries/webhooks.inbound/4/7");
    assertThat(landed.path()).isEqualTo("deliveries/webhooks.inbound/4/7");
    Outcome refused = new Outcome.NotTaken("authentication-failed", "it is \u202ewrong", 1);
    RowView door = RowView.of(row(Optional.empty(), 99_999, refused));
    assertThat(door.href()).isEqualTo("/sources/shapes");
    assertThat(door.place()).isEmpty();
    assertThat(door.outcome().why()).isEqualTo("authentication-failed: it is \\u202ewrong");
  }

  @Test
  void refusalsOfTheMetricsAreDrawnAlsoWhereNothingLands() {
    int[] refused = new int[LiveRates.MINUTES];
    refused[LiveRates.MINUTES - 1] = 7;
    int[] landed = new int[LiveRates.MINUTES];
    landed[0] = 3;
    int[] both = new int[LiveRates.MINUTES];
    both[0] = 2;
    List<Plots.Plot> plots =
        Plots.of(
            Map.of("shapes", new LiveRates.Hour(landed, both, both)),
            Map.of("unknown", refused, "shapes", both));
    assertThat(plots).extracting(Plots.Plot::source).containsExactly("shapes", "unknown");
    assertThat(plots.getFirst().failures())
        .as("refusals that landed are counted once")
        .isEqualTo(4);
    assertThat(plots.getLast().failures()).isEqualTo(7);
    assertThat(plots.getLast().failed()).endsWith("59,1");
    assertThat(plots.getLast().words()).contains("0 deliveries in the last hour", "7 refused");
  }
}
