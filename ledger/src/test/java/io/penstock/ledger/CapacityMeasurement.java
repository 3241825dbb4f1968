package io.penstock.ledger;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.localstack.LocalStack;
import io.penstock.localstack.ServiceProcess;
import io.penstock.localstack.ServiceProgram;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What one replica does, on this machine: the figures of docs/capacity.md, which tells the command.
 * No part of a build, since its result is a table and no verdict.
 */
class CapacityMeasurement {

  private static final Duration WARM_UP = Duration.ofSeconds(20);
  private static final Duration LENGTH = Duration.ofSeconds(60);
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final int PER_SECOND = 1000;
  private static final int TEXT = 1_700;

  private final List<String> lines = new ArrayList<>();
  private final AtomicLong numbers = new AtomicLong();
  private final Sender csm = new CsmSender();

  /** What was sent for a while. */
  private record Sent(double seconds, List<Long> sortedNanos) {

    private Sent {
      sortedNanos = List.copyOf(sortedNanos);
    }

    int count() {
      return sortedNanos.size();
    }

    double millis(double percent) {
      int index = (int) Math.min(count() - 1L, Math.round(percent / 100 * count()));
      return sortedNanos.get(index) / 1e6;
    }
  }

  @Test
  void measure() throws IOException {
    try (LocalStack stack = LocalStack.builder().start()) {
      String prefix = "capacity-" + HexFormat.of().toHexDigits(new Random().nextInt());
      Installation installation =
          new Installation(
              prefix,
              stack.kafka().bootstrapServers(),
              stack.schemaRegistry().url(),
              List.of(csm),
              Map.of(
                  "PENSTOCK_TOPICS_REPLICATION_FACTOR",
                  "1",
                  "PENSTOCK_TOPICS_PARTITIONS",
                  "12",
                  // A line for each delivery is what production has; where it goes is not measured.
                  "PENSTOCK_LOG_LEVEL_DELIVERIES",
                  "info"));
      Path directory = Path.of("target", "ledger", prefix);
      long sent;
      try (ServiceProcess ingress = start("ingress", directory, installation, 384)) {
        say("ingress: at rest " + memory(ingress));
        send(ingress, 32, PER_SECOND, WARM_UP);
        sent = measured("ingress, " + PER_SECOND + "/s", ingress, 32, PER_SECOND);
        sent += measured("ingress, 8 senders without a pause", ingress, 8, 0);
        sent += measured("ingress, 64 senders without a pause", ingress, 64, 0);
        sent = (long) ingress.metric("penstock_deliveries_total", "outcome=\"acknowledged\"");
      }
      backlog(directory, installation, sent);
    } finally {
      Files.write(Path.of("target", "ledger", "capacity.txt"), lines);
    }
  }

  private void backlog(Path directory, Installation installation, long sent) {
    try (ServiceProcess pipeline = start("pipeline", directory, installation, 512)) {
      await("the first event").atMost(PATIENCE).until(() -> published(pipeline) > 0);
      // What it has compiled by then is what runs later.
      await("a third of the backlog")
          .atMost(PATIENCE)
          .until(() -> published(pipeline) > sent / 3.0);
      double first = published(pipeline);
      Duration processor = pipeline.processorTime();
      long start = System.nanoTime();
      await("the backlog is published").atMost(PATIENCE).until(() -> published(pipeline) >= sent);
      double seconds = (System.nanoTime() - start) / 1e9;
      double count = published(pipeline) - first;
      double busy = pipeline.processorTime().minus(processor).toNanos() / 1e9;
      say(
          "pipeline, one thread, a backlog of %d: %.0f events/s, %.0f µs of a processor each, %.0f %% of one, %s"
              .formatted(
                  sent,
                  count / seconds,
                  busy / count * 1e6,
                  busy / seconds * 100,
                  memory(pipeline)));
    }
  }

  private static double published(ServiceProcess pipeline) {
    return pipeline.metric("penstock_events_published_total");
  }

  private ServiceProcess start(
      String role, Path directory, Installation installation, int heapMebibytes) {
    List<String> arguments =
        new ArrayList<>(Installation.javaOptions(directory.resolve(role)).toList());
    arguments.addAll(
        List.of(
            "@" + Path.of("..", "deploy", "image", "java.options").toAbsolutePath(),
            "-Xmx" + heapMebibytes + "m",
            "-jar",
            ServiceProgram.jar().toString(),
            "serve"));
    ServiceProcess process =
        installation.instance(
            role, directory, role, "{kafka-deadline: 1s}", ServiceProgram.java(arguments));
    return process.launch().awaitReady();
  }

