package io.penstock.ingest.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.ingest.Thorough;
import io.penstock.localstack.EventLoopWatch;
import io.penstock.localstack.LocalStack;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The classes that a failure needs are loaded before the ports open: an event loop that loads
 * classes from a jar delays all others by tenths of a second. The test needs no clock: the JVM logs
 * each class that it loads and the thread that loads it, and Linux tells which threads are event
 * loops.
 */
@ExtendWith(Stack.Shared.class)
class FaultClassesIT {

  private static final Pattern LOADED = Pattern.compile("^\\[(\\d+)] (\\S+) source: (\\S+)");

  /**
   * The number of classes that may be loaded late, by events that occur once and cannot be
   * rehearsed. Each takes at most about a millisecond; the first exceptional path once took some
   * hundred classes.
   */
  private static final int FEW = 12;

  /** An instance whose JVM logs the classes that it loads. */
  private static final class Watched implements AutoCloseable {

    private final Path classes;
    private final Instance instance;
    private final Set<String> eventLoops = new HashSet<>();
    private final int before;

    Watched(Settings settings) throws IOException {
      Path directory = Files.createDirectories(Path.of("target", "it").toAbsolutePath());
      classes = Files.createTempFile(directory, "classes-", ".log");
      instance =
          Instance.ready(settings, "-Xlog:class+load=info:file=" + classes + ":tid:filecount=0");
      try (DirectoryStream<Path> tasks =
          Files.newDirectoryStream(Path.of("/proc", Long.toString(instance.pid()), "task"))) {
        for (Path task : tasks) {
          if (EventLoopWatch.isEventLoop(Files.readString(task.resolve("comm")))) {
            eventLoops.add(task.getFileName().toString());
          }
        }
      }
      assertThat(eventLoops).as("event loops").isNotEmpty();
      before = lines().size();
    }

    private List<String> lines() throws IOException {
      return Files.readAllLines(classes);
    }

    /**
     * The classes of jars that an event loop has loaded since the instance was ready. Classes that
     * the JVM generates for lambdas do not count: they take very little time.
     */
    List<String> loaded() throws IOException {
      List<String> all = lines();
      return all.subList(before, all.size()).stream()
          .map(LOADED::matcher)
          .filter(Matcher::find)
          .filter(line -> eventLoops.contains(line.group(1)))
          .filter(line -> !line.group(2).contains("/0x"))
          .map(line -> line.group(2))
          .toList();
    }

