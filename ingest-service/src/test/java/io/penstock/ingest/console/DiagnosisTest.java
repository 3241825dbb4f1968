package io.penstock.ingest.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.console.Diagnosis.Grade;
import io.penstock.ingest.console.Instances.Asked;
import io.penstock.ingest.console.Instances.Check;
import io.penstock.ingest.console.Instances.Ready;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What an operator would say. */
class DiagnosisTest {

  private static final Instant NOW = Instant.parse("2026-11-26T12:00:00Z");

  private static final String WELL =
      """
      penstock_kafka_breaker_open 0
      penstock_pipeline_running 1
      penstock_registry_resolved 1
      """;

  private static Asked instance(String name, boolean ready, String metrics) {
    return new Asked(
        "http://" + name + ":9090",
        new Fact.Known<>(
            new Ready(
                ready, List.of(new Check("landing log", ready, true, "no answer from Kafka"))),
            NOW),
        new Fact.Known<>(Scrape.of(metrics), NOW));
  }

  private static Asked silent(String name) {
    return new Asked(
        "http://" + name + ":9090",
        new Fact.Unknown<>("there is no connection to http://" + name + ":9090", NOW),
        new Fact.Unknown<>("there is no connection", NOW));
  }

  private static Diagnosis of(Asked... instances) {
    return Diagnosis.of(List.of(instances), OptionalLong.of(0));
  }

  @Test
  void everythingWorks() {
    Diagnosis diagnosis = of(instance("a", true, WELL), instance("b", true, WELL));

    assertThat(diagnosis.grade()).isEqualTo(Grade.GOOD);
    assertThat(diagnosis.sentences())
        .containsExactly("All 2 instances are ready: deliveries are taken and published.");
  }

  @Test
  void kafkaIsAwayAndTheSpoolsHoldTheDeliveries() {
    String spooling =
        """
        penstock_kafka_breaker_open 1
        penstock_spool_writable 1
        penstock_spool_depth 602
        """;
    Diagnosis diagnosis = of(instance("a", true, spooling), instance("b", true, spooling));

    assertThat(diagnosis.grade()).isEqualTo(Grade.BAD);
    assertThat(diagnosis.sentences().getFirst())
        .isEqualTo("Kafka is away; 1\u202f204 deliveries wait in 2 spools; nothing is lost.");
  }

  @Test
  void kafkaIsAwayWithoutASpool() {
    Diagnosis diagnosis = of(instance("a", false, "penstock_kafka_breaker_open 1\n"));

    assertThat(diagnosis.sentences())
        .containsExactly(
            "Kafka is away, and without a spool deliveries are answered 503: their providers try"
                + " again.",
            "a:9090 is not ready: landing log: no answer from Kafka.");
  }

  @Test
  void kafkaIsBackAndTheSpoolDrains() {
    Diagnosis diagnosis =
        of(instance("a", true, WELL + "penstock_spool_writable 1\npenstock_spool_depth 1\n"));

    assertThat(diagnosis.grade()).isEqualTo(Grade.ATTENTION);
    assertThat(diagnosis.sentences().getFirst())
        .isEqualTo("Kafka is back; 1 delivery waits in 1 spool, and drain.");
  }

  @Test
  void oneInstanceIsSilent() {
    Diagnosis diagnosis = of(instance("a", true, WELL), silent("b"));

    assertThat(diagnosis.grade()).isEqualTo(Grade.BAD);
    assertThat(diagnosis.sentences())
        .containsExactly("An instance does not answer: there is no connection to http://b:9090");
  }

  @Test
  void allAreSilentOrNoneIsKnown() {
    assertThat(of(silent("a"), silent("b")).sentences().getFirst())
        .isEqualTo("No instance answers, so nobody knows whether deliveries are taken.");
    assertThat(of().sentences().getFirst()).contains("console.instances");
  }

  @Test
  void thePipelineStandsOrIsBehind() {
    assertThat(of(instance("a", true, "penstock_pipeline_running 0\n")).sentences().getFirst())
        .startsWith("No pipeline publishes.");
    assertThat(
            Diagnosis.of(List.of(instance("a", true, WELL)), OptionalLong.of(20_000)).sentences())
        .containsExactly("The pipeline is behind by 20\u202f000 deliveries.");
  }

  @Test
  void whatNeedsAttentionIsSaidBehindWhatIsBad() {
    Diagnosis diagnosis =
        of(
            instance(
                "a",
                true,
                WELL
                    + "penstock_secrets_failing 1\npenstock_tls_failing 1\npenstock_spool_set_aside 1\n"
                    + "penstock_pipeline_failures_total 1\npenstock_spool_lost_total 2\n"));

    assertThat(diagnosis.sentences()).hasSize(5);
    assertThat(diagnosis.sentences().getFirst()).startsWith("2 deliveries were lost");
  }
}
