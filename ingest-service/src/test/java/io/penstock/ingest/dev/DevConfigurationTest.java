package io.penstock.ingest.dev;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.provider.Providers;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a file's settings become beside a Kafka of this machine. */
class DevConfigurationTest {

  @Test
  void theSpoolOfTheFileIsNotDrainedIntoAnotherKafka() {
    Configuration own = DevConfiguration.of(Providers.all(), new SecureRandom()).configuration();
    Configuration withSpool =
        new Configuration(
            own.roles(),
            own.http(),
            own.kafka(),
            own.schemaRegistry(),
            own.topics(),
            new Configuration.DeliveryConfig(
                Duration.ofMillis(700), new Configuration.SpoolConfig(Path.of("/spool"), 1L << 30)),
            own.deduplication(),
            own.pipeline(),
            own.tracing(),
            own.sources());
    assertThat(
            DevConfiguration.local(withSpool, 0, 0, 0, "local:1", "http://local", Path.of("/state"))
                .delivery())
        .isEqualTo(new Configuration.DeliveryConfig(Duration.ofMillis(700), null));
  }
}
