package io.penstock.localstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PortsTest {

  private final Ports ports = new Ports(new Random());

  @Test
  void prefersWhatIsAskedForIfItIsFree() {
    int free = new Ports(new Random()).take(0);

    assertThat(ports.take(free)).isEqualTo(free);
  }

  @Test
  void replacesATakenPort() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(ports.take(taken.getLocalPort()))
          .isNotEqualTo(taken.getLocalPort())
          .isBetween(Ports.FIRST, Ports.LAST);
    }
  }

  @Test
  void handsOutEachPortOnce() {
    assertThat(IntStream.range(0, 50).map(i -> ports.take(0)).boxed()).doesNotHaveDuplicates();
  }

  @Test
  void refusesWhatIsNoPort() {
    assertThatIllegalArgumentException().isThrownBy(() -> Ports.validated(0));
    assertThatIllegalArgumentException().isThrownBy(() -> Ports.validated(65_536));
  }
}
