package io.penstock.ingest.provider.acme;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.provider.Decoding.Decoded;
import io.penstock.ingest.provider.Identification;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.TestEvents;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AcmeTest {

  private static final Provider ACME = new Acme();
  private static final byte[] SAMPLE = ACME.samples().getFirst().body();

  @Test
  void anEventIsIdentifiedByItsIdAndOrderedByItsScan() {
    assertThat(ACME.identify(SAMPLE, Map.of()))
        .isEqualTo(new Identification.Identified("scan_1", List.of("evt_1")));
    assertThat(ACME.identify("{\"event\":\"evt_1\",\"type\":\"t\"}".getBytes(UTF_8), Map.of()))
        .isEqualTo(new Identification.Missing("data.scan_id is missing, empty or not text"));
  }

  @Test
  void theSampleIsTyped() {
    Decoded decoded = TestEvents.decode(ACME, SAMPLE);

    assertThat(decoded.occurredAt()).isEqualTo(Instant.parse("2025-09-01T07:26:51Z"));
    assertThat(decoded.event().get("scanFinished"))
        .hasToString(
            "{\"scanId\": \"scan_1\", \"points\": 1200000, \"settings\": \"{\\\"passes\\\": 3}\"}");
  }
}
