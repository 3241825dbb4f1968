package io.penstock.ingest.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.Configuration.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeapNeedTest {

  private static final int MIB = 1024 * 1024;

  private static Configuration configuration(Set<Role> roles, int maxBodySize) {
    return configuration(roles, maxBodySize, 1);
  }

  private static Configuration configuration(Set<Role> roles, int maxBodySize, int threads) {
    return new Configuration(
        roles,
        new Configuration.HttpConfig("127.0.0.1", 0, 0, 1),
        new Configuration.KafkaConfig("none:1", Map.of()),
        new Configuration.SchemaRegistryConfig("http://none", false, Map.of()),
        new Configuration.TopicsConfig("hooks", false, 1, 1),
        new Configuration.DeliveryConfig(Duration.ofSeconds(1), null),
        new Configuration.DeduplicationConfig(Duration.ofHours(1)),
        new Configuration.PipelineConfig(null, threads, null),
        new Configuration.TracingConfig(null, 1),
        List.of(new Configuration.SourceConfig("s", "csm", maxBodySize, List.of())));
  }

  @Test
  void aHeapThatCannotHoldTheLargestBodyIsAnErrorThatSaysWhatToSet() {
    // given
    Configuration large = configuration(Role.all(), 50 * MIB);
    long needed = HeapNeed.bytes(large);
    // then
    assertThat(HeapNeed.problems(large, needed)).isEmpty();
    assertThat(HeapNeed.problems(large, 512L * MIB))
        .singleElement()
        .asString()
        .contains("max-body-size")
        .contains("52428800 bytes")
        .contains("Java has 512 MiB")
        .contains("-Xmx" + needed / MIB + "m");
  }

  @Test
  void eachThreadOfAPipelineMayHoldALargeBody() {
    long one = HeapNeed.bytes(configuration(Role.all(), 50 * MIB, 1));
    long four = HeapNeed.bytes(configuration(Role.all(), 50 * MIB, 4));
    assertThat(four - one).isEqualTo(3L * 5 * 50 * MIB);
    assertThat(HeapNeed.bytes(configuration(Set.of(Role.INGRESS), 50 * MIB, 4)))
        .isEqualTo(HeapNeed.bytes(configuration(Set.of(Role.INGRESS), 50 * MIB, 1)));
  }

  @Test
  void anIngressAloneNeedsLess() {
    assertThat(HeapNeed.bytes(configuration(Set.of(Role.INGRESS), 50 * MIB)))
        .isLessThan(HeapNeed.bytes(configuration(Set.of(Role.PIPELINE), 50 * MIB)));
  }

  /** Half of a container's memory is heap: see {@code deploy/image/java.options}. */
  @ParameterizedTest
  @CsvSource({
    "base/ingress.yaml, INGRESS, 4",
    "base/pipeline.yaml, PIPELINE, 4",
    "overlays/dev/small.yaml, INGRESS, 1",
    "overlays/dev/small.yaml, PIPELINE, 1"
  })
  void whatIsShippedHoldsTheBodiesThatAreShipped(String manifest, Role role, int mib)
      throws IOException {
    assertThat(Files.readString(Path.of("..", "deploy", "image", "java.options")))
        .contains("-XX:MaxRAMPercentage=50");
    long least =
        Pattern.compile("memory: (\\d+)(Mi|Gi)")
            .matcher(Files.readString(Path.of("..", "deploy", "k8s").resolve(manifest)))
            .results()
            .mapToLong(
                found -> Long.parseLong(found.group(1)) * (found.group(2).equals("Gi") ? 1024 : 1))
            .min()
            .orElseThrow();
    assertThat(HeapNeed.problems(configuration(Set.of(role), mib * MIB), least * MIB / 2))
        .isEmpty();
  }
}
