package io.penstock.ingest.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientPropertyRulesTest {

  @Test
  void everyReservedPropertyIsOneThatKafkaKnows() {
    Set<String> known = new HashSet<>(ProducerConfig.configDef().names());
    known.addAll(ConsumerConfig.configDef().names());
    known.addAll(StreamsConfig.configDef().names());

    assertThat(ClientPropertyRules.KAFKA.reserved().keySet())
        .filteredOn(name -> !name.startsWith("topic."))
        .isSubsetOf(known);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "acks",
        "producer.acks",
        "consumer.isolation.level",
        "main.consumer.auto.offset.reset",
        "restore.consumer.group.id",
        "admin.bootstrap.servers"
      })
  void whatAPromiseRestsOnIsRefusedForEveryClient(String name) {
    assertThat(ClientPropertyRules.KAFKA.refusal(name)).isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "security.protocol",
        "sasl.jaas.config",
        "compression.type",
        "linger.ms",
        "batch.size",
        "num.standby.replicas",
        "upgrade.from",
        "producer.compression.type",
        "commit.interval.ms"
      })
  void allElseIsTheOperators(String name) {
    assertThat(ClientPropertyRules.KAFKA.refusal(name)).isEmpty();
  }

  @Test
  void everyPropertyThatKafkaHoldsSecretIsSecretHereUnlessItIsPublic() {
    Set<String> certificates =
        Set.of("ssl.keystore.certificate.chain", "ssl.truststore.certificates");

    assertThat(ProducerConfig.configDef().configKeys().values())
        .filteredOn(key -> key.type == ConfigDef.Type.PASSWORD && !certificates.contains(key.name))
        .isNotEmpty()
        .allSatisfy(
            key ->
                assertThat(ClientPropertyRules.holdsSecret(key.name, "module password='x'"))
                    .as(key.name)
                    .isTrue());
  }

  @ParameterizedTest
  @CsvSource({
    "ssl.truststore.location, /etc/ssl/truststore.jks",
    "sasl.oauthbearer.token.endpoint.url, https://idp/token",
    "sasl.oauthbearer.assertion.private.key.file, /run/key.pem",
    "sasl.jaas.config, software.amazon.msk.auth.iam.IAMLoginModule required;",
    "bearer.auth.client.id, penstock"
  })
  void whatAnybodyMayReadIsNoSecret(String name, String value) {
    assertThat(ClientPropertyRules.holdsSecret(name, value)).isFalse();
  }
}
