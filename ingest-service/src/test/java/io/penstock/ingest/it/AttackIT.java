package io.penstock.ingest.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.ingest.Thorough;
import io.penstock.ingest.Timed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Attacks beside authenticated deliveries, against the real process, over the loopback interface.
 * Every test prints what it measured.
 */
@ExtendWith(Stack.Shared.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AttackIT {

  /** Two seconds are a fifth of the shortest timeout that a provider documents. */
  private static final Duration LATE = Duration.ofSeconds(2);

  private static final int RATE = 200;
  private static final Duration FLOOD = Duration.ofSeconds(4);

  private Settings settings;
  private Instance instance;
  private final Sender sender = new Sender();

  @BeforeAll
  void start(Stack stack) {
    settings =
        MoveSettings.of(stack)
            .patient(3)
            .with("PENSTOCK_HTTP_REQUEST_TIMEOUT", "2s")
            .with("PENSTOCK_HTTP_IDLE_TIMEOUT", "60s");
    // Ten thousand new connections are what a serial collector copies; so it copies no more at
    // once.
    instance = Instance.ready(settings, "-Xmn32m");
    // What is compiled and loaded by then is what runs in production.
    new Deliveries(Duration.ofSeconds(2)).join();
  }

  @AfterEach
  void itIsStillWell() {
    assertThat(instance.health("ready").statusCode()).isEqualTo(200);
    assertThat(sender.send(Sender.shapes(instance, Sender.shape("f", uuid()))).statusCode())
        .isEqualTo(200);
    await().untilAsserted(() -> assertThat(instance.metric("penstock_in_flight_bytes")).isZero());
    assertThat(instance.metric("penstock_in_flight_requests")).isZero();
  }

  @AfterAll
  void stop() {
    sender.close();
    instance.close();
  }

  private static String uuid() {
    return UUID.randomUUID().toString();
  }

  /** Authenticated deliveries at a constant rate, during an attack. */
  private final class Deliveries {
    private final List<CompletableFuture<Void>> all = new ArrayList<>();
    private final ConcurrentLinkedQueue<Long> nanos = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<String> others = new ConcurrentLinkedQueue<>();
    private final Thread thread;

    Deliveries(Duration time) {
      thread = Thread.ofPlatform().start(() -> send(time));
    }

    private void send(Duration time) {
      long start = System.nanoTime();
      long count = time.toMillis() * RATE / 1000;
      for (int i = 0; i < count; i++) {
        long due = start + TimeUnit.SECONDS.toNanos(i) / RATE;
        while (due - System.nanoTime() > 0) {
          LockSupport.parkNanos(due - System.nanoTime());
        }
        all.add(
            sender
                .sendAsync(Sender.shapes(instance, Sender.shape("f-" + i % 10, uuid())))
                .handle(
                    (answer, failure) -> {
                      nanos.add(System.nanoTime() - due);
                      if (failure != null || answer.statusCode() != 200) {
                        others.add(failure == null ? answer.body() : failure.toString());
                      }
                      return null;
                    }));
      }
    }

    /** Waits for the last answer. Returns the sorted latencies. */
    List<Long> join() {
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      all.forEach(CompletableFuture::join);
      assertThat(others).isEmpty();
      return nanos.stream().sorted().toList();
    }

    /** No delivery was refused, and none was late if this run judges by the clock. */
    void assertUnharmed(String beside) {
      List<Long> sorted = join();
      System.out.printf(
          "AttackIT: %d authentic deliveries at %d/s beside %s: p50 %.1f ms, p99 %.1f ms, max %.1f"
              + " ms%n",
          sorted.size(),
          RATE,
          beside,
          sorted.get(sorted.size() / 2) / 1e6,
          sorted.get(sorted.size() * 99 / 100) / 1e6,
          sorted.getLast() / 1e6);
      if (Timed.Run.isTimed()) {
        assertThat(Duration.ofNanos(sorted.getLast())).isLessThan(LATE);
      }
    }
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), instance.port());
    socket.setSoTimeout(120_000);
    socket.setTcpNoDelay(true);
    return socket;
  }

  private static final int CONNECTIONS = 16;

  /**
   * Sends the same request on many connections, each as soon as the one before is answered. Returns
   * the number of answers.
   */
  private long flood(String path, String headers, AtomicBoolean end) {
    String body = "{\"event\":\"x\",\"uuid\":\"y\"}";
    byte[] request =
        ("POST "
                + path
                + " HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                + headers
                + "Content-Length: "
                + body.length()
                + "\r\n\r\n"
                + body)
            .getBytes(ISO_8859_1);
    long answers = 0;
    byte[] buffer = new byte[8 * 1024];
    List<Socket> sockets = new ArrayList<>();
    while (!end.get()) {
      try {
        while (!end.get()) {
          while (sockets.size() < CONNECTIONS) {
            sockets.add(connect());
          }
          for (Socket socket : sockets) {
            socket.getOutputStream().write(request);
          }
          for (Socket socket : sockets) {
            if (socket.getInputStream().read(buffer) < 0) {
              throw new IOException("closed");
            }
            answers++;
          }
        }
      } catch (IOException e) {
        // The service closed the connection: a flood connects again.
        closeAll(sockets);
      }
    }
    closeAll(sockets);
    return answers;
  }

  private static void closeAll(List<Socket> sockets) {
    for (Socket socket : sockets) {
      try {
        socket.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    sockets.clear();
  }

  private void besideAFlood(String what, String path, String headers) {
    AtomicBoolean end = new AtomicBoolean();
    AtomicLong answers = new AtomicLong();
    List<Thread> strangers =
        IntStream.range(0, 8)
            .mapToObj(
                i -> Thread.ofPlatform().start(() -> answers.addAndGet(flood(path, headers, end))))
            .toList();
    long start = System.nanoTime();
    Duration busy = instance.processorTime();
    Deliveries deliveries = new Deliveries(FLOOD);
    try {
      deliveries.join();
    } finally {
      end.set(true);
      strangers.forEach(AttackIT::join);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    double micros = instance.processorTime().minus(busy).toNanos() / 1e3 / answers.get();
    deliveries.assertUnharmed(
        "%s (%.0f answered a second, %.1f µs of a processor each)"
            .formatted(what, answers.get() / seconds, micros));
    assertThat(answers).hasPositiveValue();
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  // Floods.

  @Test
  void aFloodOfStrangersHarmsNobody() {
    besideAFlood("strangers without a token", "/webhooks/shapes", "");
    besideAFlood(
        "strangers with a signature that is none",
        "/webhooks/captures",
        "svix-id: a\r\nsvix-timestamp: "
            + Instant.now().getEpochSecond()
            + "\r\nsvix-signature: v1,aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=\r\n");
    assertThat(instance.metric("penstock_connections_closed_total", "cause=\"no-place\"")).isZero();
  }

  @Test
  void aFloodOfTokensThatCostMuchHarmsNobodyWhoIsKnown() {
    besideAFlood(
        "bcrypt tokens of the highest cost",
        "/webhooks/shapes",
        "X-Smartshape-Token: $2b$12$"
            + "abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyzABCDE\r\n");
    assertThat(instance.metric("penstock_bcrypt_waiting")).isLessThanOrEqualTo(1024);
  }

  // Slow and many.

  @Test
  void slowOnesAreClosedAndHarmNobody() throws IOException {
    String slow = "cause=\"slow-";
    double before = instance.metric("penstock_connections_closed_total", slow);
    List<Socket> sockets = new ArrayList<>();
    AtomicBoolean end = new AtomicBoolean();
    Thread trickle =
        new Thread(
            () -> {
              while (!end.get()) {
                for (Socket socket : sockets) {
                  try {
                    socket.getOutputStream().write('x');
                  } catch (IOException e) {
                    // Closed: what it is here for.
                  }
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
              }
            });
    try {
      for (int i = 0; i < 200; i++) {
        Socket head = connect();
        head.getOutputStream().write("POST /webhooks/shapes HTTP/1.1\r\nX: ".getBytes(UTF_8));
        sockets.add(head);
        Socket body = connect();
        body.getOutputStream()
            .write(
                ("POST /webhooks/captures HTTP/1.1\r\nHost: a\r\nsvix-id: a\r\nsvix-timestamp: "
                        + Instant.now().getEpochSecond()
                        + "\r\nsvix-signature: v1,aaaa\r\nContent-Length: 1000000\r\n\r\n")
                    .getBytes(UTF_8));
        sockets.add(body);
      }
      trickle.start();
      new Deliveries(Duration.ofSeconds(3)).assertUnharmed("400 connections that trickle");
      await()
          .atMost(Duration.ofMinutes(2))
          .untilAsserted(
              () ->
                  assertThat(instance.metric("penstock_connections_closed_total", slow) - before)
                      .isEqualTo(400));
    } finally {
      end.set(true);
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  @Test
  @Thorough("`ConnectionsTest`")
  void tenThousandConnectionsThatDoNothingHarmNobody() throws IOException {
    int wanted = 10_000;
    int count = Math.min(wanted, openFileLimit() - 1500);
    if (count < wanted) {
      System.out.println("AttackIT: only " + count + " connections: the limit of open files");
    }
    long memory = residentKib();
    List<SocketChannel> idle = new ArrayList<>();
    try {
      Deliveries deliveries = new Deliveries(Duration.ofSeconds(3));
      InetSocketAddress address =
          new InetSocketAddress(InetAddress.getLoopbackAddress(), instance.port());
      for (int i = 0; i < count; i++) {
        SocketChannel channel = SocketChannel.open(address);
        idle.add(channel);
        if (i % 2 == 0) {
          channel.write(ByteBuffer.wrap("POST /webhooks/sha".getBytes(UTF_8)));
        }
      }
      System.out.printf(
          "AttackIT: %d connections opened, %.0f kept, %d MiB more memory%n",
          count, instance.metric("penstock_connections"), (residentKib() - memory) / 1024);
      assertThat(instance.metric("penstock_connections")).isLessThanOrEqualTo(8192);
      deliveries.assertUnharmed(count + " connections that do nothing");
    } finally {
      for (SocketChannel channel : idle) {
        channel.close();
      }
    }
    await()
        .atMost(Duration.ofMinutes(2))
        .untilAsserted(() -> assertThat(instance.metric("penstock_connections")).isLessThan(1000));
  }

  private int openFileLimit() throws IOException {
    return Files.readAllLines(Path.of("/proc/" + instance.pid() + "/limits")).stream()
        .filter(line -> line.startsWith("Max open files"))
        .map(line -> line.split("\\s{2,}", -1)[1])
        .mapToInt(soft -> soft.equals("unlimited") ? Integer.MAX_VALUE : Integer.parseInt(soft))
        .findFirst()
        .orElseThrow();
  }

  private long residentKib() {
    try {
      return Files.readAllLines(Path.of("/proc/" + instance.pid() + "/status")).stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // What hostile connections leave behind.

  private static final int HOSTILE = 10_000;
  private static final int BATCH = 500;

  /** One kind of attack. */
  private interface Harm {
    /** Makes the attack. Returns whether the client keeps the connection open. */
    boolean on(SocketChannel channel, int number) throws IOException;
  }

  private static void send(SocketChannel channel, String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(ISO_8859_1));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private static boolean reset(SocketChannel channel) throws IOException {
    channel.setOption(StandardSocketOptions.SO_LINGER, 0);
    channel.close();
    return false;
  }

  private static List<Harm> harms() {
    String get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    String post = "POST /webhooks/shapes HTTP/1.1\r\nHost: a\r\n";
    return List.of(
        (channel, number) -> {
          send(channel, get.repeat(200)); // and reads nothing
          return true;
        },
        (channel, number) -> {
          String token = "$2b$08$" + "%022d".formatted(number) + "abcdefghijklmnopqrstuvwxyzABCDE";
          String first = post + "X-Smartshape-Token: " + token + "\r\nContent-Length: 2\r\n\r\n{}";
          String second = post + "Content-Length: 90000\r\n\r\n" + "x".repeat(60_000);
          // In one write, so that the second is there while the hash is computed.
          send(channel, first + second);
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2)); // until it is read
          return reset(channel);
        },
        (channel, number) -> reset(channel),
        (channel, number) -> {
          send(channel, post + "X: " + "y".repeat(8_000));
          return reset(channel);
        },
        (channel, number) -> {
          send(channel, post + "X: y");
          channel.shutdownOutput();
          return true;
        },
        (channel, number) -> {
          send(channel, post + "Content-Length: 100000\r\n\r\n" + "x".repeat(50_000));
          return reset(channel);
        },
        (channel, number) -> {
          send(channel, "\u0016\u0003\u0001\u0002 rubbish\r\n\r\n".repeat(20));
          return true;
        },
        (channel, number) -> {
          send(channel, post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n" + "x".repeat(20_000));
          return true;
        },
        (channel, number) -> {
          send(channel, post + "Content-Length: 2\r\n\r\n{}");
          channel.shutdownOutput();
          return true;
        });
  }

  /** The memory and files of the process after a garbage collection. */
  private record Footprint(long heap, long network, long files, long warnings) {}

  private Footprint footprint() throws IOException, InterruptedException {
    new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
            Long.toString(instance.pid()),
            "GC.run")
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
    try (Stream<Path> files = Files.list(Path.of("/proc/" + instance.pid() + "/fd"))) {
      return new Footprint(
          (long) instance.metric("jvm_memory_used_bytes", "area=\"heap\""),
          (long) instance.metric("penstock_network_memory_bytes"),
          files.count(),
          instance.log().lines().filter(line -> line.matches(".*\\b(WARN|ERROR)\\b.*")).count());
    }
  }

  /** The clients' ports of all connections that the service's process has not closed. */
  private Set<Integer> clientsOfOpenConnections() throws IOException {
    Set<Integer> ports = new HashSet<>();
    for (String table : List.of("tcp", "tcp6")) {
      for (String line : Files.readAllLines(Path.of("/proc/" + instance.pid() + "/net/" + table))) {
        String[] fields = line.strip().split("\\s+", -1);
        boolean isOpen = fields[3].equals("01") || fields[3].equals("08");
        if (isOpen && fields[1].endsWith(":%04X".formatted(instance.port()))) {
          ports.add(Integer.parseInt(fields[2].substring(fields[2].indexOf(':') + 1), 16));
        }
      }
    }
    return ports;
  }

  @Test
  @Thorough("`FaultsIT#clientsThatNeverReadAskBesideAuthenticLoad`, with 400 connections")
  void tenThousandHostileConnectionsLeaveNothingBehind() throws Exception {
    InetSocketAddress address =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), instance.port());
    List<Harm> harms = harms();
    List<SocketChannel> open = new ArrayList<>();
    Set<Integer> hostile = new HashSet<>();
    Footprint early = null;
    Footprint late = null;
    try {
      for (int batch = 0; batch < HOSTILE / BATCH; batch++) {
        Deliveries deliveries = new Deliveries(Duration.ofMillis(500));
        Set<Integer> ports = new HashSet<>();
        for (int i = 0; i < BATCH; i++) {
          SocketChannel channel = SocketChannel.open();
          channel.setOption(StandardSocketOptions.SO_RCVBUF, 1024);
          channel.connect(address);
          ports.add(((InetSocketAddress) channel.getLocalAddress()).getPort());
          int number = batch * BATCH + i;
          boolean stays;
          try {
            stays = harms.get(number % harms.size()).on(channel, number);
          } catch (IOException e) {
            stays = true; // disconnected: only the client's end is left
          }
          if (stays) {
            open.add(channel);
          }
        }
        deliveries.assertUnharmed(BATCH + " hostile connections");
        // The clients do not close anything: the service must close these connections.
        await()
            .atMost(Duration.ofMinutes(2))
            .untilAsserted(
                () -> assertThat(clientsOfOpenConnections()).doesNotContainAnyElementsOf(ports));
        hostile.addAll(ports);
        if (batch == 3) {
          early = footprint();
        }
      }
      await()
          .untilAsserted(
              () ->
                  assertThat(instance.metric("penstock_connections"))
                      .isEqualTo(clientsOfOpenConnections().size()));
      late = footprint();
    } finally {
      for (SocketChannel channel : open) {
        channel.close();
      }
    }
    Footprint first = Objects.requireNonNull(early);
    System.out.printf("AttackIT: after %d hostile connections %s%n", 4 * BATCH, first);
    System.out.printf("AttackIT: after %d hostile connections %s%n", HOSTILE, late);
    // 65 KiB for each that pipelined behind a hash would be 50 MiB more.
    assertThat(late.network()).isLessThan(first.network() + (8L << 20));
    assertThat(late.heap()).isLessThan(first.heap() + (16L << 20));
    assertThat(late.files()).isLessThan(first.files() + 100);
    assertThat(late.warnings() - first.warnings())
        .as("lines of log: some for each ten seconds, not one for each connection")
        .isLessThan(HOSTILE / 20);
    assertThat(hostile).hasSizeGreaterThan(HOSTILE / 2); // ports are used again
  }

  // Large.

  @Test
  void aBodyWithoutAnEndIsCutOff() throws IOException {
    byte[] chunk = ("10000\r\n" + "x".repeat(0x10000) + "\r\n").getBytes(UTF_8);
    long sent = 0;
    try (Socket socket = connect()) {
      socket
          .getOutputStream()
          .write(
              ("POST /webhooks/shapes HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                      + "X-Smartshape-Token: "
                      + Sender.SHAPES_TOKEN
                      + "\r\nTransfer-Encoding: chunked\r\n\r\n")
                  .getBytes(UTF_8));
      while (sent < 1L << 30) {
        socket.getOutputStream().write(chunk);
        sent += chunk.length;
      }
    } catch (SocketException e) {
      // cut off
    }
    assertThat(sent).isLessThan(200L << 20);
    assertThat(instance.metric("penstock_deliveries_total", "payload-too-large")).isEqualTo(1);
  }

  // What stands in an address.

  @Test
  void whatAStrangerWritesIsNeitherLoggedNorMeasured() throws IOException {
    String marker = "marker-" + uuid();
    for (String path :
        List.of(
            "/webhooks/" + marker,
            "/webhooks/../" + marker,
            "/webhooks/%2e%2e%2f" + marker,
            "/webhooks/%252e%252e%252f" + marker,
            "/webhooks/%c0%ae%c0%ae/" + marker,
            "/webhooks/" + marker + "%00",
            "/webhooks/${jndi:" + marker + "}")) {
      try (Socket socket = connect()) {
        socket
            .getOutputStream()
            .write(
                ("POST "
                        + path
                        + " HTTP/1.1\r\nHost: "
                        + marker
                        + "\r\nUser-Agent: "
                        + marker
                        + "\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}")
                    .getBytes(UTF_8));
        assertThat(new String(socket.getInputStream().readAllBytes(), UTF_8))
            .startsWith("HTTP/1.1 404")
            .doesNotContain(marker);
      }
    }
    assertThat(instance.log()).doesNotContain(marker);
    assertThat(instance.metrics()).doesNotContain(marker);
  }
}
