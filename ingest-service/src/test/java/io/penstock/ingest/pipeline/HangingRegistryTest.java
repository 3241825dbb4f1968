package io.penstock.ingest.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.Configuration.Role;
import io.penstock.ingest.provider.Providers;
import io.penstock.ingest.tracing.Tracing;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A registry that takes a connection and never says a word. */
class HangingRegistryTest {

  private static Configuration configuration(int port) {
    return new Configuration(
        Set.of(Role.PIPELINE),
        new Configuration.HttpConfig("127.0.0.1", 0, 0, 1),
        new Configuration.KafkaConfig("127.0.0.1:1", Map.of()),
        new Configuration.SchemaRegistryConfig(
            "http://127.0.0.1:" + port, false, Map.of("http.read.timeout.ms", "600000")),
        new Configuration.TopicsConfig("hooks", false, 1, 1),
        new Configuration.DeliveryConfig(Duration.ofSeconds(1), null),
        new Configuration.DeduplicationConfig(Duration.ofHours(1)),
        new Configuration.PipelineConfig(null, 1, null),
        new Configuration.TracingConfig(null, 1),
        List.of());
  }

  @Test
  void doesNotHoldUpAShutdown() throws IOException {
    try (ServerSocket registry = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      // given
      Pipeline pipeline =
          new Pipeline(
              configuration(registry.getLocalPort()),
              Providers.all(),
              new SimpleMeterRegistry(),
              Tracing.off(),
              () -> PipelineDriver.START);
      pipeline.start();
      try (Socket asked = registry.accept()) {
        assertThat(asked.getInputStream().read()).isPositive();
        // when
        pipeline.close();
        // then
        await()
            .atMost(Duration.ofMinutes(2))
            .until(
                () ->
                    Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().equals("pipeline-supervisor")));
        assertThat(
                Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().equals("registry")))
            .allMatch(Thread::isDaemon)
            .isNotEmpty();
      }
    }
  }
}
