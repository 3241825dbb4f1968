package io.penstock.localstack;

import java.time.Duration;

/** A schema registry (Apicurio) with Confluent's API, which is one process. */
public final class SchemaRegistry {

  private final int port;
  private final ChildProcess process;

  SchemaRegistry(int port, ChildProcess process) {
    this.port = port;
    this.process = process;
  }

  static String url(int port) {
    return "http://127.0.0.1:" + port + "/apis/ccompat/v7";
  }

  /** The address for Confluent's clients: {@code http://127.0.0.1:port/apis/ccompat/v7}. */
  public String url() {
    return url(port);
  }

  /** The port; the same over restarts. */
  public int port() {
    return port;
  }

  /** {@code 127.0.0.1:port}. */
  public String address() {
    return "127.0.0.1:" + port;
  }

  /** Sends SIGKILL and waits until the process is gone. No effect if it is already. */
  public void kill() {
    process.kill();
  }

  /**
   * Sends SIGTERM, and SIGKILL if the process is still there 10 s later; returns when it is gone.
   * No effect if it is already.
   */
  public void stop() {
    process.stop();
  }

  /**
   * Sends SIGSTOP: connections stay open and nothing is answered any more.
   *
   * @throws IllegalStateException if the process does not run
   */
  public void pause() {
    process.pause();
  }

  /**
   * Sends SIGCONT, which undoes {@link #pause()}. Does not wait for anything; {@link #start()}
   * waits until a running process is healthy.
   *
   * @throws IllegalStateException if the process does not run
   */
  public void resume() {
    process.resume();
  }

  /**
   * Starts the registry again with its schemas, their ids and its port, and waits until it answers.
   * If it runs already, only waits; paused, in vain.
   *
   * @throws LocalStackException if it ends, or does not answer within the start timeout
   * @throws IllegalStateException if the stack is closed
   */
  public void start() {
    process.start();
  }

  /** Whether the process is there; also when it is paused. */
  public boolean isRunning() {
    return process.isRunning();
  }

  /** The process id, of the last process if none runs. */
  public long pid() {
    return process.pid();
  }

  /** SIGTERM, and as much time as that needs. */
  void end() {
    process.askToEnd();
    process.awaitEnd(Duration.ofMinutes(3));
  }

  void launch() {
    process.launch();
  }

  void awaitHealthy(Deadline deadline) {
    process.awaitHealthy(deadline);
  }

  void close() {
    process.close();
  }
}
