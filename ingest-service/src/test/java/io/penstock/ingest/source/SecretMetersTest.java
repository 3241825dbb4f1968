package io.penstock.ingest.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.penstock.ingest.auth.MatchListener;
import io.penstock.ingest.auth.Place;
import io.penstock.ingest.auth.SharedSecret;
import io.penstock.ingest.config.SecretRef;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class SecretMetersTest {

  private static final List<SecretRef> TWO =
      List.of(new SecretRef.Env("NEW"), new SecretRef.Env("OLD"));

  private Instant now = Instant.parse("2026-11-26T12:00:00Z");
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final SecretMeters meters = new SecretMeters(registry, () -> now);

  private double matches(String source, String type, String name, int entry) {
    return registry
        .get("penstock.secret.matches")
        .tags("source", source, "type", type, "name", name, "entry", Integer.toString(entry))
        .counter()
        .count();
  }

  @Test
  void showsEveryEntryFromTheStart() {
    MatchListener listener = meters.of("assets", new SharedSecret(Place.URL_TOKEN, TWO));
    assertThat(matches("assets", "url-token", "", 0)).isZero();
    assertThat(matches("assets", "url-token", "", 1)).as("unused").isZero();

    listener.matched(0);
    listener.matched(0);

    assertThat(matches("assets", "url-token", "", 0)).isEqualTo(2);
    assertThat(matches("assets", "url-token", "", 1)).as("still unused").isZero();
  }

  @Test
  void knowsWhenEachEntryMatchedLast() {
    SharedSecret spec = new SharedSecret(Place.URL_TOKEN, TWO);
    MatchListener listener = meters.of("assets", spec);
    long first = now.toEpochMilli();

    listener.matched(1);
    now = now.plusMillis(5);
    listener.matched(1);

    assertThat(meters.uses("assets"))
        .singleElement()
        .satisfies(
            use -> {
              assertThat(use.spec()).isEqualTo(spec);
              assertThat(use.entries())
                  .containsExactly(
                      new SecretMatches.OfEntry(0, 0), new SecretMatches.OfEntry(2, first + 5));
            });
    assertThat(meters.uses("another")).isEmpty();
  }

  @Test
  void tellsTwoWaysOfOneTypeApart() {
    MatchListener one = meters.of("twins", new SharedSecret(Place.HEADER, "x-one", TWO));
    MatchListener two = meters.of("twins", new SharedSecret(Place.HEADER, "x-two", TWO));

    one.matched(1);
    two.matched(0);

    assertThat(matches("twins", "header", "x-one", 0)).isZero();
    assertThat(matches("twins", "header", "x-one", 1)).isEqualTo(1);
    assertThat(matches("twins", "header", "x-two", 0)).isEqualTo(1);
    assertThat(matches("twins", "header", "x-two", 1)).isZero();
  }
}
