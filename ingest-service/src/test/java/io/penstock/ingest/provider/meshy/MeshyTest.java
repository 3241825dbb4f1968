package io.penstock.ingest.provider.meshy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.provider.Decoding.Decoded;
import io.penstock.ingest.provider.Identification;
import io.penstock.ingest.provider.Identification.Identified;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.TestEvents;
import java.time.Instant;
import java.util.Map;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;

class MeshyTest {

  private static final Provider MESHY = new Meshy();

  private static Decoded decode(String body) {
    return TestEvents.decode(MESHY, body.getBytes(UTF_8));
  }

  @Test
  void anEventIsIdentifiedByItsBytesAndOrderedByItsTask() {
    byte[] sample = MESHY.samples().getFirst().body();

    assertThat(MESHY.identify(sample, Map.of()))
        .isEqualTo(new Identified("018a210d", Identification.allOf(sample)));
  }

  @Test
  void anEventHappenedAtTheLastOfItsTimes() {
    String task = "{\"id\":\"t\",\"status\":\"PENDING\",\"created_at\":1692771650657%s}";

    assertThat(decode(task.formatted("")).occurredAt())
        .isEqualTo(Instant.ofEpochMilli(1692771650657L));
    assertThat(decode(task.formatted(",\"finished_at\":1692771669037")).occurredAt())
        .isEqualTo(Instant.ofEpochMilli(1692771669037L));
    Decoded notYet = decode(task.formatted(",\"started_at\":0"));
    assertThat(notYet.occurredAt()).isEqualTo(Instant.ofEpochMilli(1692771650657L));
    assertThat(notYet.deviations()).isEmpty();
  }

  @Test
  void aTimeThatIsNoneIsNotedAtItsField() {
    Decoded decoded =
        decode("{\"id\":\"t\",\"status\":\"PENDING\",\"created_at\":1,\"finished_at\":0}");

    assertThat(decoded.occurredAt()).isNull();
    assertThat(decoded.deviations()).containsExactly("pending.createdAt");
  }

  @Test
  void theWholeBodyIsTheRecord() {
    Decoded decoded =
        decode(
            "{\"id\":\"t\",\"status\":\"FAILED\",\"model_urls\":{},\"task_error\":{\"message\":\"m\","
                + "\"new\":1},\"new\":1}");

    GenericRecord task = (GenericRecord) decoded.event().get("failed");
    assertThat(task.get("modelUrls")).isEqualTo(Map.of());
    assertThat(task.get("errorMessage")).hasToString("m");
    assertThat(decoded.event().get("taskId")).hasToString("t");
    assertThat(decoded.deviations()).containsExactlyInAnyOrder("*", "failed.*");
    assertThat(decode("{\"id\":\"t\",\"status\":\"MELTED\",\"prompt\":\"p\"}").deviations())
        .as("of a new type every member is undocumented, so none is noted")
        .isEmpty();
  }
}
