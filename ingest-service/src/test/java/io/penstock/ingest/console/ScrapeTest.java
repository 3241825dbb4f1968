package io.penstock.ingest.console;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ScrapeTest {

  @Test
  void samplesAreReadWithTheirLabels() {
    Scrape scrape =
        Scrape.of(
            """
            # HELP penstock_deliveries_total Requests
            # TYPE penstock_deliveries_total counter
            penstock_deliveries_total{source="a",outcome="acknowledged"} 3.0
            penstock_deliveries_total{source="b",outcome="refused",} 4.0 1764158400000
            penstock_deliveries_total{source="q\\"},{=\\\\\\n",outcome="refused"} 1e2
            penstock_ready 1
            penstock_sum NaN
            jvm_memory_used_bytes{area="heap"} 5
            """);

    assertThat(scrape.sum("penstock_deliveries_total")).isEqualTo(107);
    assertThat(scrape.sum("penstock_deliveries_total", "source", "b")).isEqualTo(4);
    assertThat(scrape.values("penstock_deliveries_total", "source"))
        .containsExactlyInAnyOrder("a", "b", "q\"},{=\\\n");
    assertThat(scrape.sum("penstock_ready")).isEqualTo(1);
    assertThat(scrape.sum("penstock_sum")).isZero();
    assertThat(scrape.has("jvm_memory_used_bytes")).isFalse();
    assertThat(scrape.has("penstock_none")).isFalse();
  }

  @Test
  void whatCannotBeReadIsLeftOut() {
    Scrape scrape =
        Scrape.of("penstock_a{\npenstock_b} 1\npenstock_c x\npenstock_\npenstock_d{a=b} 2\n\u0000");

    assertThat(scrape.sum("penstock_a")).isZero();
    assertThat(scrape.sum("penstock_c")).isZero();
    assertThat(scrape.sum("penstock_d")).isEqualTo(2);
  }
}
