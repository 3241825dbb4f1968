package io.penstock.ingest.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A process without memory for its network buffers ends. Java's own option does not see this case.
 */
@ExtendWith(Stack.Shared.class)
class MemoryIT {

  private static final int MOST = 6_000;

  @Test
  void aProcessWithoutNetworkMemorySaysSoAndEnds(Stack stack) throws IOException {
    ByteBuffer unfinished =
        ByteBuffer.wrap(
            ("POST /webhooks/shapes HTTP/1.1\r\nHost: a\r\nX: " + "y".repeat(8_000))
                .getBytes(UTF_8));
    List<SocketChannel> clients = new ArrayList<>();
    try (Instance instance =
        Instance.ready(
            Settings.of(stack), "-XX:MaxDirectMemorySize=24m", "-XX:+ExitOnOutOfMemoryError")) {
      InetSocketAddress address =
          new InetSocketAddress(InetAddress.getLoopbackAddress(), instance.port());
      try {
        while (clients.size() < MOST) {
          SocketChannel client = SocketChannel.open(address);
          clients.add(client);
          client.write(unfinished.rewind());
        }
      } catch (IOException e) {
        // Its port is closed already: what it is here for.
      }
      // then
      assertThat(instance.waitForEnd()).isEqualTo(1);
      assertThat(instance.log())
          .contains("No memory is left, so this process ends")
          .contains("no memory is left for network buffers")
          .contains("MaxDirectMemorySize");
      assertThat(instance.log().lines().filter(line -> line.contains("OutOf")).count())
          .as("lines of log, for thousands of connections")
          .isLessThan(50);
    } finally {
      for (SocketChannel client : clients) {
        client.close();
      }
    }
  }
}
