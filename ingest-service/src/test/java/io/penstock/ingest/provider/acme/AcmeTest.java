package io.penstock.ingest.provider.acme;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.provider.Decoding;
import io.penstock.ingest.provider.Decoding.Decoded;
import io.penstock.ingest.provider.Identification;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.TestEvents;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.junit.jupiter.api.Test;

class AcmeTest {

  private static final Provider ACME = new Acme();
  private static final byte[] SAMPLE = ACME.samples().getFirst().body();

  private static Identification identify(String body) {
    return ACME.identify(body.getBytes(UTF_8), Map.of());
  }

  @Test
  void anEventIsKnownByItsIdAndOrderedByItsScan() {
    assertThat(ACME.identify(SAMPLE, Map.of()))
        .isEqualTo(new Identification.Identified("scan_1", List.of("evt_1")));
  }

  @Test
  void theSampleIsTypedAndSurvivesAvro() throws IOException {
    Decoded decoded = TestEvents.decode(ACME, SAMPLE);

    assertThat(decoded.type()).isEqualTo("scan.finished");
    assertThat(decoded.occurredAt()).isEqualTo(Instant.parse("2025-09-01T07:26:51Z"));
    assertThat(decoded.deviations()).isEmpty();
    byte[] binary = TestEvents.encode(TestEvents.complete(decoded, SAMPLE));
    GenericRecord read =
        new GenericDatumReader<GenericRecord>(ACME.schema())
            .read(null, DecoderFactory.get().binaryDecoder(binary, null));
    GenericRecord scan = (GenericRecord) read.get("scanFinished");
    assertThat(scan.get("scanId")).hasToString("scan_1");
    assertThat(scan.get("points")).isEqualTo(1_200_000L);
    assertThat(scan.get("settings")).hasToString("{\"passes\": 3}");
    assertThat(read.get("json")).hasToString(new String(SAMPLE, UTF_8));
  }

  @Test
  void aTypeThatNobodyKnowsIsAnEventWithoutTypedFields() {
    String body = "{\"event\":\"evt_2\",\"type\":\"scan.eaten\",\"data\":{\"scan_id\":\"scan_1\"}}";

    Decoded decoded = TestEvents.decode(ACME, body.getBytes(UTF_8));

    assertThat(decoded.type()).isEqualTo("scan.eaten");
    assertThat(decoded.occurredAt()).isNull();
    assertThat(decoded.event().get("scanFinished")).isNull();
  }

  @Test
  void whatIdentifiesNoEventIsRefusedAndNeverThrown() {
    assertThat(identify("{\"event\":\"evt_1\",\"type\":\"t\",\"data\":[]}"))
        .isInstanceOf(Identification.Missing.class);
    assertThat(identify("{\"event\":")).isInstanceOf(Identification.Malformed.class);
    assertThat(ACME.decode("[]".getBytes(UTF_8), Map.of()))
        .isInstanceOf(Decoding.Undecodable.class);
  }
}
