package io.penstock.benchmarks;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * Sends deliveries over a fixed number of connections, in a process of its own with one thread: it
 * shares the processors with what it measures, so it does as little as possible for each.
 *
 * <p>At a rate, each delivery has an intended time, and its latency counts from there: what waits
 * for a free connection waits on the server's account, so no slow answer hides what came behind it
 * (coordinated omission). Without a rate, each connection sends its next delivery as soon as it has
 * its answer, and latency counts from the send.
 *
 * <p>Arguments: port, connections, rate (0 for none), seconds of warm-up, seconds, bytes of a body,
 * number of the first session, and one or more paths. It writes {@code MEASURE} when the warm-up is
 * over and {@code DONE} at the end of the time, and reacts to nothing. Any answer but 200 ends it
 * with status 1.
 */
final class LoadGenerator {

  /** How long it sleeps while nothing is to do: a selector's own timeout is a millisecond. */
  private static final long NAP_NANOS = 40_000;

  private static final long HIGHEST_NANOS = TimeUnit.MINUTES.toNanos(2);
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final Selector selector;
  private final List<Connection> connections = new ArrayList<>();
  private final Queue<Connection> free = new ArrayDeque<>();
  private final Histogram latency = new Histogram(HIGHEST_NANOS, 3);
  private final double nanosBetween;
  private final long start;
  private final long measureFrom;
  private final long end;
  private boolean isMeasuring;
  private long number;
  private long scheduled;
  private long answered;
  private int underWay;

  private LoadGenerator(Arguments arguments) throws IOException {
    this.selector = Selector.open();
    this.number = arguments.first();
    this.nanosBetween = arguments.rate() == 0 ? 0 : 1e9 / arguments.rate();
    for (int i = 0; i < arguments.connections(); i++) {
      String path = arguments.paths().get(i % arguments.paths().size());
      Connection connection =
          new Connection(arguments.port(), new CsmDelivery(path, arguments.bodyBytes()), selector);
      connections.add(connection);
      free.add(connection);
    }
    this.start = System.nanoTime();
    this.measureFrom = start + TimeUnit.SECONDS.toNanos(arguments.warmUpSeconds());
    this.end = measureFrom + TimeUnit.SECONDS.toNanos(arguments.seconds());
  }

  /** What it is called with. */
  private record Arguments(
      int port,
      int connections,
      int rate,
      int warmUpSeconds,
      int seconds,
      int bodyBytes,
      long first,
      List<String> paths) {

    private Arguments {
      paths = List.copyOf(paths);
    }

    static Arguments of(String... words) {
      return new Arguments(
          Integer.parseInt(words[0]),
          Integer.parseInt(words[1]),
          Integer.parseInt(words[2]),
          Integer.parseInt(words[3]),
          Integer.parseInt(words[4]),
          Integer.parseInt(words[5]),
          Long.parseLong(words[6]),
          List.of(words).subList(7, words.length));
    }
  }

  public static void main(String[] words) throws IOException {
    new LoadGenerator(Arguments.of(words)).run();
  }

  private void run() throws IOException {
    long processor = 0;
    while (true) {
      long now = System.nanoTime();
      if (now - end >= 0) {
        break;
      }
      if (!isMeasuring && now - measureFrom >= 0) {
        isMeasuring = true;
        processor = processorNanos();
        System.out.println("MEASURE");
      }
      boolean hasSent = nanosBetween == 0 ? sendToAllFree(now) : sendWhatIsDue(now);
      boolean hasRead =
          (nanosBetween == 0
                  ? selector.select(this::readable, 1)
                  : selector.selectNow(this::readable))
              > 0;
      if (!hasSent && !hasRead && nanosBetween > 0) {
        LockSupport.parkNanos(Math.min(NAP_NANOS, Math.max(1, due(scheduled) - System.nanoTime())));
      }
    }
    double seconds = (System.nanoTime() - measureFrom) / 1e9;
    System.out.printf(
        Locale.ROOT,
        "DONE %d %.6f %.4f %.4f %.4f %.4f %.6f%n",
        answered,
        seconds,
        millis(50),
        millis(99),
        millis(99.9),
        latency.getMaxValue() / 1e6,
        (processorNanos() - processor) / 1e9);
    drain();
  }

  private static long processorNanos() {
    return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
        .getProcessCpuTime();
  }

  private double millis(double percentile) {
    return latency.getValueAtPercentile(percentile) / 1e6;
  }

