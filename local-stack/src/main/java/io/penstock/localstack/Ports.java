package io.penstock.localstack;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Hands out free ports of 127.0.0.1, each once.
 *
 * <p>They lie below the ranges from which Linux (32768) and macOS (49152) take the ports of
 * outgoing connections. Otherwise a client that reconnects to a killed broker would, sooner or
 * later, be given that broker's own port, and the broker could not start again.
 */
final class Ports {

  static final int FIRST = 20_000;
  static final int LAST = 31_999;
  private static final int ATTEMPTS = 1_000;

  private final RandomGenerator random;
  private final Set<Integer> handedOut = new HashSet<>();

  Ports(RandomGenerator random) {
    this.random = random;
  }

  static int validated(int port) {
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("A port is 1 to 65535, not " + port);
    }
    return port;
  }

  /** The preferred port if it is free, else another; 0 prefers none. */
  int take(int preferred) {
    if (preferred != 0 && isFree(preferred) && handedOut.add(preferred)) {
      return preferred;
    }
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      int port = random.nextInt(FIRST, LAST + 1);
      if (isFree(port) && handedOut.add(port)) {
        return port;
      }
    }
    throw new LocalStackException("No free port from " + FIRST + " to " + LAST);
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true); // Connections of a killed predecessor may linger.
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException taken) {
      return false;
    }
  }
}
