package io.penstock.ingest.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.config.Configuration;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class ClientPropertiesTest {

  @Test
  void theOperatorsPropertiesReachEveryClient() {
    // when
    Properties properties =
        ClientProperties.of(
            new Configuration.KafkaConfig(
                "broker:9092", Map.of("security.protocol", "SSL", "enable.metrics.push", "true")));
    // then
    assertThat(properties)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "bootstrap.servers", "broker:9092",
                "security.protocol", "SSL",
                "enable.metrics.push", "true"));
  }

  @Test
  void theAddressIsTheConfiguredOneAndMetricsStayHere() {
    assertThat(
            ClientProperties.of(
                new Configuration.KafkaConfig("right:1", Map.of("bootstrap.servers", "wrong:1"))))
        .containsEntry("bootstrap.servers", "right:1")
        .containsEntry("enable.metrics.push", "false");
  }

  @Test
  void aReaderChangesNothing() {
    assertThat(
            ClientProperties.ofReader(
                new Configuration.KafkaConfig("broker:9092", Map.of("security.protocol", "SSL")),
                "looks",
                Duration.ofSeconds(5)))
        .containsEntry("security.protocol", "SSL")
        .containsEntry("client.id", "looks")
        .containsEntry("isolation.level", "read_committed")
        .containsEntry("enable.auto.commit", "false")
        .containsEntry("allow.auto.create.topics", "false")
        .doesNotContainKeys("group.id", "group.instance.id");
  }

  @Test
  void eachClientHasItsOwn() {
    // given
    Configuration.KafkaConfig kafka = new Configuration.KafkaConfig("broker:9092", Map.of());
    // when
    ClientProperties.of(kafka).put("client.id", "one");
    // then
    assertThat(ClientProperties.of(kafka)).doesNotContainKey("client.id");
  }
}