    /** Sends bytes on a new connection, and reads until the connection is closed or reset. */
    void raw(String text, boolean reset) throws IOException {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), instance.port())) {
        socket.setSoTimeout(120_000);
        socket.getOutputStream().write(text.getBytes(UTF_8));
        if (reset) {
          socket.setSoLinger(true, 0);
        } else {
          socket.shutdownOutput();
          socket.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
        }
      } catch (java.net.SocketException e) {
        // Cut off, perhaps while it was sending: what some of them are here for.
      }
    }

    @Override
    public void close() {
      instance.close();
    }
  }

  private static void strangersAndNonsense(Watched watched, Sender sender) throws IOException {
    Instance instance = watched.instance;
    String shapes = instance.url() + "/webhooks/shapes";
    byte[] body = Sender.shape("f", "u");
    String head = "POST /webhooks/shapes HTTP/1.1\r\nHost: a\r\n";
    String token = "X-Smartshape-Token: " + Sender.SHAPES_TOKEN + "\r\n";
    String json = "Content-Type: application/json\r\n";
    // Unauthenticated.
    sender.send(Sender.request(shapes, body).build());
    sender.send(Sender.request(shapes, body).header("X-Smartshape-Token", "x").build());
    sender.send(
        Sender.request(shapes, body)
            .header("X-Smartshape-Token", "$2b$31$" + "a".repeat(53))
            .build());
    sender.send(
        Sender.request(shapes, body)
            .header("X-Smartshape-Token", Sender.hash("another secret"))
            .build());
    sender.send(Sender.request(instance.url() + "/webhooks/generations/wrong", body).build());
    sender.send(Sender.request(instance.url() + "/webhooks/none", body).build());
    sender.send(Sender.request(instance.url() + "/nothing", body).build());
    // Authenticated, and not an event.
    sender.send(Sender.shapes(instance, "{not json".getBytes(UTF_8)));
    sender.send(Sender.shapes(instance, new byte[0]));
    sender.send(Sender.shapes(instance, "[]".getBytes(UTF_8)));
    sender.send(Sender.shapes(instance, "{}".getBytes(UTF_8)));
    sender.send(Sender.shapes(instance, new byte[2 * 1024 * 1024]));
    watched.raw("GET /webhooks/shapes HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", false);
    watched.raw(head + token + "Content-Type: text/html\r\nContent-Length: 2\r\n\r\n{}", false);
    watched.raw(head + token + json + "Content-Length: 3000000\r\n\r\n", false);
    watched.raw(head + token + json + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", false);
    // Not HTTP, and clients that disconnect.
    watched.raw("nonsense\r\n\r\n", false);
    watched.raw("POST /webhooks/shapes HTTP/1.1\r\n no: header\r\n\r\n", false);
    watched.raw(head + "X: " + "x".repeat(20_000) + "\r\n\r\n", false);
    watched.raw("POST /" + "x".repeat(20_000) + " HTTP/1.1\r\n\r\n", false);
    watched.raw(head + token + json + "Content-Length: 100\r\n\r\n{", true);
    watched.raw("POST /webhooks/sha", true);
    watched.raw("\u0016\u0003\u0001\u0002\u0000", false);
  }

  private static Settings settings(LocalStack stack) {
    return Settings.of(stack);
  }

  @Test
  void aFaultWithoutASpoolLoadsNothingOnAnEventLoop(LocalStack stack) throws IOException {
    try (Watched watched = new Watched(settings(stack));
        Sender sender = new Sender()) {
      strangersAndNonsense(watched, sender);
      List<String> byStrangers = watched.loaded();
      stack.kafka().broker(0).kill();
      for (int i = 0; i < 50; i++) {
        assertThat(
                sender
                    .send(Sender.shapes(watched.instance, Sender.shape("f", "gone-" + i)))
                    .statusCode())
            .isEqualTo(503);
      }
      List<String> all = watched.loaded();

      assertThat(byStrangers).as("by strangers and nonsense").hasSizeLessThanOrEqualTo(FEW);
      assertThat(all.subList(byStrangers.size(), all.size()))
          .as("when Kafka is gone")
          .hasSizeLessThanOrEqualTo(FEW);
    }
  }

  @Test
  @Thorough("`aFaultWithoutASpoolLoadsNothingOnAnEventLoop`")
  void aFaultWithASpoolLoadsNothingOnAnEventLoop(LocalStack stack) throws IOException {
    Path directory = Files.createDirectories(Path.of("target", "it").toAbsolutePath());
    Path spool = Files.createTempDirectory(directory, "spool-").resolve("spool");
    try (Watched watched =
            new Watched(
                settings(stack)
                    .with("PENSTOCK_DELIVERY_SPOOL_DIRECTORY", spool.toString())
                    .with("PENSTOCK_DELIVERY_SPOOL_MAX_SIZE", "16MiB"));
        Sender sender = new Sender()) {
      Instance instance = watched.instance;
      stack.kafka().broker(0).kill();
      String large = "x".repeat(500_000);
      int full = 0;
      for (int i = 0; full < 5; i++) {
        assertThat(i).as("deliveries until it is full").isLessThan(1_000);
        byte[] body = Sender.shape("f" + i % 8, large + i);
        full += sender.send(Sender.shapes(instance, body)).statusCode() == 503 ? 1 : 0;
      }
      List<String> whileGone = watched.loaded();
      stack.kafka().broker(0).start();
      await().untilAsserted(() -> assertThat(instance.metric("penstock_spool_depth")).isZero());
      assertThat(sender.send(Sender.shapes(instance, Sender.shape("f", "back"))).statusCode())
          .isEqualTo(200);
      List<String> all = watched.loaded();

      assertThat(whileGone).as("when Kafka is gone").hasSizeLessThanOrEqualTo(FEW);
      assertThat(all.subList(whileGone.size(), all.size()))
          .as("when it is back")
          .hasSizeLessThanOrEqualTo(FEW);
    }
  }
}
