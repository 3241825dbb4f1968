package io.penstock.ingest.it;

import io.penstock.localstack.EventLoopWatch;
import io.penstock.localstack.ServiceProcess;
import io.penstock.localstack.ServiceProgram;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A running service: the packaged program in a process of its own, as {@code penstock serve} starts
 * it.
 */
final class Instance extends ServiceProcess {

  private final String test;
  private boolean closed;

  private Instance(Path directory, List<String> command, Map<String, String> environment) {
    super(directory.getFileName().toString(), directory, command, environment);
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
      instance.awaitPorts();
      return instance;
    } catch (RuntimeException | Error e) {
      instance.close();
      throw e;
    }
  }

  /** Starts one and waits until it is ready and, where it has one, its pipeline runs. */
  static Instance ready(Settings settings, String... javaOptions) {
    Instance instance = launch(settings, javaOptions);
    try {
      instance.awaitReady();
      return instance;
    } catch (RuntimeException | Error e) {
      instance.close();
      throw new AssertionError("not ready:\n" + instance.log(), e);
    }
  }

  /**
   * Starts one and waits until it is ready; then nobody reads what it writes to its standard
   * streams any more.
   */
  static Instance unread(Settings settings) {
    Instance instance = create(settings);
    try {
      instance.launchUnread();
      instance.awaitServing();
      return instance;
    } catch (RuntimeException | Error e) {
      instance.close();
      throw e;
    }
  }

  /** Starts the process and waits for nothing. */
  static Instance launch(Settings settings, String... javaOptions) {
    Instance instance = create(settings, javaOptions);
    instance.launch();
    return instance;
  }

  private static Instance create(Settings settings, String... javaOptions) {
    try {
      Path temporary = Files.createDirectories(Path.of("target", "it").toAbsolutePath());
      Path directory = Files.createTempDirectory(temporary, "instance-");
      List<String> options = new ArrayList<>(ServiceProgram.STARTS_SOON);
      // No full collection only because classes are loaded and compiled.
      options.addAll(List.of("-XX:MetaspaceSize=128m", "-XX:ReservedCodeCacheSize=128m"));
      // State directories too: an instance that is started again finds its own there.
      options.add("-Djava.io.tmpdir=" + temporary);
      options.add(EventLoopWatch.OPTION);
      options.addAll(List.of(javaOptions));
      return new Instance(
          directory,
          ServiceProgram.command(
              options, List.of("serve", "--config", settings.write(directory).toString())),
          settings.environment());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Instance awaitServing() {
    super.awaitServing();
    return this;
  }

  @Override
  public Instance awaitReady() {
    super.awaitReady();
    return this;
  }

  String url() {
    return "http://127.0.0.1:" + port();
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
    List<String> blocked = collectBlockedEventLoops(test);
    if (!blocked.isEmpty()) {
      throw new AssertionError("an event loop was blocked: " + blocked + "\n" + log());
    }
  }
}
