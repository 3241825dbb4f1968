package io.penstock.localstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StackLayoutTest {

  @TempDir Path directory;
  private StackLayout.Store store;

  @BeforeEach
  void openStore() {
    store = StackLayout.of(directory.resolve("stack.properties"));
  }

  @Test
  void isTheSameTheSecondTime() {
    StackLayout first = store.resolve(3, 0, 0, ports());

    assertThat(store.resolve(3, 0, 0, ports())).isEqualTo(first);
  }

  @Test
  void keepsTheRestWhenAPortIsTaken() throws IOException {
    StackLayout first = store.resolve(1, 0, 0, ports());

    try (ServerSocket taken =
        new ServerSocket(first.registryPort(), 1, InetAddress.getLoopbackAddress())) {
      StackLayout second = store.resolve(1, 0, 0, ports());

      assertThat(second.registryPort()).isNotEqualTo(taken.getLocalPort());
      assertThat(second.nodes()).isEqualTo(first.nodes());
      assertThat(second.clusterId()).isEqualTo(first.clusterId());
    }
  }

  @Test
  void refusesAnotherNumberOfBrokers() {
    store.resolve(1, 0, 0, ports());

    assertThatIllegalStateException()
        .isThrownBy(() -> store.resolve(3, 0, 0, ports()))
        .withMessageContaining("a stack with 1 brokers, not 3");
  }

  @Test
  void namesTheVotersAsKafkaWantsThem() {
    StackLayout layout =
        new StackLayout("id", List.of(new StackLayout.Node(1, 11), new StackLayout.Node(2, 12)), 3);

    assertThat(layout.voters()).isEqualTo("0@127.0.0.1:11,1@127.0.0.1:12");
  }

  @Test
  void hasAClusterIdInKafkasForm() {
    assertThat(store.resolve(1, 0, 0, ports()).clusterId()).matches("[A-Za-z0-9_-]{22}");
  }

  private static Ports ports() {
    return new Ports(new Random());
  }
}
