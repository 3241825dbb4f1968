package io.penstock.ledger;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Stands between clients and one broker on 127.0.0.1: adds latency both ways, cuts connections in
 * the middle of a request, and makes the broker unreachable. Safe for use by several threads.
 */
public final class KafkaProxy implements AutoCloseable {

  private static final int BUFFER_BYTES = 64 * 1024;

  private final int target;
  private final ServerSocket server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
  private volatile Duration latency = Duration.ZERO;
  private volatile boolean unreachable;

  private KafkaProxy(ServerSocket server, int target) {
    this.server = server;
    this.target = target;
  }

  /** Listens on one port and forwards to another; without latency at first. */
  public static KafkaProxy start(int port, int target) {
    try {
      ServerSocket server = new ServerSocket();
      server.setReuseAddress(true);
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      KafkaProxy proxy = new KafkaProxy(server, target);
      proxy.threads.execute(proxy::accept);
      return proxy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What each way takes longer from now on. */
  public void latency(Duration oneWay) {
    latency = oneWay;
  }

  /**
   * Cuts every connection that there is as soon as its client sends something: half of that is
   * still forwarded, and both sides get a reset.
   *
   * @return how many connections that will be
   */
  public int cutMidRequest() {
    connections.forEach(Connection::cutMidRequest);
    return connections.size();
  }

  /**
   * From now on, or until now: resets every connection, and each new one at once, as a network does
   * that is gone.
   */
  public void unreachable(boolean now) {
    unreachable = now;
    if (now) {
      connections.forEach(Connection::reset);
    }
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        threads.execute(() -> connect(client));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void connect(Socket client) {
    Socket broker = new Socket();
    Connection connection = new Connection(client, broker);
    try {
      client.setOption(StandardSocketOptions.TCP_NODELAY, true);
      broker.setOption(StandardSocketOptions.TCP_NODELAY, true);
      broker.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target));
      connections.add(connection);
      if (unreachable) {
        connection.reset();
        return;
      }
      threads.execute(() -> connection.pump(broker, client, false));
      connection.pump(client, broker, true);
    } catch (IOException refused) {
      connection.reset();
    } finally {
      connections.remove(connection);
    }
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    connections.forEach(Connection::reset);
    threads.shutdownNow();
  }

  private final class Connection {

    private final Socket client;
    private final Socket broker;
    private volatile boolean cut;

    private Connection(Socket client, Socket broker) {
      this.client = client;
      this.broker = broker;
    }

    private void cutMidRequest() {
      cut = true;
    }

    private void pump(Socket from, Socket to, boolean isRequest) {
      byte[] buffer = new byte[BUFFER_BYTES];
      try (InputStream in = from.getInputStream();
          OutputStream out = to.getOutputStream()) {
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
          TimeUnit.NANOSECONDS.sleep(latency.toNanos());
          if (isRequest && cut) {
            out.write(Arrays.copyOf(buffer, read / 2));
            reset();
            return;
          }
          out.write(buffer, 0, read);
        }
      } catch (IOException ended) {
        reset();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        reset();
      }
    }

    private void reset() {
      for (Socket socket : new Socket[] {client, broker}) {
        try {
          socket.setSoLinger(true, 0);
          socket.close();
        } catch (IOException alreadyClosed) {
          // As it shall be.
        }
      }
    }
  }
}
