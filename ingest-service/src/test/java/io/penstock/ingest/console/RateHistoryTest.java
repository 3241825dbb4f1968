package io.penstock.ingest.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.console.Instances.Asked;
import io.penstock.ingest.console.RateHistory.Tally;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RateHistoryTest {

  private static final Instant START = Instant.parse("2026-11-26T12:00:00Z");

  private final Instances none = new Instances(List::of, Instant::now);
  private final RateHistory history = new RateHistory(none, Instant::now);

  @AfterEach
  void close() {
    none.close();
  }

  private static Asked instance(String name, long taken, long refused) {
    return new Asked(
        name,
        new Fact.Unknown<>("", START),
        new Fact.Known<>(
            Scrape.of(
                "penstock_deliveries_total{source=\"a\",outcome=\"acknowledged\"} "
                    + taken
                    + "\npenstock_deliveries_total{source=\"a\",outcome=\"refused\"} "
                    + refused
                    + "\n"),
            START));
  }

  private static Asked silent(String name) {
    return new Asked(name, new Fact.Unknown<>("", START), new Fact.Unknown<>("", START));
  }

  @Test
  void theRisesOfAllInstancesAreAddedAndWhatWasBeforeHasNoTime() {
    history.add(List.of(instance("x", 100, 5), instance("y", 7, 0)), START);
    history.add(List.of(instance("x", 103, 5), instance("y", 8, 2)), START.plusSeconds(10));

    assertThat(history.since()).hasValue(START);
    assertThat(history.of("a")).containsExactly(new Tally(START.plusSeconds(10), 4, 2));
    assertThat(history.lastTaken("a")).hasValue(START.plusSeconds(10));
    assertThat(history.of("b")).isEmpty();
    assertThat(history.lastTaken("b")).isEmpty();
  }

  @Test
  void aRestartedInstanceCountsFromZero() {
    history.add(List.of(instance("x", 100, 0)), START);
    history.add(List.of(instance("x", 3, 0)), START.plusSeconds(10));

    assertThat(history.of("a").getLast().taken()).isEqualTo(3);
  }

  @Test
  void anInstanceThatIsSilentForATimeLosesNothing() {
    history.add(List.of(instance("x", 100, 0)), START);
    history.add(List.of(silent("x")), START.plusSeconds(10));
    history.add(List.of(instance("x", 104, 0)), START.plusSeconds(20));

    assertThat(history.of("a").stream().mapToLong(Tally::taken).sum()).isEqualTo(4);
  }

  @Test
  void refusalsAreToldByTheMinute() {
    RateHistory now = new RateHistory(none, () -> START.plusSeconds(130));
    now.add(List.of(instance("x", 1, 5)), START);
    now.add(List.of(instance("x", 9, 7)), START.plusSeconds(10));
    now.add(List.of(instance("x", 9, 7)), START.plusSeconds(20));
    now.add(List.of(instance("x", 9, 8)), START.plusSeconds(120));
    int[] refused = Objects.requireNonNull(now.refusedByMinute().get("a"));

    assertThat(refused).hasSize(RateHistory.MINUTES);
    assertThat(refused[RateHistory.MINUTES - 1]).isEqualTo(1);
    assertThat(refused[RateHistory.MINUTES - 3]).isEqualTo(2);
    assertThat(Arrays.stream(refused).sum()).isEqualTo(3);
  }

  @Test
  void anHourIsKept() {
    for (int i = 0; i < 1000; i++) {
      history.add(List.of(instance("x", i, 0)), START.plusSeconds(10L * i));
    }

    assertThat(history.of("a")).hasSize(RateHistory.STEPS);
  }

  @Test
  void thePlotStandsAtTheRightAndSaysWhatItShows() {
    List<Tally> steps = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      steps.add(new Tally(START.plusSeconds(10L * i), 2, i == 0 ? 1 : 0));
    }
    RatePlot plot = RatePlot.of(steps);

    assertThat(plot.perMinute()).isEqualTo(12);
    assertThat(plot.words())
        .isEqualTo("24 taken and 1 refused within the last hour; 12 taken in the last minute");
    assertThat(plot.taken()).matches("[ML0-9. ]+").endsWith("L360.0 2.0");
    assertThat(plot.refused()).isNotEmpty();
    assertThat(RatePlot.of(List.of()).taken()).matches("[ML0-9. ]+");
  }
}
