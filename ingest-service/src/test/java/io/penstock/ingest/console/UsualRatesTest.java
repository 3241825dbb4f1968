package io.penstock.ingest.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.config.Configuration.SourceConfig;
import io.penstock.ingest.console.Diagnosis.Grade;
import io.penstock.ingest.console.SourceReports.SourceReport;
import io.penstock.ingest.console.UsualRates.Day;
import io.penstock.ingest.console.UsualRates.Usual;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class UsualRatesTest {

  private static final Instant NOW = Instant.parse("2026-11-26T12:00:00Z");

  @Test
  void theMedianOfTheDaysIsUsual() {
    Day busy = new Day(Map.of("a", 900.0, "b", 1.0), false);
    Day usual = new Day(Map.of("a", 40.4), false);
    Day other = new Day(Map.of("a", 38.0), false);

    assertThat(UsualRates.medians(List.of(busy, usual, other)))
        .containsEntry("a", new Usual(40, 3, false))
        .containsEntry("b", new Usual(0, 3, false))
        .hasSize(2);
    assertThat(UsualRates.medians(List.of(usual, other)))
        .containsEntry("a", new Usual(39, 2, false));
    assertThat(UsualRates.medians(List.of())).isEmpty();
  }

  private static SourceCard card(Duration quiet, Optional<Usual> usual) {
    try (Instances none = new Instances(List::of, () -> NOW)) {
      return SourceCard.of(
          new SourceConfig("a", "csm", 1024, List.of()),
          List.of(),
          "https://hooks.example.com",
          new SourceReport(12, Optional.of(NOW.minus(quiet)), 0, List.of(), List.of()),
          new RateHistory(none, () -> NOW),
          usual,
          true,
          NOW);
    }
  }

  @Test
  void aSourceThatIsQuietSaysWhatWouldBeUsual() {
    SourceCard missed = card(Duration.ofHours(3), Optional.of(new Usual(1_240, 5, true)));
    assertThat(missed.state())
        .isEqualTo(
            "Quiet for 3 h; usual at this hour: about 1\u202f240/h (by the 5 days before); 12"
                + " deliveries since the instances started.");
    assertThat(missed.grade()).isEqualTo(Grade.ATTENTION);

    SourceCard night = card(Duration.ofHours(3), Optional.of(new Usual(0, 1, false)));
    assertThat(night.state())
        .contains("Quiet for 3 h; usual at this hour: none (by the day before)");
    assertThat(night.grade()).isEqualTo(Grade.GOOD);
    assertThat(card(Duration.ofMinutes(2), Optional.of(new Usual(90_000, 1, false))).grade())
        .as("two minutes are no silence")
        .isEqualTo(Grade.GOOD);
    assertThat(card(Duration.ofHours(3), Optional.empty()).state())
        .isEqualTo("Quiet for 3 h; 12 deliveries since the instances started.");
  }
}
