package io.penstock.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.localstack.ClassDataArchive;
import io.penstock.localstack.EventLoopWatch;
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
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * An instance of the service: the packaged program in a process of its own, which is killed,
 * terminated and started again. Its directory stays with it, so it finds its state and its spool.
 *
 * <p>{@link #address} may be asked by any thread; all else belongs to one.
 */
public final class ServiceProcess implements AutoCloseable {

  /** Options of Java for a process that starts soon and is not asked for much. */
  static final List<String> STARTS_SOON =
      List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

  private static final Pattern PORTS =
      Pattern.compile("Ports are open.*ingress_port\\W+(\\d+).*management_port\\W+(\\d+)");
  private static final Duration START_TIMEOUT = Duration.ofMinutes(5);
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final String name;
  private final Path directory;
  private final Installation installation;
  private final List<String> program;
  private final Map<Path, EventLoopWatch> eventLoops = new LinkedHashMap<>();

  /** How much of each log has been looked at, in characters. */
  private final Map<Path, Integer> collected = new HashMap<>();

  private @Nullable Process process;
  private volatile @Nullable URI ingress;
  private volatile @Nullable URI management;
  private int launches;

  /**
   * Not started yet.
   *
   * @param name of its directory
   * @param parent of its directory
   * @param configuration the file's text, in which <code>${directory}</code> is its directory
   * @param program what follows {@code java} and precedes {@code --config}
   */
  private ServiceProcess(
      String name,
      Path parent,
      Installation installation,
      String configuration,
      List<String> program) {
    this.name = name;
    this.installation = installation;
    this.program = List.copyOf(program);
    this.directory = parent.toAbsolutePath().resolve(name);
    try {
      Files.createDirectories(directory.resolve("tmp"));
      Files.writeString(
          directory.resolve("penstock.yaml"),
          configuration.replace("${directory}", directory.toString()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Runtime.getRuntime().addShutdownHook(new Thread(this::close));
  }

  /**
   * An instance of the packaged service.
   *
   * @param roles with commas between
   * @param delivery the section {@code delivery}, as a YAML flow mapping
   */
  public static ServiceProcess of(
      String name, Path parent, Installation installation, String roles, String delivery) {
    List<String> program = new ArrayList<>(STARTS_SOON);
    program.addAll(ClassDataArchive.ofService(Path.of(serviceJar())).options());
    program.addAll(List.of("-jar", serviceJar(), "serve"));
    return of(name, parent, installation, roles, delivery, program);
  }

  /**
   * An instance that is started in another way.
   *
   * @param program what follows {@code java} and precedes {@code --config}
   */
  public static ServiceProcess of(
      String name,
      Path parent,
      Installation installation,
      String roles,
      String delivery,
      List<String> program) {
    return new ServiceProcess(
        name, parent, installation, installation.yaml(roles, delivery), program);
  }

  /** The packaged service, by the system property {@code penstock.service.jar}. */
  public static String serviceJar() {
    String jar = System.getProperty("penstock.service.jar");
    if (jar == null) {
      throw new IllegalStateException("The system property penstock.service.jar is not set");
    }
    return jar;
  }

  /** Starts the process and waits for nothing. */
  public ServiceProcess launch() {
    if (isRunning()) {
      throw new IllegalStateException(name + " runs");
    }
    launches++;
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Djava.io.tmpdir=" + directory.resolve("tmp"));
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add(EventLoopWatch.OPTION);
    command.addAll(program);
    command.addAll(List.of("--config", directory.resolve("penstock.yaml").toString()));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(logFile().toFile());
    builder.environment().putAll(installation.variables());
    try {
      Process started = builder.start();
      eventLoops.put(logFile(), EventLoopWatch.of(started));
      process = started;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  /** Each life of it has a log of its own. */
  private Path logFile() {
    return directory.resolve("log-" + launches);
  }

  /** Waits until it takes deliveries, or publishes events, or both: all that it is there for. */
  public ServiceProcess awaitReady() {
    Awaitility.await(name + " is ready")
        .atMost(START_TIMEOUT)
        .pollInterval(Duration.ofMillis(50))
        .failFast(
            () -> {
              if (!running().isAlive()) {
                throw new IllegalStateException(name + " ended at once:\n" + log());
              }
            })
        .until(() -> findPorts() && isReady());
    return this;
  }

  /** Waits until its ports are open, whether it is of any use or not. */
  public ServiceProcess awaitPorts() {
    Awaitility.await(name + " has open ports")
        .atMost(START_TIMEOUT)
        .pollInterval(Duration.ofMillis(50))
        .until(this::findPorts);
    return this;
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

  private boolean isReady() {
    HttpResponse<String> ready = management("/health/ready");
    return ready.statusCode() == 200 && !ready.body().contains("\"DOWN\"");
  }

  private HttpResponse<String> management(String path) {
    URI base = management;
    if (base == null) {
      throw new IllegalStateException(name + " has no management port yet");
    }
    try {
      return HTTP.send(
          HttpRequest.newBuilder(base.resolve(path)).timeout(Duration.ofMinutes(2)).build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The sum of a metric's values over the lines that contain all the given labels. */
  public double metric(String metric, String... labels) {
    double sum = 0;
    for (String line : management("/metrics").body().lines().toList()) {
      boolean named = line.startsWith(metric + "{") || line.startsWith(metric + " ");
      if (named && List.of(labels).stream().allMatch(line::contains)) {
        sum += Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
      }
    }
    return sum;
  }

  /** Where it takes deliveries; empty while it does not run. */
  public Optional<URI> address() {
    return Optional.ofNullable(ingress);
  }

  /** Whether the process is there, whatever it does. */
  public boolean isRunning() {
    Process current = process;
    return current != null && current.isAlive();
  }

  /** Its number, while it runs. */
  public long pid() {
    return running().pid();
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
    return running().info().totalCpuDuration().orElseThrow();
  }

  /** Its directory. */
  public Path directory() {
    return directory;
  }

  /** SIGKILL; returns when it is gone. No effect if it does not run. */
  public void kill() {
    if (!isRunning()) {
      return;
    }
    running().destroyForcibly();
    waitForEnd();
  }

  /** SIGTERM; its exit status. Deliveries are sent to it until it is gone. */
  public int terminate() {
    running().destroy();
    return waitForEnd();
  }

  private int waitForEnd() {
    try {
      if (!running().waitFor(120, TimeUnit.SECONDS)) {
        throw new IllegalStateException(name + " did not end:\n" + log());
      }
      ingress = null;
      management = null;
      return running().exitValue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private Process running() {
    Process current = process;
    if (current == null) {
      throw new IllegalStateException(name + " has not been started");
    }
    return current;
  }

  private String log() {
    return read(logFile());
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
    Process current = process;
    if (current != null) {
      current.destroyForcibly();
    }
  }
}
