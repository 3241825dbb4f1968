package io.penstock.localstack;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BrokerSetupTest {

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 1", "3, 2"})
  void survivesTheLossOfOneOfThree(int brokers, String minInSync) {
    Properties properties = serverProperties(brokers, Map.of());

    assertThat(properties)
        .containsEntry("offsets.topic.replication.factor", Integer.toString(brokers))
        .containsEntry("transaction.state.log.replication.factor", Integer.toString(brokers))
        .containsEntry("transaction.state.log.min.isr", minInSync)
        .containsEntry("min.insync.replicas", minInSync);
  }

  @Test
  void listensOnLoopbackOnly() {
    assertThat(serverProperties(1, Map.of()))
        .containsEntry("listeners", "BROKER://127.0.0.1:100,CONTROLLER://127.0.0.1:200")
        .containsEntry("advertised.listeners", "BROKER://127.0.0.1:100");
  }

  @Test
  void sendsClientsOfTheSecondListenerToTheRelay() {
    assertThat(serverProperties(1, new Relay(7, 8), Map.of()))
        .containsEntry(
            "listeners", "BROKER://127.0.0.1:100,CONTROLLER://127.0.0.1:200,RELAYED://127.0.0.1:8")
        .containsEntry("advertised.listeners", "BROKER://127.0.0.1:100,RELAYED://127.0.0.1:7");
  }

  @Test
  void letsTheCallerWin() {
    assertThat(serverProperties(1, Map.of("auto.create.topics.enable", "true")))
        .containsEntry("auto.create.topics.enable", "true");
  }

  private static Properties serverProperties(int brokers, Map<String, String> overrides) {
    return serverProperties(brokers, null, overrides);
  }

  private static Properties serverProperties(
      int brokers, @Nullable Relay relay, Map<String, String> overrides) {
    List<StackLayout.Node> nodes =
        IntStream.range(0, brokers).mapToObj(i -> new StackLayout.Node(100 + i, 200 + i)).toList();
    StackLayout layout = new StackLayout("id", nodes, 300);
    return new BrokerSetup(0, layout, relay, overrides, List.of(), Duration.ofSeconds(1))
        .serverProperties(Path.of("data"));
  }
}
