package io.penstock.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Runs the load generator against a contender, and reads the processor time of both meanwhile. */
final class LoadProcess {

  /** Longer than any load's own time and the wait for the last answers. */
  private static final long END_SECONDS = 60;

  /** No session has a number twice in one run, so that no delivery is a copy of another. */
  private static final AtomicLong FIRST = new AtomicLong(System.currentTimeMillis() << 20);

  private static final long NUMBERS = 100_000_000;

  private LoadProcess() {}

  /**
   * Puts a load on a contender.
   *
   * @param broker its process, for the processor time
   * @throws IOException if a delivery was not answered with 200
   */
  static Figures run(
      Contender contender, Load load, int warmUpSeconds, int seconds, ProcessHandle broker)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-Xmx128m",
            "-XX:-UsePerfData",
            "-cp",
            System.getProperty("java.class.path"),
            LoadGenerator.class.getName(),
            Integer.toString(contender.process().port()),
            Integer.toString(load.connections()),
            Integer.toString(load.rate()),
            Integer.toString(warmUpSeconds),
            Integer.toString(seconds),
            Integer.toString(load.bodyBytes()),
            Long.toString(FIRST.getAndAdd(NUMBERS))));
    command.addAll(contender.paths());
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    Thread hook = new Thread(process::destroyForcibly);
    Runtime.getRuntime().addShutdownHook(hook);
    try (BufferedReader out = process.inputReader(UTF_8)) {
      expect("MEASURE", out.readLine());
      Duration server = contender.process().processorTime();
      Duration kafka = processorTime(broker);
      String[] words = expect("DONE", out.readLine()).split(" ", -1);
      double busy = micros(contender.process().processorTime().minus(server));
      double brokerBusy = micros(processorTime(broker).minus(kafka));
      if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IOException("The load generator did not end well");
      }
      double count = Double.parseDouble(words[1]);
      return new Figures(
          count / Double.parseDouble(words[2]),
          Double.parseDouble(words[3]),
          Double.parseDouble(words[4]),
          Double.parseDouble(words[5]),
          Double.parseDouble(words[6]),
          busy / count,
          brokerBusy / count,
          Double.parseDouble(words[7]) * 1e6 / count,
          contender.process().residentKib() / 1024.0);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } finally {
      process.destroyForcibly();
      Runtime.getRuntime().removeShutdownHook(hook);
    }
  }

  private static String expect(String word, @org.jspecify.annotations.Nullable String line)
      throws IOException {
    if (line == null || !line.startsWith(word)) {
      throw new IOException("The load failed: " + line);
    }
    return line;
  }

  private static Duration processorTime(ProcessHandle process) {
    return process.info().totalCpuDuration().orElseThrow();
  }

  private static double micros(Duration duration) {
    return duration.toNanos() / 1e3;
  }
}