  private long measured(String name, ServiceProcess ingress, int connections, int perSecond)
      throws IOException {
    Duration processor = ingress.processorTime();
    Sent sent = send(ingress, connections, perSecond, LENGTH);
    double busy = ingress.processorTime().minus(processor).toNanos() / 1e9;
    say(
        "%s: %.0f/s acknowledged, p50 %.1f ms, p99 %.1f ms, max %.1f ms, %.0f µs of a processor each, %.0f %% of one, %s"
            .formatted(
                name,
                sent.count() / sent.seconds(),
                sent.millis(50),
                sent.millis(99),
                sent.millis(100),
                busy / sent.count() * 1e6,
                busy / sent.seconds() * 100,
                memory(ingress)));
    return sent.count();
  }

  /**
   * @param perSecond over all connections; 0 for as many as there are answers
   */
  private Sent send(ServiceProcess ingress, int connections, int perSecond, Duration time)
      throws IOException {
    URI address = ingress.address().orElseThrow();
    long start = System.nanoTime();
    List<List<Long>> nanos =
        IntStream.range(0, connections).<List<Long>>mapToObj(i -> new ArrayList<>()).toList();
    List<Thread> threads = new ArrayList<>();
    List<Throwable> failures = java.util.Collections.synchronizedList(new ArrayList<>());
    for (int i = 0; i < connections; i++) {
      int index = i;
      Thread thread =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      connection(
                          address, index, connections, perSecond, start, time, nanos.get(index));
                    } catch (IOException | RuntimeException | Error e) {
                      failures.add(e);
                    }
                  });
      threads.add(thread);
    }
    for (Thread thread : threads) {
      join(thread);
    }
    assertThat(failures).isEmpty();
    List<Long> sorted = nanos.stream().flatMap(List::stream).sorted().toList();
    return new Sent((System.nanoTime() - start) / 1e9, sorted);
  }

  private void connection(
      URI address,
      int index,
      int connections,
      int perSecond,
      long start,
      Duration time,
      List<Long> nanos)
      throws IOException {
    byte[] answer = new byte[4096];
    try (Socket socket = new Socket(address.getHost(), address.getPort())) {
      socket.setTcpNoDelay(true);
      for (int i = 0; ; i++) {
        long due =
            perSecond == 0
                ? System.nanoTime()
                : start + TimeUnit.SECONDS.toNanos((long) i * connections + index) / perSecond;
        while (due - System.nanoTime() > 0) {
          LockSupport.parkNanos(due - System.nanoTime());
        }
        if (due - start > time.toNanos()) {
          return;
        }
        long number = numbers.incrementAndGet();
        byte[] body =
            csm.body("n" + number, "session-" + number, number, "x".repeat(TEXT)).getBytes(UTF_8);
        byte[] head =
            ("POST "
                    + csm.path()
                    + " HTTP/1.1\r\nHost: penstock\r\nContent-Type: application/json\r\nContent-Length: "
                    + body.length
                    + "\r\n\r\n")
                .getBytes(ISO_8859_1);
        byte[] request = new byte[head.length + body.length];
        System.arraycopy(head, 0, request, 0, head.length);
        System.arraycopy(body, 0, request, head.length, body.length);
        socket.getOutputStream().write(request);
        awaitAcknowledgement(socket.getInputStream(), answer);
        nanos.add(System.nanoTime() - due);
      }
    }
  }

  private static void awaitAcknowledgement(InputStream in, byte[] buffer) throws IOException {
    int length = 0;
    while (true) {
      int read = in.read(buffer, length, buffer.length - length);
      if (read < 0) {
        throw new IOException("The connection was closed");
      }
      length += read;
      String text = new String(buffer, 0, length, ISO_8859_1);
      if (text.endsWith("}")) {
        if (!text.startsWith("HTTP/1.1 200 ")) {
          throw new IOException(text);
        }
        return;
      }
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String memory(ServiceProcess process) {
    return process.residentKib() / 1024 + " MiB resident";
  }

  private void say(String line) {
    lines.add(line);
    System.out.println("Capacity: " + line);
  }
}
