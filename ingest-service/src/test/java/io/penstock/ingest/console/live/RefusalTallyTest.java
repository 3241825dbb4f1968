package io.penstock.ingest.console.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.console.live.RefusalTally.Rise;
import io.penstock.ingest.console.live.Unlanded.Refused;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RefusalTallyTest {

  private static final long NOW = Instant.parse("2026-03-01T12:00:00Z").toEpochMilli();

  private final RefusalTally tally = new RefusalTally();

  private static Refused refused(String instance, String reason, long count, long at) {
    return new Refused(instance, "shapes", reason, "why", instance + "-address", count, at);
  }

  private List<Rise> rises(Refused... refusals) {
    return tally.rises(List.of(refusals), NOW);
  }

  @Test
  void whatIsAlikeIsToldTogetherAndOnlyWhatIsNew() {
    assertThat(
            rises(refused("a", "rate-limited", 3, NOW - 2), refused("b", "rate-limited", 1, NOW)))
        .containsExactly(
            new Rise("shapes", "rate-limited", "why", 4, List.of("a-address", "b-address"), NOW));
    assertThat(
            rises(refused("a", "rate-limited", 3, NOW - 2), refused("b", "rate-limited", 1, NOW)))
        .isEmpty();
    assertThat(
            rises(refused("a", "rate-limited", 5, NOW + 3), refused("b", "rate-limited", 1, NOW)))
        .containsExactly(
            new Rise("shapes", "rate-limited", "why", 2, List.of("a-address"), NOW + 3));
  }

  @Test
  void anEntryThatWasPushedOutBeginsAgain() {
    rises(refused("a", "rate-limited", 7, NOW));
    assertThat(rises(refused("a", "rate-limited", 2, NOW + 1)))
        .extracting(Rise::count)
        .containsExactly(2L);
    assertThat(rises(refused("a", "rate-limited", 2, NOW + 9)))
        .as("as many, and later")
        .extracting(Rise::count)
        .containsExactly(2L);
  }

  @Test
  void anInstanceThatIsSilentForATimeTellsNothingTwice() {
    rises(refused("a", "rate-limited", 7, NOW));
    rises();
    assertThat(rises(refused("a", "rate-limited", 8, NOW + 1)))
        .extracting(Rise::count)
        .containsExactly(1L);
  }

  @Test
  void whatLandedOrIsOldIsNotTold() {
    assertThat(
            rises(
                refused("a", "malformed-json", 1, NOW),
                refused("a", "missing-identity", 1, NOW),
                refused("a", "unsupported-content-type", 1, NOW),
                refused("a", "rate-limited", 1, NOW - 3_600_001)))
        .isEmpty();
  }

  @Test
  void soManyAreToldAtATimeTheNewestLast() {
    List<Refused> many = new ArrayList<>();
    for (int i = 0; i < 30_000; i++) {
      many.add(refused("a", "reason-" + i, 1, NOW + i));
    }
    List<Rise> told = tally.rises(many, NOW);
    assertThat(told).hasSize(RefusalTally.MOST);
    assertThat(told.getLast().lastMillis()).isGreaterThan(told.getFirst().lastMillis());
    assertThat(tally.rises(many, NOW)).as("what is not remembered is not told again").isEmpty();
  }
}
