package io.penstock.localstack;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An instance of the packaged service in a process of its own, which is killed, terminated and
 * started again; for tests. It dies with this process, however that ends.
 *
 * <p>{@link #address} may be asked by any thread; all else belongs to one.
 */
public class ServiceProcess implements AutoCloseable {

  /** In either form of the log. */
  private static final Pattern PORTS =
      Pattern.compile(
          "Ports are open.*?ingress(?:_port)?\\W+(\\d+).*?management(?:_port)?\\W+(\\d+)");

  private static final Duration START_TIMEOUT = Duration.ofMinutes(5);
  private static final Duration END_TIMEOUT = Duration.ofMinutes(2);
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final String name;
  private final Path directory;
  private final ChildProcess child;
  private final Map<Path, EventLoopWatch> eventLoops = new LinkedHashMap<>();

  /** How much of each log has been looked at, in characters. */
  private final Map<Path, Integer> collected = new HashMap<>();

  private volatile @Nullable URI ingress;
  private volatile @Nullable URI management;
  private volatile boolean ended;

  /**
   * Not started yet.
   *
   * @param name in messages and figures
   * @param directory with a log for each of its lives; made if absent
   * @param command the program and its arguments
   * @param environment besides the little that it inherits
   */
  public ServiceProcess(
      String name, Path directory, List<String> command, Map<String, String> environment) {
    this.name = name;
    Path absolute = directory.toAbsolutePath();
    this.directory = absolute;
    try {
      Files.createDirectories(absolute);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.child =
        new ChildProcess(
            new ChildProcess.Spec(
                name,
                Path.of("").toAbsolutePath(),
                life -> absolute.resolve(life == 0 ? "log" : "log-" + (life + 1)),
                command,
                environment,
                () -> true, // asked otherwise: health here has more than one degree
                START_TIMEOUT),
            Watchdog.shared());
  }

  /**
   * Starts the process and waits for nothing.
   *
   * @throws IllegalStateException if it runs
   */
  public ServiceProcess launch() {
    requireNotRunning();
    child.launch();
    watch();
    return this;
  }

  /**
   * Starts the process and waits until its ports are open; then nobody reads what it writes to its
   * standard streams any more.
   */
  public ServiceProcess launchUnread() {
    requireNotRunning();
    child.launch(file -> ProcessBuilder.Redirect.PIPE);
    watch();
    try (BufferedWriter log = Files.newBufferedWriter(child.log())) {
      BufferedReader reader = child.launched().inputReader();
      while (!findPorts()) {
        String line = reader.readLine();
        if (line == null) {
          throw new IllegalStateException(name + " ended at once:\n" + log());
        }
        log.write(line + "\n");
        log.flush();
      }
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void requireNotRunning() {
    if (isRunning()) {
      throw new IllegalStateException(name + " runs");
    }
    ingress = null;
    management = null;
    ended = false;
  }

  private void watch() {
    eventLoops.put(child.log(), EventLoopWatch.of(child.launched()));
  }

  /** Waits until its ports are open, whether it is of any use or not. */
  public ServiceProcess awaitPorts() {
    child.await("open", this::findPorts, Deadline.in(START_TIMEOUT));
    return this;
  }

  /** Waits until it is ready; its pipeline may still wait for something. */
  public ServiceProcess awaitServing() {
    child.await(
        "ready",
        () -> findPorts() && health("ready").statusCode() == 200,
        Deadline.in(START_TIMEOUT));
    return this;
  }

  /** Waits until it takes deliveries, or publishes events, or both: all that it is there for. */
  public ServiceProcess awaitReady() {
    child.await("ready in all its roles", this::isAllReady, Deadline.in(START_TIMEOUT));
    return this;
  }

  private boolean isAllReady() {
    if (!findPorts()) {
      return false;
    }
    HttpResponse<String> ready = health("ready");
    return ready.statusCode() == 200 && !ready.body().contains("\"DOWN\"");
  }

  private boolean findPorts() {
    if (management != null) {
      return true;
    }
    Matcher ports = PORTS.matcher(log());
    if (!ports.find()) {
      return false;
    }
    int port = Integer.parseInt(ports.group(1));
    ingress = port == 0 ? null : URI.create("http://127.0.0.1:" + port);
    management = URI.create("http://127.0.0.1:" + ports.group(2));
    return true;
  }

  /** Where it takes deliveries; empty while it does not run. */
  public Optional<URI> address() {
    return ended ? Optional.empty() : Optional.ofNullable(ingress);
  }

  /** The port for senders in this life, also after its end. */
  public int port() {
    URI address = ingress;
    if (address == null) {
      throw new IllegalStateException(name + " has no port for senders");
    }
    return address.getPort();
  }

  private URI managementAddress() {
    URI address = management;
    if (address == null) {
      throw new IllegalStateException(name + " has no management port yet");
    }
    return address;
  }

  /** The port for operators. */
  public int managementPort() {
    return managementAddress().getPort();
  }

  /**
   * What it says of its health.
   *
   * @param kind {@code ready}, {@code live} or {@code startup}
   */
  public HttpResponse<String> health(String kind) {
    return management("/health/" + kind);
  }

  /** Its page of metrics. */
  public String metrics() {
    return management("/metrics").body();
  }

  /** The sum of a metric's values over the lines that contain all the given labels. */
  public double metric(String metric, String... labels) {
    double sum = 0;
    for (String line : metrics().lines().toList()) {
      boolean named = line.startsWith(metric + "{") || line.startsWith(metric + " ");
      if (named && List.of(labels).stream().allMatch(line::contains)) {
        sum += Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
      }
    }
    return sum;
  }

  private HttpResponse<String> management(String path) {
    try {
      return HTTP.send(
          HttpRequest.newBuilder(managementAddress().resolve(path))
              .timeout(Duration.ofMinutes(2))
              .build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Whether the process is there, whatever it does. */
  public boolean isRunning() {
    return child.isRunning();
  }

  /** Its number. */
  public long pid() {
    return child.pid();
  }

  /** How many sockets it has open, as Linux counts them. */
  public long openSockets() {
    long sockets = 0;
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(Path.of("/proc", Long.toString(pid()), "fd"))) {
      for (Path file : files) {
        try {
          sockets += Files.readSymbolicLink(file).toString().startsWith("socket:") ? 1 : 0;
        } catch (NoSuchFileException e) {
          // It was closed meanwhile.
        }
      }
      return sockets;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How much memory it has of the machine now, in KiB: heap, direct and all else. */
  public long residentKib() {
    try {
      return Files.readAllLines(Path.of("/proc", Long.toString(pid()), "status")).stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How long it has kept processors busy in this life. */
  public Duration processorTime() {
    return child.launched().info().totalCpuDuration().orElseThrow();
  }

  /** Its directory. */
  public Path directory() {
    return directory;
  }

  /** All that it has written to its standard streams in this life. */
  public String log() {
    return read(child.log());
  }

  private static String read(Path file) {
    try {
      return Files.exists(file) ? Files.readString(file, UTF_8) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** SIGKILL; returns when it is gone. No effect if it does not run. */
  public void kill() {
    child.kill();
    ended = true;
  }

  /** SIGTERM, and no wait for what comes of it. */
  public void askToStop() {
    child.askToEnd();
  }

  /** SIGTERM; its exit status. Deliveries are sent to it until it is gone. */
  public int terminate() {
    askToStop();
    return waitForEnd();
  }

  /** The exit status, once it ends by itself. */
  public int waitForEnd() {
    int status = child.awaitEnd(END_TIMEOUT);
    ended = true;
    return status;
  }

  /**
   * Collects how long event loops were blocked since the last call, in all lives of this instance.
   *
   * @param test the case, as the figures name it
   * @return what Vert.x said of them, if this run judges by the clock, and else nothing
   */
  public List<String> collectBlockedEventLoops(String test) {
    List<String> found = new ArrayList<>();
    eventLoops.forEach(
        (log, watch) -> {
          String text = read(log);
          int before = collected.getOrDefault(log, 0);
          if (text.length() > before) {
            collected.put(log, text.length());
            String life = name + " " + log.getFileName();
            watch
                .collect(test, life, text.substring(before))
                .forEach(line -> found.add(life + ": " + line));
          }
        });
    return found;
  }

  /** Kills it if it runs. */
  @Override
  public void close() {
    kill();
  }
}