  /** Lets what is under way end, so that the next load finds nothing of this one. */
  private void drain() throws IOException {
    long since = System.nanoTime();
    isMeasuring = false;
    while (underWay > 0) {
      selector.select(this::readable, 10);
      if (System.nanoTime() - since > PATIENCE_NANOS) {
        throw new IOException(underWay + " deliveries have no answer");
      }
    }
    for (Connection connection : connections) {
      connection.channel.close();
    }
  }

  private long due(long delivery) {
    return start + (long) (delivery * nanosBetween);
  }

  private boolean sendWhatIsDue(long now) throws IOException {
    boolean hasSent = false;
    while (!free.isEmpty() && due(scheduled) - now <= 0) {
      send(free.remove(), due(scheduled));
      scheduled++;
      hasSent = true;
    }
    return hasSent;
  }

  private boolean sendToAllFree(long now) throws IOException {
    boolean hasSent = false;
    while (!free.isEmpty()) {
      send(free.remove(), now);
      hasSent = true;
    }
    return hasSent;
  }

  private void send(Connection connection, long intended) throws IOException {
    connection.send(number++, intended);
    underWay++;
  }

  private void readable(SelectionKey key) {
    Connection connection = (Connection) key.attachment();
    try {
      if (!connection.advance()) {
        return;
      }
    } catch (IOException e) {
      System.err.println("A delivery failed: " + e.getMessage());
      Runtime.getRuntime().halt(1);
    }
    underWay--;
    // By the intended time, so that what was due before is not measured, however late its answer.
    long now = System.nanoTime();
    if (isMeasuring && connection.intended - measureFrom >= 0) {
      latency.recordValue(Math.min(HIGHEST_NANOS, Math.max(0, now - connection.intended)));
    }
    if (isMeasuring) {
      answered++;
    }
    if (nanosBetween == 0 && now - end < 0) {
      try {
        send(connection, now);
      } catch (IOException e) {
        System.err.println("A delivery failed: " + e.getMessage());
        Runtime.getRuntime().halt(1);
      }
    } else {
      free.add(connection);
    }
  }

  /** One connection, with at most one request under way. */
  private static final class Connection {

    private static final byte[] LENGTH = "content-length:".getBytes(ISO_8859_1);

    final SocketChannel channel;
    private final SelectionKey key;
    private final CsmDelivery delivery;
    private final ByteBuffer request;
    private final byte[] answer = new byte[4096];
    private final ByteBuffer in = ByteBuffer.wrap(answer);
    private long intended;

    Connection(int port, CsmDelivery delivery, Selector selector) throws IOException {
      this.delivery = delivery;
      this.request = delivery.request();
      this.channel =
          SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.configureBlocking(false);
      this.key = channel.register(selector, SelectionKey.OP_READ, this);
    }

    void send(long number, long intendedTime) throws IOException {
      intended = intendedTime;
      delivery.number(request, number);
      request.rewind();
      in.clear();
      channel.write(request);
      if (request.hasRemaining()) {
        key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
      }
    }

    /** Whether the whole answer is there. */
    boolean advance() throws IOException {
      if (request.hasRemaining()) {
        channel.write(request);
        if (!request.hasRemaining()) {
          key.interestOps(SelectionKey.OP_READ);
        }
      }
      int read = channel.read(in);
      if (read < 0) {
        throw new IOException("the server closed the connection");
      }
      return read > 0 && isWhole();
    }

    private boolean isWhole() throws IOException {
      int length = in.position();
      int head = endOfHead(length);
      if (head < 0) {
        return false;
      }
      if (answer[9] != '2' || answer[10] != '0' || answer[11] != '0') {
        throw new IOException(new String(answer, 0, length, ISO_8859_1));
      }
      return length >= head + contentLength(head);
    }

    private int endOfHead(int length) {
      for (int i = 15; i + 3 < length; i++) {
        if (answer[i] == '\r' && answer[i + 2] == '\r') {
          return i + 4;
        }
      }
      return -1;
    }

    private int contentLength(int head) throws IOException {
      for (int i = 15; i + LENGTH.length < head; i++) {
        if (answer[i - 1] == '\n' && isLengthAt(i)) {
          int value = 0;
          for (int j = i + LENGTH.length; answer[j] != '\r'; j++) {
            value = answer[j] == ' ' ? value : 10 * value + (answer[j] - '0');
          }
          return value;
        }
      }
      throw new IOException("an answer without a length");
    }

    private boolean isLengthAt(int place) {
      for (int i = 0; i < LENGTH.length; i++) {
        if (Character.toLowerCase(answer[place + i]) != LENGTH[i]) {
          return false;
        }
      }
      return true;
    }
  }
}
