package io.penstock.ledger;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Clients that ask and never read an answer: a tiny receive window, and one request behind the
 * other on the same connection, for as long as the service takes any. They keep their connections
 * open until {@link #close}, whatever the service does; the oldest gives way to a new one.
 */
final class SilentClients implements AutoCloseable {

  private static final int WINDOW_BYTES = 1024;
  private static final long PAUSE_NANOS = 5_000_000;

  /** How often each asks at most before it only holds its connection: more than buffers take. */
  private static final int WRITES = 200;

  private final URI address;
  private final int held;
  private final List<ByteBuffer> requests;
  private final Deque<SocketChannel> channels = new ArrayDeque<>();
  private final AtomicInteger opened = new AtomicInteger();
  private final Thread thread;
  private volatile boolean ends;

  /**
   * Begins at once.
   *
   * @param held how many connections are open at a time
   */
  SilentClients(URI address, int held) {
    this.address = address;
    this.held = held;
    this.requests =
        List.of(
            ByteBuffer.wrap("GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(200).getBytes(US_ASCII)),
            ByteBuffer.wrap(
                ("POST /webhooks/shapes HTTP/1.1\r\nHost: a\r\nX-Smartshape-Token: $2b$06$"
                        + "a".repeat(53)
                        + "\r\nContent-Length: 2\r\n\r\n{}")
                    .repeat(20)
                    .getBytes(US_ASCII)));
    this.thread = Thread.ofPlatform().name("silent-clients").start(this::run);
  }

  /** How many connections there have been. */
  int opened() {
    return opened.get();
  }

  /** Opens no more connections, and leaves those that there are as they are. */
  void rest() {
    ends = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void run() {
    while (!ends) {
      try {
        one();
      } catch (IOException e) {
        // Refused or reset: what a service that minds does.
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  private void one() throws IOException {
    SocketChannel channel = SocketChannel.open();
    channel.setOption(StandardSocketOptions.SO_RCVBUF, WINDOW_BYTES);
    channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), address.getPort()));
    int number = opened.incrementAndGet();
    channels.add(channel);
    if (channels.size() > held) {
      SocketChannel oldest = channels.remove();
      if (number % 2 == 0) {
        oldest.setOption(StandardSocketOptions.SO_LINGER, 0); // goes with a reset
      }
      oldest.close();
    }
    channel.configureBlocking(false);
    ByteBuffer request = requests.get(number % requests.size());
    // Some ask for less than what a service may notice by its length, and hold on.
    int writes = 1 + number * 7 % WRITES;
    for (int i = 0; i < writes && channel.write(request.rewind()) > 0; i++) {
      // It takes some more.
    }
  }

  @Override
  public void close() {
    rest();
    for (SocketChannel channel : channels) {
      try {
        channel.close();
      } catch (IOException e) {
        // It is gone in any case.
      }
    }
  }
}
