package io.penstock.ingest.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import io.penstock.localstack.ClassDataArchive;
import io.penstock.localstack.EventLoopWatch;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A running service: the packaged program in a process of its own, as {@code penstock serve} starts
 * it.
 */
final class Instance implements AutoCloseable {

  private static final Pattern PORTS =
      Pattern.compile("Ports are open.*ingress_port\\W+(\\d+).*management_port\\W+(\\d+)");
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private static final String JAR = System.getProperty("penstock.service.jar");

  private final Process process;
  private final Path log;
  private final EventLoopWatch eventLoops;
  private final String test;
  private boolean closed;
  private int port;
  private int managementPort;

  private Instance(Process process, Path log) {
    this.process = process;
    this.log = log;
    this.eventLoops = EventLoopWatch.of(process);
    this.test =
        StackWalker.getInstance()
            .walk(
                frames ->
                    frames
                        .map(frame -> frame.getClassName().replaceAll(".*\\.|\\$.*", ""))
                        .filter(name -> name.endsWith("IT"))
                        .findFirst())
            .orElse("-");
  }

  /** Starts one and waits until its ports are open. */
  static Instance start(Settings settings, String... javaOptions) {
    Instance instance = launch(settings, javaOptions);
    try {
      await()
          .atMost(Duration.ofMinutes(2))
          .pollInterval(Duration.ofMillis(50))
          .until(() -> instance.findPorts() || !instance.process.isAlive());
      if (!instance.process.isAlive()) {
        throw new IllegalStateException("the service ended at once:\n" + instance.log());
      }
      return instance;
    } catch (RuntimeException | Error e) {
      instance.close();
      throw e;
    }
  }

  /** Starts one and waits until it is ready and, where it has one, its pipeline runs. */
  static Instance ready(Settings settings, String... javaOptions) {
    Instance instance = start(settings, javaOptions);
    try {
      instance.awaitReady();
      await()
          .atMost(Duration.ofMinutes(2))
          .until(() -> !instance.health("ready").body().contains("\"DOWN\""));
      return instance;
    } catch (RuntimeException | Error e) {
      instance.close();
      throw new AssertionError("not ready:\n" + instance.log(), e);
    }
  }

  /** The same, but nobody reads what it writes to its standard streams any more. */
  static Instance unread(Settings settings) {
    Instance instance = launch(settings, ProcessBuilder.Redirect.PIPE);
    try (BufferedWriter log = Files.newBufferedWriter(instance.log)) {
      BufferedReader reader = instance.process.inputReader();
      while (!instance.findPorts()) {
        String line = reader.readLine();
        if (line == null) {
          throw new IllegalStateException("the service ended at once:\n" + instance.log());
        }
        log.write(line + "\n");
        log.flush();
      }
      return instance.awaitReady();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (RuntimeException | Error e) {
      instance.close();
      throw e;
    }
  }

  /** Starts the process and waits for nothing. */
  static Instance launch(Settings settings, String... javaOptions) {
    return launch(settings, null, javaOptions);
  }

  /**
   * @param output null for its log
   */
  private static Instance launch(
      Settings settings, ProcessBuilder.@Nullable Redirect output, String... javaOptions) {
    try {
      Path temporary = Files.createDirectories(Path.of("target", "it").toAbsolutePath());
      Path directory = Files.createTempDirectory(temporary, "instance-");
      Path log = directory.resolve("log");
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      // What starts soon is what matters here.
      command.addAll(List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
      // No full collection only because classes are loaded and compiled.
      command.addAll(List.of("-XX:MetaspaceSize=128m", "-XX:ReservedCodeCacheSize=128m"));
      // State directories too: an instance that is started again finds its own there.
      command.add("-Djava.io.tmpdir=" + temporary);
      command.add("--enable-native-access=ALL-UNNAMED");
      command.add(EventLoopWatch.OPTION);
      command.addAll(archive().options());
      command.addAll(List.of(javaOptions));
      command.add("-jar");
      command.add(JAR);
      command.add("serve");
      command.add("--config");
      command.add(settings.write(directory).toString());
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output == null ? ProcessBuilder.Redirect.to(log.toFile()) : output);
      builder.environment().putAll(settings.environment());
      Instance instance = new Instance(builder.start(), log);
      Runtime.getRuntime().addShutdownHook(new Thread(instance.process::destroyForcibly));
      return instance;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** By which instances start in half the time. */
  static ClassDataArchive archive() {
    return ClassDataArchive.ofService(Path.of(JAR));
  }

  private boolean findPorts() {
    Matcher ports = PORTS.matcher(log());
    if (!ports.find()) {
      return false;
    }
    port = Integer.parseInt(ports.group(1));
    managementPort = Integer.parseInt(ports.group(2));
    return true;
  }

  Instance awaitReady() {
    await()
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofMillis(100))
        .until(() -> health("ready").statusCode() == 200);
    return this;
  }

  String url() {
    return "http://127.0.0.1:" + port;
  }

  int port() {
    return port;
  }

  int managementPort() {
    return managementPort;
  }

  HttpResponse<String> health(String kind) {
    return management("/health/" + kind);
  }

  String metrics() {
    return management("/metrics").body();
  }

  /** The sum of a counter's or gauge's values over the lines that contain all the given labels. */
  double metric(String name, String... labels) {
    double sum = 0;
    for (String line : metrics().lines().toList()) {
      boolean named = line.startsWith(name + "{") || line.startsWith(name + " ");
      if (named && List.of(labels).stream().allMatch(line::contains)) {
        sum += Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
      }
    }
    return sum;
  }

  private HttpResponse<String> management(String path) {
    try {
      return HTTP.send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + managementPort + path))
              .timeout(Duration.ofMinutes(2))
              .build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  long pid() {
    return process.pid();
  }

  private String directoryName() {
    return log.subpath(log.getNameCount() - 2, log.getNameCount() - 1).toString();
  }

  /** How long it has kept processors busy. */
  Duration processorTime() {
    return process.info().totalCpuDuration().orElseThrow();
  }

  /** SIGTERM, and no wait for what comes of it. */
  void askToStop() {
    process.destroy();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** All that it has written to its standard streams. */
  String log() {
    try {
      return Files.readString(log, UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** SIGKILL. */
  void kill() {
    process.destroyForcibly();
    waitForEnd();
  }

  /** SIGTERM; the exit status. */
  int terminate() {
    // Not by the process itself, which would close the streams as well.
    process.toHandle().destroy();
    return waitForEnd();
  }

  /** The exit status, once it ends by itself. */
  int waitForEnd() {
    try {
      if (!process.waitFor(120, TimeUnit.SECONDS)) {
        throw new AssertionError("the service did not end:\n" + log());
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Ends it, and collects how long its event loops were blocked; where the clock is to judge, fails
   * if any ever was.
   */
  @Override
  public void close() {
    kill();
    if (closed) {
      return;
    }
    closed = true;
    List<String> blocked = eventLoops.collect(test, directoryName(), log());
    if (!blocked.isEmpty()) {
      throw new AssertionError("an event loop was blocked: " + blocked + "\n" + log());
    }
  }
}
